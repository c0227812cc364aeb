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
    problems = litmus(graph, MODELS[model], goals, test.filter)
    found = {goal: check(problems, goal, deadline) for goal in goals}
    raised = {flag: check(problems, flag, deadline) for flag in problems.flags}
    flags = {flag for flag, (word, _) in raised.items() if word == "sat"}
    words = {goal: word for goal, (word, _) in found.items()}
    if "sat" in words.values():
        flags |= set(test.flags)
    for goal, (word, reason) in (found | raised).items():
        if word == "unknown":
            return "Unknown", tuple(sorted(flags)), f"whether `{goal}` can be was not decided: {reason}"
    return result(words["holds"] == "sat", words["fails"] == "sat"), tuple(sorted(flags)), ""


def result(holds: bool, fails: bool) -> Result:
    """As herd7 counts: a proposition that no execution meets is met never, executions or not."""
    if not holds:
        return "Never"
    return "Sometimes" if fails else "Always"


def check(problems: Problems, goal: str, deadline: float) -> tuple[str, str]:
    """The solver's word on a goal, and why it has none."""
    if problems.goals[goal] == "false":
        return "unsat", ""
    found = Session(problems.text(goal), deadline).check()
    return found.word, found.reason
