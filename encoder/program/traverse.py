"""Which statements and expressions a resolved program has, and the same with some of them changed.

Whoever looks for something in a program, or puts something else in its place, goes by this. What control flow and
operators mean is not said here: the event graph and the interpreter say it, each for itself.
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
    """All statements of the code and below them, each before what is below it, in the order of the text."""
    for statement in code:
        yield statement
        for inner in bodies(statement):
            yield from statements(inner)


def bodies(statement: Statement) -> tuple[Code, ...]:
    """The code right below a statement: the arms of an `If`, the body of a `Block` or `Loop`."""
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
    """The blocks and loops that some statement of the code leaves, by the text."""
    return {statement.id for statement in statements(code) if isinstance(statement, Exit)}


def rewritten(code: Iterable[Statement], change: Callable[[Statement], Iterable[Statement]]) -> Code:
    """The code with each statement replaced by what `change` makes of it, from the bottom up: it is given statements in
    which what is below them has been replaced already."""
    return tuple(new for statement in code for new in change(_with_bodies_rewritten(statement, change)))


def _with_bodies_rewritten(statement: Statement, change: Callable[[Statement], Iterable[Statement]]) -> Statement:
    match statement:
        case If():
            then, otherwise = rewritten(statement.then, change), rewritten(statement.otherwise, change)
            return replace(statement, then=then, otherwise=otherwise)
        case Block() | Loop():
            return replace(statement, body=rewritten(statement.body, change))
        case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return statement
        case Assign() | Exit():
            return statement
        case never:
            assert_never(never)


def unplaced(code: Iterable[Statement], kept: Callable[[Site], Site]) -> Code:
    """The code of a thread with nothing said of where it was written but what is `kept` of the sites of events and
    loops, its blocks and loops numbered as they come: equal for two codes that differ in nothing else."""
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

    return rewritten(code, bare)


def expressions(statement: Statement) -> tuple[Expr, ...]:
    """The expressions that a statement itself evaluates, what is below it left out."""
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
    """The place that a statement names: of a grace period the srcu_struct that it is for."""
    match statement:
        case Load() | Store() | Rmw() | Acquire() | Release() | Grace():
            return statement.place
        case Fence() | Region() | Flush() | Assign() | If() | Block() | Loop() | Exit():
            return None
        case never:
            assert_never(never)


def orders(event: EventStatement) -> tuple[str, ...]:
    """The orders that are written for an event's accesses."""
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
    """The expressions right below an expression, from left to right."""
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
    """The leaves of the expressions that are no constants, from left to right."""
    for expr in exprs:
        match expr:
            case Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
                yield expr
            case _:
                yield from leaves(*operands(expr))


def variables(*exprs: Expr) -> Iterator[str]:
    """The thread's variables (or symbols) in the expressions, from left to right."""
    return (leaf.name for leaf in leaves(*exprs) if isinstance(leaf, Var))


def mapped(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """The expression with each part replaced by what `change` makes of it, from the bottom up: it is given parts whose
    operands have been replaced already."""
    match expr:
        case Not() | Convert():
            return change(replace(expr, operand=mapped(expr.operand, change)))
        case Arith():
            return change(replace(expr, left=mapped(expr.left, change), right=mapped(expr.right, change)))
        case Choose():
            return change(Choose(*(mapped(part, change) for part in operands(expr))))
        case Const() | Var() | Final() | ThreadVar() | At() | Ended() | Waits() | Keeps():
            return change(expr)
        case never:
            assert_never(never)
