"""Statements of C and of the specs, compared and written."""

from collections.abc import Iterator, Sequence

from encoder.kernel.c import CStatement, text_of, walk
from encoder.program.unparse import unparse
from encoder.spec.syntax import Break, Continue, Empty, Goto, IfHead, Return, Step


def whole(statement: CStatement) -> tuple[object, ...]:
    """What makes two statements the same, with all below them."""
    return tuple((each.kind, each.head, len(each.then), len(each.otherwise)) for each in walk((statement,)))


def lines_of(statements: Sequence[CStatement], indent: str = "") -> Iterator[str]:
    """Statements as C, one a line."""
    for each in statements:
        yield f"{indent}{text_of(each.tokens)}"
        yield from lines_of(each.then, indent + "    ")
        if each.otherwise:
            yield f"{indent}else"
            yield from lines_of(each.otherwise, indent + "    ")


def jump_text(simple: object) -> str | None:
    """A jump as it is written, None for another statement."""
    match simple:
        case Return(value=None):
            return "return"
        case Return(value=value) if value is not None:
            return f"return {unparse(value)}"
        case Goto(label=label):
            return f"goto {label}"
        case Break():
            return "break"
        case Continue():
            return "continue"
        case Empty():
            return ";"
        case _:
            return None


def simple_of(step: Step) -> object:
    """The simple statement of a step, that of a test on one line too."""
    return step.statement.statement if isinstance(step.statement, IfHead) else step.statement
