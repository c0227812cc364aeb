"""Conditions in C over registers that nothing changes; "0" and "1" are known."""

import re
from collections.abc import Collection

CAPTURED = re.compile(r"c\d+|0|1")


def either(conditions: Collection[str]) -> str:
    """One of these conditions."""
    told = [each for each in dict.fromkeys(conditions) if each != "0"]
    if "1" in told or any(f"!{each}" in told for each in told):
        return "1"
    if len(told) < 2:
        return told[0] if told else "0"
    return " || ".join(f"({each})" if " && " in each else each for each in told)


def both(conditions: Collection[str]) -> str:
    """All of these conditions."""
    told = [each for each in dict.fromkeys(conditions) if each != "1"]
    if "0" in told or any(f"!{each}" in told for each in told):
        return "0"
    return " && ".join(f"({each})" if " || " in each else each for each in told) if told else "1"


def negated(condition: str) -> str:
    """The opposite of a condition."""
    known = {"0": "1", "1": "0"}
    if condition in known:
        return known[condition]
    if CAPTURED.fullmatch(condition.removeprefix("!")):
        return condition.removeprefix("!") if condition.startswith("!") else f"!{condition}"
    return f"!({condition})"
