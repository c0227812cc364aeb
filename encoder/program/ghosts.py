"""Inserts the assignments of ghosts that change with the first event of a step."""

from dataclasses import replace

from encoder.program.core import Assign, Block, Code, Exit, If, Loop
from encoder.program.traverse import events, exits, expressions, statements, variables


def insert_after_first_event(code: Code, ghosts: Code) -> Code | None:
    """The code with the ghost assignments right after its first event, or first if it has no event.

    None if the first event does not always happen, or happens in several iterations.
    """
    if not any(True for _ in events(code)):
        return (*ghosts, *code)
    for position, statement in enumerate(code):
        before, after = code[:position], code[position + 1 :]
        match statement:
            case Assign():
                continue
            case If() | Loop() | Block() if _has_no_effect_on_flow((statement,)):
                continue
            case Block() if any(True for _ in events(statement.body)):
                inner = insert_after_first_event(statement.body, ghosts)
                return None if inner is None else (*before, replace(statement, body=inner), *after)
            case Block() | If() | Loop() | Exit():
                return None
            case _:
                return (*before, statement, *ghosts, *after)
    raise AssertionError("code with events has a first one")


def is_read_after(code: Code, ghosts: Code, changed: set[str]) -> bool:
    """Whether anything after the ghost assignments reads what they have changed."""
    passed = False
    for statement in statements(code):
        own = any(statement is ghost for ghost in ghosts)
        if passed and not own and not changed.isdisjoint(variables(*expressions(statement))):
            return True
        passed = passed or statement is ghosts[-1]
    return False


def _has_no_effect_on_flow(code: Code) -> bool:
    """Whether the code has no event and never leaves an enclosing block."""
    return not any(True for _ in events(code)) and not exits(code)
