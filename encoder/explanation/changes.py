"""Tries changes on a counterexample: pins it in the encoding, and decides the property with the change."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal

from encoder.base.errors import SelfCheckError
from encoder.base.limits import part_of
from encoder.base.result import Question, ScheduleStep, Tell, Witness
from encoder.explanation.reasons import Change, Fixes, StepRef
from encoder.explanation.wording import source_of
from encoder.graph.build import build
from encoder.graph.events import Graph, GraphStep
from encoder.memory.model import MemoryModel
from encoder.program.core import Program, Site
from encoder.program.lookup import property_of
from encoder.smt.axiomatic.encode import AxiomaticEncoding
from encoder.smt.axiomatic.shortest_execution import ShortestExecution
from encoder.smt.encode import graph_for
from encoder.smt.solvers.z3_solver import Session

MOST_SHOWN = 5
ChangeOutcome = tuple[Literal["proved", "refuted", "vacuous", "unknown"], int | None]
"""The verdict with a change, and the length of the shortest counterexample left that was found."""
UNKNOWN: ChangeOutcome = ("unknown", None)
RANK = {"proved": 0, "refuted": 1, "vacuous": 1, "unknown": 2}
TIME_FRACTION = 0.25
"""The fraction of the remaining time that one change may take, so that others are tried too."""


def step_ref(site: Site, kernel: str) -> StepRef:
    """A step's site as plain data."""
    return StepRef(
        thread=site.thread, procedure=site.procedure, label=site.label, text=site.text,
        source=source_of(site, kernel), file=site.span.file, line=site.span.line,
    )  # fmt: skip


def match_steps(graph: Graph, program: Program, witness: Witness) -> dict[int, GraphStep]:
    """For each step number of the schedule the graph's step that it is. Raises SelfCheckError where there is none."""
    found: dict[int, GraphStep] = {}
    for number, thread in enumerate(program.threads):
        own = sorted((s for s in witness.schedule if s.thread == thread.name), key=lambda s: s.index)
        steps = iter(graph.threads[number].steps)
        for each in own:
            step = next((s for s in steps if is_same_step(s, each)), None)
            if step is None:
                raise SelfCheckError(f"step {each.step} of the schedule is none of the encoding")
            found[each.step] = step
    return found


def is_same_step(step: GraphStep, drawn: ScheduleStep) -> bool:
    """Whether a step of the graph and one of the schedule are at the same site and are the same event."""
    return step.site.path == drawn.path and step.site.event == drawn.event


class ChangeSearch(ABC):
    """Tries changes on the counterexample that was found, under `model`. The execution is pinned by assertions;
    together with a change that would have prevented it, the encoding is unsatisfiable."""

    def __init__(
        self, program: Program, question: Question, witness: Witness, deadline: float, model: MemoryModel, tell: Tell
    ) -> None:
        self.program = program
        self.witness = witness
        self.deadline = deadline
        self.model = model
        self.tell = tell
        self.prop = property_of(program, question.property)
        self.graph = graph_for(build(program, question.loops), model, question.loops)
        self.steps = match_steps(self.graph, program, witness)
        self.tried = self.skipped = 0

    def threads(self) -> list[list[GraphStep]]:
        """The steps of each thread in program order."""
        own: list[list[GraphStep]] = [[] for _ in self.program.threads]
        for step in sorted(self.steps.values(), key=lambda s: s.index):
            own[step.thread].append(step)
        return own

    def is_satisfiable(self, session: Session, *selectors: str) -> bool:
        """Whether the encoding is satisfiable with these selectors. Raises TimeoutError where that is not decided."""
        answer = session.check(*selectors)
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer.word == "sat"

    def outcome(
        self, encoding: AxiomaticEncoding, *selectors: str, part: float = TIME_FRACTION, session: Session | None = None
    ) -> ChangeOutcome:
        """The property's verdict and the length of a remaining counterexample, as short as can be found in this
        fraction of the remaining time. A `session` that has read the encoding is used again."""
        until, goal = part_of(self.deadline, part), encoding.goals["violation"]
        session = session or Session(encoding.formula, until)
        session.deadline = until
        answer = session.check(goal, *selectors)
        if answer.model is not None:
            alone = Session(encoding.formula, until)
            return "refuted", ShortestExecution(alone, encoding, self.graph, goal, answer.model, *selectors).length()
        reached = session.check(encoding.goals["situation"], *selectors).word if answer.word == "unsat" else "unknown"
        outcomes: dict[str, ChangeOutcome] = {"sat": ("proved", None), "unsat": ("vacuous", None), "unknown": UNKNOWN}
        return outcomes[reached]

    def nearest_fixes(self) -> Fixes:
        """The nearest changes found before the deadline."""
        found: list[Change] = []
        whole = True
        try:
            found.extend(self.changes())
        except TimeoutError:
            whole = False
        return Fixes(
            model=self.model.name, changes=nearest(found), tried=self.tried, skipped=self.skipped,
            whole=whole and all(change.outcome != "unknown" for change in found),
        )  # fmt: skip

    @abstractmethod
    def changes(self) -> Iterator[Change]:
        """The changes that prevent the counterexample. Raises TimeoutError."""


def nearest(changes: list[Change]) -> tuple[Change, ...]:
    """The changes with the fewest steps, those that prove the property first; one that proves it is among them if there
    is any."""
    ordered = sorted(changes, key=lambda change: (change.steps, RANK[change.outcome]))
    shown = ordered[:MOST_SHOWN]
    if not any(change.outcome == "proved" for change in shown):
        shown[MOST_SHOWN - 1 :] = [change for change in ordered if change.outcome == "proved"][:1] or shown[
            MOST_SHOWN - 1 :
        ]
    return tuple(shown)
