"""A question to its answer: load, resolve, unroll, ask the solver, replay what it found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from encoder.base.limits import MORE_TIME
from encoder.base.result import Checks, Proved, Question, Refuted, Report, Tell, Timing, Unknown, Vacuous, Verdict
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.graph.touched import untouched
from encoder.memory import MODELS
from encoder.program.core import Program, Property, Site
from encoder.program.indices import unclear_srcu_end
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.smt.axiomatic.encode import encode_executions
from encoder.smt.encode import graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers import z3_solver as solver
from encoder.spec.load import load_library
from encoder.verify.checks import ask_checks
from encoder.verify.close_loops import close_loops
from encoder.verify.counterexample import Counterexample
from encoder.verify.cross_check import cross_checked
from encoder.verify.decision import Decision, QueryResult, WitnessBuilder, longest_schedule
from encoder.verify.parametric import prove_parametric


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
    tell: Tell = silent, shortening: float = 1.0,
) -> Report:  # fmt: skip
    """Answer a question about a resolved program, as `ask` does. `loaded` is the seconds that loading took.
    `shortening` is as in `Decision`."""
    found = decide(program, question, dump=dump, loaded=loaded, tell=tell, shortening=shortening)
    report, asked = found.report, found.report.question
    prop = property_of(program, asked.property)
    if asked.depth is None and isinstance(report.verdict, Proved) and not report.verdict.complete:
        tell(report)
        proved, said = close_loops(program, asked, prop, report.verdict)
        report = replace(report, verdict=proved, flags=(*report.flags, *said))
    if asked.checks:
        tell(report)
        report = replace(report, checks=_checks(program, asked, report.verdict))
    verdict = report.verdict
    if asked.unlimited and asked.depth is None and isinstance(verdict, Proved) and verdict.complete:
        tell(report)
        report = replace(report, unlimited=prove_parametric(program, asked, prop))
    return report if isinstance(verdict, Unknown) else cross_checked(program, report, found.rests_on, tell)


def _checks(program: Program, question: Question, verdict: Verdict) -> Checks:
    """What is asked beside the verdict."""
    graph, seconds, site = (
        build(program, question.loops),
        _time_for_checks(question, verdict),
        unclear_srcu_end(program),
    )
    unclear = "" if site is None else f"not decided: {_not_told(question.model, site)}"
    found = ask_checks(program, question, graph, unclear=unclear, seconds=seconds)
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
class Decided:
    """A report, and the solver's answers that its verdict rests on."""

    report: Report
    rests_on: tuple[QueryResult, ...]


def decide(
    program: Program, question: Question, *, dump: Writes | None = None, loaded: float = 0.0, tell: Tell = silent,
    shortening: float = 1.0,
) -> Decided:  # fmt: skip
    """The verdict with its evidence.

    Under a model weaker than sequential consistency an interleaving that breaks the property is looked for first (see
    `Question.interleavings`): it is an execution of the weaker model too, which the model's axioms are asked about.

    So it is where grace periods wait, too. Take an interleaving with the rule of `graph.waits`. Of a section that had
    ended when the grace period did say that the section comes first, of any other that the grace period does; that one
    had begun by then, or not before the grace period had. With the begins and ends where they stand in the interleaving
    all that the law of RCU then adds (smt/axiomatic/grace_periods.py) goes forward in it, as all that the model orders
    does: what comes before the section's end is before what follows the grace period's, what comes before the grace
    period's begin is before what follows the section's. So there is no cycle, whatever the model. Only where an
    interleaving cannot tell which section of SRCU ends (program/indices.py) none is looked for.
    """
    asked = property_of(program, question.property)
    question = replace(question, property=asked.name)
    deadline = time.monotonic() + question.timeout
    case = Verification(program, question, asked, loaded, deadline, tell, shortening)
    tell(unanswered(program, question, loaded))
    graph = build(program, question.loops)
    unclear = unclear_srcu_end(program)
    model = MODELS[question.model]
    if unclear is not None and not model.dependent:
        return case.unclear(graph, unclear)
    if model.total:
        return case.interleavings(graph, dump)
    if question.interleavings and model.interleaves and dump is None and unclear is None:
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


