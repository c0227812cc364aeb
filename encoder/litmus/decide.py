"""The verdict on a litmus test: is its proposition true at the end of some allowed execution, is it false at some?"""

import time
from dataclasses import dataclass
from typing import Literal

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span
from encoder.graph.build import build
from encoder.graph.events import EventKind, Graph
from encoder.litmus.read import Litmus, LitmusReader
from encoder.litmus.witness import DrawnExecution, execution
from encoder.memory import MODELS
from encoder.program.core import BOOL, Const, Not
from encoder.smt.axiomatic.litmus_encoding import LitmusEncoding, encode_litmus
from encoder.smt.encode import graph_for
from encoder.smt.solvers.z3_solver import GoalSolver, SolverModel

LitmusWord = Literal["Never", "Sometimes", "Always", "Unknown", "Unsupported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LitmusVerdict:
    """What herd7 would say of a file under a model.

    `problems` say why a test is unsupported, `reason` why it is unknown. `execution` is one in which the proposition
    holds, if it was wanted and there is one. `stuck`: in every execution some thread waits for a lock for ever, so that
    none is complete and nothing is met.
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
    """Read and decide a test within `timeout` seconds; wrong or unsupported input is a verdict too."""
    start = time.monotonic()
    try:
        test = reader.read(file, text)
        return decided(test, file, model, start, timeout, witness=witness)
    except InputError as error:
        return refusal(file, model, error.problems, time.monotonic() - start)
    except MemoryError:
        return undecided(file, model, "not decided: out of memory", time.monotonic() - start)
    except RecursionError:
        problem = Problem(code="L101", message="nesting this deep is not supported", span=Span(file, 1, 1, 2))
        return refusal(file, model, (problem,), time.monotonic() - start)


def decided(test: Litmus, file: str, model: str, start: float, timeout: float, *, witness: bool) -> LitmusVerdict:
    """Decide a test that was begun at `start`."""
    graph = graph_for(build(test.program, 1), MODELS[model], 1)
    goals = {"holds": test.proposition, "fails": Not(test.proposition)}
    problems = encode_litmus(graph, MODELS[model], goals, test.filter)
    questions = Questions(problems, start + timeout, fresh_context=witness)
    held = questions.possible("holds")
    fails = (held is not None or bool(test.flags)) and questions.possible("fails") is not None
    flags = {flag for flag in problems.flags if questions.possible(flag) is not None}
    if held is not None or fails:
        flags |= set(test.flags)
    stuck = held is None and not fails and not questions.reason and _stuck(graph, model, start + timeout)
    drawn = execution(test, graph, problems.communication, held) if witness and held is not None else None
    return LitmusVerdict(
        file=file, name=test.name, model=model,
        result="Unknown" if questions.reason else observation(held is not None, fails),
        flags=tuple(sorted(flags)), seconds=time.monotonic() - start, reason=questions.reason, execution=drawn,
        stuck=stuck,
    )  # fmt: skip


def _stuck(graph: Graph, model: str, deadline: float) -> bool:
    """Whether no execution is complete, which locks alone can bring about; False where that is not decided."""
    if any(t.faults for t in graph.threads) or not any(e.kind is EventKind.ACQUIRE for e in graph.events):
        return False
    true = Const(1, BOOL)
    questions = Questions(encode_litmus(graph, MODELS[model], {"ends": true}, true), deadline, fresh_context=False)
    return questions.possible("ends") is None and not questions.reason


def refusal(file: str, model: str, problems: tuple[Problem, ...], seconds: float = 0.0) -> LitmusVerdict:
    """The verdict on a file that is no test or that asks for what is not supported."""
    return LitmusVerdict(
        file=file, name="", model=model, result="Unsupported", flags=(), seconds=seconds, problems=problems,
    )  # fmt: skip


def undecided(file: str, model: str, reason: str, seconds: float = 0.0) -> LitmusVerdict:
    """The verdict on a file about which nothing was found out."""
    return LitmusVerdict(file=file, name="", model=model, result="Unknown", flags=(), seconds=seconds, reason=reason)


def observation(holds: bool, fails: bool) -> LitmusWord:
    """As herd7 counts: a proposition that no execution meets is met never, executions or not."""
    if not holds:
        return "Never"
    return "Sometimes" if fails else "Always"


class Questions:
    """What is asked of the executions of one test; `reason` says why some question has no answer."""

    def __init__(self, problems: LitmusEncoding, deadline: float, *, fresh_context: bool) -> None:
        self.problems = problems
        self.solver = GoalSolver(problems.text, deadline, fresh_context=fresh_context)
        self.flag_text = problems.flag_text
        self.reason = ""

    def possible(self, goal: str) -> SolverModel | None:
        """An execution that reaches the goal; None if there is none, or, with a reason, where that was not decided."""
        formula = self.problems.goals[goal]
        if formula == "false":
            return None
        if goal in self.problems.flags:
            self.solver.add(self.flag_text)
            self.flag_text = ""
        found = self.solver.decide(formula)
        if found.word == "unknown":
            self.reason = self.reason or f"not decided: {found.reason or 'the solver gave up'}"
        return found.model
