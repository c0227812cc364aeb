"""Traversal and rewriting of the statements and expressions of a resolved program.

All modules that search or rewrite a program use these functions. What control flow and operators mean is not defined
here: the event graph and the interpreter each define it for themselves.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from encoder.program.core import (
    Acquire,
    Arith,
    Assign,
    At,
    Block,
    Choose,
    Code,
    Const,
    Convert,
    Ended,
    EventStatement,
    Exit,
    Expr,
    Fence,
    Final,
    Flush,
    Grace,
    If,
    Keeps,
    Leaf,
    Load,
    Loop,
    Not,
    Place,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    ThreadVar,
    Var,
    Waits,
)


def statements(code: Iterable[Statement]) -> Iterator[Statement]:
    """All statements of the code at any depth, each before those below it, in the order of the text."""
    for statement in code:
        yield statement
        for inner in bodies(statement):
            yield from statements(inner)


def bodies(statement: Statement) -> tuple[Code, ...]:
    """The code directly below a statement: the arms of an `If`, the body of a `Block` or `Loop`."""
    match statement:
        case If():
            return statement.then, statement.otherwise
        case Block() | Loop():
            return (statement.body,)
        case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return ()
        case Assign() | Exit():
            return ()
        case never:
            assert_never(never)


def events(code: Iterable[Statement]) -> Iterator[EventStatement]:
    """All events of the code, in the order of the text."""
    return (statement for statement in statements(code) if isinstance(statement, EventStatement))


def exits(code: Iterable[Statement]) -> set[int]:
    """The ids of the blocks and loops that some statement of the code leaves, by the text."""
    return {statement.id for statement in statements(code) if isinstance(statement, Exit)}


def rewrite_statements(code: Iterable[Statement], change: Callable[[Statement], Iterable[Statement]]) -> Code:
    """The code with each statement replaced by what `change` returns for it, bottom up: the statements below one are
    replaced before it."""
    return tuple(new for statement in code for new in change(_with_bodies_rewritten(statement, change)))


def _with_bodies_rewritten(statement: Statement, change: Callable[[Statement], Iterable[Statement]]) -> Statement:
    match statement:
        case If():
            then, otherwise = (
                rewrite_statements(statement.then, change),
                rewrite_statements(statement.otherwise, change),
            )
            return replace(statement, then=then, otherwise=otherwise)
        case Block() | Loop():
            return replace(statement, body=rewrite_statements(statement.body, change))
        case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return statement
        case Assign() | Exit():
            return statement
        case never:
            assert_never(never)


def without_positions(code: Iterable[Statement], kept: Callable[[Site], Site]) -> Code:
    """The code of a thread without source positions, except what `kept` keeps of the sites of events and loops, and
    with blocks and loops renumbered: equal for codes that differ in nothing else."""
    code = tuple(code)
    ids = dict.fromkeys(each.id for each in statements(code) if isinstance(each, Block | Loop))
    numbers = {id: number for number, id in enumerate(ids)}

    def bare(statement: Statement) -> Code:
        match statement:
            case Block():
                return (replace(statement, id=numbers[statement.id]),)
            case Loop():
                return (replace(statement, id=numbers[statement.id], site=kept(statement.site)),)
            case Exit():
                return (Exit(id=numbers[statement.id]),)
            case Assign() | If():
                return (replace(statement, site=None),)
            case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
                return (replace(statement, site=kept(statement.site)),)
            case never:
                assert_never(never)

    return rewrite_statements(code, bare)


def expressions(statement: Statement) -> tuple[Expr, ...]:
    """The expressions that a statement itself evaluates; statements below it do not count."""
    match statement:
        case Assign():
            return (statement.value,)
        case If():
            return (statement.condition,)
        case Flush():
            return (statement.mm,)
        case Load() | Acquire() | Release():
            return (statement.place.base,)
        case Grace():
            return () if statement.place is None else (statement.place.base,)
        case Store():
            return (statement.place.base, *(value for _, value in statement.values))
        case Rmw():
            values = (value for _, value in statement.values)
            return (statement.place.base, statement.when, statement.await_, *values)
        case Fence() | Region() | Block() | Loop() | Exit():
            return ()
        case never:
            assert_never(never)


def variables_set(statement: Statement) -> tuple[str, ...]:
    """The variables that a statement itself sets."""
    match statement:
        case Assign():
            return (statement.variable,)
        case Load() | Rmw():
            return tuple(variable for _, variable in statement.into)
        case Acquire():
            return () if statement.into is None else (statement.into,)
        case Store() | Release() | Fence() | Region() | Flush() | Grace():
            return ()
        case If() | Block() | Loop() | Exit():
            return ()
        case never:
            assert_never(never)


def place_of(statement: Statement) -> Place | None:
    """The place that a statement accesses; for a grace period its srcu_struct."""
    match statement:
        case Load() | Store() | Rmw() | Acquire() | Release() | Grace():
            return statement.place
        case Fence() | Region() | Flush() | Assign() | If() | Block() | Loop() | Exit():
            return None
        case never:
            assert_never(never)


def orders(event: EventStatement) -> tuple[str, ...]:
    """The orderings written for an event's accesses."""
    match event:
        case Load() | Store():
            return (event.order,)
        case Rmw():
            return event.read_order, event.write_order
        case Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return ()
        case never:
            assert_never(never)


def operands(expr: Expr) -> tuple[Expr, ...]:
    """The direct operands of an expression, from left to right."""
    match expr:
        case Not() | Convert():
            return (expr.operand,)
        case Arith():
            return expr.left, expr.right
        case Choose():
            return expr.condition, expr.then, expr.otherwise
        case Const() | Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            return ()
        case never:
            assert_never(never)


def leaves(*exprs: Expr) -> Iterator[Leaf]:
    """The leaves of the expressions that are not constants, from left to right."""
    for expr in exprs:
        match expr:
            case Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
                yield expr
            case _:
                yield from leaves(*operands(expr))


def variables(*exprs: Expr) -> Iterator[str]:
    """The thread's variables (or symbols) in the expressions, from left to right."""
    return (leaf.name for leaf in leaves(*exprs) if isinstance(leaf, Var))


def map_expression(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The expression with each part replaced by what `change` returns for it, bottom up: a part's operands are replaced
    before it."""
    match expr:
        case Not() | Convert():
            return change(replace(expr, operand=map_expression(expr.operand, change)))
        case Arith():
            return change(
                replace(expr, left=map_expression(expr.left, change), right=map_expression(expr.right, change))
            )
        case Choose():
            return change(Choose(*(map_expression(part, change) for part in operands(expr))))
        case Const() | Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            return change(expr)
        case never:
            assert_never(never)
