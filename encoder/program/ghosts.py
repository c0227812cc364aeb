"""Where a ghost that changes with the first event of a step has to stand."""

from dataclasses import replace

from encoder.program.core import Assign, Block, Code, Exit, If, Loop
from encoder.program.traverse import events, exits, expressions, statements, variables


def after_first_event(code: Code, ghosts: Code) -> Code | None:
    """The code with the ghosts right after its first event, or before all if it has none.

    None if the first event does not always happen, or is the first of several rounds.
    """
    if not any(True for _ in events(code)):
        return (*ghosts, *code)
    for position, statement in enumerate(code):
        before, after = code[:position], code[position + 1 :]
        match statement:
            case Assign():
                continue
            case If() | Loop() | Block() if _quiet((statement,)):
                continue
            case Block() if any(True for _ in events(statement.body)):
                inner = after_first_event(statement.body, ghosts)
                return None if inner is None else (*before, replace(statement, body=inner), *after)
            case Block() | If() | Loop() | Exit():
                return None
            case _:
                return (*before, statement, *ghosts, *after)
    raise AssertionError("code with events has a first one")


def read_after(code: Code, ghosts: Code, changed: set[str]) -> bool:
    """Whether anything after the ghosts reads what they have changed."""
    passed = False
    for statement in statements(code):
        own = any(statement is ghost for ghost in ghosts)
        if passed and not own and not changed.isdisjoint(variables(*expressions(statement))):
            return True
        passed = passed or statement is ghosts[-1]
    return False


def _quiet(code: Code) -> bool:
    """Whether the code has no event and always ends where it ends."""
    return not any(True for _ in events(code)) and not exits(code)
