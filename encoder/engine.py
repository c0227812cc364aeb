"""A question to its answer: load, resolve, unroll, ask the solver, replay what it found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from encoder.checks import checked
from encoder.decision import Asked, Decision, Draw, longest_schedule
from encoder.graph.build import build
from encoder.graph.events import Graph, Kind
from encoder.graph.touched import untouched
from encoder.limits import MORE_TIME
from encoder.memory import MODELS
from encoder.memory.relation import is_total
from encoder.memory.sc import SC
from encoder.opinion import consulted
from encoder.program.asked import property_of
from encoder.program.core import Program, Property
from encoder.program.resolve import resolve
from encoder.refutation import Refutation
from encoder.result import Checks, Proved, Question, Refuted, Report, Tell, Timing, Unknown, Vacuous, Verdict
from encoder.smt import solver
from encoder.smt.prefix import prefixes
from encoder.smt.problem import Posed, suited
from encoder.smt.query import Queries, queries
from encoder.spec.load import load_library
from encoder.unbounded import closed
from encoder.unlimited import unlimited


class Writes(Protocol):
    """What takes text."""

    def write(self, text: str, /) -> object: ...


def silent(report: Report) -> None:
    """A `Tell` for which it does not matter how far it is."""


def ask(question: Question, root: Path | None = None, dump: Writes | None = None) -> Report:
    """Answer a question about the shipped specs, or those under `root`; `dump` gets the SMT-LIB text of the property.

    Raises InputError for wrong specs or names, SelfCheckError where the replay disagrees with the solver.
    """
    start = time.monotonic()
    program = load(question, root)
    return answer(program, question, dump=dump, loaded=time.monotonic() - start)


def load(question: Question, root: Path | None = None) -> Program:
    """The program that a question is about. Raises InputError."""
    library = load_library(root, scenario=question.scenario, variant=question.variant)
    return resolve(library, question.scenario, question.variant, question.flush)


def answer(
    program: Program, question: Question, *, dump: Writes | None = None, loaded: float = 0.0,
    tell: Tell = silent,
) -> Report:  # fmt: skip
    """Answer a question about a resolved program, as `ask` does. `loaded` is the seconds that loading took."""
    found = decided(program, question, dump=dump, loaded=loaded, tell=tell)
    report, asked = found.report, found.report.question
    prop = property_of(program, asked.property)
    if asked.depth is None and isinstance(report.verdict, Proved) and not report.verdict.complete:
        tell(report)
        proved, said = closed(program, asked, prop, report.verdict)
        report = replace(report, verdict=proved, flags=(*report.flags, *said))
    if asked.checks:
        tell(report)
        report = replace(report, checks=_checks(program, asked, report.verdict))
    verdict = report.verdict
    if asked.unlimited and asked.depth is None and isinstance(verdict, Proved) and verdict.complete:
        tell(report)
        report = replace(report, unlimited=unlimited(program, asked, prop))
    return report if isinstance(verdict, Unknown) else consulted(program, report, found.rests_on, tell)


def _checks(program: Program, question: Question, verdict: Verdict) -> Checks:
    """What is asked beside the verdict."""
    graph, seconds = build(program, question.loops), _time_for_checks(question, verdict)
    found = checked(program, question, graph, interleaved=not has_grace_periods(graph), seconds=seconds)
    match verdict:  # what has been found out of loops
        case Proved(complete=True, searched_loops=loops) | Proved(complete=False, open_loops=loops):
            return replace(found, open_loops=loops)
        case Vacuous(complete=True):
            return replace(found, open_loops=())
        case _:
            return found


def _time_for_checks(question: Question, verdict: Verdict) -> float:
    """Seconds. Without a verdict little is left: who watches would end it."""
    return question.timeout / 8 if isinstance(verdict, Unknown) else question.timeout


@dataclass(frozen=True, slots=True)
class Answered:
    """A report, and the solver's answers that its verdict rests on."""

    report: Report
    rests_on: tuple[Asked, ...]


def decided(
    program: Program, question: Question, *, dump: Writes | None = None, loaded: float = 0.0, tell: Tell = silent
) -> Answered:
    """The verdict with its evidence.

    Under a model weaker than sequential consistency an interleaving that breaks the property is looked for first (see
    `Question.interleavings`): it is an execution of the weaker model too, which the model's axioms are asked about.
    """
    asked = property_of(program, question.property)
    question = replace(question, property=asked.name)
    deadline = time.monotonic() + question.timeout
    case = Case(program, question, asked, loaded, deadline, tell)
    tell(unanswered(program, question, loaded))
    graph = build(program, question.loops)
    if is_total(MODELS[question.model]):
        return case.interleavings(graph, dump)
    if question.interleavings and dump is None and not has_grace_periods(graph):
        found = case.interleavings(graph, None)
        if isinstance(found.report.verdict, Refuted):
            return found
    return case.executions(graph, dump)


