"""Finds the cycles that an assignment leaves in an order."""

from itertools import islice

import z3

from encoder.smt.formula import Order
from encoder.smt.text.script import negate, variable_of

MOST = 300
"""Cycles that are forbidden after one assignment; with a tenth of it proofs take three times as long (measured)."""


class CycleFinder:
    """Finds cycles of an order in assignments of one z3 context. `found` has all so far, as their vertices."""

    def __init__(self, order: Order, context: z3.Context) -> None:
        self.order = order
        self.found: list[tuple[int, ...]] = []
        names = sorted({variable_of(x) for row in order.edges.values() for x in row})
        self._declarations = {name: z3.Bool(name.strip("|"), context).decl() for name in names}

    def clauses(self, model: z3.ModelRef) -> str:
        """Assertions that forbid cycles of the assignment, "" if it has none. A literal that the solver left open is
        false, as in `SolverModel.true`."""
        true = {name for name, declaration in self._declarations.items() if _is_true(model, declaration)}
        literals = true | {negate(name) for name in self._declarations.keys() - true}
        cycles = list(islice(self.order.cycles(literals), MOST))
        self.found += cycles
        return self.order.clauses(cycles)


def _is_true(model: z3.ModelRef, declaration: z3.FuncDeclRef) -> bool:
    """Whether a Boolean is true in the model. (`ModelRef.eval` takes ten times as long.)"""
    context = declaration.ctx.ref()
    value = z3.Z3_model_get_const_interp(context, model.model, declaration.ast)
    return bool(value) and z3.Z3_get_bool_value(context, value) == z3.Z3_L_TRUE
