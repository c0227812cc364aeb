"""Names that mean something already: nothing else is called so where an expression could mean either."""

from collections.abc import Iterator, Mapping

from encoder.base.errors import Problem
from encoder.spec.model import Library, Parameter

KEYWORDS = frozenset({"assert", "break", "continue", "do", "else", "for", "goto", "if", "return", "while"})
VALUES = KEYWORDS | {"NULL", "true", "false"}
"""Of locals and parameters: what no expression would find under their names."""
THINGS = VALUES | {"it", "self"}
"""Of objects, symbols, constants and what properties bind: `count`'s object and an equation's own one too."""
MEMBERS = frozenset({"ended"})
"""Of ghosts and of the locals of scripts: what a property finds in every thread."""
TYPES = frozenset({"int", "unsigned", "bool", "lock", "any", "lvalue"})
FUNCTIONS = KEYWORDS | {"len"}
ROLES = frozenset({"any"})
PROPERTIES = frozenset({"assertions"})
OLD = frozenset({"old"})
"""Of the parameters of a read-modify-write: what it has read."""


def hidden(library: Library) -> Iterator[Problem]:
    """The problems of parameters, and of what properties bind, that are called like a constant or a ghost."""
    constants = dict.fromkeys((name for name, _ in library.types.constants), "a constant")
    known = constants | {ghost.name: "a ghost" for ghost in library.types.ghosts}
    for primitive in library.primitives:
        yield from _hidden(primitive.parameters, known)
    for procedure in library.procedures:
        yield from _hidden(procedure.parameters, known)
    for asked in library.properties:
        for name, bound in asked.each:
            if name in constants:
                yield Problem(code="S119", message=f"`{name}` is the name of a constant", span=bound.span)


def _hidden(parameters: tuple[Parameter, ...], known: Mapping[str, str]) -> Iterator[Problem]:
    for each in parameters:
        if each.name in known:
            message = f"`{each.name}` is the name of {known[each.name]}"
            yield Problem(code="S119", message=message, span=each.span, expected="another name")
