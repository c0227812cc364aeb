"""What becomes of mutants: sequential consistency first, then the weaker model for what it left."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import cached_property

from encoder.base.errors import InputError
from encoder.memory import MODELS
from encoder.memory.model import MemoryModel
from encoder.mutation.decide import Options, Trial
from encoder.mutation.fingerprint import digest, ordered
from encoder.mutation.make import MutantSource, mutated
from encoder.mutation.mutant import Mutant
from encoder.mutation.outcome import MutantOutcome, MutantResult
from encoder.mutation.slice import sliced
from encoder.mutation.steps import PROBE
from encoder.program.core import BOOL, Arith, Const, Instance, Op, Program, Property, ThreadVar

KnownOutcomes = MutableMapping[tuple[str, str, str], MutantOutcome]
"""What has been found already: by memory model, digest of the program, property."""
STEPLESS = "the scenario runs the same steps"
UNORDERED = "{} gives the same ordering without it"
UNREAD = "nothing that a property speaks of depends on it"
UNREACHED = "no execution reaches it"


@dataclass(frozen=True)
class MutantRunner:
    """Judges mutants of the program that a source gives, on these terms. Programs are asked about once."""

    source: MutantSource
    program: Program
    terms: Options
    known: KnownOutcomes

    def proved(self, names: tuple[str, ...]) -> dict[str, MutantOutcome]:
        """The properties of the program itself, decided as a mutant's are: "survived" says that it holds."""
        plain = ordered(self.program, self.model)
        return self._decided(plain, digest(plain), names, frozenset())

    def fates(
        self, mutants: Iterable[Mutant], names: tuple[str, ...], stronger: Mapping[str, MutantResult]
    ) -> Iterator[MutantResult]:
        """The outcomes for these properties, which the program proves; of steps that cannot be swapped, none.

        `stronger` are the fates under sequential consistency where a weaker model is asked: what is noticed there is
        noticed under every model.
        """
        for mutant in mutants:
            before = dict(stronger[mutant.name].outcomes) if mutant.name in stronger else {}
            try:
                outcomes = self._outcomes(mutant, mutated(self.source, self.program, mutant), names, before)
            except InputError as error:
                if mutant.kind == "swap":
                    continue
                outcomes = dict.fromkeys(names, MutantOutcome(word="no program", detail=error.problems[0].message))
            yield MutantResult(
                name=mutant.name, kind=mutant.kind, outcomes=tuple((name, outcomes[name]) for name in names)
            )

    @cached_property
    def model(self) -> MemoryModel:
        """The memory model that is asked."""
        return MODELS[self.terms.model]

    @cached_property
    def _same(self) -> str:
        return digest(self.program)

    @cached_property
    def _same_order(self) -> str:
        return digest(ordered(self.program, self.model))

    @cached_property
    def _same_slice(self) -> str:
        return digest(sliced(ordered(self.program, self.model)))

    def _outcomes(
        self, mutant: Mutant, program: Program, names: tuple[str, ...], before: Mapping[str, MutantOutcome]
    ) -> dict[str, MutantOutcome]:
        """The outcomes of a mutant's program; `before` are those under sequential consistency."""
        plain = ordered(program, self.model)
        key = digest(plain)
        if key == self._same_order:
            reason = STEPLESS if digest(program) == self._same else UNORDERED.format(self.model.title)
            return dict.fromkeys(names, MutantOutcome(word="equivalent", detail=reason))
        if self._may_survive(key, names) and self._reads_the_same(plain):
            return dict.fromkeys(names, MutantOutcome(word="equivalent", detail=UNREAD))
        found = {name: each for name, each in before.items() if name in names and each.word in ("killed", "fails")}
        reached = frozenset(name for name, each in before.items() if each.word in ("survived", "equivalent"))
        found |= self._decided(plain, key, tuple(name for name in names if name not in found), reached)
        maybe = not before or any(each.detail == UNREACHED for each in before.values())
        if maybe and all(found[name].word == "survived" for name in names) and self._unreached(mutant):
            return dict.fromkeys(names, MutantOutcome(word="equivalent", detail=UNREACHED))
        return found

    def _may_survive(self, key: str, names: tuple[str, ...]) -> bool:
        """Whether nothing is known of a program that any of the properties notices."""
        known = [
            self.known[self.terms.model, key, name] for name in names if (self.terms.model, key, name) in self.known
        ]
        return all(each.word == "survived" for each in known)

    def _reads_the_same(self, plain: Program) -> bool:
        """Whether what distinguishes two programs is nothing that anybody looks at; said under one model only."""
        return self.model.total and digest(sliced(plain)) == self._same_slice

    def _decided(
        self, plain: Program, key: str, names: tuple[str, ...], reached: frozenset[str]
    ) -> dict[str, MutantOutcome]:
        """The outcomes of a program of this digest, those that are known taken from there."""
        model = self.terms.model
        found = {name: self.known[model, key, name] for name in names if (model, key, name) in self.known}
        left = tuple(each for each in plain.properties if each.name in names and each.name not in found)
        if left:
            decided = Trial(plain, left, self.terms, set(reached)).run()
            self.known.update({(model, key, name): outcome for name, outcome in decided.items()})
            found |= decided
        return found

    def _unreached(self, mutant: Mutant) -> bool:
        """Whether no execution comes to what the mutant changes."""
        if mutant.probe is None:
            return False
        try:
            return unreached(self.source.edited(mutant.probe), self.terms)
        except InputError:
            return False


def unreached(probed: Program, terms: Options) -> bool:
    """Whether no execution of a program comes to its probe."""
    seen = [
        ThreadVar(thread.name, name, scalar)
        for thread in probed.threads
        for name, scalar in thread.variables
        if name.rpartition("/")[2] == PROBE
    ]
    asked = Property(name=PROBE, title="", text="", instances=tuple(map(_set, seen)))
    program = replace(ordered(probed, MODELS[terms.model]), properties=(asked,))
    return not seen or Trial(program, (asked,), terms).run()[PROBE].word == "survived"


def _set(variable: ThreadVar) -> Instance:
    """What is broken where a variable is not 0."""
    violation = Arith(Op.NE, variable, Const(0, variable.type), BOOL)
    return Instance(binding=(), situation=Const(1, BOOL), violation=violation, text="")
