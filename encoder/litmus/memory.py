"""The shared variables of a litmus test: where they are, what they hold at the start.

Litmus tests have no types worth the name: a variable may hold numbers and addresses, and an address is a number as
any other to the program. Each address is larger than every number that the test mentions, and variables lie far
enough apart that small numbers may be added to an address without meeting another variable.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from encoder.base.source import Span
from encoder.litmus.problems import refused
from encoder.program.core import INT, Cell, CellName, Component, Const, Expr, Place
from encoder.spec.litmus import Constant, Global, Literally, LitmusAddress, LitmusText
from encoder.spec.syntax import Number
from encoder.spec.walk import walk

APART = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A shared variable; one that is no array has one element."""

    name: str
    address: int
    init: tuple[int, ...]
    array: bool
    span: Span

    def cell(self, index: int) -> CellName:
        return CellName(f"{self.name}[{index}]" if self.array else self.name, "")


class SharedVariables:
    """All shared variables of a test: those that are declared, that threads get, that are named anywhere else."""

    def __init__(self, test: LitmusText) -> None:
        self.locks: set[str] = set()
        self.variables: dict[str, Variable] = {}
        shapes = _shapes(test)
        places: dict[str, Span] = {}
        for name, span in _names(test):
            places.setdefault(name, span)
        first = 1 << max(APART, 2 * largest(test)).bit_length()
        addresses: dict[str, int] = {}
        for name in places:
            addresses[name] = first
            first += (shapes.get(name, Shape()).size // APART + 1) * APART
        for name, span in places.items():
            shape = shapes.get(name, Shape())
            values = {index: _number(value, addresses) for index, value in shape.values.items()}
            self.variables[name] = Variable(
                name=name, address=addresses[name], init=tuple(values.get(index, 0) for index in range(shape.size)),
                array=shape.array, span=span,
            )  # fmt: skip

    def constant(self, value: Constant) -> Const:
        """A number, or an address as the number that it is. Raises InputError for an element that is not there."""
        if isinstance(value, Literally):
            return Const(_number(value, {}), INT)
        self.element(value.name, value.index, value.span)
        return Const(self.variables[value.name].address + value.index, INT)

    def element(self, name: str, index: int, span: Span) -> CellName:
        """The cell of a variable or of an element of an array. Raises InputError."""
        variable = self.variables[name]
        if index >= len(variable.init):
            raise refused("L104", f"`{name}` has no element {index}", span)
        return variable.cell(index)

    def place(self, base: Expr, *, lock: bool) -> Place:
        """The location that an address means; locks are apart from all else."""
        targets = tuple(
            (variable.address + index, variable.cell(index))
            for variable in self.variables.values()
            if (variable.name in self.locks) == lock
            for index in range(len(variable.init))
            if not isinstance(base, Const) or base.value == variable.address + index
        )
        return Place(base=base, struct="", field="", targets=targets)

    def cells(self) -> tuple[Cell, ...]:
        return tuple(
            Cell(
                name=variable.cell(index), struct="", components=(Component(name="", type=INT),),
                init=(Const(value, INT),), lock=variable.name in self.locks, span=variable.span,
            )
            for variable in self.variables.values()
            for index, value in enumerate(variable.init)
        )  # fmt: skip


def _number(value: Constant, addresses: dict[str, int]) -> int:
    """Raises InputError for a number that no int holds."""
    if isinstance(value, LitmusAddress):
        return addresses[value.name] + value.index
    if not -(1 << 31) <= value.value < 1 << 31:
        raise refused("L106", f"{value.value} does not fit an int", value.span)
    return value.value


@dataclass(slots=True)
class Shape:
    """What the init block says of a variable."""

    size: int = 1
    array: bool = False
    values: dict[int, Constant] = field(default_factory=dict)


def _shapes(test: LitmusText) -> dict[str, Shape]:
    """`int x[2] = {1, 2}` declares an array, `x[1] = 2` gives an element. Raises InputError."""
    shapes: dict[str, Shape] = {}
    for start in test.start:
        if not isinstance(start.cell, Global):
            continue
        shape = shapes.setdefault(start.cell.name, Shape())
        index = start.cell.index
        first = 0 if start.type or index is None else index
        given = dict(enumerate(start.values, first))
        if given.keys() & shape.values.keys():
            raise refused("L105", f"`{start.cell.name}` is given its first value twice", start.span)
        shape.values |= given
        shape.array = shape.array or index is not None
        shape.size = max(shape.size, index if start.type and index is not None else first + 1)
        if max(given, default=0) >= shape.size:
            raise refused("L104", f"more values than `{start.cell.name}` has elements", start.span)
    return shapes


def largest(test: LitmusText) -> int:
    """The largest number, by its absolute value, that the test mentions."""
    return max((abs(node.value) for node in walk(test) if isinstance(node, Number | Literally)), default=0)


def _names(test: LitmusText) -> Iterator[tuple[str, Span]]:
    """Every name of a shared variable with a place where it stands, in the order of the text."""
    for start in test.start:
        if isinstance(start.cell, Global):
            yield start.cell.name, start.cell.span
        yield from ((value.name, value.span) for value in start.values if isinstance(value, LitmusAddress))
    for function in test.functions:
        yield from ((parameter.name, parameter.span) for parameter in function.parameters)
    for node in walk((test.locations, test.filters, test.proposition)):
        if isinstance(node, Global | LitmusAddress):
            yield node.name, node.span
