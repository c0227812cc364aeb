"""The queries about one property, in order, and the verdict that follows from their answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from encoder.base.errors import InputError, Problem
from encoder.base.limits import MORE_TIME
from encoder.base.result import Progress, Proved, Unknown, Vacuous, Verdict
from encoder.graph.events import Cutoff, Graph
from encoder.smt.encoding import Encoding
from encoder.smt.formula import Formula
from encoder.smt.idle_loops import idle_loops
from encoder.smt.solvers.z3_solver import TRIVIALLY_UNSAT, Answer, GoalSolver, SolverModel
from encoder.smt.text.script import FALSE
from encoder.verify.case import Case, Clock, schedule_bound
from encoder.verify.query_result import QueryResult

THIN_AIR = "the property breaks only in executions where plain accesses copy a value from thin air"
MARK_RACES = "mark accesses that race (READ_ONCE, WRITE_ONCE): the model says little about plain accesses that race"
NONE_REACHED: Mapping[str, QueryResult] = {}
REACHED = Answer(word="sat", reason="", model=None)


@dataclass(frozen=True, slots=True)
class Broken:
    """The property is violated in the execution that `model` describes."""

    model: SolverModel


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and the results of the queries that it depends on; goals that are trivially `false` need no query.
    `progress` contains what they have cost."""

    outcome: Verdict | Broken
    rests_on: tuple[QueryResult, ...]
    progress: Progress


