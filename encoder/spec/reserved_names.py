"""Reserved names: no other thing may have one of these where an expression could mean either."""

from collections.abc import Iterator, Mapping

from encoder.base.errors import Problem
from encoder.spec.model import Library, Parameter

KEYWORDS = frozenset({"assert", "break", "continue", "do", "else", "for", "goto", "if", "return", "while"})
VALUES = KEYWORDS | {"NULL", "true", "false"}
"""Reserved for locals and parameters: no expression could refer to them."""
THINGS = VALUES | {"it", "self"}
"""Reserved for objects, symbols, constants and the names that properties bind: `it` of `count` and `self` of equations
too."""
MEMBERS = frozenset({"ended"})
"""Reserved for ghosts and the locals of scripts: what a property finds in every thread."""
TYPES = frozenset({"int", "unsigned", "bool", "lock", "any", "lvalue"})
FUNCTIONS = KEYWORDS | {"len"}
BUILT_IN = frozenset({"len", "count"})
"""What is called and is neither a primitive nor a procedure."""
ROLES = frozenset({"any"})
PROPERTIES = frozenset({"assertions"})
OLD = frozenset({"old"})
"""Reserved for the parameters of a read-modify-write: the value that it has read."""


def hidden_names(library: Library) -> Iterator[Problem]:
    """The problems of parameters, and of names bound by properties, that have the name of a constant or a ghost."""
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
