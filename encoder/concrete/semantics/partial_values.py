"""Partly known values: an expression over an unknown value is unknown."""


class UnknownValue(Exception):
    """An expression needs a value that is not known."""


def require_known(value: int | None) -> int:
    """The value. Raises UnknownValue for None."""
    if value is None:
        raise UnknownValue
    return value