class Decider:
    """Asks whether the property is violated, whether its situation is reached, and whether loops go on.

    `reached` are goals that interleavings reach, which a weaker model allows: they are not asked again. `scope` is a
    prefix for progress messages that says which executions the encoding covers, if not all. `solver` is one of the
    encoding's formula, by default a new one.

    Whether loops go on is asked of executions that stop at the bound, if every execution that goes on has such a
    beginning (`MemoryModel.decides_before_storing`). Else a thread may go on by a value that, by way of others, comes
    from behind the loop: then only executions without an order are asked, where a read may have any value that is
    written anywhere.
    """

    def __init__(
        self, case: Case, graph: Graph, encoding: Encoding, clock: Clock, *,
        reached: Mapping[str, QueryResult] = NONE_REACHED, scope: str = "", solver: GoalSolver | None = None,
    ) -> None:  # fmt: skip
        self.case = case
        self.graph = graph
        self.encoding = encoding
        self.clock = clock
        self.known = dict(reached)
        self.scope = scope
        self.given = solver
        self.reached = ""
        self.rests_on: tuple[QueryResult, ...] = ()
        self.answers: dict[str, Answer] = {}

    def decide(self) -> Decision:
        """Ask the queries. Raises InputError if the specs have a fault."""
        outcome = self._outcome()
        if isinstance(outcome, Broken):
            self._stage("the solver found a schedule that breaks the property; it was neither shortened nor replayed")
        return Decision(outcome, self.rests_on, self._progress())

    def _outcome(self) -> Verdict | Broken:
        """The verdict is `proved` only after `unsat` for the violation and answers to all other queries."""
        self._stage("whether the property breaks was not decided")
        violation = self._check("violation")
        if violation.model is not None:
            return self._confirm_grounded(violation.model)
        if violation.word != "unsat":
            return self._unknown(violation)
        self._stage(
            "no schedule breaks the property; whether one follows NULL or releases what is not held was not decided"
        )
        if undecided := self._check_faults():
            return undecided
        self._stage("no schedule breaks the property; whether its situation is reached was not decided")
        situation = self._check("situation")
        if situation.word == "unknown":
            return self._unknown(situation)
        self._stage("no schedule breaks the property; whether loops go on beyond their bounds was not decided")
        beyond = self._beyond_bounds()
        if beyond.word == "unknown":
            return self._unknown(beyond)
        longest = schedule_bound(self.graph)
        open_loops, idle = self._open_and_idle_loops() if beyond.word == "sat" else ((), ())
        limited = self.case.question.depth is not None and self.case.question.depth < longest
        complete = not limited and not open_loops
        if situation.word == "unsat":
            self._stage("its situation is not reached; whether the start is possible at all was not decided")
            self._check_start()
            return Vacuous(complete=complete, steps=longest, idle_loops=idle)
        return Proved(complete=complete, steps=longest, open_loops=open_loops, idle_loops=idle)

    def _confirm_grounded(self, model: SolverModel) -> Unknown | Broken:
        """Some execution violates the property: find one without values from thin air, else the verdict is unknown."""
        if "grounded" not in self.encoding.goals:
            return Broken(model)
        self._stage(
            "the solver found an execution that breaks the property; whether one does without values from thin air was "
            "not decided"
        )
        answer = self._check("grounded")
        if answer.word == "unknown":
            return self._unknown(answer)
        if answer.model is None:
            return Unknown(reason=THIN_AIR, reached=self.reached, advice=MARK_RACES)
        return Broken(answer.model)

    def _stage(self, stage: str) -> None:
        """Report that this stage is reached."""
        self.reached = (
            f"{len(self.graph.events)} events and {self.encoding.script.clauses} constraints were built; {stage}"
        )
        self.case.tell(replace(self._progress(), reached=self.scope + self.reached))

    def _progress(self) -> Progress:
        return self.clock.progress(self.case, self.graph, self.reached, self.encoding)

    @cached_property
    def solver(self) -> GoalSolver:
        """The solver of the whole encoding."""
        if self.given is not None:
            return self.given
        return GoalSolver(self.encoding.formula, self.case.deadline, fresh_context=True)

    def _check(self, goal: str) -> Answer:
        """The answer for a goal, which is asked once."""
        literal = self.encoding.goals[goal]
        if literal == FALSE:
            return TRIVIALLY_UNSAT
        if goal in self.known:
            self.rests_on += (self.known.pop(goal),)
            self.answers[goal] = REACHED
        if goal not in self.answers:
            answer = self.answers[goal] = self.solver.decide(literal)
            if answer.word != "unknown":
                self.rests_on += (
                    QueryResult(self.encoding.formula, literal, answer.word, cycles=self.solver.forbidden),
                )
        return self.answers[goal]

    def _beyond_bounds(self) -> Answer:
        """Whether loops may go on beyond their bounds."""
        if self.case.model.decides_before_storing or self.encoding.goals["bound"] == FALSE:
            return self._decide_relaxed_first("bound")
        answer, asked = self.case.known.beyond_bounds(self.case.model, self.case.deadline)
        self.rests_on += asked
        return answer

    def _decide_relaxed_first(self, goal: str) -> Answer:
        """The answer for a goal that is rarely reachable: the relaxed encoding is asked first where it is cheaper,
        which it is not if the solver keeps the order acyclic."""
        literal, relaxed = self.encoding.goals[goal], self.encoding.relaxed
        cheaper = relaxed and self.encoding.formula.order is None and goal not in self.known
        if cheaper and literal != FALSE and self.relaxed.decide(literal).word == "unsat":
            self.rests_on += (QueryResult(Formula(relaxed), literal, "unsat", "relaxed"),)
            return TRIVIALLY_UNSAT
        return self._check(goal)

    @cached_property
    def relaxed(self) -> GoalSolver:
        """The solver of the relaxed encoding."""
        return GoalSolver(Formula(self.encoding.relaxed), self.case.deadline, fresh_context=True)

    def reached_goals(self) -> dict[str, QueryResult]:
        """Of a decider of interleavings, the answers to whether the situation is reached and whether loops go on, as
        far as they are yes, by goal."""
        for goal in ("situation", "bound"):
            self._check(goal)
        wanted = {self.encoding.goals[goal]: goal for goal in ("situation", "bound")}
        yes = (result for result in self.rests_on if result.word == "sat" and result.goal in wanted)
        return {wanted[result.goal]: replace(result, encodes="interleavings") for result in yes}

    def _check_faults(self) -> Unknown | None:
        """None if no schedule follows an invalid pointer or releases a lock that is not held, Unknown if that is
        undecided.

        Raises InputError if one does.
        """
        threads = self.graph.threads
        wrong = {
            "fault": [null_pointer_problem(stop) for t in threads for stop in t.faults],
            "unheld": [unheld_lock_problem(stop) for t in threads for stop in t.unheld],
        }
        for goal in sorted(wrong.keys() & self.encoding.goals.keys()):
            answer = self._decide_relaxed_first(goal)
            if answer.word == "unknown":
                return self._unknown(answer)
            if answer.word == "sat":
                raise InputError(wrong[goal])
        return None

    def _check_start(self) -> None:
        """Raises InputError if the scenario's assumptions contradict each other."""
        answer = self._check("start")
        if answer.word == "unsat":
            raise InputError(
                [
                    Problem(
                        code="Q103", span=a.span, message=f"contradictory start: this cannot hold together: {a.text}"
                    )
                    for a in self.case.program.assumptions
                ]
            )

    def _open_and_idle_loops(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The loops that a schedule may take beyond their bounds: those where that matters, and those where it has no
        effect."""
        loops = self.graph.open_loops
        idle = idle_loops(self.graph, self.case.deadline)
        return tuple(sorted(loops - idle)), tuple(sorted(loops & idle))

    def _unknown(self, answer: Answer) -> Unknown:
        reason = f"the solver gave up: {answer.reason or 'no reason given'}"
        return Unknown(reason=reason, reached=self.reached, advice=MORE_TIME)


def null_pointer_problem(stop: Cutoff) -> Problem:
    """The problem of following an invalid pointer."""
    return Problem(
        code="Q102", span=stop.site.span, message=f"in some schedule a pointer is NULL here: {describe_place(stop)}",
        expected="a test before the access, or a start in which it cannot be",
    )  # fmt: skip


def unheld_lock_problem(stop: Cutoff) -> Problem:
    """The problem of releasing a lock that the thread may not hold."""
    place = describe_place(stop)
    return Problem(
        code="Q104", span=stop.site.span,
        message=f"in some schedule a thread releases a lock, or ends a section, that it does not hold: {place}",
        expected="a release of what this thread has acquired, in the same mode, and not released since",
    )  # fmt: skip


def describe_place(stop: Cutoff) -> str:
    """The event and the calls that lead to it: `spin_lock(&table->ptl), cpu1 at walk / unmap / lock`."""
    return f"{stop.site.event}, {stop.site.thread} at {' / '.join(stop.site.path)}"
