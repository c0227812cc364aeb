"""Runs z3: a formula in, an answer with its model out. (`cnf` uses z3 only to bit-blast.)"""

import ctypes
import time
from dataclasses import dataclass
from functools import cache
from typing import Literal

import z3

from encoder.smt.formula import Formula
from encoder.smt.solvers.cycles import CycleFinder
from encoder.smt.text.script import FALSE, TRUE

SEED = 0
SMALL_TEXT = 10_000  # characters; measured on litmus tests, the two solvers of `GoalSolver` take equally long there
FINITE_DOMAIN = "QF_FD"
INTERRUPTED = "interrupted from keyboard"
OUT_OF_MEMORY = "out of memory"
NAME = f"z3 {z3.get_version_string()}, seed {SEED}"
MALLOC_LIMITS = {-3: 32 << 20, -1: 64 << 20}
"""M_TRIM_THRESHOLD (-1) and M_MMAP_THRESHOLD (-3) of <malloc.h>, in bytes."""


def _keep_memory() -> None:
    """Have the C library keep freed memory (only glibc has `mallopt`). A z3 context takes 16 MB; to return them to the
    system and request them again page by page takes six times as long as everything else in making the next context."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for parameter, size in MALLOC_LIMITS.items():
            mallopt(parameter, size)


_keep_memory()


class GoalSolver:
    """One problem, read once and decided separately for each goal. A large one is bit-blasted and given to the SAT
    solver anew for each goal, without z3's heavier preprocessing, which costs more here than it saves; a small one uses
    the incremental solver, which starts faster. One with an order, or that is to be `incremental`, is given to a
    `session` of z3's solver for finite domains, which learns from each goal. `deadline` is as in `Session`.

    All share the process's context, which takes longer to make than most litmus tests take to decide, unless
    `fresh_context`: what was solved before in a context can influence which model is found, though not whether there is
    one, so that models are reproducible only in a context of their own.
    """

    def __init__(self, formula: Formula, deadline: float, *, fresh_context: bool, incremental: bool = False) -> None:
        self.deadline = deadline
        context = z3.Context() if fresh_context else _shared_context()
        self.goals: dict[str, str] = {}
        self.session: Session | None = None
        if incremental or formula.order is not None:
            self.session = Session(formula, deadline, context=context, logic=FINITE_DOMAIN)
            self.solver = self.session.solver
            return
        if len(formula.text) < SMALL_TEXT:
            self.solver = z3.SolverFor("QF_BV", ctx=context)
        else:
            self.solver = z3.Then("simplify", "bit-blast", "sat", ctx=context).solver()
        add_text(self.solver, formula.text)

    def decide(self, goal: str) -> "Answer":
        """Whether the problem is satisfiable with the goal; `false` need not be asked. Raises as `check_until` does."""
        if goal == FALSE:
            return TRIVIALLY_UNSAT
        if self.session is not None:
            self.session.deadline = self.deadline
            return self.session.check(self._named(goal))
        self.solver.push()
        add_text(self.solver, f"(assert {goal})\n")
        answer = check_until(self.solver, self.deadline)
        self.solver.pop()
        return answer

    def _named(self, goal: str) -> str:
        """A literal that implies the goal, so that what is learned serves all goals."""
        if goal not in self.goals:
            name = self.goals[goal] = f"|asked {len(self.goals)}|"
            self.add(f"(declare-const {name} Bool)\n(assert (=> {name} {goal}))\n")
        return self.goals[goal]

    def add(self, text: str) -> None:
        """Add assertions to the problem."""
        add_text(self.solver, text)

    @property
    def forbidden(self) -> tuple[tuple[int, ...], ...]:
        """The cycles of the formula's order that were forbidden so far, of which the answers rest on no others."""
        return () if self.session is None else self.session.forbidden


@cache
def _shared_context() -> z3.Context:
    """The context that all share who do not ask for one of their own."""
    return z3.Context()


