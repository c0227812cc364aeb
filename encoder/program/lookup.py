"""Finds the property that a question names."""

from encoder.base.errors import InputError, Problem, nearest
from encoder.program.core import Program, Property


def property_of(program: Program, name: str) -> Property:
    """The property of this name, or the scenario's first for "". Raises InputError."""
    for asked in program.properties:
        if name in (asked.name, ""):
            return asked
    known = [p.name for p in program.properties]
    raise InputError(
        [
            Problem(
                code="Q101", span=None,
                message=f"scenario {program.scenario} has no property '{name}' of {program.kernel}",
                expected=f"one of {', '.join(known)}", nearest=nearest(name, known),
            )
        ]
    )  # fmt: skip
