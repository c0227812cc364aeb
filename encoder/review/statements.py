"""Statements of C and of the specs, compared and written."""

from collections.abc import Callable, Iterator, Sequence

from encoder.kernel.c import CStatement, text_of, walk
from encoder.program.unparse import unparse
from encoder.spec.syntax import Break, Continue, Empty, Goto, IfHead, Return, Step

VALUES = frozenset({"NULL", "true", "false"})


def whole(statement: CStatement) -> tuple[object, ...]:
    """What makes two statements the same, with all below them."""
    return tuple((each.kind, each.head, len(each.then), len(each.otherwise)) for each in walk((statement,)))


def is_renaming(before: Sequence[CStatement], after: Sequence[CStatement], known: Callable[[str], bool]) -> bool:
    """Whether the code is the same but for other names of what is not `known`, one for one."""
    old, new = ([*walk(before)], [*walk(after)])
    if [_shape(each) for each in old] != [_shape(each) for each in new]:
        return False
    pairs = [
        (one.text, other.text)
        for first, second in zip(old, new, strict=True)
        for one, other in zip(first.tokens, second.tokens, strict=True)
    ]
    there, back = dict(pairs), {other: one for one, other in pairs}
    changed = {word for pair in pairs if pair[0] != pair[1] for word in pair}
    fixed = {word for each in (*old, *new) for word in _fixed(each)}
    one_for_one = all(there[one] == other and back[other] == one for one, other in pairs)
    return one_for_one and all(word.isidentifier() and word not in fixed and not known(word) for word in changed)


def _fixed(statement: CStatement) -> Iterator[str]:
    """Words that are no variables: values, constants, what is called and members."""
    words = [token.text for token in statement.tokens]
    for before, word, behind in zip(["", *words], words, [*words[1:], ""], strict=False):
        if behind == "(" or before in ("->", ".") or word.isupper() or word in VALUES:
            yield word


def _shape(statement: CStatement) -> tuple[object, ...]:
    return statement.kind, len(statement.tokens), len(statement.then), len(statement.otherwise)


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
