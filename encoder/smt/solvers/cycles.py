"""Finds the cycles that an assignment leaves in an order."""

from itertools import islice

import z3

from encoder.smt.formula import Order
from encoder.smt.text.script import negate, variable_of

MOST = 300
"""Cycles that are forbidden after one assignment; with a tenth of it proofs take three times as long (measured)."""


class CycleFinder:
    """Finds cycles of an order in assignments of one z3 context. `found` has all so far, as their vertices. (What is
    done for each variable calls z3's C functions: its Python objects take several times as long.)"""

    def __init__(self, order: Order, context: z3.Context) -> None:
        self.order = order
        self.found: list[tuple[int, ...]] = []
        self._context = context
        self._true = z3.BoolVal(True, context)
        names = sorted({variable_of(x) for row in order.edges.values() for x in row})
        self._declarations = {name: self._declaration(name.strip("|")) for name in names}

    def clauses(self, model: z3.ModelRef) -> str:
        """Assertions that forbid cycles of the assignment, "" if it has none. A literal that the solver left open is
        false, as in `SolverModel.true`."""
        context, assignment, true = self._context.ref(), model.model, self._true.as_ast().value
        value_of = z3.Z3_model_get_const_interp
        held = {name for name, each in self._declarations.items() if value_of(context, assignment, each).value == true}
        literals = held | {negate(name) for name in self._declarations.keys() - held}
        cycles = list(islice(self.order.cycles(literals), MOST))
        self.found += cycles
        return self.order.clauses(cycles)

    def _declaration(self, name: str) -> z3.FuncDecl:
        """The declaration of a Boolean, kept as long as the context."""
        context = self._context.ref()
        symbol, sort = z3.Z3_mk_string_symbol(context, name), self._true.sort().ast
        declaration = z3.Z3_mk_func_decl(context, symbol, 0, (z3.Sort * 0)(), sort)
        z3.Z3_inc_ref(context, z3.Z3_func_decl_to_ast(context, declaration))
        return declaration
