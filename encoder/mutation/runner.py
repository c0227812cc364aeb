"""Judges mutants: under sequential consistency first, then under the weaker model what that left."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, replace
from functools import cached_property

from encoder.base.errors import InputError
from encoder.memory import MODELS
from encoder.memory.model import MemoryModel
from encoder.mutation.decide import MutantDecision, Options
from encoder.mutation.fingerprint import digest, without_ignored_orders
from encoder.mutation.make import MutantSource, apply_mutant
from encoder.mutation.mutant import Mutant
from encoder.mutation.outcome import MutantOutcome, MutantResult
from encoder.mutation.slice import slice_program
from encoder.mutation.steps import PROBE
from encoder.program.core import BOOL, Arith, Const, Instance, Op, Program, Property, ThreadVar

KnownOutcomes = MutableMapping[tuple[str, str, str], MutantOutcome]
"""Outcomes found so far, by memory model, digest of the program, and property."""
SAME_STEPS = "the scenario runs the same steps"
SAME_ORDER = "{} gives the same ordering without it"
NOT_READ = "nothing that a property speaks of depends on it"
NOT_REACHED = "no execution reaches it"


@dataclass(frozen=True)
class MutantRunner:
    """Judges mutants of the program that a source gives. Each distinct program is decided once."""

    source: MutantSource
    program: Program
    options: Options
    known: KnownOutcomes

    def proved(self, names: tuple[str, ...]) -> dict[str, MutantOutcome]:
        """The outcomes of the unmutated program, decided as a mutant's are: "survived" means that the property is
        proved."""
        relevant = without_ignored_orders(self.program, self.model)
        return self._decided(relevant, digest(relevant), names, frozenset())

    def results(
        self, mutants: Iterable[Mutant], names: tuple[str, ...], stronger: Mapping[str, MutantResult]
    ) -> Iterator[MutantResult]:
        """The results for these properties, which the program proves; a swap of steps that does not resolve has none.

        `stronger` has the results under sequential consistency where a weaker model is asked: what is noticed there is
        noticed under every model.
        """
        for mutant in mutants:
            stronger_outcomes = dict(stronger[mutant.name].outcomes) if mutant.name in stronger else {}
            try:
                outcomes = self._outcomes(
                    mutant, apply_mutant(self.source, self.program, mutant), names, stronger_outcomes
                )
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
        return MODELS[self.options.model]

    @cached_property
    def _digest(self) -> str:
        return digest(self.program)

    @cached_property
    def _order_digest(self) -> str:
        return digest(without_ignored_orders(self.program, self.model))

    @cached_property
    def _slice_digest(self) -> str:
        return digest(slice_program(without_ignored_orders(self.program, self.model)))

    def _outcomes(
        self, mutant: Mutant, program: Program, names: tuple[str, ...], stronger_outcomes: Mapping[str, MutantOutcome]
    ) -> dict[str, MutantOutcome]:
        """The outcomes of a mutant's program; `stronger_outcomes` are those under sequential consistency."""
        relevant = without_ignored_orders(program, self.model)
        key = digest(relevant)
        if key == self._order_digest:
            reason = SAME_STEPS if digest(program) == self._digest else SAME_ORDER.format(self.model.title)
            return dict.fromkeys(names, MutantOutcome(word="equivalent", detail=reason))
        if self._may_survive(key, names) and self._reads_the_same(relevant):
            return dict.fromkeys(names, MutantOutcome(word="equivalent", detail=NOT_READ))
        found = {
            name: each for name, each in stronger_outcomes.items() if name in names and each.word in ("killed", "fails")
        }
        reached = frozenset(name for name, each in stronger_outcomes.items() if each.word in ("survived", "equivalent"))
        found |= self._decided(relevant, key, tuple(name for name in names if name not in found), reached)
        maybe = not stronger_outcomes or any(each.detail == NOT_REACHED for each in stronger_outcomes.values())
        if maybe and all(found[name].word == "survived" for name in names) and self._unreached(mutant):
            return dict.fromkeys(names, MutantOutcome(word="equivalent", detail=NOT_REACHED))
        return found

    def _may_survive(self, key: str, names: tuple[str, ...]) -> bool:
        """Whether no known outcome says that a property notices the program."""
        known = [
            self.known[self.options.model, key, name] for name in names if (self.options.model, key, name) in self.known
        ]
        return all(each.word == "survived" for each in known)

    def _reads_the_same(self, relevant: Program) -> bool:
        """Whether the program differs from the original only in what no property can depend on; claimed under SC
        only."""
        return self.model.total and digest(slice_program(relevant)) == self._slice_digest

    def _decided(
        self, relevant: Program, key: str, names: tuple[str, ...], reached: frozenset[str]
    ) -> dict[str, MutantOutcome]:
        """The outcomes of the program with digest `key`, known ones from the cache."""
        model = self.options.model
        found = {name: self.known[model, key, name] for name in names if (model, key, name) in self.known}
        undecided = tuple(each for each in relevant.properties if each.name in names and each.name not in found)
        if undecided:
            decided = MutantDecision(relevant, undecided, self.options, set(reached)).decide()
            self.known.update({(model, key, name): outcome for name, outcome in decided.items()})
            found |= decided
        return found

    def _unreached(self, mutant: Mutant) -> bool:
        """Whether no execution reaches what the mutant changes."""
        if mutant.probe is None:
            return False
        try:
            return probe_unreached(self.source.edited(mutant.probe), self.options)
        except InputError:
            return False


def probe_unreached(probed: Program, options: Options) -> bool:
    """Whether no execution of a program reaches its probe."""
    seen = [
        ThreadVar(thread.name, name, scalar)
        for thread in probed.threads
        for name, scalar in thread.variables
        if name.rpartition("/")[2] == PROBE
    ]
    asked = Property(name=PROBE, title="", text="", instances=tuple(map(_set, seen)))
    program = replace(without_ignored_orders(probed, MODELS[options.model]), properties=(asked,))
    return not seen or MutantDecision(program, (asked,), options).decide()[PROBE].word == "survived"


def _set(variable: ThreadVar) -> Instance:
    """A property instance that is broken where a variable is not 0."""
    violation = Arith(Op.NE, variable, Const(0, variable.type), BOOL)
    return Instance(binding=(), situation=Const(1, BOOL), violation=violation, text="")
