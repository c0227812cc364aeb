"""Moves a step past another one of its procedure: would that have prevented an interleaving?"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from encoder.base.errors import InputError, SelfCheckError
from encoder.base.limits import part_of
from encoder.base.result import Proved, Question, Refuted, Unknown, Vacuous, Witness
from encoder.explanation.changes import TIME_FRACTION, UNKNOWN, ChangeOutcome, match_steps, step_ref
from encoder.explanation.reasons import Change
from encoder.graph.build import build
from encoder.graph.events import Graph, GraphStep
from encoder.memory import of_interleavings
from encoder.program.core import Program
from encoder.program.resolve import resolve
from encoder.program.variant import apply_variant
from encoder.smt.axiomatic.encode import AxiomaticEncoding, encode_executions
from encoder.smt.axiomatic.pin_execution import PinnedExecution
from encoder.smt.axiomatic.shortest_execution import coherence_order, happens, source_of
from encoder.smt.solvers.z3_solver import Session, SolverModel
from encoder.smt.valuation import Valuation
from encoder.spec.model import Edit, Library
from encoder.spec.syntax import Step as Written
from encoder.spec.walk import blocks
from encoder.verify.engine import answer

MoveEdits = tuple[str, Edit, Edit]


class MoveSearch:
    """Moves steps by edits of the spec, on top of the question's variant, and answers the question anew.

    `encoding` is that of `graph` under sequential consistency; `steps` has the schedule's steps in it, by number.
    """

    def __init__(
        self, library: Library, program: Program, question: Question, witness: Witness, deadline: float,
        graph: Graph, encoding: AxiomaticEncoding, steps: dict[int, GraphStep],
    ) -> None:  # fmt: skip
        self.library = library
        self.program = program
        self.question = replace(question, model=of_interleavings().name)
        self.witness = witness
        self.deadline = deadline
        self.graph = graph
        self.encoding = encoding
        self.steps = steps
        self.procedures = {each.name: each for each in apply_variant(library, question.variant)}
        self.tried = 0

    def changes(self, window: Sequence[GraphStep], model: SolverModel) -> Iterator[Change]:
        """The moves of a window's last step to before its first, or of the first to behind the last, that prevent the
        counterexample, which the solver has as `model`. Raises TimeoutError."""
        first, last = window[0].site, window[-1].site
        if first.path[:-1] != last.path[:-1] or first.path == last.path:
            return
        for what, *edits in self._move_edits(first.procedure, first.label, last.label):
            program = self._moved_program(edits)
            if program is None:
                continue
            self.tried += 1
            outcome = self._outcome(program) if self._is_stopped(program, model, first.path, last.path, what) else None
            if outcome is not None:
                kernel = self.program.kernel
                yield Change(
                    kind="move", what=what, first=step_ref(first, kernel), last=step_ref(last, kernel),
                    steps=len(window), outcome=outcome[0], remaining=outcome[1],
                )  # fmt: skip

    def _move_edits(self, procedure: str, first: str, last: str) -> Iterator[MoveEdits]:
        """The edits that move one step past the other, where both are in one block of the procedure."""
        found = self.procedures.get(procedure)
        block = None if found is None else block_containing(found.steps, first, last)
        if block is None:
            return
        one, other = (next(s for s in block if s.label == label) for label in (first, last))
        yield "before", step_edit(procedure, "before", one, (other,)), step_edit(procedure, "delete", other, ())
        if block.index(other) != block.index(one) + 1:
            yield "behind", step_edit(procedure, "after", other, (one,)), step_edit(procedure, "delete", one, ())

    def _moved_program(self, edits: Sequence[Edit]) -> Program | None:
        """The program with the edits; None where it does not resolve."""
        base = next(each for each in self.library.variants if each.name == self.question.variant)
        variant = replace(base, name=f"{base.name}/moved", base=base.name, fields=(), edits=tuple(edits))
        library = replace(self.library, variants=(*self.library.variants, variant))
        try:
            return resolve(library, self.question.scenario, variant.name, self.question.flush)
        except InputError:
            return None

    def _is_stopped(
        self, program: Program, model: SolverModel, first: tuple[str, ...], last: tuple[str, ...], what: str
    ) -> bool:
        """Whether the moved program cannot perform the schedule's steps with the same reads-from and coherence
        orders."""
        graph = build(program, self.question.loops)
        prop = next(each for each in program.properties if each.name == self.question.property)
        encoding = encode_executions(graph, of_interleavings(), prop, None, self.deadline)
        mover, anchor = (last, first) if what == "before" else (first, last)
        try:
            steps = match_steps(graph, program, reordered(self.witness, mover, anchor, before=what == "before"))
        except SelfCheckError:
            return False  # other steps: there is nothing to compare
        now = {self.steps[number]: step for number, step in steps.items()}
        values, communication = (
            Valuation(self.graph, model, complete=False), self.encoding.executions.communication
        )  # fmt: skip
        sources = {
            now[read.event.step]: None if (found := source_of(values, communication, read)) is None else now[found]
            for read in communication.sources
            if happens(values, read)
        }
        orders = [[now[s] for s in coherence_order(values, communication, w)] for w in communication.writes.values()]
        fixed = PinnedExecution(encoding, graph).execution(
            list(now.values()), sources, orders, dict(self.witness.symbols)
        )
        answered = Session(encoding.formula.plus(fixed), self.deadline).check()
        if answered.word == "unknown":
            raise TimeoutError(answered.reason)
        return answered.word == "unsat"

    def _outcome(self, program: Program) -> ChangeOutcome | None:
        """The property's verdict; None where the moved program is faulty. Raises TimeoutError."""
        left = part_of(self.deadline, TIME_FRACTION) - time.monotonic()
        if left <= 0:
            raise TimeoutError
        try:
            verdict = answer(program, replace(self.question, timeout=left), shortening=0.5).verdict
        except InputError:
            return None
        match verdict:
            case Proved():
                return "proved", None
            case Refuted(witness=witness):
                return "refuted", len(witness.schedule)
            case Vacuous():
                return "vacuous", None
            case Unknown():
                return UNKNOWN


