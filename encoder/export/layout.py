"""How a program's memory stands in a litmus test: each cell an int, those of one field an array where an address is
computed, and a record packed into one int."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from encoder.export.names import Unwritable, identifier
from encoder.program.core import Cell, CellName, Component, Const, Expr, Place, Program
from encoder.program.traverse import events, place_of

POINTER_BITS = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A component of a packed word: `bits` of them from `shift` on."""

    name: str
    shift: int
    bits: int

    @property
    def mask(self) -> int:
        return ((1 << self.bits) - 1) << self.shift

    def of(self, whole: str) -> str:
        """The component of a packed word, as C: herd7 knows no shift, but each bit can be looked at."""
        if not self.shift:
            return f"({whole} & {self.mask})"
        bits = [f"(({whole} & {1 << self.shift + bit}) != 0)" for bit in range(self.bits)]
        added = " + ".join(f"{each} * {1 << bit}" if bit else each for bit, each in enumerate(bits))
        return f"({added})" if len(bits) > 1 else added


@dataclass(slots=True)
class Layout:
    """The memory of a program."""

    program: Program
    cells: dict[CellName, Cell] = field(init=False)
    computed: set[tuple[str, str]] = field(init=False)
    numbers: dict[CellName, int] = field(init=False)

    def __post_init__(self) -> None:
        self.cells = {cell.name: cell for cell in self.program.cells}
        places = [place for t in self.program.threads for e in events(t.body) if (place := place_of(e)) is not None]
        self.computed = {(place.struct, place.field) for place in places if not isinstance(place.base, Const)}
        self.numbers = {cell: number for place in places for number, cell in place.targets}

    def is_array(self, name: CellName) -> bool:
        return (self.cells[name].struct, name.field) in self.computed

    def variables(self) -> set[str]:
        return {self.variable(name) for name in self.cells}

    def variable(self, name: CellName) -> str:
        """The variable of the test in which a cell is."""
        return identifier(f"{self.cells[name].struct}_{name.field}" if self.is_array(name) else str(name))

    def address(self, place: Place, index: str) -> tuple[str, str]:
        """The variable that a place is in, and a pointer to it; `index` is the base as C."""
        names = [cell for _, cell in place.targets]
        if not names:
            raise Unwritable(f"an access to no {place.struct}")
        if isinstance(place.base, Const):
            (name,) = (cell for number, cell in place.targets if number == place.base.value)
            return self.variable(name), self.fixed(name)
        variable = self.variable(names[0])
        return variable, f"{variable} + {index}"

    def fixed(self, name: CellName) -> str:
        """A pointer to a cell."""
        variable = self.variable(name)
        return f"{variable} + {self.numbers[name]}" if self.is_array(name) else variable

    def parts(self, name: CellName) -> tuple[Part, ...]:
        """The components of a record, in their order; () for a plain value. The widest is in the lowest bits, where it
        is read without a look at each of its bits."""
        components = self.cells[name].components
        if len(components) == 1 and not components[0].name:
            return ()
        shifts, shift = {}, 0
        for component in sorted(components, key=_bits, reverse=True):
            shifts[component.name] = shift
            shift += _bits(component)
        return tuple(Part(each.name, shifts[each.name], _bits(each)) for each in components)

    def declared(self, used: Iterable[str], start: Mapping[CellName, int]) -> list[str]:
        """The lines of the init block for the variables that are used."""
        wanted, lines = set(used), []
        arrays: dict[str, dict[int, int]] = {}
        for name, cell in self.cells.items():
            variable = self.variable(name)
            if variable not in wanted:
                continue
            if self.is_array(name):
                arrays.setdefault(variable, {})[self.numbers.get(name, 0)] = 0 if cell.lock else start[name]
            elif not cell.lock and start[name]:
                lines.append(f"\tint {variable} = {start[name]};")
        for variable, values in arrays.items():
            listed = ", ".join(str(values.get(number, 0)) for number in range(max(values) + 1))
            lines.append(f"\tint {variable}[{max(values) + 1}] = {{{listed}}};")
        return lines


def _bits(component: Component) -> int:
    match component.type.kind:
        case "bool":
            return 1
        case "pointer":
            return POINTER_BITS
        case _:
            raise Unwritable(f"a record with a number in it (`{component.name}`)")


def packed(parts: Iterable[Part], values: Mapping[str, Expr], c: Mapping[str, str]) -> str:
    """The components as one int."""
    shifted = (f"({c[part.name]} * {1 << part.shift})" if part.shift else c[part.name] for part in parts)
    return " | ".join(text for part, text in zip(parts, shifted, strict=True) if not _zero(values[part.name])) or "0"


def _zero(expr: Expr) -> bool:
    return isinstance(expr, Const) and expr.value == 0
