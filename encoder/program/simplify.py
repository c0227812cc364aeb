"""Simplifies statements: removes unreachable code and exits that lead where control goes anyway."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from encoder.program.core import Block, Code, EventStatement, Exit, If, Loop, Site, Statement
from encoder.program.traverse import exits, expressions, rewrite_statements, statements, variables, variables_set


def terminates(code: Iterable[Statement]) -> bool:
    """Whether control never reaches the end of the code."""
    last = next(reversed(tuple(code)), None)
    match last:
        case Exit():
            return True
        case If():
            return terminates(last.then) and terminates(last.otherwise)
        case Loop():
            return last.id not in exits(last.body)
        case _:
            return False


def close_block(id: int, body: Iterable[Statement]) -> Code:
    """A block with this id, or its statements alone where none leaves it."""
    code = _without_tail(id, _reachable(body))
    return (Block(id=id, body=code),) if id in exits(code) else code


def site_of(statement: Statement) -> Site | None:
    """The step that a statement itself stands for; statements below it do not count."""
    return None if isinstance(statement, Block) else statement.site


def with_step_site(code: Iterable[Statement], site: Site) -> Code:
    """The code of a step, in which some statement has the step's site: if none has, the first local computation gets
    it."""
    code = tuple(code)
    if not code or any(site_of(statement) for statement in statements(code)):
        return code
    first, *rest = code
    match first:
        case Block():
            first = replace(first, body=with_step_site(first.body, site))
        case _:
            first = replace(first, site=site)
    return (first, *rest)


def rename_event(code: Iterable[Statement], event: EventStatement, text: str) -> Code:
    """The code with `text` as the kernel's words for this event."""
    named = replace(event, site=replace(event.site, event=text))
    return rewrite_statements(code, lambda statement: (named if statement is event else statement,))


def used_variables(code: Iterable[Statement]) -> Iterator[str]:
    """The variables that the code reads or writes."""
    for statement in statements(code):
        yield from variables(*expressions(statement))
        yield from variables_set(statement)


def _reachable(body: Iterable[Statement]) -> Code:
    code: list[Statement] = []
    for statement in body:
        code.append(statement)
        if terminates(code):
            break
    return tuple(code)


def _without_tail(id: int, code: Code) -> Code:
    """The code without exits from the block at its very end, except those that stand for a step."""
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
            return (*rest, *close_block(last.id, _without_tail(id, last.body)))
        case _:
            return code
