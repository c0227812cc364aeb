"""Steps of one thread in one piece: what would have stopped an interleaving."""

from collections.abc import Iterator
from functools import cached_property

from encoder.base.errors import SelfCheckError
from encoder.base.result import Question, Witness
from encoder.explanation.changes import ChangeSearch, spot
from encoder.explanation.moves import Moves
from encoder.explanation.reasons import Change
from encoder.graph.events import EventKind, GraphStep
from encoder.memory import of_interleavings
from encoder.program.core import CellName, Program, Site
from encoder.smt.axiomatic.encode import AxiomaticEncoding, Modifications, encode_executions
from encoder.smt.axiomatic.pin_execution import PinnedExecution
from encoder.smt.solvers.z3_solver import Session
from encoder.spec.model import Library


class Blocks(ChangeSearch):
    """Steps of one thread made one piece, so that an interleaving could not have been: nothing of others between. Where
    the first and the last are in one block of the spec, one is moved past the other too."""

    def __init__(
        self, library: Library, program: Program, question: Question, witness: Witness, deadline: float
    ) -> None:
        super().__init__(program, question, witness, deadline, of_interleavings())
        self.problems = encode_executions(self.graph, self.model, self.asked, None, deadline)
        self.moves = Moves(library, program, question, witness, deadline, self.graph, self.problems, self.steps)

    def changes(self) -> Iterator[Change]:
        this = Session(self.problems.text + self._fixed(self.problems), self.deadline).check()
        if this.word == "unknown":
            raise TimeoutError(this.reason)
        if this.model is None:
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        windows = [window for own in self.threads() for window in self._windows(own)]
        for window in sorted(windows, key=lambda w: (len(w), w[0].thread, w[0].index)):
            change = self._change(window)
            if change is not None:
                yield change
            before = self.moves.tried
            yield from self.moves.changes(window, this.model)
            self.tried += self.moves.tried - before
            for other in self._between(window):
                if (change := self._locked(window, other)) is not None:
                    yield change

    def _fixed(self, problems: AxiomaticEncoding) -> str:
        drawn = [self.steps[s.step] for s in self.witness.schedule]
        return PinnedExecution(problems, self.graph).interleaving(drawn, dict(self.witness.symbols))

    def _windows(self, own: list[GraphStep]) -> list[list[GraphStep]]:
        """The narrowest runs of whole labelled steps of a thread that something of another thread must come between."""
        after = self._after
        found: list[list[GraphStep]] = []
        for i, first in enumerate(own):
            between = {x for x in after[first] if x.thread != first.thread}
            last = next((j for j in range(i + 1, len(own)) if any(own[j] in after[x] for x in between)), None)
            if last is not None:
                found.append(whole_labels(own, i, last))
        unique = {(w[0], w[-1]): w for w in found}.values()
        return [w for w in unique if not any(set(v) < set(w) for v in unique)]

    def _between(self, window: list[GraphStep]) -> Iterator[list[GraphStep]]:
        """For each other thread the run of whole labelled steps that has all that comes between a window's ends."""
        after = self._after
        for own in self.threads():
            inside = [i for i, x in enumerate(own) if x in after[window[0]] and window[-1] in after[x]]
            if inside and own[0].thread != window[0].thread:
                yield whole_labels(own, inside[0], inside[-1])

    @cached_property
    def _after(self) -> dict[GraphStep, set[GraphStep]]:
        """For each step of the schedule what must come after it: in program order, or for what both access."""
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

    def _change(self, window: list[GraphStep]) -> Change | None:
        blocks = self._everywhere(window[0].site, window[-1].site)
        waits = (e for e in self.graph.events if e.kind in (EventKind.FLUSH_END, EventKind.GRACE_END))
        if any(e.step in block for e in waits for block in blocks):
            self.skipped += 1
            return None
        self.tried += 1
        problems = encode_executions(
            self.graph, self.model, self.asked, None, self.deadline, Modifications(atomic_blocks=blocks)
        )
        if self.met(Session(problems.text + self._fixed(problems), self.deadline)):
            return None
        word, remaining = self.outcome(problems)
        kernel = self.program.kernel
        return Change(
            kind="atomic", what="in one piece", first=spot(window[0].site, kernel),
            last=spot(window[-1].site, kernel), steps=len(window), outcome=word, remaining=remaining,
        )  # fmt: skip

    def _locked(self, one: list[GraphStep], other: list[GraphStep]) -> Change | None:
        """One lock held over the steps of two threads."""
        self.tried += 1
        blocks = (*self._everywhere(one[0].site, one[-1].site), *self._everywhere(other[0].site, other[-1].site))
        problems = encode_executions(
            self.graph, self.model, self.asked, None, self.deadline, Modifications(locked_blocks=blocks)
        )
        if self.met(Session(problems.text + self._fixed(problems), self.deadline)):
            return None
        word, remaining = self.outcome(problems)
        (first, last), more = (
            (spot(w[0].site, self.program.kernel), spot(w[-1].site, self.program.kernel)) for w in (one, other)
        )
        return Change(
            kind="lock", what="one lock", first=first, last=last, steps=len(one) + len(other), outcome=word,
            remaining=remaining, more=(more,),
        )  # fmt: skip

    def _everywhere(self, first: Site, last: Site) -> tuple[tuple[GraphStep, ...], ...]:
        """The steps from one to the other, in each thread and round of a loop that has both."""
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


def whole_labels(own: list[GraphStep], first: int, last: int) -> list[GraphStep]:
    """The steps of a thread from one to another, with all of the labelled steps that these two are of."""
    while first and own[first - 1].site.path == own[first].site.path:
        first -= 1
    while last + 1 < len(own) and own[last + 1].site.path == own[last].site.path:
        last += 1
    return own[first : last + 1]
