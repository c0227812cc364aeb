"""JSON that people read in a diff: a value on one line where it is short, else its parts below one another."""

import json
from typing import Any

WIDTH = 300
"""A step of a schedule is one line."""


def laid(value: Any, indent: int = 0) -> str:
    """The value as JSON text without a final newline."""
    short = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (indent > 1 and len(short) <= WIDTH):
        return short
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        opening, closing = "{}"
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {laid(each, indent + 1)}" for key, each in value.items()]
    else:
        opening, closing = "[]"
        parts = [laid(each, indent + 1) for each in value]
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{' ' * indent}{closing}"
