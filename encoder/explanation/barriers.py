"""Barriers that would have prevented a counterexample that is not sequentially consistent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from encoder.base.errors import SelfCheckError
from encoder.base.result import Progress, Question, Tell, Witness, silent
from encoder.explanation.changes import UNKNOWN, ChangeOutcome, ChangeSearch, step_ref
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

TIME_FRACTIONS = (0.4, 0.5)
"""Fractions of the remaining time that may be spent on the property's verdict with one change: in the first round, and
in a second for those that were not decided."""


class BarrierSearch(ChangeSearch):
    """Searches barriers between neighbouring steps of a thread, and acquire and release orderings of its accesses, that
    would have prevented a counterexample that is not an interleaving."""

    def __init__(
        self, program: Program, question: Question, witness: Witness, deadline: float, tell: Tell = silent
    ) -> None:
        super().__init__(program, question, witness, deadline, MODELS[question.model], tell)
        self.tags = self.model.orderings
        self.executed = list(self.steps.values())
        self.planned = 0
        self.offered_alone = self._offer_barriers(self.executed, alone=frozenset(self.executed))
        self.pinned_session = Session(
            self.offered_alone.encoding.formula.plus(self._pin_execution(self.offered_alone.encoding)), deadline
        )

    def _offer_barriers(self, steps: Iterable[GraphStep], alone: frozenset[GraphStep] | None = None) -> "BarrierOffer":
        """The encoding with candidate barriers at the code of these steps; `alone` restricts them to these steps of the
        graph."""
        classes = identical_threads(self.program.threads)
        selectors = Selectors(classes, steps=frozenset(step_of(s.site, classes) for s in steps))
        changed = Modifications(candidate_barriers=selectors, only_steps=alone)
        encoding = encode_executions(self.graph, self.model, self.prop, None, self.deadline, changed)
        return BarrierOffer(encoding, selectors, frozenset(self.tags))

    def _pin_execution(self, encoding: AxiomaticEncoding) -> str:
        sources = {
            self.steps[s.step]: self.steps.get(s.reads_from) for s in self.witness.schedule if s.reads_from is not None
        }
        coherence = [[self.steps[s] for s in order] for _, order in self.witness.coherence]
        return PinnedExecution(encoding, self.graph).execution(
            self.executed, sources, coherence, dict(self.witness.symbols)
        )

    def changes(self) -> Iterator[Change]:
        """The changes that prevent this counterexample. Whether they do is decided fast, as all else about the
        execution is fixed. The property's verdict with each is decided after that, full barriers first, and again where
        time was too short.

        Raises TimeoutError.
        """
        stopping: dict[BarrierPlace, ChangeOutcome] = {}
        late: TimeoutError | None = None
        try:
            self._add_stopping(stopping)
            self._add_outcomes(stopping)
        except TimeoutError as error:
            late = error
        found = list(self._merged(stopping))
        yield from found
        if late is not None:
            raise late
        if not any(change.outcome == "proved" for change in found):
            yield from self._combined(stopping=not found)

    def _add_stopping(self, stopping: dict["BarrierPlace", ChangeOutcome]) -> None:
        """Add the places of changes that each prevent the counterexample, thread by thread in spec order.

        Full barriers are tried first, in all threads: where one does not prevent it, no weaker barrier does. Raises
        SelfCheckError where the counterexample is not an execution of the encoding.
        """
        if not self.is_satisfiable(self.pinned_session):
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        offered = [place for number, own in enumerate(self.threads()) for place in self._places(number, own)]
        self.planned = len(offered)
        full = [place for place in offered if place.what == "Mb" and self._is_stopping(place)]
        strong = {(place.before, place.step) for place in full}
        found = full + [
            place for place in offered
            if place.what != "Mb" and (place.what not in CANDIDATE_FENCES or (place.before, place.step) in strong)
            and self._is_stopping(place)
        ]  # fmt: skip
        stopping.update((place, UNKNOWN) for place in sorted(found, key=lambda place: (place.thread, place.number)))

    def _places(self, thread: int, own: list[GraphStep]) -> Iterator["BarrierPlace"]:
        """The candidate places between and at the steps of a thread, tag by tag, in spec order."""
        offered = [(tag, *place) for tag in CANDIDATE_FENCES for place in labelled_neighbours(own)]
        offered += [(tag, step, step) for tag in ("Acquire", "Release") for step in own]
        for number, (tag, before, step) in enumerate(offered):
            selector = self.offered_alone.selector(tag, step)
            if selector is not None:
                yield BarrierPlace(tag, before, step, selector, thread, number)

    def _is_stopping(self, place: "BarrierPlace") -> bool:
        self.tell(Progress(reached="which changes prevent the schedule", done=self.tried, of=self.planned))
        self.tried += 1
        return not self.is_satisfiable(self.pinned_session, place.selector)

    def _add_outcomes(self, stopping: dict["BarrierPlace", ChangeOutcome]) -> None:
        """Decide the property with each of these changes."""
        asked = self._offer_barriers(place.step for place in stopping)
        session = Session(asked.encoding.formula, self.deadline)
        for part in TIME_FRACTIONS:
            for number, place in enumerate(sorted(stopping, key=lambda place: place.what != "Mb")):
                self.tell(Progress(reached="what each change does to the property", done=number, of=len(stopping)))
                selector = asked.selector(place.what, place.step)
                if stopping[place] == UNKNOWN and selector is not None:
                    stopping[place] = self.outcome(asked.encoding, selector, part=part, session=session)

    def _merged(self, stopping: dict["BarrierPlace", ChangeOutcome]) -> Iterator[Change]:
        """The changes at these places; neighbouring ones with the same effect are merged into one."""
        run: Change | None = None
        last: BarrierPlace | None = None
        for place, outcome in stopping.items():
            change = self._change(place, outcome)
            if run is not None and last is not None and is_next_place(last, place) and extends(run, change):
                run = replace(run, last=change.last)
            else:
                if run is not None:
                    yield run
                run = change
            last = place
        if run is not None:
            yield run

    def _combined(self, *, stopping: bool) -> Iterator[Change]:
        """A minimal set of full barriers that together prove the property or, failing that and if `stopping`, one that
        together prevent the counterexample."""
        places = [place for own in self.threads() for place in labelled_neighbours(own)]
        asked = self._offer_barriers(b for _, b in places)
        encoding, offered = asked.encoding, asked.full_barriers(places)
        self.tried += 1
        kept = self._minimal_subset(Session(encoding.formula, self.deadline), [encoding.goals["violation"]], [*offered])
        if kept is None and stopping:
            offered = self.offered_alone.full_barriers(places)
            stops = self._minimal_subset(self.pinned_session, [], [*offered])
            kept = None if stops is None else [*asked.full_barriers([offered[each] for each in stops])]
            offered = asked.full_barriers(places)
        if kept is None:
            return
        word, remaining = self.outcome(encoding, *kept)
        kernel = self.program.kernel
        (first, last), *more = [
            (step_ref(a.site, kernel), step_ref(b.site, kernel)) for a, b in (offered[k] for k in kept)
        ]
        yield Change(
            kind="barrier", what=TAGS["Mb"], first=first, last=last, steps=len(kept), outcome=word,
            remaining=remaining, more=tuple(more),
        )  # fmt: skip

    def _minimal_subset(self, session: Session, goal: list[str], kept: list[str]) -> list[str] | None:
        """A minimal subset of these selectors with which no goal can be reached, the first dropped first; None where
        all of them do not suffice."""
        if self.is_satisfiable(session, *goal, *kept):
            return None
        for selector in tuple(kept):
            fewer = [each for each in kept if each != selector]
            if not self.is_satisfiable(session, *goal, *fewer):
                kept = fewer
        return kept

    def _change(self, place: "BarrierPlace", outcome: ChangeOutcome) -> Change:
        kernel = self.program.kernel
        return Change(
            kind="barrier" if place.what in CANDIDATE_FENCES else "order", what=TAGS[place.what],
            first=step_ref(place.before.site, kernel), last=step_ref(place.step.site, kernel), steps=1,
            outcome=outcome[0], remaining=outcome[1],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class BarrierOffer:
    """An encoding with candidate barriers; `tags` are those that the model looks at."""

    encoding: AxiomaticEncoding
    selectors: Selectors
    tags: frozenset[str]

    def selector(self, tag: str, step: GraphStep) -> str | None:
        """The literal of a barrier before a step, or of an ordering of its access; None where the model has no such
        barrier."""
        procedure, script, label = step_of(step.site, self.selectors.classes)
        number = self.selectors.numbers.get(Fact(Topic.BARRIER, procedure, label, tag, script))
        return None if number is None or tag not in self.tags else quote(fact_name(number))

    def full_barriers(self, places: Iterable[tuple[GraphStep, GraphStep]]) -> dict[str, tuple[GraphStep, GraphStep]]:
        """The full barriers between these pairs of steps, by their literals."""
        found = {self.selector("Mb", b): (a, b) for a, b in places}
        return {selector: place for selector, place in found.items() if selector is not None}


@dataclass(frozen=True, slots=True)
class BarrierPlace:
    """A candidate change: the barrier `what` between the steps `before` and `step`, or `what` as the ordering of the
    access `step`. `selector` is its literal, `number` its index among the candidates of its thread."""

    what: str
    before: GraphStep
    step: GraphStep
    selector: str
    thread: int
    number: int


def is_next_place(last: BarrierPlace, place: BarrierPlace) -> bool:
    """Whether a place is the next candidate of the same thread."""
    return (last.thread, last.number + 1) == (place.thread, place.number)


def labelled_neighbours(own: list[GraphStep]) -> list[tuple[GraphStep, GraphStep]]:
    """The pairs of successive steps of a thread that belong to different labelled steps."""
    return [(a, b) for a, b in pairwise(own) if a.site.path != b.site.path]


def extends(run: Change, change: Change) -> bool:
    """Whether a change is the same barrier as `run`, one place later, with the same outcome."""
    same = replace(change, first=run.first, last=run.last) == run
    return same and run.kind == "barrier" and run.last == change.first
