"""What becomes of all mutants of a program: sequential consistency first, then the weaker model for what it left."""

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace

from encoder.errors import InputError
from encoder.mutation.decide import Terms, Trial
from encoder.mutation.make import Made, Source, mutants
from encoder.mutation.normal import SEQUENTIAL, digest, ordered
from encoder.mutation.outcome import Fate, Outcome, Word
from encoder.mutation.slice import sliced
from encoder.mutation.steps import PROBE
from encoder.program.core import BOOL, Arith, Const, Instance, Op, Program, Property, ThreadVar

Known = MutableMapping[tuple[str, str, str], Outcome]
"""What has been found already: by memory model, digest of the program, property."""
STEPLESS = "the scenario runs the same steps"
UNORDERED = "{} orders as much without it"
UNREAD = "nothing that a property speaks of depends on it"
UNREACHED = "no execution comes to it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """`stronger` are the outcomes under sequential consistency, where a weaker model is asked: what is noticed there is
    noticed under every model."""

    source: Source
    terms: Terms
    known: Known

    def proved(self, program: Program, names: tuple[str, ...]) -> dict[str, Outcome]:
        """The properties of the program itself, decided as a mutant's are: "survived" says that it holds."""
        return self._decided(program, _asked(program, names), frozenset())

    def fates(self, program: Program, names: tuple[str, ...], stronger: dict[str, Fate]) -> Iterator[Fate]:
        """The mutants' outcomes for these properties, which the program proves, in the order of the specs."""
        model = self.terms.model
        same = digest(program), digest(ordered(program, model))
        essence = digest(sliced(program)) if model == SEQUENTIAL else ""
        for made in mutants(self.source, program):
            before = dict(stronger[made.mutant.name].outcomes) if made.mutant.name in stronger else {}
            outcomes = self._outcomes(made, names, same, essence, before)
            yield Fate(
                name=made.mutant.name, kind=made.mutant.kind, outcomes=tuple((name, outcomes[name]) for name in names)
            )

    def _outcomes(
        self, made: Made, names: tuple[str, ...], same: tuple[str, str], essence: str, before: dict[str, Outcome]
    ) -> dict[str, Outcome]:
        program, model = made.mutant.program, self.terms.model
        if program is None:
            return dict.fromkeys(names, Outcome(word="no program", detail=made.mutant.problem))
        if digest(program) == same[0]:
            return dict.fromkeys(names, Outcome(word="equivalent", detail=STEPLESS))
        if digest(ordered(program, model)) == same[1]:
            return dict.fromkeys(names, Outcome(word="equivalent", detail=UNORDERED.format(model.upper())))
        found = {name: each for name, each in before.items() if name in names and each.word in ("killed", "fails")}
        reached = frozenset(name for name, each in before.items() if each.word in ("survived", "equivalent"))
        left = tuple(name for name in names if name not in found)
        found |= self._decided(program, _asked(program, left), reached)
        if all(found[name].word == "survived" for name in names):
            if reason := self._equivalent(made, program, essence):
                return dict.fromkeys(names, Outcome(word="equivalent", detail=reason))
        return found

    def _decided(self, program: Program, asked: tuple[Property, ...], reached: frozenset[str]) -> dict[str, Outcome]:
        """The outcomes, those that are known taken from there."""
        model = self.terms.model
        program = replace(ordered(program, model), properties=program.properties)
        key = digest(program)
        found = {each.name: self.known[model, key, each.name] for each in asked if (model, key, each.name) in self.known}
        left = tuple(each for each in asked if each.name not in found)
        if left:
            decided = Trial(program, left, self.terms, reached).run()
            self.known.update({(model, key, name): outcome for name, outcome in decided.items()})
            found |= decided
        return found

    def _equivalent(self, made: Made, program: Program, essence: str) -> str:
        """Why a mutant that no property notices cannot be noticed, "" if that is not known."""
        if essence and digest(sliced(program)) == essence:
            return UNREAD
        if made.probe is not None and self.terms.model == SEQUENTIAL and self._unreached(made):
            return UNREACHED
        return ""

    def _unreached(self, made: Made) -> bool:
        assert made.probe is not None
        try:
            probed = self.source.edited(made.probe)
        except InputError:
            return False
        return unreached(probed, self.terms)


def unreached(probed: Program, terms: Terms) -> bool:
    """Whether no execution of a program comes to its probe."""
    seen = [
        (thread.name, name, scalar)
        for thread in probed.threads
        for name, scalar in thread.variables
        if name.rpartition("/")[2] == PROBE
    ]
    instances = tuple(
        Instance(
            binding=(), situation=Const(1, BOOL), text="",
            violation=Arith(Op.NE, ThreadVar(thread, name, scalar), Const(0, scalar), BOOL),
        )
        for thread, name, scalar in seen
    )  # fmt: skip
    if not instances:
        return True
    asked = Property(name=PROBE, title="", text="", instances=instances)
    program = replace(ordered(probed, terms.model), properties=(asked,))
    return Trial(program, (asked,), terms).run()[PROBE].word == "survived"


def _asked(program: Program, names: tuple[str, ...]) -> tuple[Property, ...]:
    return tuple(each for each in program.properties if each.name in names)


def words(fate: Fate) -> tuple[Word, ...]:
    return tuple(outcome.word for _, outcome in fate.outcomes)
