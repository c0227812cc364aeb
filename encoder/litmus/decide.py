"""The verdict on a litmus test: is its proposition true at the end of some allowed execution, is it false at some?"""

import time
from dataclasses import dataclass
from typing import Literal

from encoder.errors import InputError, Problem
from encoder.graph.build import build
from encoder.litmus.read import Litmus, Reader
from encoder.memory import MODELS
from encoder.program.core import Not
from encoder.smt.complete import Problems, litmus
from encoder.smt.solver import Session

Result = Literal["Never", "Sometimes", "Always", "Unknown", "Unsupported"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What herd7 would say of a file under a model. `problems` say why a test is unsupported, `reason` why it is unknown."""

    file: str
    name: str
    model: str
    result: Result
    flags: tuple[str, ...]
    seconds: float
    problems: tuple[Problem, ...] = ()
    reason: str = ""


def decide(reader: Reader, file: str, text: str, model: str, timeout: float) -> Verdict:
    """Read and decide a test within `timeout` seconds; wrong or unsupported input is a verdict too."""
    start = time.monotonic()
    try:
        test = reader.read(file, text)
    except InputError as error:
        return Verdict(
            file=file, name="", model=model, result="Unsupported", flags=(), seconds=time.monotonic() - start,
            problems=error.problems,
        )  # fmt: skip
    result, flags, reason = answer(test, model, start + timeout)
    return Verdict(
        file=file, name=test.name, model=model, result=result, flags=flags, seconds=time.monotonic() - start, reason=reason
    )  # fmt: skip


def answer(test: Litmus, model: str, deadline: float) -> tuple[Result, tuple[str, ...], str]:
    """The result, the flags, and why the result is unknown."""
    graph = build(test.program, 1)
    goals = {"holds": test.proposition, "fails": Not(test.proposition)}
    questions = Questions(litmus(graph, MODELS[model], goals, test.filter), deadline)
    holds = questions.possible("holds")
    flags = {flag for flag in questions.problems.flags if questions.possible(flag)}
    fails = (holds or bool(test.flags)) and questions.possible("fails")
    if holds or fails:
        flags |= set(test.flags)
    result: Result = "Unknown" if questions.reason else observation(holds, fails)
    return result, tuple(sorted(flags)), questions.reason


def observation(holds: bool, fails: bool) -> Result:
    """As herd7 counts: a proposition that no execution meets is met never, executions or not."""
    if not holds:
        return "Never"
    return "Sometimes" if fails else "Always"


@dataclass(slots=True)
class Questions:
    """What is asked of the executions of one test; `reason` says why some question has no answer."""

    problems: Problems
    deadline: float
    reason: str = ""

    def possible(self, goal: str) -> bool:
        """Whether some execution reaches the goal; False too, with a reason, where that was not decided."""
        if self.problems.goals[goal] == "false":
            return False
        found = Session(self.problems.text(goal), self.deadline).check()
        if found.word == "unknown":
            self.reason = self.reason or f"not decided: {found.reason or 'the solver gave up'}"
        return found.word == "sat"
