"""Atomic blocks, and locks over them, that would have prevented a counterexample that is an interleaving."""

from collections.abc import Iterator
from functools import cached_property

from encoder.base.errors import SelfCheckError
from encoder.base.result import Progress, Question, Tell, Witness, silent
from encoder.explanation.changes import ChangeSearch, step_ref
from encoder.explanation.moves import MoveSearch
from encoder.explanation.reasons import Change
from encoder.graph.events import EventKind, GraphStep
from encoder.memory import of_interleavings
from encoder.program.core import CellName, Program, Site
from encoder.smt.axiomatic.encode import AxiomaticEncoding, Modifications, encode_executions
from encoder.smt.axiomatic.pin_execution import PinnedExecution
from encoder.smt.solvers.z3_solver import Session
from encoder.spec.model import Library


class AtomicBlockSearch(ChangeSearch):
    """Makes steps of one thread an atomic block, between which no step of another thread may come, so that the
    interleaving is impossible. Where the first and the last step are in one block of the spec, one of them is moved
    next to the other too."""

    def __init__(
        self, library: Library, program: Program, question: Question, witness: Witness, deadline: float,
        tell: Tell = silent,
    ) -> None:  # fmt: skip
        super().__init__(program, question, witness, deadline, of_interleavings(), tell)
        self.encoding = encode_executions(self.graph, self.model, self.prop, None, deadline)
        self.moves = MoveSearch(library, program, question, witness, deadline, self.graph, self.encoding, self.steps)

    def changes(self) -> Iterator[Change]:
        """The changes that prevent the counterexample, smallest windows first. Raises TimeoutError."""
        pinned = Session(self.encoding.formula.plus(self._pin_interleaving(self.encoding)), self.deadline).check()
        if pinned.word == "unknown":
            raise TimeoutError(pinned.reason)
        if pinned.model is None:
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        windows = [window for own in self.threads() for window in self._windows(own)]
        for number, window in enumerate(sorted(windows, key=lambda w: (len(w), w[0].thread, w[0].index))):
            told = "which stretches of code, kept in one piece or moved, prevent the schedule"
            self.tell(Progress(reached=told, done=number, of=len(windows)))
            change = self._atomic_change(window)
            if change is not None:
                yield change
            before = self.moves.tried
            yield from self.moves.changes(window, pinned.model)
            self.tried += self.moves.tried - before
            for other in self._runs_between(window):
                if (change := self._lock_change(window, other)) is not None:
                    yield change

    def _pin_interleaving(self, encoding: AxiomaticEncoding) -> str:
        drawn = [self.steps[s.step] for s in self.witness.schedule]
        return PinnedExecution(encoding, self.graph).interleaving(drawn, dict(self.witness.symbols))

    def _windows(self, own: list[GraphStep]) -> list[list[GraphStep]]:
        """The minimal runs of whole labelled steps of a thread between which some step of another thread must come."""
        after = self._required_after
        found: list[list[GraphStep]] = []
        for i, first in enumerate(own):
            between = {x for x in after[first] if x.thread != first.thread}
            last = next((j for j in range(i + 1, len(own)) if any(own[j] in after[x] for x in between)), None)
            if last is not None:
                found.append(widen_to_labelled_steps(own, i, last))
        unique = {(w[0], w[-1]): w for w in found}.values()
        return [w for w in unique if not any(set(v) < set(w) for v in unique)]

    def _runs_between(self, window: list[GraphStep]) -> Iterator[list[GraphStep]]:
        """For each other thread the run of whole labelled steps that contains all its steps that must come within a
        window."""
        after = self._required_after
        for own in self.threads():
            inside = [i for i, x in enumerate(own) if x in after[window[0]] and window[-1] in after[x]]
            if inside and own[0].thread != window[0].thread:
                yield widen_to_labelled_steps(own, inside[0], inside[-1])

    @cached_property
    def _required_after(self) -> dict[GraphStep, set[GraphStep]]:
        """For each step of the schedule the steps that must follow it: by program order, or by conflicting accesses."""
        drawn = [self.steps[s.step] for s in self.witness.schedule]
        cells: dict[GraphStep, set[tuple[CellName, bool]]] = {}
        for event in self.graph.events:
            if event.cell is not None and event.step in drawn:
                cells.setdefault(event.step, set()).add((event.cell, event.may_write))
        after: dict[GraphStep, set[GraphStep]] = {}
        for position in reversed(range(len(drawn))):
            step = drawn[position]
            after[step] = set()
            for later in drawn[position + 1 :]:
                meet = any(a == b and (v or w) for a, v in cells.get(step, ()) for b, w in cells.get(later, ()))
                if later.thread == step.thread or meet:
                    after[step] |= {later} | after[later]
        return after

    def _atomic_change(self, window: list[GraphStep]) -> Change | None:
        """The window as an atomic block; None where that does not prevent the counterexample, or where the window
        contains the wait of a flush or grace period, which cannot be atomic."""
        blocks = self._occurrences(window[0].site, window[-1].site)
        waits = (e for e in self.graph.events if e.kind in (EventKind.FLUSH_END, EventKind.GRACE_END))
        if any(e.step in block for e in waits for block in blocks):
            self.skipped += 1
            return None
        self.tried += 1
        encoding = encode_executions(
            self.graph, self.model, self.prop, None, self.deadline, Modifications(atomic_blocks=blocks)
        )
        if self.is_satisfiable(Session(encoding.formula.plus(self._pin_interleaving(encoding)), self.deadline)):
            return None
        word, remaining = self.outcome(encoding)
        kernel = self.program.kernel
        return Change(
            kind="atomic", what="in one piece", first=step_ref(window[0].site, kernel),
            last=step_ref(window[-1].site, kernel), steps=len(window), outcome=word, remaining=remaining,
        )  # fmt: skip

    def _lock_change(self, one: list[GraphStep], other: list[GraphStep]) -> Change | None:
        """One lock held over the steps of two threads; None where that does not prevent the counterexample."""
        self.tried += 1
        blocks = (*self._occurrences(one[0].site, one[-1].site), *self._occurrences(other[0].site, other[-1].site))
        encoding = encode_executions(
            self.graph, self.model, self.prop, None, self.deadline, Modifications(locked_blocks=blocks)
        )
        if self.is_satisfiable(Session(encoding.formula.plus(self._pin_interleaving(encoding)), self.deadline)):
            return None
        word, remaining = self.outcome(encoding)
        (first, last), more = (
            (step_ref(w[0].site, self.program.kernel), step_ref(w[-1].site, self.program.kernel)) for w in (one, other)
        )
        return Change(
            kind="lock", what="one lock", first=first, last=last, steps=len(one) + len(other), outcome=word,
            remaining=remaining, more=(more,),
        )  # fmt: skip

    def _occurrences(self, first: Site, last: Site) -> tuple[tuple[GraphStep, ...], ...]:
        """The steps from one site to the other, in each thread and loop iteration that has both."""
        found: list[tuple[GraphStep, ...]] = []
        for thread in self.graph.threads:
            open_: list[GraphStep] = []
            ended = 0
            for step in thread.steps:
                if open_ and ended and step.site.path != last.path:
                    found.append(tuple(open_[:ended]))
                    open_, ended = [], 0
                if open_ or step.site.path == first.path:
                    open_.append(step)
                if open_ and step.site.path == last.path:
                    ended = len(open_)
            if ended:
                found.append(tuple(open_[:ended]))
        return tuple(found)


def widen_to_labelled_steps(own: list[GraphStep], first: int, last: int) -> list[GraphStep]:
    """The steps of a thread from index `first` to `last`, widened to whole labelled steps."""
    while first and own[first - 1].site.path == own[first].site.path:
        first -= 1
    while last + 1 < len(own) and own[last + 1].site.path == own[last].site.path:
        last += 1
    return own[first : last + 1]
