"""What would have stopped a schedule: small changes around its steps, each decided anew."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from encoder.engine import property_of
from encoder.errors import SelfCheckError
from encoder.graph.build import build, with_dependencies
from encoder.graph.events import Graph, Kind, Step
from encoder.memory import MODELS
from encoder.memory.relation import MemoryModel, has_dependencies, ordering_tags
from encoder.program.core import CellName, Program, Site
from encoder.reasons import Change, Remedies, Spot
from encoder.result import Question, ScheduleStep, Witness
from encoder.smt.facts import Fact, Facts, Topic
from encoder.smt.facts import name as fact_name
from encoder.smt.fixed import Fixed
from encoder.smt.narrow import Narrow
from encoder.smt.nodes import OFFERED
from encoder.smt.prefix import Changes as Changed
from encoder.smt.prefix import Prefixes, prefixes
from encoder.smt.script import quote
from encoder.smt.solver import Session
from encoder.wording import TAGS

SHOWN = 5
Outcome = tuple[Literal["proved", "refuted", "vacuous"], int | None]


def remedies(program: Program, question: Question, witness: Witness, deadline: float) -> Remedies | None:
    """The nearest changes that would have stopped the schedule; None where time ran out before any was tried.

    Raises SelfCheckError where the schedule is not one of the encoding.
    """
    interleaved = question.model == "sc" or not witness.cycle
    try:
        found = (Blocks if interleaved else Barriers)(program, question, witness, deadline)
    except TimeoutError:
        return None
    return found.remedies()


def spot(site: Site, kernel: str) -> Spot:
    source = site.source.removesuffix(", patched").removesuffix(f" {kernel}")
    return Spot(
        thread=site.thread, procedure=site.procedure, label=site.label, text=site.text, source=source,
        file=site.span.file, line=site.span.line,
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


class Changes:
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
        self.graph = build(program, question.loops)
        if has_dependencies(model):
            self.graph = with_dependencies(self.graph, question.loops)
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

    def changes(self) -> Iterator[Change]:
        """The changes that stop the schedule, in spec order. Raises TimeoutError."""
        raise NotImplementedError


class Barriers(Changes):
    """Barriers that would have stopped an execution that is no interleaving, between neighbours of the schedule in a
    thread, and acquires and releases of its accesses."""

    def __init__(self, program: Program, question: Question, witness: Witness, deadline: float) -> None:
        super().__init__(program, question, witness, deadline, MODELS[question.model])
        self.offers = Facts()
        self.problems = prefixes(self.graph, self.model, self.asked, None, deadline, Changed(offers=self.offers))
        self.known = ordering_tags(self.model)
        self.this = Session(self.problems.text + self._fixed(), deadline)

    def _fixed(self) -> str:
        sources = {
            self.steps[s.step]: self.steps.get(s.reads_from) for s in self.witness.schedule if s.reads_from is not None
        }
        coherence = [[self.steps[s] for s in order] for _, order in self.witness.coherence]
        made = list(self.steps.values())
        return Fixed(self.problems, self.graph).execution(made, sources, coherence, dict(self.witness.symbols))

    def changes(self) -> Iterator[Change]:
        if not self.met(self.this):
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        for own in self.threads():
            places = [(a, b) for a, b in pairwise(own) if a.site.path != b.site.path]
            offered = [(tag, a, b) for tag in OFFERED for a, b in places]
            offered += [(tag, step, step) for tag in ("Acquire", "Release") for step in own]
            run: Change | None = None
            for tag, before, step in offered:
                change = self._change(tag, before, step)
                if run is not None and (change is None or not continues(run, change)):
                    yield run
                    run = None
                if change is not None:
                    run = change if run is None else replace(run, last=change.last)
            if run is not None:
                yield run

    def _change(self, tag: str, before: Step, step: Step) -> Change | None:
        """The barrier before `step` if it stops the schedule."""
        fact = Fact(Topic.BARRIER, step.site.procedure, step.site.label, tag)
        if tag not in self.known or fact not in self.offers.numbers:
            return None
        self.tried += 1
        selector = quote(fact_name(self.offers.numbers[fact]))
        if self.met(self.this, selector):
            return None
        word, remaining = self.outcome(self.problems, selector)
        kernel = self.program.kernel
        return Change(
            kind="barrier" if tag in OFFERED else "order", what=TAGS[tag],
            first=spot(before.site, kernel), last=spot(step.site, kernel), steps=1, outcome=word, remaining=remaining,
        )  # fmt: skip


class Blocks(Changes):
    """Steps of one thread made one piece, so that an interleaving could not have been: nothing of others between."""

    def __init__(self, program: Program, question: Question, witness: Witness, deadline: float) -> None:
        super().__init__(program, question, witness, deadline, MODELS["sc"])
        self.problems = prefixes(self.graph, self.model, self.asked, None, deadline)

    def changes(self) -> Iterator[Change]:
        if not self.met(Session(self.problems.text + self._fixed(self.problems), self.deadline)):
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        windows = [window for own in self.threads() for window in self._windows(own)]
        for window in sorted(windows, key=lambda w: (len(w), w[0].thread, w[0].index)):
            change = self._change(window)
            if change is not None:
                yield change

    def _fixed(self, problems: Prefixes) -> str:
        drawn = [self.steps[s.step] for s in self.witness.schedule]
        return Fixed(problems, self.graph).interleaving(drawn, dict(self.witness.symbols))

    def _windows(self, own: list[Step]) -> list[list[Step]]:
        """The narrowest runs of whole labelled steps of a thread that something of another thread must come between."""
        after = self._after()
        found: list[list[Step]] = []
        for i, first in enumerate(own):
            between = {x for x in after[first] if x.thread != first.thread}
            last = next((j for j in range(i + 1, len(own)) if any(own[j] in after[x] for x in between)), None)
            if last is not None:
                found.append(whole_labels(own, i, last))
        unique = {(w[0], w[-1]): w for w in found}.values()
        return [w for w in unique if not any(set(v) < set(w) for v in unique)]

    def _after(self) -> dict[Step, set[Step]]:
        """For each step of the schedule what must come after it: in program order, or for what both access."""
        drawn = [self.steps[s.step] for s in self.witness.schedule]
        cells: dict[Step, set[tuple[CellName, bool]]] = {}
        for event in self.graph.events:
            if event.cell is not None and event.step in drawn:
                cells.setdefault(event.step, set()).add((event.cell, event.may_write))
        after: dict[Step, set[Step]] = {}
        for position in reversed(range(len(drawn))):
            step = drawn[position]
            after[step] = set()
            for later in drawn[position + 1 :]:
                meet = any(a == b and (v or w) for a, v in cells.get(step, ()) for b, w in cells.get(later, ()))
                if later.thread == step.thread or meet:
                    after[step] |= {later} | after[later]
        return after

    def _change(self, window: list[Step]) -> Change | None:
        blocks = self._everywhere(window[0].site, window[-1].site)
        if any(e.kind is Kind.FLUSH_END for e in self.graph.events for block in blocks if e.step in block):
            self.skipped += 1
            return None
        self.tried += 1
        problems = prefixes(self.graph, self.model, self.asked, None, self.deadline, Changed(blocks=blocks))
        if self.met(Session(problems.text + self._fixed(problems), self.deadline)):
            return None
        word, remaining = self.outcome(problems)
        kernel = self.program.kernel
        return Change(
            kind="atomic", what="in one piece", first=spot(window[0].site, kernel),
            last=spot(window[-1].site, kernel), steps=len(window), outcome=word, remaining=remaining,
        )  # fmt: skip

    def _everywhere(self, first: Site, last: Site) -> tuple[tuple[Step, ...], ...]:
        """The steps from one to the other, in each thread and round of a loop that has both."""
        found: list[tuple[Step, ...]] = []
        for thread in self.graph.threads:
            open_: list[Step] = []
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


def whole_labels(own: list[Step], first: int, last: int) -> list[Step]:
    """The steps of a thread from one to another, with all of the labelled steps that these two are of."""
    while first and own[first - 1].site.path == own[first].site.path:
        first -= 1
    while last + 1 < len(own) and own[last + 1].site.path == own[last].site.path:
        last += 1
    return own[first : last + 1]


def continues(run: Change, change: Change) -> bool:
    """Whether a barrier is the same as the one before, one place later, with the same outcome."""
    same = (run.kind, run.what, run.outcome, run.remaining) == (
        change.kind,
        change.what,
        change.outcome,
        change.remaining,
    )
    return same and run.kind == "barrier" and run.last == change.first


def nearest(changes: list[Change]) -> tuple[Change, ...]:
    """The changes of the fewest steps, first those that prove the property; among the few, one that does if any."""
    ordered = sorted(changes, key=lambda change: (change.steps, change.outcome != "proved"))
    shown = ordered[:SHOWN]
    if not any(change.outcome == "proved" for change in shown):
        shown[SHOWN - 1 :] = [change for change in ordered if change.outcome == "proved"][:1] or shown[SHOWN - 1 :]
    return tuple(shown)
