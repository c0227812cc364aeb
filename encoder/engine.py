"""A question to its answer: load, resolve, unroll, ask the solver, replay what it found."""

import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from encoder.errors import InputError, Problem, SelfCheckError, nearest
from encoder.graph.build import build
from encoder.graph.events import Graph, Stop
from encoder.memory import MODELS
from encoder.program.core import Program, Property
from encoder.program.resolve import resolve
from encoder.result import Proved, Question, Refuted, Report, Timing, Unknown, Vacuous, Verdict, Witness
from encoder.smt import solver
from encoder.smt.query import Queries, queries
from encoder.smt.shortest import Schedule, Search
from encoder.smt.solver import Answer, Model, Session
from encoder.spec.load import load_library

if TYPE_CHECKING:
    from encoder.concrete.replay import ReplayResult


def ask(question: Question, root: Path | None = None, dump: TextIO | None = None) -> Report:
    """Answer a question about the shipped specs, or those under `root`; `dump` gets the SMT-LIB text of the property.

    Raises InputError for wrong specs or names, SelfCheckError where the replay disagrees with the solver.
    """
    start = time.monotonic()
    library = load_library(root, scenario=question.scenario, variant=question.variant)
    program = resolve(library, question.scenario, question.variant, question.flush)
    return answer(program, question, dump=dump, loaded=time.monotonic() - start)


def answer(program: Program, question: Question, *, dump: TextIO | None = None, loaded: float = 0.0) -> Report:
    """Answer a question about a resolved program, as `ask` does. `loaded` is the seconds that loading took."""
    asked = property_of(program, question.property)
    question = replace(question, property=asked.name)
    start = time.monotonic()
    graph = build(program, question.loops)
    problems = queries(graph, MODELS[question.model], asked, question.depth)
    built = time.monotonic()
    if dump is not None:
        dump.write(f"{problems.text}(check-sat-assuming ({problems.goals['violation']}))\n")
    decision = Decision(program, question, asked, graph, problems, start + question.timeout)
    return report(
        program, question, asked, graph, decision.verdict(), tuple(decision.flags),
        Timing(
            load=loaded, build=built - start, solve=time.monotonic() - built,
            events=len(graph.events), clauses=problems.execution.script.clauses,
        ),
    )  # fmt: skip


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


class Decision:
    """The queries in their order: does the property break, is its situation reached, do loops go on."""

    def __init__(
        self, program: Program, question: Question, asked: Property, graph: Graph, problems: Queries, deadline: float
    ) -> None:
        self.program = program
        self.question = question
        self.asked = asked
        self.graph = graph
        self.problems = problems
        self.deadline = deadline
        self.flags: list[str] = []

    def verdict(self) -> Verdict:
        """`proved` comes only from `unsat` of the violation, after the other queries have been answered too."""
        found = solver.decide(self.problems.text, self.problems.goals["violation"], self.deadline)
        if found.model is not None:
            return self._refuted(found.model)
        if found.word != "unsat":
            return self._unknown(found, "whether the property breaks was not decided")
        self._no_fault()
        reached = self._check("situation")
        if reached.word == "unknown":
            return self._unknown(
                reached, "no schedule breaks the property; whether its situation is reached was not decided"
            )
        longest = longest_schedule(self.graph)
        open_loops = self._open_loops()
        if open_loops is None:
            return self._unknown(reached, "no schedule breaks the property; whether loops go on was not decided")
        limited = self.question.depth is not None and self.question.depth < longest
        complete = not limited and not open_loops
        if reached.word == "unsat":
            self._start_possible()
            return Vacuous(complete=complete, steps=longest)
        return Proved(complete=complete, steps=longest, open_loops=open_loops)

    @cached_property
    def session(self) -> Session:
        """The solver for all that is asked once the violation is decided."""
        return Session(self.problems.text, self.deadline)

    def _check(self, goal: str) -> Answer:
        return self.session.check(self.problems.goals[goal])

    def _no_fault(self) -> None:
        """Raises InputError when some schedule follows a pointer that points nowhere."""
        found = self._check("fault")
        if found.word != "unsat":
            raise InputError([fault(stop, found.word) for t in self.graph.threads for stop in t.faults])

    def _start_possible(self) -> None:
        """Raises InputError when what the scenario assumes of its start cannot be."""
        found = self._check("start")
        if found.word == "unsat":
            raise InputError(
                [
                    Problem(
                        code="Q103", span=a.span, message=f"contradictory start: this cannot hold together: {a.text}"
                    )
                    for a in self.program.assumptions
                ]
            )

    def _open_loops(self) -> tuple[str, ...] | None:
        """The loops that some schedule takes beyond their bound; None when that was not decided."""
        found = self._check("bound")
        if found.word == "unknown":
            return None
        stops = [s for t in self.graph.threads for s in t.bounds]
        return () if found.word == "unsat" else tuple(sorted({"/".join(s.site.path) for s in stops}))

    def _unknown(self, found: Answer, reached: str) -> Unknown:
        script = self.problems.execution.script
        return Unknown(
            reason=f"the solver gave up: {found.reason or 'no reason given'}",
            reached=f"{len(self.graph.events)} events and {script.clauses} constraints were built; {reached}",
            advice="raise --timeout, or ask a smaller question with --depth",
        )

    # Refutations

    def _refuted(self, model: Model) -> Verdict:
        from encoder.concrete.replay import replay  # start-up time: a proof needs no replay

        schedule = Search(self.session, self.problems.execution, self.problems.goals["violation"], model).run()
        found = replay(
            self.program,
            self.asked,
            dict(schedule.symbols),
            [self._thread(s.thread) for s in schedule.steps],
            self.question.loops,
        )
        self._agrees(schedule, found)
        witness = Witness(
            symbols=schedule.symbols,
            initial=found.initial,
            schedule=found.steps,
            final=found.final,
            violated=found.violated.text,
        )
        if not schedule.shortest:
            self.flags.append("time ran out before the solver could say that no shorter schedule exists")
        return Refuted(witness=witness)

    def _thread(self, number: int) -> str:
        return self.program.threads[number].name

    def _agrees(self, schedule: Schedule, found: "ReplayResult") -> None:
        """Raises SelfCheckError where the replay took another path than the solver."""
        for step, replayed in zip(schedule.steps, found.steps, strict=True):
            if step.site.path != replayed.path or step.site.event != replayed.event:
                raise SelfCheckError(
                    f"step {replayed.step}: the solver has {self._thread(step.thread)} at {'/'.join(step.site.path)} "
                    f"({step.site.event}), the replay at {'/'.join(replayed.path)} ({replayed.event})"
                )


def fault(stop: Stop, word: str) -> Problem:
    """The problem of a pointer that may point nowhere."""
    sure = "may be" if word == "unknown" else "is, in some schedule,"
    return Problem(
        code="Q102", span=stop.site.span, message=f"a pointer {sure} NULL here: {stop.site.event}",
        expected="a test before the access, or a start in which it cannot be",
    )  # fmt: skip


def longest_schedule(graph: Graph) -> int:
    """A bound on the number of steps of any schedule: the longest path of each thread."""
    return sum(thread.longest for thread in graph.threads)


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
