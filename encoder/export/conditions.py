"""Conditions in C over registers that nothing changes, each 0 or 1; "0" and "1" are known.

herd7's C has neither `!` nor `&&` nor `||`: of 0 and 1 it is `== 0`, `&` and `|`.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

CAPTURED = re.compile(r"c\d+|0|1|\(c\d+ == 0\)")
OPPOSITE = re.compile(r"\((c\d+) == 0\)")


def either(conditions: Collection[str]) -> str:
    """One of these conditions."""
    told = [each for each in dict.fromkeys(conditions) if each != "0"]
    if "1" in told or any(negated(each) in told for each in told):
        return "1"
    return _joined(" | ", told) if told else "0"


def both(conditions: Collection[str]) -> str:
    """All of these conditions."""
    told = [each for each in dict.fromkeys(conditions) if each != "1"]
    if "0" in told or any(negated(each) in told for each in told):
        return "0"
    return _joined(" & ", told) if told else "1"


def negated(condition: str) -> str:
    """The opposite of a condition."""
    known = {"0": "1", "1": "0"}
    if condition in known:
        return known[condition]
    found = OPPOSITE.fullmatch(condition)
    return found[1] if found else f"({_operand(condition)} == 0)"


def _joined(operator: str, conditions: Collection[str]) -> str:
    return operator.join(map(_operand, conditions)) if len(conditions) > 1 else "".join(conditions)


def grouped(condition: str) -> str:
    """The condition in parentheses."""
    return condition if OPPOSITE.fullmatch(condition) else f"({condition})"


def _operand(condition: str) -> str:
    return condition if CAPTURED.fullmatch(condition) else f"({condition})"


@dataclass(frozen=True, slots=True)
class LeavingConditions:
    """When code leaves what is around it, by what it leaves: conditions in C, "1" for always."""

    when: dict[int, str]

    def any(self) -> str:
        return either(self.when.values())

    def without(self, target: int) -> "LeavingConditions":
        """Those of leaving more than this."""
        return LeavingConditions({each: condition for each, condition in self.when.items() if each != target})
