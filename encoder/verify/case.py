"""A question with its program, and the progress and report made of it."""

import time
from dataclasses import dataclass, replace

from encoder.base.limits import MORE_TIME
from encoder.base.result import Progress, Question, Report, Tell, Timing, Unknown, Verdict, silent
from encoder.graph.events import Graph
from encoder.graph.property_changes import untouched
from encoder.memory import MODELS
from encoder.memory.model import MemoryModel
from encoder.program.core import Program, Property
from encoder.program.lookup import property_of
from encoder.smt.encoding import Encoding
from encoder.smt.solvers import z3_solver
from encoder.verify.knowledge import Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A question about one property of a program, with the property's name resolved. `deadline` is a `time.monotonic()`
    value, `loaded` the seconds that loading took, `shortening` the fraction of the remaining time that may be spent on
    making a schedule short, `known` what is known of the program."""

    program: Program
    question: Question
    property: Property
    model: MemoryModel
    deadline: float
    known: Knowledge
    loaded: float = 0.0
    tell: Tell = silent
    shortening: float = 1.0

    @staticmethod
    def of(
        program: Program, question: Question, *, loaded: float = 0.0, tell: Tell = silent, shortening: float = 1.0,
        known: Knowledge | None = None,
    ) -> "Case":  # fmt: skip
        """The case, whose time starts now. Raises InputError for an unknown property."""
        prop = property_of(program, question.property)
        return Case(
            program=program, question=replace(question, property=prop.name), property=prop, loaded=loaded, tell=tell,
            model=MODELS[question.model], deadline=time.monotonic() + question.timeout, shortening=shortening,
            known=known or Knowledge(program, question.loops),
        )  # fmt: skip

    def loaded_only(self) -> Progress:
        """The progress before anything is built."""
        return Progress(reached="the specs were loaded; nothing was built", timing=Timing(load=self.loaded))

    def report(self, progress: Progress, verdict: Verdict, flags: tuple[str, ...] = ()) -> Report:
        """The report of a verdict that was reached at this progress."""
        return Report(
            question=self.question,
            verdict=verdict,
            kernel=self.program.kernel,
            scope=self.program.scope,
            variant_title=self.program.variant_title,
            property_title=self.property.title,
            property_text=self.property.text,
            longest=progress.longest,
            loops=progress.loops,
            flags=flags,
            assumptions=self.program.notes,
            solver=z3_solver.NAME,
            timing=progress.timing,
            untouched=progress.untouched,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The times of an answer in progress: building began at `start` and ended at `built` (None: it has not), both
    `time.monotonic()` values."""

    start: float
    built: float | None = None

    def at_built(self) -> "Clock":
        """The clock once building has ended, now."""
        return replace(self, built=time.monotonic())

    def updated(self, progress: Progress) -> Progress:
        """The progress with the solving time up to now."""
        solve = time.monotonic() - (self.built or time.monotonic())
        return replace(progress, timing=replace(progress.timing, solve=solve))

    def progress(self, case: Case, graph: Graph, reached: str, encoding: Encoding | None = None) -> Progress:
        """The progress of the case: its events are built, and its constraints too if there is an encoding."""
        now = time.monotonic()
        built = self.built or now
        return Progress(
            reached=reached,
            timing=Timing(
                load=case.loaded, build=built - self.start, solve=now - built, events=len(graph.events),
                clauses=encoding.script.clauses if encoding else 0,
            ),
            longest=schedule_bound(graph),
            loops=tuple(sorted({loop for thread in graph.threads for loop in thread.loops})),
            untouched=untouched(graph, case.property),
        )  # fmt: skip


def unknown_for_time(progress: Progress, reason: str) -> Unknown:
    """The verdict that there is no answer for lack of time."""
    return Unknown(reason=reason, reached=progress.reached, advice=MORE_TIME)


def schedule_bound(graph: Graph) -> int:
    """An upper bound on the number of steps of a schedule: the sum of the threads' longest paths."""
    return sum(thread.longest for thread in graph.threads)