def unanswered(program: Program, question: Question, loaded: float) -> Report:
    """What there is to say before anything is done. Raises InputError for a property that there is not."""
    asked = property_of(program, question.property)
    verdict = Unknown(reason="", reached="the specs were loaded; nothing was built", advice=MORE_TIME)
    timing = Timing(load=loaded, build=0.0, solve=0.0, events=0, clauses=0)
    return report(program, replace(question, property=asked.name), asked, None, verdict, (), timing)


def has_grace_periods(graph: Graph) -> bool:
    """Whether RCU is used: interleavings know nothing of its rule, weaker models may."""
    return any(e.kind is Kind.FENCE and e.tags[0].startswith("sync-") for e in graph.events)


@dataclass(frozen=True, slots=True)
class Case:
    """A question about one property of a program, to be answered by the executions of a model. Times are as given by
    `time.monotonic()`, `loaded` excepted."""

    program: Program
    question: Question
    asked: Property
    loaded: float
    deadline: float
    tell: Tell

    def interleavings(self, graph: Graph, dump: Writes | None) -> Answered:
        """The answer under sequential consistency."""
        start = time.monotonic()
        among = "" if is_total(MODELS[self.question.model]) else "of interleavings alone: "
        self._tell(graph, f"{among}{_unbuilt(graph)}", start)
        problems = queries(graph, SC, self.asked, self.question.depth)
        draw = partial(Refutation(self.program, self.asked, self.question).interleaved, problems)
        return self._answered(graph, problems, draw, dump, start, among=among)

    def executions(self, graph: Graph, dump: Writes | None) -> Answered:
        """The answer under a weak model."""
        start = time.monotonic()
        model = MODELS[self.question.model]
        first, graph = graph, suited(graph, model, self.question.loops)
        self._tell(graph, _unbuilt(graph), start)
        try:
            problems = prefixes(graph, model, self.asked, self.question.depth, self.deadline)
        except TimeoutError as late:
            return self._late(graph, str(late), start)
        draw = partial(Refutation(self.program, self.asked, self.question).weak, problems, graph)
        return self._answered(graph, problems, draw, dump, start, lambda: self._interleaved(first))

    def _interleaved(self, graph: Graph) -> Queries | None:
        """The question about interleavings, if they are executions of the weak model."""
        return None if has_grace_periods(graph) else queries(graph, SC, self.asked, self.question.depth)

    def _late(self, graph: Graph, reached: str, start: float) -> Answered:
        """Time ran out before anything could be asked."""
        verdict = Unknown(reason="timeout", reached=f"{reached}; nothing was asked of them", advice=MORE_TIME)
        return Answered(self._report(graph, verdict, self._timing(graph, start)), ())

    def _tell(self, graph: Graph, reached: str, start: float, built: float | None = None, clauses: int = 0) -> None:
        """Tell how far it is. `built` is when the constraints were, None before that."""
        verdict = Unknown(reason="", reached=reached, advice=MORE_TIME)
        self.tell(self._report(graph, verdict, self._timing(graph, start, built, clauses)))

    def _report(self, graph: Graph, verdict: Verdict, timing: Timing, flags: tuple[str, ...] = ()) -> Report:
        return report(self.program, self.question, self.asked, graph, verdict, flags, timing)

    def _timing(self, graph: Graph, start: float, built: float | None = None, clauses: int = 0) -> Timing:
        now = time.monotonic()
        return Timing(
            load=self.loaded, build=(built or now) - start, solve=now - (built or now),
            events=len(graph.events), clauses=clauses,
        )  # fmt: skip

    def _answered(
        self, graph: Graph, problems: Posed, draw: Draw, dump: Writes | None, start: float,
        interleaved: Callable[[], Queries | None] = lambda: None, among: str = "",
    ) -> Answered:  # fmt: skip
        built, clauses = time.monotonic(), problems.script.clauses
        if dump is not None:
            dump.write(f"{problems.text}(check-sat-assuming ({problems.goals['violation']}))\n")
        decision = Decision(
            self.program, self.question, graph, problems, draw, self.deadline, interleaved,
            tell=lambda reached: self._tell(graph, among + reached, start, built, clauses),
        )  # fmt: skip
        verdict = decision.verdict()
        found = self._report(graph, verdict, self._timing(graph, start, built, clauses), decision.flags)
        return Answered(found, decision.rests_on)


def _unbuilt(graph: Graph) -> str:
    return f"{len(graph.events)} events were built, their constraints not"


def report(
    program: Program, question: Question, asked: Property, graph: Graph | None, verdict: Verdict,
    flags: tuple[str, ...], timing: Timing,
) -> Report:  # fmt: skip
    """The report of a verdict; `graph` is None where none was built."""
    return Report(
        question=question,
        verdict=verdict,
        kernel=program.kernel,
        scope=program.scope,
        variant_title=program.variant_title,
        property_title=asked.title,
        property_text=asked.text,
        longest=longest_schedule(graph) if graph else 0,
        loops=tuple(sorted({loop for thread in graph.threads for loop in thread.loops})) if graph else (),
        flags=flags,
        assumptions=program.notes,
        solver=solver.NAME,
        timing=timing,
        untouched=graph is not None and untouched(graph, asked),
    )
