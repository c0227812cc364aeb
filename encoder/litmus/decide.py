"""Decides a litmus test: does its proposition hold at the end of some allowed execution, and does it fail at some?"""

import time
from dataclasses import dataclass
from typing import Literal

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span
from encoder.graph.build import build
from encoder.graph.events import EventKind, Graph
from encoder.litmus.read import LitmusReader, LitmusTest
from encoder.litmus.witness import DrawnExecution, draw_execution
from encoder.memory import MODELS
from encoder.program.arm64 import require_code
from encoder.program.core import BOOL, Const, Not
from encoder.smt.axiomatic.litmus_encoding import LitmusEncoding, encode_litmus
from encoder.smt.encode import graph_for
from encoder.smt.solvers.z3_solver import GoalSolver, SolverModel

TIMED_OUT = ("timeout", "canceled")  # what z3 says then
LitmusWord = Literal["Never", "Sometimes", "Always", "Unknown", "Unsupported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LitmusVerdict:
    """What herd7 would report on a file under a model.

    `problems` say why a test is unsupported, `reason` why it is not decided. `execution` is one in which the
    proposition holds, if one was asked for and exists. `stuck`: in every execution some thread waits for a lock for
    ever, so that none is complete and the proposition is never evaluated.
    """

    file: str
    name: str
    model: str
    result: LitmusWord
    flags: tuple[str, ...]
    seconds: float
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    execution: DrawnExecution | None = None
    stuck: bool = False


def decide(
    reader: LitmusReader, file: str, text: str, model: str, timeout: float, *, witness: bool = False
) -> LitmusVerdict:
    """Read and decide a test within `timeout` seconds; wrong or unsupported input is a verdict too. Raises MemoryError,
    after which the process's solver is of no use any more."""
    start, name = time.monotonic(), ""
    try:
        test = reader.read(file, text)
        name = test.name
        return decide_test(test, file, model, start, timeout, witness=witness)
    except InputError as error:
        return refusal(file, model, error.problems, time.monotonic() - start)
    except TimeoutError as error:
        reason = f"no answer within {timeout:g} s: {error}"
        return undecided(file, model, reason, time.monotonic() - start, name)
    except RecursionError:
        problem = Problem(code="L101", message="nesting this deep is not supported", span=Span(file, 1, 1, 2))
        return refusal(file, model, (problem,), time.monotonic() - start)


def decide_test(
    test: LitmusTest, file: str, model: str, start: float, timeout: float, *, witness: bool
) -> LitmusVerdict:
    """Decide a test; its time counts from `start`. Raises InputError if the model asks for what is not known."""
    if MODELS[model].instructions:
        require_code(test.program, MODELS[model].title)
    graph = graph_for(build(test.program, 1), MODELS[model], 1)
    goals = {"holds": test.proposition, "fails": Not(test.proposition)}
    deadline = start + timeout
    encoding = encode_litmus(graph, MODELS[model], goals, test.filter, deadline)
    questions = GoalQueries(encoding, deadline, fresh_context=witness)
    held = questions.find_execution("holds")
    fails = (held is not None or bool(test.flags)) and questions.find_execution("fails") is not None
    flags = {flag for flag in encoding.flags if questions.find_execution(flag) is not None}
    if held is not None or fails:
        flags |= set(test.flags)
    stuck = (
        held is None
        and not fails
        and not questions.reason
        and not questions.some_execution("fails")
        and _has_no_complete_execution(graph, model, deadline)
    )
    drawn = draw_execution(test, graph, encoding.communication, held) if witness and held is not None else None
    return LitmusVerdict(
        file=file, name=test.name, model=model,
        result="Unknown" if questions.reason else observation(held is not None, fails),
        flags=tuple(sorted(flags)), seconds=time.monotonic() - start, execution=drawn, stuck=stuck,
        reason=_why_undecided(questions.reason, timeout),
    )  # fmt: skip


def _why_undecided(reason: str, timeout: float) -> str:
    """What the solver says of a query without an answer, for people; "" for nothing."""
    if reason in TIMED_OUT:
        return f"no answer within {timeout:g} s"
    return f"the solver gave up: {reason}" if reason else ""


def _has_no_complete_execution(graph: Graph, model: str, deadline: float) -> bool:
    """Whether no execution is complete, which only locks can cause; False where that is not decided."""
    if any(t.faults for t in graph.threads) or not any(e.kind is EventKind.ACQUIRE for e in graph.events):
        return False
    true = Const(1, BOOL)
    encoding = encode_litmus(graph, MODELS[model], {"ends": true}, true, deadline)
    questions = GoalQueries(encoding, deadline, fresh_context=False)
    return questions.find_execution("ends") is None and not questions.reason


def refusal(file: str, model: str, problems: tuple[Problem, ...], seconds: float = 0.0) -> LitmusVerdict:
    """The verdict on a file that is not a litmus test, or uses what is not supported."""
    return LitmusVerdict(
        file=file, name="", model=model, result="Unsupported", flags=(), seconds=seconds, problems=problems,
    )  # fmt: skip


def undecided(file: str, model: str, reason: str, seconds: float = 0.0, name: str = "") -> LitmusVerdict:
    """The verdict on a file about which nothing is known but perhaps the test's name."""
    return LitmusVerdict(file=file, name=name, model=model, result="Unknown", flags=(), seconds=seconds, reason=reason)


def observation(holds: bool, fails: bool) -> LitmusWord:
    """herd7's word: a proposition that holds in no execution holds Never, even if there is no execution at all."""
    if not holds:
        return "Never"
    return "Sometimes" if fails else "Always"


class GoalQueries:
    """Queries about the executions of one test; `reason` says why some query has no answer."""

    def __init__(self, encoding: LitmusEncoding, deadline: float, *, fresh_context: bool) -> None:
        self.encoding = encoding
        self.solver = GoalSolver(encoding.formula, deadline, fresh_context=fresh_context)
        self.flag_text = encoding.flag_text
        self.reason = ""

    def some_execution(self, goal: str) -> bool:
        """Whether an execution that reaches the goal was found; False where that was not decided."""
        return self.solver.decide(self.encoding.goals[goal]).word == "sat"

    def find_execution(self, goal: str) -> SolverModel | None:
        """An execution that reaches the goal; None if there is none or, with `reason` set, where that was not
        decided."""
        formula = self.encoding.goals[goal]
        if formula == "false":
            return None
        if goal in self.encoding.flags:
            self.solver.add(self.flag_text)
            self.flag_text = ""
        found = self.solver.decide(formula)
        if found.word == "unknown":
            self.reason = self.reason or found.reason or "no reason given"
        return found.model
