"""Symbolic integers: one run for all initial values of a program, a range of each symbol's values at a time.

A symbol with many values is not enumerated: its value in the initial state is `Affine`, the symbol plus a constant.
Adding a constant keeps it so. An operation that needs to know more, such as a comparison, is evaluated for the smallest
value of the symbol's range, and the range is narrowed to the values for which the result is the same. `Ranges.pieces`
repeats a computation for the values left out, until all have been covered.

A result is correct for each value in its piece. By induction over the operations of one run: an operand is an integer,
or a symbol plus a constant that is the operand's value for every value of the symbol in the piece; the sum of such an
operand and an integer is correct for every value; every other operation first narrows the piece to values for which it
has one result, and pieces only get narrower during a run. The smallest value is never narrowed away, so every run
covers some values; the pieces are disjoint and together cover the whole box.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

SymbolBox = tuple[tuple[int, int], ...]
"""The smallest and largest value of each symbol that was not enumerated."""
Computed = TypeVar("Computed")


class Ranges:
    """The values of the symbols for which the present computation is correct; it is run for the smallest value of
    each."""

    def __init__(self) -> None:
        self._lowest: list[int] = []
        self._highest: list[int] = []

    def pieces(self, box: SymbolBox, compute: Callable[[], Computed]) -> Iterator[tuple[SymbolBox, Computed]]:
        """Run `compute` for every value in the box: yields disjoint boxes that together cover it, each with its
        result."""
        todo = [box]
        while todo:
            whole = todo.pop()
            self._lowest = [low for low, _ in whole]
            self._highest = [high for _, high in whole]
            result = compute()
            piece = tuple(zip(self._lowest, self._highest, strict=True))
            for place in reversed(range(len(whole))):
                (_, reached), (_, high) = piece[place], whole[place]
                if reached < high:
                    todo.append((*piece[:place], (reached + 1, high), *whole[place + 1 :]))
            yield piece, result

    def lowest(self, symbol: int) -> int:
        return self._lowest[symbol]

    def narrow(self, symbol: int, most: int) -> None:
        """Restrict the symbol to values up to `most`, which is not below its smallest value."""
        self._highest[symbol] = min(self._highest[symbol], most)


class Affine(int):
    """The value of a symbol, by its number in `ranges`, plus `offset`.

    It stands where an integer does. `==` and hashing compare symbol and offset and never ask for a value, so that
    states can be compared; whether two values are equal is decided by `equal_values`. Operators ask for the value, and
    narrow the ranges. The int that Python sees is a code for hashing and nothing else.
    """

    ranges: Ranges
    symbol: int
    offset: int

    def __new__(cls, ranges: Ranges, symbol: int, offset: int = 0) -> "Affine":
        made = super().__new__(cls, (symbol + 1 << 34) + offset)
        made.ranges, made.symbol, made.offset = ranges, symbol, offset
        return made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Affine) and (self.symbol, self.offset) == (other.symbol, other.offset)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __repr__(self) -> str:
        return f"Affine({self.symbol}, {self.offset})"

    def concrete_value(self) -> int:
        """The value at the symbol's smallest value, to which the range is narrowed."""
        lowest = self.ranges.lowest(self.symbol)
        self.ranges.narrow(self.symbol, lowest)
        return lowest + self.offset

    def below(self, bound: int) -> bool:
        """Whether the value is less than `bound`; narrows the range, of `bound` too if it is another symbol."""
        if isinstance(bound, Affine):
            return self.offset < bound.offset if bound.symbol == self.symbol else self.below(bound.concrete_value())
        lowest = self.ranges.lowest(self.symbol)
        if lowest + self.offset >= bound:
            return False
        self.ranges.narrow(self.symbol, bound - self.offset - 1)
        return True

    def equals(self, other: int) -> bool:
        """Whether the value equals another."""
        if isinstance(other, Affine) and other.symbol == self.symbol:
            return self.offset == other.offset
        value = concrete_value(other)
        return not self.below(value) and self.below(value + 1)

    def __bool__(self) -> bool:
        return not self.equals(0)

    def __lt__(self, other: int) -> bool:
        return self.below(other)

    def __le__(self, other: int) -> bool:
        return self.below(other + 1)

    def __gt__(self, other: int) -> bool:
        return not self.below(other + 1)

    def __ge__(self, other: int) -> bool:
        return not self.below(other)

    def __add__(self, other: int) -> int:
        return Affine(self.ranges, self.symbol, self.offset + concrete_value(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        if isinstance(other, Affine) and other.symbol == self.symbol:
            return self.offset - other.offset
        return self + -concrete_value(other)

    def __rsub__(self, other: int) -> int:
        return other - self.concrete_value()

    def __mod__(self, other: int) -> int:
        """Narrows the range to values with one quotient; `other` is positive."""
        lowest = self.ranges.lowest(self.symbol)
        rounds = (lowest + self.offset) // other
        self.ranges.narrow(self.symbol, (rounds + 1) * other - 1 - self.offset)
        return self - rounds * other

    def __mul__(self, other: int) -> int:
        return self.concrete_value() * concrete_value(other)

    def __and__(self, other: int) -> int:
        return self.concrete_value() & concrete_value(other)

    def __or__(self, other: int) -> int:
        return self.concrete_value() | concrete_value(other)

    def __xor__(self, other: int) -> int:
        return self.concrete_value() ^ concrete_value(other)

    def __lshift__(self, other: int) -> int:
        return self.concrete_value() << concrete_value(other)

    def __rlshift__(self, other: int) -> int:
        return other << self.concrete_value()

    def __rshift__(self, other: int) -> int:
        return self.concrete_value() >> concrete_value(other)

    def __rrshift__(self, other: int) -> int:
        return other >> self.concrete_value()

    __rmul__, __rand__, __ror__, __rxor__ = __mul__, __and__, __or__, __xor__

    def __index__(self) -> int:
        return self.concrete_value()

    __int__ = __index__


def concrete_value(value: int) -> int:
    """The value as an integer, its symbol narrowed to one value."""
    return value.concrete_value() if isinstance(value, Affine) else value


def equal_values(left: int, right: int) -> bool:
    """Whether two values are equal."""
    if isinstance(left, Affine):
        return left.equals(right)
    return right.equals(left) if isinstance(right, Affine) else left == right
