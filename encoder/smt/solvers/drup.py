"""Proofs of unsatisfiability: an unsatisfiable subset of the clauses and lemmas learnt from it, by python-sat's
solvers.

Nothing here need be trusted: `encoder.certificate` checks the proofs. Measured on the ledger's problems, glucose 4
learns by far the fewest lemmas (201 where cadical 1.5.3 learns 112966), and no more of them from the clauses alone that
an earlier search needed: 1 to 6 % of the clauses, which are checked five to ten times faster.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, Literal

from encoder.smt.solvers.cvc5_solver import not_installed

if TYPE_CHECKING:
    from pysat.solvers import Solver

CORE_SOLVERS = ("minisat22", "glucose4")


@dataclass(frozen=True, slots=True)
class Proof:
    """`core`: the indices of the clauses of an unsatisfiable subset, from 0, ascending. `lemmas`: clauses, each implied
    by the core and the earlier lemmas by unit propagation (RUP); the last one is the empty clause."""

    core: tuple[int, ...]
    lemmas: tuple[tuple[int, ...], ...]


def prove_unsat(clauses: Sequence[Sequence[int]], deadline: float) -> Proof | Literal["sat", "unknown"]:
    """A proof that the clauses are unsatisfiable, "sat" if they are satisfiable, or "unknown" if that is not known by
    `deadline`, a `time.monotonic()` value.

    Raises InputError if python-sat is not installed.
    """
    try:
        import pysat.solvers  # noqa: F401
    except ImportError:
        raise not_installed("python-sat") from None
    core = tuple(range(len(clauses)))
    for name in CORE_SOLVERS:
        result = _unsat_core(name, clauses, core, deadline)
        if isinstance(result, str):
            return result
        core = result
    lemmas = _lemmas([clauses[place] for place in core], deadline)
    return lemmas if isinstance(lemmas, str) else Proof(core=core, lemmas=lemmas)


def _unsat_core(
    name: str, clauses: Sequence[Sequence[int]], places: tuple[int, ...], deadline: float
) -> tuple[int, ...] | Literal["sat", "unknown"]:
    """The indices, among `places`, of an unsatisfiable subset. Each clause gets a switch literal, and all switches are
    assumed."""
    from pysat.solvers import Solver

    if empty := tuple(place for place in places if not clauses[place]):
        return empty[:1]
    first = 1 + max((abs(literal) for place in places for literal in clauses[place]), default=0)
    with Solver(name=name) as solver:
        for switch, place in enumerate(places, first):
            solver.add_clause([*clauses[place], -switch])
        result = _solve(solver, list(range(first, first + len(places))), deadline)
        if result != "unsat":
            return result
        return tuple(places[switch - first] for switch in sorted(solver.get_core()))


def _lemmas(clauses: list[Sequence[int]], deadline: float) -> tuple[tuple[int, ...], ...] | Literal["sat", "unknown"]:
    """The lemmas that glucose 4 learns until it finds the clauses unsatisfiable."""
    from pysat.solvers import Solver

    if not all(clauses):
        return ((),)
    with Solver(name="glucose4", bootstrap_with=clauses, with_proof=True) as solver:
        result = _solve(solver, [], deadline)
        if result != "unsat":
            return result
        trace = solver.get_proof()
    return tuple(tuple(int(word) for word in line.split()[:-1]) for line in trace if not line.startswith("d"))


def _solve(solver: "Solver", assumed: list[int], deadline: float) -> Literal["sat", "unsat", "unknown"]:
    """The solver's answer under assumptions; "unknown" after the deadline."""
    left = deadline - time.monotonic()
    if left <= 0:
        return "unknown"
    timer = Timer(left, solver.interrupt)
    timer.start()
    try:
        result = solver.solve_limited(assumptions=assumed, expect_interrupt=True)
    finally:
        timer.cancel()
        timer.join()
    return "unknown" if result is None else "sat" if result else "unsat"
