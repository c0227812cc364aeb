"""Barriers that would have stopped an execution that is no interleaving."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from encoder.base.errors import SelfCheckError
from encoder.base.result import Question, Witness
from encoder.explanation.changes import UNKNOWN, ChangeOutcome, ChangeSearch, spot
from encoder.explanation.reasons import Change
from encoder.explanation.wording import TAGS
from encoder.graph.events import GraphStep
from encoder.memory import MODELS
from encoder.program.core import Program
from encoder.smt.axiomatic.encode import AxiomaticEncoding, Modifications, encode_executions
from encoder.smt.axiomatic.memory_events import CANDIDATE_FENCES
from encoder.smt.axiomatic.pin_execution import PinnedExecution
from encoder.smt.solvers.z3_solver import Session
from encoder.smt.text.script import quote
from encoder.smt.text.selectors import Fact, Selectors, Topic, step_of
from encoder.smt.text.selectors import selector_name as fact_name
from encoder.smt.thread_symmetry import identical_threads

PARTS = (0.4, 0.5)
"""Of the time left, what may go into what becomes of the property with one change: at first, and where that was too
short."""


class BarrierSearch(ChangeSearch):
    """Barriers that would have stopped an execution that is no interleaving, between neighbours of the schedule in a
    thread, and acquires and releases of its accesses."""

    def __init__(self, program: Program, question: Question, witness: Witness, deadline: float) -> None:
        super().__init__(program, question, witness, deadline, MODELS[question.model])
        self.known = self.model.tags
        self.made = list(self.steps.values())
        self.single = self._offering(self.made, alone=frozenset(self.made))
        self.this = Session(self.single.problems.text + self._fixed(self.single.problems), deadline)

    def _offering(self, steps: Iterable[GraphStep], alone: frozenset[GraphStep] | None = None) -> "Offering":
        """The problem with barriers offered at the code of these steps."""
        classes = identical_threads(self.program.threads)
        offers = Selectors(classes, steps=frozenset(step_of(s.site, classes) for s in steps))
        changed = Modifications(candidate_barriers=offers, only_steps=alone)
        problems = encode_executions(self.graph, self.model, self.asked, None, self.deadline, changed)
        return Offering(problems, offers, frozenset(self.known))

    def _fixed(self, problems: AxiomaticEncoding) -> str:
        sources = {
            self.steps[s.step]: self.steps.get(s.reads_from) for s in self.witness.schedule if s.reads_from is not None
        }
        coherence = [[self.steps[s] for s in order] for _, order in self.witness.coherence]
        return PinnedExecution(problems, self.graph).execution(
            self.made, sources, coherence, dict(self.witness.symbols)
        )

    def changes(self) -> Iterator[Change]:
        """Which changes stop this schedule is known soon, for all else about it is fixed. What becomes of the property
        is asked after that, of full barriers first, and again where the time for it was too short. Raises
        TimeoutError."""
        stopping: dict[BarrierPlace, ChangeOutcome] = {}
        late: TimeoutError | None = None
        try:
            self._stop(stopping)
            self._ask(stopping)
        except TimeoutError as error:
            late = error
        found = list(self._joined(stopping))
        yield from found
        if late is not None:
            raise late
        if not any(change.outcome == "proved" for change in found):
            yield from self._several(stopping=not found)

    def _stop(self, stopping: dict["BarrierPlace", ChangeOutcome]) -> None:
        """Add the places of changes that stop the schedule by themselves, thread by thread in spec order.

        Full barriers are tried first, in all threads: where one does not stop the schedule no weaker barrier does.
        """
        if not self.met(self.this):
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        offered = [place for number, own in enumerate(self.threads()) for place in self._offers(number, own)]
        full = [place for place in offered if place.what == "Mb" and self._stops(place)]
        strong = {(place.before, place.step) for place in full}
        found = full + [
            place for place in offered
            if place.what != "Mb" and (place.what not in CANDIDATE_FENCES or (place.before, place.step) in strong)
            and self._stops(place)
        ]  # fmt: skip
        stopping.update((place, UNKNOWN) for place in sorted(found, key=lambda place: (place.thread, place.number)))

    def _offers(self, thread: int, own: list[GraphStep]) -> Iterator["BarrierPlace"]:
        """The changes between and at the steps of a thread, each tag's in spec order."""
        offered = [(tag, *place) for tag in CANDIDATE_FENCES for place in between(own)]
        offered += [(tag, step, step) for tag in ("Acquire", "Release") for step in own]
        for number, (tag, before, step) in enumerate(offered):
            selector = self.single.selector(tag, step)
            if selector is not None:
                yield BarrierPlace(tag, before, step, selector, thread, number)

    def _stops(self, place: "BarrierPlace") -> bool:
        self.tried += 1
        return not self.met(self.this, place.selector)

    def _ask(self, stopping: dict["BarrierPlace", ChangeOutcome]) -> None:
        """Find out what becomes of the property with each."""
        asked = self._offering(place.step for place in stopping)
        session = Session(asked.problems.text, self.deadline)
        for part in PARTS:
            for place in sorted(stopping, key=lambda place: place.what != "Mb"):
                selector = asked.selector(place.what, place.step)
                if stopping[place] == UNKNOWN and selector is not None:
                    stopping[place] = self.outcome(asked.problems, selector, part=part, session=session)

    def _joined(self, stopping: dict["BarrierPlace", ChangeOutcome]) -> Iterator[Change]:
        """The changes at these places; neighbouring ones that do the same are one."""
        run: Change | None = None
        last: BarrierPlace | None = None
        for place, outcome in stopping.items():
            change = self._change(place, outcome)
            if run is not None and last is not None and follows(last, place) and continues(run, change):
                run = replace(run, last=change.last)
            else:
                if run is not None:
                    yield run
                run = change
            last = place
        if run is not None:
            yield run

    def _several(self, *, stopping: bool) -> Iterator[Change]:
        """As few full barriers as together prove the property, else those that together stop the schedule, if that is
        what is wanted: each is needed for that."""
        places = [place for own in self.threads() for place in between(own)]
        asked = self._offering(b for _, b in places)
        problems, offered = asked.problems, asked.full(places)
        self.tried += 1
        kept = self._fewest(Session(problems.text, self.deadline), [problems.goals["violation"]], [*offered])
        if kept is None and stopping:
            offered = self.single.full(places)
            stops = self._fewest(self.this, [], [*offered])
            kept = None if stops is None else [*asked.full([offered[each] for each in stops])]
            offered = asked.full(places)
        if kept is None:
            return
        word, remaining = self.outcome(problems, *kept)
        kernel = self.program.kernel
        (first, last), *more = [(spot(a.site, kernel), spot(b.site, kernel)) for a, b in (offered[k] for k in kept)]
        yield Change(
            kind="barrier", what=TAGS["Mb"], first=first, last=last, steps=len(kept), outcome=word,
            remaining=remaining, more=tuple(more),
        )  # fmt: skip

    def _fewest(self, session: Session, goal: list[str], kept: list[str]) -> list[str] | None:
        """Of these selectors as few as keep a goal from being met, the first spared first; None where all do not."""
        if self.met(session, *goal, *kept):
            return None
        for selector in tuple(kept):
            fewer = [each for each in kept if each != selector]
            if not self.met(session, *goal, *fewer):
                kept = fewer
        return kept

    def _change(self, place: "BarrierPlace", outcome: ChangeOutcome) -> Change:
        kernel = self.program.kernel
        return Change(
            kind="barrier" if place.what in CANDIDATE_FENCES else "order", what=TAGS[place.what],
            first=spot(place.before.site, kernel), last=spot(place.step.site, kernel), steps=1,
            outcome=outcome[0], remaining=outcome[1],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offering:
    """A problem with what is offered in it; `known` are the tags that the model looks at."""

    problems: AxiomaticEncoding
    offers: Selectors
    known: frozenset[str]

    def selector(self, tag: str, step: GraphStep) -> str | None:
        """The literal of a barrier before a step, or of its access's order; None where the model does not know it."""
        procedure, script, label = step_of(step.site, self.offers.classes)
        number = self.offers.numbers.get(Fact(Topic.BARRIER, procedure, label, tag, script))
        return None if number is None or tag not in self.known else quote(fact_name(number))

    def full(self, places: Iterable[tuple[GraphStep, GraphStep]]) -> dict[str, tuple[GraphStep, GraphStep]]:
        """The full barriers between these steps, by their literals."""
        found = {self.selector("Mb", b): (a, b) for a, b in places}
        return {selector: place for selector, place in found.items() if selector is not None}


@dataclass(frozen=True, slots=True)
class BarrierPlace:
    """Where a change may be made: the barrier `what` between two steps, or `what` as the order of a step's access.
    `selector` is its literal, `number` its place among the offers to its thread."""

    what: str
    before: GraphStep
    step: GraphStep
    selector: str
    thread: int
    number: int


def follows(last: BarrierPlace, place: BarrierPlace) -> bool:
    """Whether a place is the next one of its thread."""
    return (last.thread, last.number + 1) == (place.thread, place.number)


def between(own: list[GraphStep]) -> list[tuple[GraphStep, GraphStep]]:
    """The neighbours of a thread's steps that are of two labelled steps."""
    return [(a, b) for a, b in pairwise(own) if a.site.path != b.site.path]


def continues(run: Change, change: Change) -> bool:
    """Whether a barrier is the same as the one before, one place later, with the same outcome."""
    same = replace(change, first=run.first, last=run.last) == run
    return same and run.kind == "barrier" and run.last == change.first
