"""What trying a change on a schedule takes: the schedule in the encoding, and what becomes of the property."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal

from encoder.base.errors import SelfCheckError
from encoder.base.limits import part_of
from encoder.base.result import Question, ScheduleStep, Witness
from encoder.explanation.reasons import Change, Remedies, Spot
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

SHOWN = 5
ChangeOutcome = tuple[Literal["proved", "refuted", "vacuous", "unknown"], int | None]
UNKNOWN: ChangeOutcome = ("unknown", None)
RANK = {"proved": 0, "refuted": 1, "vacuous": 1, "unknown": 2}
PART = 0.25
"""Of the time that is left, what may go into one change: the others are to be tried too."""


def spot(site: Site, kernel: str) -> Spot:
    return Spot(
        thread=site.thread, procedure=site.procedure, label=site.label, text=site.text,
        source=source_of(site, kernel), file=site.span.file, line=site.span.line,
    )  # fmt: skip


def made(graph: Graph, program: Program, witness: Witness) -> dict[int, GraphStep]:
    """The steps of a graph that those of a schedule are, by number. Raises SelfCheckError where one is none."""
    found: dict[int, GraphStep] = {}
    for number, thread in enumerate(program.threads):
        own = sorted((s for s in witness.schedule if s.thread == thread.name), key=lambda s: s.index)
        steps = iter(graph.threads[number].steps)
        for each in own:
            step = next((s for s in steps if same(s, each)), None)
            if step is None:
                raise SelfCheckError(f"step {each.step} of the schedule is none of the encoding")
            found[each.step] = step
    return found


def same(step: GraphStep, drawn: ScheduleStep) -> bool:
    return step.site.path == drawn.path and step.site.event == drawn.event


class ChangeSearch(ABC):
    """Tries changes on the schedule that was found, under `model`: the execution is `fixed` in the literals of a
    problem, which with a change that would have stopped it cannot be met."""

    def __init__(
        self, program: Program, question: Question, witness: Witness, deadline: float, model: MemoryModel
    ) -> None:
        self.program = program
        self.witness = witness
        self.deadline = deadline
        self.model = model
        self.asked = property_of(program, question.property)
        self.graph = graph_for(build(program, question.loops), model, question.loops)
        self.steps = made(self.graph, program, witness)
        self.tried = self.skipped = 0

    def threads(self) -> list[list[GraphStep]]:
        """What each thread did, in program order."""
        own: list[list[GraphStep]] = [[] for _ in self.program.threads]
        for step in sorted(self.steps.values(), key=lambda s: s.index):
            own[step.thread].append(step)
        return own

    def met(self, session: Session, *selectors: str) -> bool:
        """Whether the problem can be met. Raises TimeoutError where it is not known."""
        answer = session.check(*selectors)
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer.word == "sat"

    def outcome(
        self, problems: AxiomaticEncoding, *selectors: str, part: float = PART, session: Session | None = None
    ) -> ChangeOutcome:
        """What becomes of the property, and the length of a schedule that still breaks it, as short as can be found in
        this part of the time left. A `session` that has read the problem need not read it again."""
        until, goal = part_of(self.deadline, part), problems.goals["violation"]
        session = session or Session(problems.text, until)
        session.deadline = until
        answer = session.check(goal, *selectors)
        if answer.model is not None:
            alone = Session(problems.text, until)
            return "refuted", ShortestExecution(alone, problems, self.graph, goal, answer.model, *selectors).length()
        reached = session.check(problems.goals["situation"], *selectors).word if answer.word == "unsat" else "unknown"
        outcomes: dict[str, ChangeOutcome] = {"sat": ("proved", None), "unsat": ("vacuous", None), "unknown": UNKNOWN}
        return outcomes[reached]

    def remedies(self) -> Remedies:
        """The nearest changes, until time runs out."""
        found: list[Change] = []
        whole = True
        try:
            found.extend(self.changes())
        except TimeoutError:
            whole = False
        return Remedies(
            model=self.model.name, changes=nearest(found), tried=self.tried, skipped=self.skipped,
            whole=whole and all(change.outcome != "unknown" for change in found),
        )  # fmt: skip

    @abstractmethod
    def changes(self) -> Iterator[Change]:
        """The changes that stop the schedule. Raises TimeoutError."""


def nearest(changes: list[Change]) -> tuple[Change, ...]:
    """The changes of the fewest steps, first those that prove the property; among the few, one that does if any."""
    ordered = sorted(changes, key=lambda change: (change.steps, RANK[change.outcome]))
    shown = ordered[:SHOWN]
    if not any(change.outcome == "proved" for change in shown):
        shown[SHOWN - 1 :] = [change for change in ordered if change.outcome == "proved"][:1] or shown[SHOWN - 1 :]
    return tuple(shown)