@dataclass(frozen=True, slots=True)
class Verification:
    """A question about one property of a program, to be answered by the executions of a model. Times are as given by
    `time.monotonic()`, `loaded` excepted."""

    program: Program
    question: Question
    asked: Property
    loaded: float
    deadline: float
    tell: Tell
    shortening: float = 1.0

    def interleavings(self, graph: Graph, dump: Writes | None) -> Decided:
        """The answer under sequential consistency."""
        start = time.monotonic()
        among = "" if MODELS[self.question.model].total else "of interleavings alone: "
        self._tell(graph, f"{among}{_unbuilt(graph)}", start)
        problems = encode_interleavings(graph, self.asked, self.question.depth)
        draw = partial(Counterexample(self.program, self.asked, self.question).interleaved, problems)
        return self._answered(graph, problems, draw, dump, start, among=among)

    def executions(self, graph: Graph, dump: Writes | None) -> Decided:
        """The answer under a weak model."""
        start = time.monotonic()
        model = MODELS[self.question.model]
        first, graph = graph, graph_for(graph, model, self.question.loops)
        self._tell(graph, _unbuilt(graph), start)
        try:
            problems = encode_executions(graph, model, self.asked, self.question.depth, self.deadline)
        except TimeoutError as late:
            return self._late(graph, str(late), start)
        draw = partial(Counterexample(self.program, self.asked, self.question).weak, problems, graph)
        return self._answered(graph, problems, draw, dump, start, lambda: self._interleaved(first))

    def _interleaved(self, graph: Graph) -> Encoding | None:
        """The question about interleavings, if they are executions of the weak model."""
        if unclear_srcu_end(self.program) or not MODELS[self.question.model].interleaves:
            return None
        return encode_interleavings(graph, self.asked, self.question.depth)

    def unclear(self, graph: Graph, site: Site) -> Decided:
        """No answer: it is not told which section of SRCU a step ends."""
        able = [name for name, model in MODELS.items() if model.dependent]
        instead = f"; or ask for --model {able[0]}, which follows an index everywhere" if able else ""
        verdict = Unknown(
            reason=_not_told(self.question.model, site),
            reached=f"{len(graph.events)} events were built, nothing was asked of them",
            advice="give srcu_read_unlock() what srcu_read_lock() returned in the same thread, by its variables alone, "
            f"and leave the srcu_struct to these{instead}",
        )
        return Decided(self._report(graph, verdict, self._timing(graph, time.monotonic())), ())

    def _late(self, graph: Graph, reached: str, start: float) -> Decided:
        """Time ran out before anything could be asked."""
        verdict = Unknown(reason="timeout", reached=f"{reached}; nothing was asked of them", advice=MORE_TIME)
        return Decided(self._report(graph, verdict, self._timing(graph, start)), ())

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
        self, graph: Graph, problems: Encoding, draw: WitnessBuilder, dump: Writes | None, start: float,
        interleaved: Callable[[], Encoding | None] = lambda: None, among: str = "",
    ) -> Decided:  # fmt: skip
        built, clauses = time.monotonic(), problems.script.clauses
        if dump is not None:
            dump.write(f"{problems.text}(check-sat-assuming ({problems.goals['violation']}))\n")
        decision = Decision(
            self.program, self.question, graph, problems, draw, self.deadline, interleaved,
            tell=lambda reached: self._tell(graph, among + reached, start, built, clauses), shortening=self.shortening,
        )  # fmt: skip
        verdict = decision.verdict()
        found = self._report(graph, verdict, self._timing(graph, start, built, clauses), decision.flags)
        return Decided(found, decision.rests_on)


def _not_told(model: str, site: Site) -> str:
    return (
        f"under {MODELS[model].title} it is not told which section of SRCU ends at {'/'.join(site.path)}: {site.event}"
    )


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
        as_deferred=program.as_deferred,
        solver=solver.NAME,
        timing=timing,
        untouched=graph is not None and untouched(graph, asked),
    )
