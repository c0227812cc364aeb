"""Small facts about statements, and blocks without the exits that lead where control goes anyway."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from encoder.program.core import (
    Acquire,
    Arith,
    Assign,
    Block,
    Choose,
    Convert,
    EventStatement,
    Exit,
    Expr,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Not,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    Var,
)

Code = tuple[Statement, ...]


def terminates(code: Iterable[Statement]) -> bool:
    """Whether control never comes to the end of the code."""
    last = next(reversed(tuple(code)), None)
    match last:
        case Exit():
            return True
        case If():
            return terminates(last.then) and terminates(last.otherwise)
        case Loop():
            return not leaves(last.id, last.body)
        case _:
            return False


def close(id: int, body: Iterable[Statement]) -> Code:
    """A block with this id, or its statements alone where nothing inside leaves it."""
    code = _without_tail(id, _reachable(body))
    return (Block(id=id, body=code),) if leaves(id, code) else code


def within(code: Iterable[Statement]) -> Iterator[Statement]:
    """All statements of the code and below them, in order."""
    for statement in code:
        yield statement
        match statement:
            case If():
                yield from within(statement.then)
                yield from within(statement.otherwise)
            case Block() | Loop():
                yield from within(statement.body)
            case _:
                pass


def site_of(statement: Statement) -> Site | None:
    """The step that a statement itself stands for, what is below it left out."""
    return None if isinstance(statement, Block) else statement.site


def placed(code: Iterable[Statement], site: Site) -> Code:
    """The code of a step, in which something stands for the step: where nothing does, its first local computation."""
    code = tuple(code)
    if not code or any(site_of(statement) for statement in within(code)):
        return code
    first, *rest = code
    match first:
        case Block():
            first = replace(first, body=placed(first.body, site))
        case _:
            first = replace(first, site=site)
    return (first, *rest)


def events(code: Iterable[Statement]) -> Iterator[EventStatement]:
    """All events of the code, in order."""
    for statement in within(code):
        if not isinstance(statement, Assign | If | Block | Exit | Loop):
            yield statement


def renamed(code: Iterable[Statement], event: EventStatement, text: str) -> Code:
    """The code with `text` as the kernel's words for this one event."""
    result: list[Statement] = []
    for statement in code:
        match statement:
            case If():
                then, otherwise = renamed(statement.then, event, text), renamed(statement.otherwise, event, text)
                statement = replace(statement, then=then, otherwise=otherwise)
            case Block() | Loop():
                statement = replace(statement, body=renamed(statement.body, event, text))
            case Assign() | Exit():
                pass
            case _ if statement is event:
                statement = replace(statement, site=replace(statement.site, event=text))
            case _:
                pass
        result.append(statement)
    return tuple(result)


def leaves(id: int, code: Iterable[Statement]) -> bool:
    """Whether the code has an exit from the block with this id."""
    return any(isinstance(statement, Exit) and statement.id == id for statement in within(code))


def variables_in(expr: Expr) -> Iterator[str]:
    """The variables that an expression reads."""
    match expr:
        case Var():
            yield expr.name
        case Not() | Convert():
            yield from variables_in(expr.operand)
        case Arith():
            yield from variables_in(expr.left)
            yield from variables_in(expr.right)
        case Choose():
            yield from variables_in(expr.condition)
            yield from variables_in(expr.then)
            yield from variables_in(expr.otherwise)
        case _:
            pass


def mentioned(code: Iterable[Statement]) -> Iterator[str]:
    """The variables that the code reads or writes."""
    for statement in within(code):
        yield from reads(statement)
        match statement:
            case Assign():
                yield statement.variable
            case Load() | Rmw():
                yield from (variable for _, variable in statement.into)
            case Acquire(into=str() as variable):
                yield variable
            case _:
                pass


def reads(statement: Statement) -> Iterator[str]:
    """The variables that a statement itself reads, what is below it left out."""
    for expr in _read_by(statement):
        yield from variables_in(expr)


def _read_by(statement: Statement) -> tuple[Expr, ...]:
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
        case Block() | Loop() | Exit() | Fence() | Region():
            return ()


def _reachable(body: Iterable[Statement]) -> Code:
    code: list[Statement] = []
    for statement in body:
        code.append(statement)
        if terminates(code):
            break
    return tuple(code)


def _without_tail(id: int, code: Code) -> Code:
    """The code without exits from the block at its very end, but for those that stand for a step."""
    if not code:
        return code
    *rest, last = code
    match last:
        case Exit() if last.id == id and last.site is None:
            return _without_tail(id, tuple(rest))
        case If():
            last = replace(last, then=_without_tail(id, last.then), otherwise=_without_tail(id, last.otherwise))
            return (*rest, last) if last.then or last.otherwise else tuple(rest)
        case Block():
            return (*rest, *close(last.id, _without_tail(id, last.body)))
        case _:
            return code
