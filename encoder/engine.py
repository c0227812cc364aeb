"""A question to its answer: load, resolve, unroll, ask the solver, replay what it found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from encoder.decision import ADVICE, Asked, Decision, Draw, longest_schedule
from encoder.errors import InputError, Problem, nearest
from encoder.graph.build import build, with_dependencies
from encoder.graph.events import Graph, Kind
from encoder.memory import MODELS
from encoder.memory.relation import has_dependencies, is_total
from encoder.memory.sc import SC
from encoder.program.core import Program, Property
from encoder.program.resolve import resolve
from encoder.refutation import Refutation
from encoder.result import Question, Refuted, Report, Timing, Unknown, Verdict
from encoder.smt import solver
from encoder.smt.prefix import Prefixes, prefixes
from encoder.smt.query import Queries, queries
from encoder.spec.load import load_library


def ask(question: Question, root: Path | None = None, dump: TextIO | None = None) -> Report:
    """Answer a question about the shipped specs, or those under `root`; `dump` gets the SMT-LIB text of the property.

    Raises InputError for wrong specs or names, SelfCheckError where the replay disagrees with the solver.
    """
    start = time.monotonic()
    library = load_library(root, scenario=question.scenario, variant=question.variant)
    program = resolve(library, question.scenario, question.variant, question.flush)
    return answer(program, question, dump=dump, loaded=time.monotonic() - start)


def answer(program: Program, question: Question, *, dump: TextIO | None = None, loaded: float = 0.0) -> Report:
    """Answer a question about a resolved program, as `ask` does. `loaded` is the seconds that loading took.

    Under a model weaker than sequential consistency an interleaving that breaks the property is looked for first (see
    `Question.interleavings`): it is an execution of the weaker model too, which the model's axioms are asked about.
    """
    asked = property_of(program, question.property)
    question = replace(question, property=asked.name)
    deadline = time.monotonic() + question.timeout
    case = Case(program, question, asked, loaded, deadline)
    graph = build(program, question.loops)
    if is_total(MODELS[question.model]):
        return case.interleavings(graph, dump)
    if question.interleavings and dump is None and not has_grace_periods(graph):
        report = case.interleavings(graph, None)
        if isinstance(report.verdict, Refuted):
            return report
    return case.executions(graph, dump)


def has_grace_periods(graph: Graph) -> bool:
    """Whether RCU is used: interleavings know nothing of its rule, weaker models may."""
    return any(e.kind is Kind.FENCE and e.tags[0].startswith("sync-") for e in graph.events)


@dataclass(frozen=True, slots=True)
class Case:
    """A question about one property of a program, to be answered by the executions of a model. Times are as given by
    `time.monotonic()`. `rests_on` is filled with what the last answer rests on (see `decision.Decision`)."""

    program: Program
    question: Question
    asked: Property
    loaded: float
    deadline: float
    rests_on: list[Asked] = field(default_factory=list)

    def interleavings(self, graph: Graph, dump: TextIO | None) -> Report:
        """The answer under sequential consistency."""
        start = time.monotonic()
        problems = queries(graph, SC, self.asked, self.question.depth)
        draw = partial(Refutation(self.program, self.asked, self.question).interleaved, problems)
        return self._answered(graph, problems, draw, dump, start)

    def executions(self, graph: Graph, dump: TextIO | None) -> Report:
        """The answer under a weak model."""
        start = time.monotonic()
        model = MODELS[self.question.model]
        first = graph
        if has_dependencies(model):
            graph = with_dependencies(graph, self.question.loops)
        try:
            problems = prefixes(graph, model, self.asked, self.question.depth, self.deadline)
        except TimeoutError as late:
            return self._late(graph, str(late), start)
        draw = partial(Refutation(self.program, self.asked, self.question).weak, problems, graph)
        return self._answered(graph, problems, draw, dump, start, lambda: self._interleaved(first))

    def _interleaved(self, graph: Graph) -> Queries | None:
        """The question about interleavings, if they are executions of the weak model."""
        return None if has_grace_periods(graph) else queries(graph, SC, self.asked, self.question.depth)

    def _late(self, graph: Graph, reached: str, start: float) -> Report:
        """Time ran out before anything could be asked."""
        verdict = Unknown(reason="timeout", reached=f"{reached}; nothing was asked of them", advice=ADVICE)
        timing = Timing(
            load=self.loaded, build=time.monotonic() - start, solve=0.0, events=len(graph.events), clauses=0
        )
        return report(self.program, self.question, self.asked, graph, verdict, (), timing)

    def _answered(
        self, graph: Graph, problems: Queries | Prefixes, draw: Draw, dump: TextIO | None, start: float,
        interleaved: Callable[[], Queries | None] = lambda: None,
    ) -> Report:  # fmt: skip
        built = time.monotonic()
        if dump is not None:
            dump.write(f"{problems.text}(check-sat-assuming ({problems.goals['violation']}))\n")
        decision = Decision(self.program, self.question, graph, problems, draw, self.deadline, interleaved)
        verdict = decision.verdict()
        self.rests_on[:] = decision.rests_on
        timing = Timing(
            load=self.loaded, build=built - start, solve=time.monotonic() - built,
            events=len(graph.events), clauses=problems.script.clauses,
        )  # fmt: skip
        return report(self.program, self.question, self.asked, graph, verdict, decision.flags, timing)


def property_of(program: Program, name: str) -> Property:
    """The property of this name, or the scenario's first for "". Raises InputError."""
    for asked in program.properties:
        if name in (asked.name, ""):
            return asked
    known = [p.name for p in program.properties]
    raise InputError(
        [
            Problem(
                code="Q101", span=None, message=f"scenario {program.scenario} has no property '{name}'",
                expected=f"one of {', '.join(known)}", nearest=nearest(name, known),
            )
        ]
    )  # fmt: skip


def report(
    program: Program, question: Question, asked: Property, graph: Graph, verdict: Verdict, flags: tuple[str, ...],
    timing: Timing,
) -> Report:  # fmt: skip
    """The report of a verdict."""
    return Report(
        question=question,
        verdict=verdict,
        kernel=program.kernel,
        scope=program.scope,
        variant_title=program.variant_title,
        property_title=asked.title,
        property_text=asked.text,
        longest=longest_schedule(graph),
        loops=tuple(sorted({loop for thread in graph.threads for loop in thread.loops})),
        flags=flags,
        assumptions=program.notes,
        solver=solver.NAME,
        timing=timing,
    )
