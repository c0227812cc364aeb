"""What trying a change on a schedule takes: the schedule in the encoding, and what becomes of the property."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Literal

from encoder.errors import SelfCheckError
from encoder.explanation.reasons import Change, Remedies, Spot
from encoder.explanation.wording import source_of
from encoder.graph.build import build
from encoder.graph.events import Graph, Step
from encoder.memory.relation import MemoryModel
from encoder.program.asked import property_of
from encoder.program.core import Program, Site
from encoder.result import Question, ScheduleStep, Witness
from encoder.smt.narrow import Narrow
from encoder.smt.prefix import Prefixes
from encoder.smt.problem import suited
from encoder.smt.solver import Session

SHOWN = 5
Outcome = tuple[Literal["proved", "refuted", "vacuous"], int | None]


def spot(site: Site, kernel: str) -> Spot:
    return Spot(
        thread=site.thread, procedure=site.procedure, label=site.label, text=site.text,
        source=source_of(site, kernel), file=site.span.file, line=site.span.line,
    )  # fmt: skip


def made(graph: Graph, program: Program, witness: Witness) -> dict[int, Step]:
    """The steps of a graph that those of a schedule are, by number. Raises SelfCheckError where one is none."""
    found: dict[int, Step] = {}
    for number, thread in enumerate(program.threads):
        own = sorted((s for s in witness.schedule if s.thread == thread.name), key=lambda s: s.index)
        steps = iter(graph.threads[number].steps)
        for each in own:
            step = next((s for s in steps if same(s, each)), None)
            if step is None:
                raise SelfCheckError(f"step {each.step} of the schedule is none of the encoding")
            found[each.step] = step
    return found


def same(step: Step, drawn: ScheduleStep) -> bool:
    return step.site.path == drawn.path and step.site.event == drawn.event


class Changes(ABC):
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
        self.graph = suited(build(program, question.loops), model, question.loops)
        self.steps = made(self.graph, program, witness)
        self.tried = self.skipped = 0

    def threads(self) -> list[list[Step]]:
        """What each thread did, in program order."""
        own: list[list[Step]] = [[] for _ in self.program.threads]
        for step in sorted(self.steps.values(), key=lambda s: s.index):
            own[step.thread].append(step)
        return own

    def met(self, session: Session, *selectors: str) -> bool:
        """Whether the problem can be met. Raises TimeoutError where it is not known."""
        answer = session.check(*selectors)
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer.word == "sat"

    def outcome(self, problems: Prefixes, *selectors: str) -> Outcome:
        """What becomes of the property, and the length of the shortest schedule that still breaks it. Raises
        TimeoutError."""
        session, goal = Session(problems.text, self.deadline), problems.goals["violation"]
        answer = session.check(goal, *selectors)
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        if answer.model is None:
            reached = self.met(session, problems.goals["situation"], *selectors)
            return "proved" if reached else "vacuous", None
        return "refuted", Narrow(session, problems, self.graph, goal, answer.model, *selectors).length()

    def remedies(self) -> Remedies:
        """The nearest changes, until time runs out."""
        found: list[Change] = []
        whole = True
        try:
            found.extend(self.changes())
        except TimeoutError:
            whole = False
        return Remedies(
            model=self.model.name, changes=nearest(found), tried=self.tried, skipped=self.skipped, whole=whole
        )

    @abstractmethod
    def changes(self) -> Iterator[Change]:
        """The changes that stop the schedule, in spec order. Raises TimeoutError."""


def nearest(changes: list[Change]) -> tuple[Change, ...]:
    """The changes of the fewest steps, first those that prove the property; among the few, one that does if any."""
    ordered = sorted(changes, key=lambda change: (change.steps, change.outcome != "proved"))
    shown = ordered[:SHOWN]
    if not any(change.outcome == "proved" for change in shown):
        shown[SHOWN - 1 :] = [change for change in ordered if change.outcome == "proved"][:1] or shown[SHOWN - 1 :]
    return tuple(shown)
