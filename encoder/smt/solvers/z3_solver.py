"""The only place that runs z3: text in, an answer with its model out."""

import ctypes
import time
from dataclasses import dataclass
from functools import cache
from typing import Literal

import z3

from encoder.smt.text.script import FALSE, TRUE

SEED = 0
SMALL_TEXT = 10_000  # characters; on litmus tests the two solvers of `Goals` meet there
INTERRUPTED = "interrupted from keyboard"
OUT_OF_MEMORY = "out of memory"
NAME = f"z3 {z3.get_version_string()}, seed {SEED}"
MALLOC_LIMITS = {-3: 32 << 20, -1: 64 << 20}
"""M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of <malloc.h>, in bytes."""


def _keep_memory() -> None:
    """Have the C library (glibc: no other has `mallopt`) keep what is freed. A context takes 16 MB; to give them back
    to the system and to ask for them again, page by page, takes six times as long as all else in making the next one.
    """
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for parameter, size in MALLOC_LIMITS.items():
            mallopt(parameter, size)


_keep_memory()


class GoalSolver:
    """One problem, read once and decided for each goal: a large one anew, by bit-blasting and SAT without z3's heavier
    preprocessing, which costs more than it saves here; a small one by the incremental solver, which is the faster to
    start. `deadline` as in `Session`.

    All share the process's context, which takes longer to make than most litmus tests to decide, unless one is to be
    `fresh_context`: what was solved before in a context may sway which model is found, though not whether there is one.
    """

    def __init__(self, text: str, deadline: float, *, fresh_context: bool) -> None:
        self.deadline = deadline
        context = z3.Context() if fresh_context else _shared_context()
        if len(text) < SMALL_TEXT:
            self.solver = z3.SolverFor("QF_BV", ctx=context)
        else:
            self.solver = z3.Then("simplify", "bit-blast", "sat", ctx=context).solver()
        add_text(self.solver, text)

    def decide(self, goal: str) -> "Answer":
        """Whether the problem can be met with the goal. Raises KeyboardInterrupt as `Session.check` does."""
        self.solver.push()
        add_text(self.solver, f"(assert {goal})\n")
        answer = check_until(self.solver, self.deadline)
        self.solver.pop()
        return answer

    def add(self, text: str) -> None:
        """Add to the problem."""
        add_text(self.solver, text)


@cache
def _shared_context() -> z3.Context:
    return z3.Context()


class Session:
    """One problem in one solver, for several checks. `deadline` is a `time.monotonic()` value that none may pass.

    Only Booleans and bit-vectors are ever declared (see `Script`), which is what makes QF_BV the right logic: on other
    sorts z3 would answer `sat` for unsatisfiable input. Each problem has a context of its own: what was solved before
    in this process would otherwise sway which model is found.
    """

    def __init__(self, text: str, deadline: float) -> None:
        self.deadline = deadline
        self.solver = z3.SolverFor("QF_BV", ctx=z3.Context())
        self.solver.set("random_seed", SEED)
        add_text(self.solver, text)

    def check(self, *assumptions: str) -> "Answer":
        """Decide the problem, assuming literals (names of Booleans, or negated ones).

        Raises KeyboardInterrupt: while z3 runs, it takes the signal itself and gives up.
        """
        return check_until(self.solver, self.deadline, *(literal(a, self.solver.ctx) for a in assumptions))

    def core(self) -> frozenset[str]:
        """The names (unquoted) of the assumed Booleans that the last `unsat` rests on; not the fewest."""
        return frozenset(str(each.decl().name()) for each in self.solver.unsat_core())

    def add(self, text: str) -> None:
        """Add assertions; what they name must be declared in them or before."""
        add_text(self.solver, text)


def add_text(solver: z3.Solver, text: str) -> None:
    """Add assertions. Raises MemoryError as `check_until` does."""
    try:
        solver.from_string(text)
    except z3.Z3Exception as error:
        if OUT_OF_MEMORY in str(error):
            raise MemoryError from error
        raise


def check_until(solver: z3.Solver, deadline: float, *assumptions: z3.BoolRef) -> "Answer":
    """One check within the time that is left. Raises MemoryError: a solver that was short of it is asked no more."""
    left = deadline - time.monotonic()
    if left <= 0:
        return Answer(word="unknown", reason="timeout", model=None)
    solver.set("timeout", max(1, int(left * 1000)))
    try:
        found = solver.check(*assumptions)
    except z3.Z3Exception as error:
        if OUT_OF_MEMORY in str(error):
            raise MemoryError from error
        return Answer(word="unknown", reason=str(error), model=None)
    if found == z3.sat:
        return Answer(word="sat", reason="", model=SolverModel(solver.model()))
    if found == z3.unsat:
        return Answer(word="unsat", reason="", model=None)
    reason = str(solver.reason_unknown())
    if reason == INTERRUPTED:
        raise KeyboardInterrupt
    return Answer(word="unknown", reason=reason, model=None)


def literal(name: str, context: z3.Context) -> z3.BoolRef:
    """The literal of a quoted name, as `Script` writes it."""
    if name.startswith("(not "):
        return z3.Not(literal(name[5:-1], context))
    if name in (TRUE, FALSE):
        return z3.BoolVal(name == TRUE, context)
    return z3.Bool(name.strip("|"), context)


class SolverModel:
    """A satisfying assignment."""

    def __init__(self, model: z3.ModelRef) -> None:
        self._model = model

    def true(self, name: str) -> bool:
        """Whether the Boolean of this name (unquoted) is true; what the solver left open is false."""
        return bool(z3.is_true(self._model.eval(z3.Bool(name, self._model.ctx))))

    def number(self, name: str, width: int) -> int:
        """The signed value of a bit-vector variable; what the solver left open is 0."""
        return int(self._model.eval(z3.BitVec(name, width, self._model.ctx), model_completion=True).as_signed_long())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`model` is there when, and only when, the word is sat. `reason` says why the answer is unknown."""

    word: Literal["sat", "unsat", "unknown"]
    reason: str
    model: SolverModel | None
