"""Small facts about statements, and blocks without the exits that lead where control goes anyway."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from encoder.program.core import Block, Code, EventStatement, Exit, If, Loop, Site, Statement
from encoder.program.traverse import exits, expressions, rewritten, statements, variables, variables_set


def terminates(code: Iterable[Statement]) -> bool:
    """Whether control never comes to the end of the code."""
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


def close(id: int, body: Iterable[Statement]) -> Code:
    """A block with this id, or its statements alone where nothing inside leaves it."""
    code = _without_tail(id, _reachable(body))
    return (Block(id=id, body=code),) if id in exits(code) else code


def site_of(statement: Statement) -> Site | None:
    """The step that a statement itself stands for, what is below it left out."""
    return None if isinstance(statement, Block) else statement.site


def placed(code: Iterable[Statement], site: Site) -> Code:
    """The code of a step, in which something stands for the step: where nothing does, its first local computation."""
    code = tuple(code)
    if not code or any(site_of(statement) for statement in statements(code)):
        return code
    first, *rest = code
    match first:
        case Block():
            first = replace(first, body=placed(first.body, site))
        case _:
            first = replace(first, site=site)
    return (first, *rest)


def renamed(code: Iterable[Statement], event: EventStatement, text: str) -> Code:
    """The code with `text` as the kernel's words for this one event."""
    named = replace(event, site=replace(event.site, event=text))
    return rewritten(code, lambda statement: (named if statement is event else statement,))


def mentioned(code: Iterable[Statement]) -> Iterator[str]:
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
