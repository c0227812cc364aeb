"""The proposition of a litmus test as an expression of the resolved program over the final state."""

from collections.abc import Mapping
from typing import assert_never

from encoder.litmus.memory import SharedVariables
from encoder.litmus.problems import input_error
from encoder.program.core import BOOL, INT, Arith, Const, Expr, Final, Not, Op, Thread, ThreadVar
from encoder.spec.litmus import (
    Atom,
    Connective,
    Global,
    Literally,
    LitmusAddress,
    Negation,
    Observable,
    Proposition,
    Register,
    Truth,
)

TRUE = Const(1, BOOL)


def lower_proposition(
    proposition: Proposition,
    memory: SharedVariables,
    threads: Mapping[int, Thread],
    parameters: Mapping[int, Mapping[str, int]],
) -> Expr:
    """The proposition over the final state. `parameters` has, by thread, the addresses of the variables that are its
    parameters.

    Raises InputError for a thread or an array element that does not exist.
    """

    def lower(inner: Proposition) -> Expr:
        match inner:
            case Truth(value=value):
                return Const(int(value), BOOL)
            case Negation(operand=operand):
                return Not(lower(operand))
            case Connective(op="and", left=left, right=right):
                return Arith(Op.LAND, lower(left), lower(right), BOOL)
            case Connective(op="or", left=left, right=right):
                return Arith(Op.LOR, lower(left), lower(right), BOOL)
            case Connective(left=left, right=right):
                return Arith(Op.LOR, Not(lower(left)), lower(right), BOOL)
            case Atom(left=left, equal=equal, right=right):
                return Arith(Op.EQ if equal else Op.NE, term(left), term(right), BOOL)
            case _:
                assert_never(inner)

    def term(operand: Observable | Literally | LitmusAddress) -> Expr:
        match operand:
            case Global(name=name, index=index, span=span):
                return Final(memory.element(name, index or 0, span), "", INT)
            case Register(thread=number, name=name, span=span):
                if number not in threads:
                    raise input_error("L112", f"there is no thread P{number}", span)
                if name in dict(threads[number].variables):
                    return ThreadVar(f"P{number}", name, INT)
                return Const(parameters[number].get(name, 0), INT)
            case Literally() | LitmusAddress():
                return memory.constant(operand)
            case _:
                assert_never(operand)

    return lower(proposition)
