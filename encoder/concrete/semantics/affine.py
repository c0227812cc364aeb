"""Integers known up to a symbol: all starts of a program at once, a range of the symbol's values at a time.

A symbol with many values is not chosen: where it stands in the start, the value is `Affine`, the symbol and a constant.
Adding a constant keeps it so. What has to know more, a comparison say, is answered for the smallest value that the
symbol may have, and the symbol is narrowed to the values for which the answer is the same: `Ranges.pieces` runs a
computation again for what was left out, until every value has been looked at.

A result is right for each value in its piece. By induction over the operations of one run: an operand is an integer, or
a symbol and a constant which are the operand's value wherever the symbol is in the piece; a sum of one of these with an
integer is one for every value; every other operation first narrows the piece to values for which it has one result, and
pieces only get narrower while a run goes on. The smallest value is never narrowed away, so every run decides some
values, and the pieces are disjoint and together everything that was asked.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

Box = tuple[tuple[int, int], ...]
"""For each symbol that was not chosen its smallest and largest value."""
Computed = TypeVar("Computed")


class Ranges:
    """The values of the symbols for which the present computation is right; it is run for the smallest of each."""

    def __init__(self) -> None:
        self._lowest: list[int] = []
        self._highest: list[int] = []

    def pieces(self, box: Box, compute: Callable[[], Computed]) -> Iterator[tuple[Box, Computed]]:
        """The result for every value in the box: disjoint boxes, which together are the whole, with theirs."""
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
        """Go on for values up to `most` alone, which is not below the smallest."""
        self._highest[symbol] = min(self._highest[symbol], most)


class Affine(int):
    """The value of a symbol, by its number in `ranges`, plus `offset`.

    It stands where an integer does. `==` and hashing tell what it is and never ask for a value, so that states with it
    can be compared: whether values are equal says `same`. Operators ask, and narrow the ranges. The number that it is
    for Python is a code for hashing and nothing more.
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

    def known(self) -> int:
        """The value at the smallest of the symbol's values, and no other is looked at."""
        lowest = self.ranges.lowest(self.symbol)
        self.ranges.narrow(self.symbol, lowest)
        return lowest + self.offset

    def below(self, bound: int) -> bool:
        """Whether the value is less than an integer, whose own value is asked for if need be."""
        if isinstance(bound, Affine):
            return self.offset < bound.offset if bound.symbol == self.symbol else self.below(bound.known())
        lowest = self.ranges.lowest(self.symbol)
        if lowest + self.offset >= bound:
            return False
        self.ranges.narrow(self.symbol, bound - self.offset - 1)
        return True

    def equals(self, other: int) -> bool:
        """Whether the value is another's."""
        if isinstance(other, Affine) and other.symbol == self.symbol:
            return self.offset == other.offset
        value = known(other)
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
        return Affine(self.ranges, self.symbol, self.offset + known(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        if isinstance(other, Affine) and other.symbol == self.symbol:
            return self.offset - other.offset
        return self + -known(other)

    def __rsub__(self, other: int) -> int:
        return other - self.known()

    def __mod__(self, other: int) -> int:
        """Goes on for the values with one quotient; `other` is positive."""
        lowest = self.ranges.lowest(self.symbol)
        rounds = (lowest + self.offset) // other
        self.ranges.narrow(self.symbol, (rounds + 1) * other - 1 - self.offset)
        return self - rounds * other

    def __mul__(self, other: int) -> int:
        return self.known() * known(other)

    def __and__(self, other: int) -> int:
        return self.known() & known(other)

    def __or__(self, other: int) -> int:
        return self.known() | known(other)

    def __xor__(self, other: int) -> int:
        return self.known() ^ known(other)

    def __lshift__(self, other: int) -> int:
        return self.known() << known(other)

    def __rlshift__(self, other: int) -> int:
        return other << self.known()

    def __rshift__(self, other: int) -> int:
        return self.known() >> known(other)

    def __rrshift__(self, other: int) -> int:
        return other >> self.known()

    __rmul__, __rand__, __ror__, __rxor__ = __mul__, __and__, __or__, __xor__

    def __index__(self) -> int:
        return self.known()

    __int__ = __index__


def known(value: int) -> int:
    """The value as an integer."""
    return value.known() if isinstance(value, Affine) else value


def same(left: int, right: int) -> bool:
    """Whether two values are equal."""
    if isinstance(left, Affine):
        return left.equals(right)
    return right.equals(left) if isinstance(right, Affine) else left == right
