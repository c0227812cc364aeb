"""The words that reads may return, whoever could have written them: nothing is left out that justifies itself.

To begin with a location may hold its start, the constants that are written to it anywhere in the text, and, where
something else than a constant is written to it, any number of the program, 0 to 3, and what is made of these: no branch
is closed to a thread. Then what no thread writes, even so, is taken away, again and again. What is left contains the
words of every execution, as each of its reads finds the start or what one of its writes has written: it is the greatest
set of such words, where one grown from the start would be the least, without what only circles justify.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from encoder.program.core import Cell, CellName, Const, Program, Rmw, Scalar, Store
from encoder.spec.walk import walk
from tests.opponent.expression import value, variables, within
from tests.opponent.run import Runner, Trace, Word

SMALL = (0, 1, 2, 3)
MOST = 64  # words of one location
Values = Mapping[CellName, frozenset[Word]]


class TooMany(Exception):
    """There is too much to try."""


class Effort:
    """How much may still be tried; None: everything."""

    def __init__(self, left: int | None) -> None:
        self.left = left

    def spend(self, amount: int) -> None:
        """Raises TooMany."""
        if self.left is not None:
            self.left -= amount
            if self.left < 0:
                raise TooMany


def traces(
    program: Program, rounds: int, start: Mapping[CellName, Word], most: int | None, more_numbers: Sequence[int] = ()
) -> list[list[Trace]]:
    """Every way each thread can go, its reads returning any word that may be there. Raises TooMany where a thread has
    more than `most` such ways, or a location so many words."""
    numbers = {part.value for part in walk(program) if isinstance(part, Const)} | {*SMALL, *more_numbers}
    values: Values = {cell.name: _text(program, cell, start[cell.name], numbers) for cell in program.cells}
    found = _run(program, rounds, values, most)
    for _ in range(sum(max(map(_writes, own), default=0) for own in found)):
        more = _written(values, found)
        grown = {cell: words | more[cell] for cell, words in values.items()}
        if grown == values:
            break
        if most is not None and max(map(len, grown.values())) > MOST:
            raise TooMany
        values, found = grown, _run(program, rounds, grown, most)
    while True:
        more = _written(values, found)
        kept = {cell: (words & more[cell]) | {start[cell]} for cell, words in values.items()}
        if kept == values:
            return found
        values, found = kept, _run(program, rounds, kept, most)


def _run(program: Program, rounds: int, values: Values, most: int | None) -> list[list[Trace]]:
    """Raises TooMany."""
    cells = {cell.name: cell for cell in program.cells}
    return [list(_counted(Runner(thread, cells, values, rounds).traces(), most)) for thread in program.threads]


def _counted(every: Iterator[Trace], most: int | None) -> Iterator[Trace]:
    effort = Effort(most)
    for trace in every:
        effort.spend(1)
        yield trace


def _writes(trace: Trace) -> int:
    return sum(bool(deed.wrote) for deed in trace.deeds)


def _written(values: Values, found: list[list[Trace]]) -> Values:
    """What is written to each location somewhere."""
    more: dict[CellName, set[Word]] = {cell: set() for cell in values}
    for own in found:
        for trace in own:
            for deed in trace.deeds[-1:]:  # what was done before is the last deed of another trace
                if deed.wrote and deed.cell is not None:
                    more[deed.cell].add(deed.written)
    return {cell: frozenset(words) for cell, words in more.items()}


def _text(program: Program, cell: Cell, start: Word, numbers: set[int]) -> frozenset[Word]:
    """What a location may hold by the text alone."""
    if cell.lock:
        return frozenset((number,) for number in range(2 + len(program.threads)))
    words = {start}
    for write in walk(program.threads):
        if isinstance(write, Store | Rmw) and cell.name in dict(write.place.targets).values():
            exprs = dict(write.values)
            parts = [
                _among(numbers | {*start}, part.type) if variables(exprs[part.name]) else [value(exprs[part.name], {})]
                for part in cell.components
            ]
            words |= set(product(*parts))
    return frozenset(words)


def _among(numbers: set[int], type: Scalar) -> list[int]:
    """The numbers that are of this type."""
    fitting = [number for number in sorted(numbers) if within(number, type) == number]
    return [number for number in fitting if number >= 0 or type.kind != "pointer"]
