"""The shared variables of a litmus test: their addresses and initial values.

Litmus tests are untyped: a variable may hold numbers and addresses, and an address is a number. Each address is larger
than every number that the test mentions, and variables are so far apart that small numbers can be added to an address
without reaching another variable.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from encoder.base.source import Span
from encoder.litmus.problems import input_error
from encoder.program.core import INT, Cell, CellName, Component, Const, Expr, Place
from encoder.spec.litmus import Constant, Global, Literally, LitmusAddress, LitmusText
from encoder.spec.syntax import Number
from encoder.spec.walk import walk

MIN_DISTANCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A shared variable; one that is not an array has a single element."""

    name: str
    address: int
    init: tuple[int, ...]
    array: bool
    span: Span

    def cell(self, index: int) -> CellName:
        return CellName(f"{self.name}[{index}]" if self.array else self.name, "")


class SharedVariables:
    """All shared variables of a test: those in its init block, its threads' parameters, and those named in its
    propositions."""

    def __init__(self, test: LitmusText) -> None:
        self.locks: set[str] = set()
        self.variables: dict[str, Variable] = {}
        shapes = _declared_shapes(test)
        places: dict[str, Span] = {}
        for name, span in _variable_names(test):
            places.setdefault(name, span)
        first = 1 << max(MIN_DISTANCE, 2 * largest_number(test)).bit_length()
        addresses: dict[str, int] = {}
        for name in places:
            addresses[name] = first
            first += (shapes.get(name, DeclaredShape()).size // MIN_DISTANCE + 1) * MIN_DISTANCE
        for name, span in places.items():
            shape = shapes.get(name, DeclaredShape())
            values = {index: _value_of(value, addresses) for index, value in shape.values.items()}
            self.variables[name] = Variable(
                name=name, address=addresses[name], init=tuple(values.get(index, 0) for index in range(shape.size)),
                array=shape.array, span=span,
            )  # fmt: skip

    def constant(self, value: Constant) -> Const:
        """A number, or an address as a number. Raises InputError for an element that does not exist."""
        if isinstance(value, Literally):
            return Const(_value_of(value, {}), INT)
        self.element(value.name, value.index, value.span)
        return Const(self.variables[value.name].address + value.index, INT)

    def element(self, name: str, index: int, span: Span) -> CellName:
        """The cell of a variable or of an array element. Raises InputError."""
        variable = self.variables[name]
        if index >= len(variable.init):
            raise input_error("L104", f"`{name}` has no element {index}", span)
        return variable.cell(index)

    def place(self, base: Expr, *, lock: bool) -> Place:
        """The place that an address denotes: only locks if `lock`, else only other variables."""
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


def _value_of(value: Constant, addresses: dict[str, int]) -> int:
    """The value as an int. Raises InputError for a number that does not fit."""
    if isinstance(value, LitmusAddress):
        return addresses[value.name] + value.index
    if not -(1 << 31) <= value.value < 1 << 31:
        raise input_error("L106", f"{value.value} does not fit an int", value.span)
    return value.value


@dataclass(slots=True)
class DeclaredShape:
    """What the init block says about a variable."""

    size: int = 1
    array: bool = False
    values: dict[int, Constant] = field(default_factory=dict)


def _declared_shapes(test: LitmusText) -> dict[str, DeclaredShape]:
    """`int x[2] = {1, 2}` declares an array, `x[1] = 2` initialises an element. Raises InputError."""
    shapes: dict[str, DeclaredShape] = {}
    for start in test.start:
        if not isinstance(start.cell, Global):
            continue
        shape = shapes.setdefault(start.cell.name, DeclaredShape())
        index = start.cell.index
        first = 0 if start.type or index is None else index
        given = dict(enumerate(start.values, first))
        if given.keys() & shape.values.keys():
            raise input_error("L105", f"`{start.cell.name}` is given its first value twice", start.span)
        shape.values |= given
        shape.array = shape.array or index is not None
        shape.size = max(shape.size, index if start.type and index is not None else first + 1)
        if max(given, default=0) >= shape.size:
            raise input_error("L104", f"more values than `{start.cell.name}` has elements", start.span)
    return shapes


def largest_number(test: LitmusText) -> int:
    """The largest absolute value of a number that the test mentions."""
    return max((abs(node.value) for node in walk(test) if isinstance(node, Number | Literally)), default=0)


def _variable_names(test: LitmusText) -> Iterator[tuple[str, Span]]:
    """Every name of a shared variable with its span, in the order of the text."""
    for start in test.start:
        if isinstance(start.cell, Global):
            yield start.cell.name, start.cell.span
        yield from ((value.name, value.span) for value in start.values if isinstance(value, LitmusAddress))
    for function in test.functions:
        yield from ((parameter.name, parameter.span) for parameter in function.parameters)
    for node in walk((test.locations, test.filters, test.proposition)):
        if isinstance(node, Global | LitmusAddress):
            yield node.name, node.span