def step_edit(procedure: str, action: str, anchor: Written, steps: tuple[Written, ...]) -> Edit:
    """An edit anchored at a step. Raises ValueError for an action other than before, after and delete."""
    match action:
        case "before" | "after" | "delete":
            return Edit(
                procedure=procedure, action=action, anchor=anchor.label, steps=steps, span=anchor.span,
                anchor_span=anchor.label_span,
            )  # fmt: skip
        case _:
            raise ValueError(action)


def block_containing(steps: tuple[Written, ...], first: str, last: str) -> tuple[Written, ...] | None:
    """The block, at any depth, that contains both labels, `first` earlier than `last`; None where there is none."""
    labels = [step.label for step in steps]
    if first in labels and last in labels[labels.index(first) + 1 :]:
        return steps
    inner = (block for step in steps for block in blocks(step))
    return next((found for block in inner if (found := block_containing(block, first, last)) is not None), None)


def reordered(witness: Witness, mover: tuple[str, ...], anchor: tuple[str, ...], *, before: bool) -> Witness:
    """The schedule with, in each thread, the steps at the path `mover` numbered next to those at `anchor`."""
    schedule = []
    for thread in dict.fromkeys(step.thread for step in witness.schedule):
        own = sorted((s for s in witness.schedule if s.thread == thread), key=lambda s: s.index)
        moved = [s for s in own if s.path == mover]
        rest = [s for s in own if s.path != mover]
        places = [i for i, s in enumerate(rest) if s.path == anchor]
        if moved and places:
            place = places[0] if before else places[-1] + 1
            rest[place:place] = moved
        else:
            rest = own
        schedule += [replace(step, index=index) for index, step in enumerate(rest)]
    return replace(witness, schedule=tuple(schedule))
