"""The queries about one property in their order, and what the answers make."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from encoder.base.errors import InputError, Problem
from encoder.base.limits import MORE_TIME
from encoder.base.result import Progress, Proved, Unknown, Vacuous, Verdict
from encoder.graph.events import Cutoff, Graph
from encoder.smt.encoding import Encoding
from encoder.smt.idle_loops import idle_loops
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers.z3_solver import Answer, Goals, SolverModel
from encoder.smt.text.script import FALSE
from encoder.verify.case import Case, Clock, longest_schedule

THIN_AIR = "the property breaks only in executions where plain accesses copy a value from thin air"
MARK_RACES = "mark accesses that race (READ_ONCE, WRITE_ONCE): the model says little about plain accesses that race"
UNSAT = Answer(word="unsat", reason="", model=None)


@dataclass(frozen=True, slots=True)
class QueryResult:
    """A query that was put to the solver, and its answer: whether the problem `text` can be met with the literal
    `goal`. Queries about the same problem share one text. The problem is the `whole` one, the `relaxed` one without the
    model's axioms, or that of `interleavings` where the model has more."""

    text: str
    goal: str
    word: Literal["sat", "unsat"]
    problem: Literal["whole", "relaxed", "interleavings"] = "whole"


@dataclass(frozen=True, slots=True)
class Broken:
    """The property breaks: in the execution that is a `model` of the encoding."""

    model: SolverModel


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of the queries, and the answers that it would not be without. What needed no solver (a goal that is
    `false`) is not among them. `progress` says what they have cost."""

    found: Verdict | Broken
    rests_on: tuple[QueryResult, ...]
    progress: Progress


class Decider:
    """The queries in their order: does the property break, is its situation reached, do loops go on.

    `interleavings` is the graph to ask about them, where they are executions of a weaker model. `among` says which
    executions the encoding speaks of, where that is not all.
    """

    def __init__(
        self, case: Case, graph: Graph, encoding: Encoding, clock: Clock, *, interleavings: Graph | None = None,
        among: str = "",
    ) -> None:  # fmt: skip
        self.case = case
        self.graph = graph
        self.encoding = encoding
        self.clock = clock
        self.interleavings = interleavings
        self.among = among
        self.reached = ""
        self.rests_on: tuple[QueryResult, ...] = ()

    def decide(self) -> Decision:
        """Ask them. Raises InputError for specs that fail."""
        found = self._found()
        if isinstance(found, Broken):
            self._at("the solver found a schedule that breaks the property; it was neither shortened nor replayed")
        return Decision(found, self.rests_on, self._progress())

    def _found(self) -> Verdict | Broken:
        """`proved` comes only from `unsat` of the violation, after the other queries have been answered too."""
        self._at("whether the property breaks was not decided")
        found = self._check("violation")
        if found.model is not None:
            return self._broken(found.model)
        if found.word != "unsat":
            return self._unknown(found)
        self._at(
            "no schedule breaks the property; whether one follows NULL or releases what is not held was not decided"
        )
        if undecided := self._faultless():
            return undecided
        self._at("no schedule breaks the property; whether its situation is reached was not decided")
        reached = self._reached()
        if reached.word == "unknown":
            return self._unknown(reached)
        self._at("no schedule breaks the property; whether loops go on beyond their bounds was not decided")
        beyond = self._unreachable("bound")
        if beyond.word == "unknown":
            return self._unknown(beyond)
        longest = longest_schedule(self.graph)
        open_loops, idle = self._going_on() if beyond.word == "sat" else ((), ())
        limited = self.case.question.depth is not None and self.case.question.depth < longest
        complete = not limited and not open_loops
        if reached.word == "unsat":
            self._at("its situation is not reached; whether the start is possible at all was not decided")
            self._start_possible()
            return Vacuous(complete=complete, steps=longest, idle_loops=idle)
        return Proved(complete=complete, steps=longest, open_loops=open_loops, idle_loops=idle)

    def _broken(self, model: SolverModel) -> Unknown | Broken:
        """Some execution breaks the property: one in which no value comes from thin air, or nothing is known."""
        if "grounded" not in self.encoding.goals:
            return Broken(model)
        self._at(
            "the solver found an execution that breaks the property; whether one does without values from thin air was "
            "not decided"
        )
        found = self._check("grounded")
        if found.word == "unknown":
            return self._unknown(found)
        if found.model is None:
            return Unknown(reason=THIN_AIR, reached=self.reached, advice=MARK_RACES)
        return Broken(found.model)

    def _at(self, stage: str) -> None:
        """From here on this is how far it is."""
        self.reached = (
            f"{len(self.graph.events)} events and {self.encoding.script.clauses} constraints were built; {stage}"
        )
        self.case.tell(replace(self._progress(), reached=self.among + self.reached))

    def _progress(self) -> Progress:
        return self.clock.progress(self.case, self.graph, self.reached, self.encoding)

    @cached_property
    def solver(self) -> Goals:
        return Goals(self.encoding.text, self.case.deadline, alone=True)

    def _check(self, goal: str) -> Answer:
        if self.encoding.goals[goal] == FALSE:
            return UNSAT
        literal = self.encoding.goals[goal]
        found = self.solver.decide(literal)
        if found.word != "unknown":
            self.rests_on += (QueryResult(self.encoding.text, literal, found.word),)
        return found

    def _unreachable(self, goal: str) -> Answer:
        """The answer for a goal that is hardly ever reached: the axioms are only looked at where they matter."""
        literal = self.encoding.goals[goal]
        if literal != FALSE and self.encoding.relaxed and self.relaxed.decide(literal).word == "unsat":
            self.rests_on += (QueryResult(self.encoding.relaxed, literal, "unsat", "relaxed"),)
            return UNSAT
        return self._check(goal)

    @cached_property
    def relaxed(self) -> Goals:
        return Goals(self.encoding.relaxed, self.case.deadline, alone=True)

    def _reached(self) -> Answer:
        """Whether the situation is reached: by an interleaving, which every model has, or by another execution."""
        if self.interleavings is not None:
            problems = encode_interleavings(self.interleavings, self.case.property, self.case.question.depth)
            found = Goals(problems.text, self.case.deadline, alone=True).decide(problems.goals["situation"])
            if found.word == "sat":
                self.rests_on += (QueryResult(problems.text, problems.goals["situation"], "sat", "interleavings"),)
                return found
        return self._check("situation")

    def _faultless(self) -> Unknown | None:
        """None when no schedule follows a pointer that points nowhere or releases a lock that is not held.

        Raises InputError where one does.
        """
        threads = self.graph.threads
        wrong = {
            "fault": [null(stop) for t in threads for stop in t.faults],
            "unheld": [unheld(stop) for t in threads for stop in t.unheld],
        }
        for goal in sorted(wrong.keys() & self.encoding.goals.keys()):
            found = self._unreachable(goal)
            if found.word == "unknown":
                return self._unknown(found)
            if found.word == "sat":
                raise InputError(wrong[goal])
        return None

    def _start_possible(self) -> None:
        """Raises InputError when what the scenario assumes of its start cannot be."""
        found = self._check("start")
        if found.word == "unsat":
            raise InputError(
                [
                    Problem(
                        code="Q103", span=a.span, message=f"contradictory start: this cannot hold together: {a.text}"
                    )
                    for a in self.case.program.assumptions
                ]
            )

    def _going_on(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The loops that a schedule may take beyond their bound; those of them where that changes nothing."""
        loops = self.graph.open_loops
        idle = idle_loops(self.graph, self.case.deadline)
        return tuple(sorted(loops - idle)), tuple(sorted(loops & idle))

    def _unknown(self, found: Answer) -> Unknown:
        reason = f"the solver gave up: {found.reason or 'no reason given'}"
        return Unknown(reason=reason, reached=self.reached, advice=MORE_TIME)


def null(stop: Cutoff) -> Problem:
    """The problem of a pointer that points nowhere."""
    return Problem(
        code="Q102", span=stop.site.span, message=f"in some schedule a pointer is NULL here: {at(stop)}",
        expected="a test before the access, or a start in which it cannot be",
    )  # fmt: skip


def unheld(stop: Cutoff) -> Problem:
    """The problem of a release by who may not hold the lock."""
    return Problem(
        code="Q104", span=stop.site.span,
        message=f"in some schedule a thread releases a lock, or ends a section, that it does not hold: {at(stop)}",
        expected="a release of what this thread has acquired, in the same mode, and not released since",
    )  # fmt: skip


def at(stop: Cutoff) -> str:
    """What is done there, and the calls that lead to it: `spin_lock(&table->ptl), cpu1 at walk / unmap / lock`."""
    return f"{stop.site.event}, {stop.site.thread} at {' / '.join(stop.site.path)}"
