"""The possible values of an integer term: an exact set of at most `MAX_EXACT` values, or inclusive bounds."""

from typing import Final

MAX_EXACT: Final = 24  # a set is kept exact up to this many values
Domain = frozenset[int] | tuple[int, int]


def interval(first: int, last: int) -> Domain:
    """All integers from `first` to `last`, inclusive."""
    return frozenset(range(first, last + 1)) if last - first < MAX_EXACT else (first, last)


def union(a: Domain, b: Domain) -> Domain:
    """A domain that contains both."""
    if isinstance(a, frozenset) and isinstance(b, frozenset) and len(a | b) <= MAX_EXACT:
        return a | b
    return min(*a, *b), max(*a, *b)


def calculate(op: str, x: int, y: int) -> int:
    """`x op y` on mathematical integers. A shift by a negative count, or by 32 or more, shifts every bit out. Raises
    ValueError for an unknown operator."""
    match op:
        case "+":
            return x + y
        case "-":
            return x - y
        case "*":
            return x * y
        case "&":
            return x & y
        case "|":
            return x | y
        case "^":
            return x ^ y
        case "<<":
            return x << y if 0 <= y < 32 else 0
        case ">>":
            return x >> y if 0 <= y < 32 else -int(x < 0)
        case _:
            raise ValueError(op)


def bounds(op: str, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Inclusive bounds of `x op y` for x and y within inclusive bounds."""
    match op:
        case "+":
            return a[0] + b[0], a[1] + b[1]
        case "-":
            return a[0] - b[1], a[1] - b[0]
        case "&" if a[0] >= 0 or b[0] >= 0:
            return 0, min(high for low, high in (a, b) if low >= 0)
        case "*":
            return _ends(op, a, b)
        case "<<":
            low, high = _ends(op, a, b if b[0] >= 0 and b[1] < 32 else (0, 31))
            return min(0, low), max(0, high)
        case ">>" if b[0] >= 0:
            return _ends(op, a, b)
        case ">>":
            return min(a[0], 0), max(a[1], 0)
        case _:
            bits = max(v.bit_length() for v in (a[0], a[1], b[0], b[1]))
            return (0 if a[0] >= 0 and b[0] >= 0 else -(1 << bits)), (1 << bits) - 1


def _ends(op: str, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """The least and the greatest of what the bounds give."""
    ends = [calculate(op, x, y) for x in a for y in b]
    return min(ends), max(ends)