class Session:
    """One problem in one incremental solver, for several checks. `deadline` is a `time.monotonic()` value that no check
    exceeds.

    Only Booleans and bit-vectors are ever declared (see `Script`), which makes QF_BV the right logic: with other sorts
    z3 would answer `sat` for unsatisfiable input. (For finite domains it would answer `unknown`.) Each session has a z3
    context of its own, so that models are reproducible: what was solved before in a context can influence which model
    is found.
    """

    def __init__(
        self, formula: Formula, deadline: float, *, context: z3.Context | None = None, logic: str = "QF_BV"
    ) -> None:
        self.deadline = deadline
        context = context or z3.Context()
        self.cycles = None if formula.order is None else CycleFinder(formula.order, context)
        self.solver = z3.SolverFor(logic if self.cycles is None else FINITE_DOMAIN, ctx=context)
        self.solver.set("random_seed", SEED)
        add_text(self.solver, formula.text)

    def check(self, *assumptions: str) -> "Answer":
        """Decide the problem under assumptions, which are literals (names of Booleans, or negated ones): check until no
        model is left, or one without a cycle, if there is an order. Raises as `check_until` does."""
        literals = [literal(a, self.solver.ctx) for a in assumptions]
        while True:
            answer = check_until(self.solver, self.deadline, *literals)
            if self.cycles is None or answer.model is None or not (found := self.cycles.clauses(answer.model.z3)):
                return answer
            self.add(found)

    @property
    def forbidden(self) -> tuple[tuple[int, ...], ...]:
        """As in `GoalSolver`."""
        return () if self.cycles is None else tuple(self.cycles.found)

    def core(self) -> frozenset[str]:
        """The unquoted names of the assumed Booleans that the last `unsat` depends on; not necessarily the fewest."""
        return frozenset(str(each.decl().name()) for each in self.solver.unsat_core())

    def add(self, text: str) -> None:
        """Add assertions; the names in them must be declared in them or before."""
        add_text(self.solver, text)


def add_text(solver: z3.Solver, text: str) -> None:
    """Add assertions. Raises MemoryError if z3 runs out of memory."""
    try:
        solver.from_string(text)
    except z3.Z3Exception as error:
        if OUT_OF_MEMORY in str(error):
            raise MemoryError from error
        raise


def check_until(solver: z3.Solver, deadline: float, *assumptions: z3.BoolRef) -> "Answer":
    """One check within the time left until `deadline`.

    Raises MemoryError if z3 runs out of memory: such a solver cannot be used any more. Raises KeyboardInterrupt on a
    signal, which z3 handles itself while it runs by giving up.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        return Answer(word="unknown", reason="timeout", model=None)
    solver.set("timeout", max(1, int(left * 1000)))
    try:
        result = solver.check(*assumptions)
    except z3.Z3Exception as error:
        if OUT_OF_MEMORY in str(error):
            raise MemoryError from error
        return Answer(word="unknown", reason=str(error), model=None)
    if result == z3.sat:
        return Answer(word="sat", reason="", model=SolverModel(solver.model()))
    if result == z3.unsat:
        return Answer(word="unsat", reason="", model=None)
    reason = str(solver.reason_unknown())
    if reason == INTERRUPTED:
        raise KeyboardInterrupt
    return Answer(word="unknown", reason=reason, model=None)


def literal(name: str, context: z3.Context) -> z3.BoolRef:
    """The z3 literal of a quoted name, a negated one, true or false, as `Script` writes them."""
    if name.startswith("(not "):
        return z3.Not(literal(name[5:-1], context))
    if name in (TRUE, FALSE):
        return z3.BoolVal(name == TRUE, context)
    return z3.Bool(name.strip("|"), context)


class SolverModel:
    """A satisfying assignment; `z3` is z3's own."""

    def __init__(self, model: z3.ModelRef) -> None:
        self.z3 = model

    def true(self, name: str) -> bool:
        """Whether the Boolean of this name (unquoted) is true; one that the solver left open is false."""
        return bool(z3.is_true(self.z3.eval(z3.Bool(name, self.z3.ctx))))

    def number(self, name: str, width: int) -> int:
        """The signed value of a bit-vector variable; one that the solver left open is 0."""
        return int(self.z3.eval(z3.BitVec(name, width, self.z3.ctx), model_completion=True).as_signed_long())


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of a check. `model` is there if and only if the word is sat. `reason` says why an answer is unknown,
    "" otherwise."""

    word: Literal["sat", "unsat", "unknown"]
    reason: str
    model: SolverModel | None


TRIVIALLY_UNSAT = Answer(word="unsat", reason="", model=None)
"""The answer for the goal `false`, which need not be asked."""
