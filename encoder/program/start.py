"""The start of a scenario: what each location holds, as expressions over the scenario's symbols."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.coerce import coerce, comparison
from encoder.program.core import INT, Assumption, Cell, CellName, Code, Component, Const, Expr, SymbolRange, Var
from encoder.program.counting import count
from encoder.program.evaluate import evaluate, place_of, truth
from encoder.program.memory import look
from encoder.program.problems import Problems, Rejected
from encoder.program.symbol_table import SymbolTable
from encoder.program.unparse import unparse
from encoder.program.values import Location, RecordValue, Value, parts_of, type_parts, zero
from encoder.spec.model import Field, Scenario
from encoder.spec.syntax import Assignment, Call, Expression, Name, Position, Subscript


@dataclass(slots=True)
class Given:
    """What is known of the locations: assignments of `init`, values found so far, and those being looked for."""

    assignments: dict[CellName, Assignment] = field(default_factory=dict)
    values: dict[CellName, Expr | RecordValue] = field(default_factory=dict)
    open: list[CellName] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScope:
    """The scope of `init`, `assume`, equations and defaults. `given` None: only objects, constants and symbols."""

    world: SymbolTable
    symbols: frozenset[str]
    given: Given | None = None
    own: Const | None = None
    it: Const | None = None

    @property
    def problems(self) -> Problems:
        return self.world.problems

    def lookup(self, name: Name) -> Value:
        special = {"self": self.own, "it": self.it}.get(name.name)
        if special is not None:
            return special
        if name.name in self.world.objects:
            return self.world.objects[name.name]
        if name.name in self.symbols:
            return Var(name.name, INT)
        known = [*self.world.objects, *self.symbols, *self.world.constants]
        message = f"`{name.name}` is no object, symbol or constant"
        raise self.problems.reject("S301", message, name.span, word=name.name, known=known)

    def load(self, location: Location, expression: Expression) -> Value:
        if self.given is None:
            raise self.problems.reject("S302", "memory has no value yet", expression.span)
        return look(self.world, location, lambda cell: self.value(cell, expression.span))

    def parameter(self, base: Expr, struct: str, name: str, span: Span) -> Value:
        return self.world.fixed_value(base, struct, self.world.field(struct, name, span), span)

    def call(self, call: Call) -> Value | None:
        if call.function == "count":
            return count(self.world, call, lambda it: replace(self, it=it))
        raise self.problems.reject("S227", f"`{call.function}` cannot be called before the start", call.span)

    def position(self, position: Position) -> Expr:
        raise self.problems.reject("S227", "`at` is for properties only", position.span)

    def index(self, index: Expr, length: int, expression: Subscript) -> None:
        if not isinstance(index, Const) or not 0 <= index.value < length:
            raise self.problems.reject(
                "S231", f"the index is out of range: the length is {length}", expression.index.span
            )

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        yield

    def capture(self, evaluation: Callable[[], Expr]) -> tuple[Expr, Code]:
        return evaluation(), ()

    def join(self, condition: Expr, then: tuple[Expr, Code], otherwise: tuple[Expr, Code]) -> Expr:
        raise AssertionError("the start has no events")

    def value(self, cell: CellName, span: Span) -> Expr | RecordValue:
        """What a location holds at the start. Raises Rejected."""
        assert self.given is not None
        if cell in self.given.values:
            return self.given.values[cell]
        if cell in self.given.open:
            cycle = " -> ".join(str(name) for name in (*self.given.open[self.given.open.index(cell) :], cell))
            raise self.problems.reject("S303", f"a start that depends on itself: {cycle}", span)
        self.given.open.append(cell)
        try:
            self.given.values[cell] = self._find(cell)
        finally:
            self.given.open.pop()
        return self.given.values[cell]

    def _find(self, cell: CellName) -> Expr | RecordValue:
        assert self.given is not None
        declared = self.field(cell)
        assignment = self.given.assignments.get(cell)
        if assignment is None:
            return self.initially(cell)
        value = coerce(self, evaluate(self, assignment.value), self.world.type(declared.type), assignment.value.span)
        if declared.type.name == "lock" and value != Const(0, INT):
            raise self.problems.reject("S303", "a lock is free at the start", assignment.value.span)
        return value

    def initially(self, cell: CellName) -> Expr | RecordValue:
        """What a location holds where the scenario says nothing. Raises Rejected."""
        declared = self.field(cell)
        type = self.world.type(declared.type)
        if declared.initially is None:
            return zero(type)
        scope = replace(self, own=self.world.objects[cell.object])
        return coerce(self, evaluate(scope, declared.initially), type, declared.initially.span)

    def field(self, cell: CellName) -> Field:
        struct = self.world.objects[cell.object].type.struct
        return next(field for field in self.world.structs[struct].fields if field.name == cell.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Initial:
    """The memory of a scenario, what it may choose, and what is assumed of both."""

    cells: tuple[Cell, ...]
    symbols: tuple[SymbolRange, ...]
    assumptions: tuple[Assumption, ...]


def initial(world: SymbolTable, scenario: Scenario) -> Initial:
    """The start. What is wrong with it is noted."""
    given = Given()
    start = StartScope(world=world, symbols=frozenset(symbol.name for symbol in scenario.symbols), given=given)
    for assignment in scenario.init:
        with suppress(Rejected):
            _give(start, given, assignment)
    cells: list[Cell] = []
    assumptions: list[Assumption] = []
    for declaration in scenario.objects:
        if declaration.name not in world.objects:
            continue
        for declared in world.structs[declaration.struct].fields:
            if declared.const:
                continue
            cell = CellName(declaration.name, declared.name)
            with suppress(Rejected):
                cells.append(_cell(start, cell, declaration.span))
                assumptions.extend(_kept_equation(start, given, cell))
    for condition in scenario.assume:
        with suppress(Rejected):
            assumptions.extend(_assumed(start, condition))
    ranges = tuple(SymbolRange(name=s.name, first=s.first, last=s.last) for s in scenario.symbols)
    return Initial(cells=tuple(cells), symbols=ranges, assumptions=tuple(assumptions))


def _give(start: StartScope, given: Given, assignment: Assignment) -> None:
    location = place_of(start, assignment.target)
    targets = start.world.targets(location)
    if not isinstance(location.base, Const) or not targets:
        raise start.problems.reject("S303", "which object this is depends on symbols", assignment.target.span)
    cell = targets[0][1]
    if cell in given.assignments:
        related = (("first here", given.assignments[cell].span),)
        raise start.problems.reject("S303", f"{cell} is given twice", assignment.span, related=related)
    given.assignments[cell] = assignment


def _cell(start: StartScope, name: CellName, span: Span) -> Cell:
    struct = start.world.objects[name.object].type.struct
    declared = start.field(name)
    value = start.value(name, span)
    parts = type_parts(start.world.type(declared.type))
    assert start.given is not None
    assignment = start.given.assignments.get(name)
    said = declared.initially if assignment is None else assignment.value
    return Cell(
        name=name,
        struct=struct,
        components=tuple(Component(name=part, type=scalar) for part, scalar in parts),
        init=tuple(expr for _, expr in parts_of(value)),
        lock=declared.type.name == "lock",
        balanced=name.field in start.world.structs[struct].locks,
        span=span,
        text="" if said is None else unparse(said),
        given=None if said is None else said.span,
    )


def _kept_equation(start: StartScope, given: Given, cell: CellName) -> Iterator[Assumption]:
    """A start that is given for a field with an equation has to satisfy it. Raises Rejected."""
    assignment = given.assignments.get(cell)
    declared = start.field(cell)
    if assignment is None or not declared.equation or declared.initially is None:
        return
    value, wanted = start.value(cell, assignment.span), start.initially(cell)
    equal = comparison(start, value, wanted, assignment.span)
    text = f"{unparse(assignment.target)} = {unparse(assignment.value)}"
    if equal == fold.FALSE:
        related = (("the equation is here", declared.initially.span),)
        instead = f", its equation gives {wanted.value}" if isinstance(wanted, Const) else ""
        message = f"contradictory start: {text}{instead}"
        raise start.problems.reject("S303", message, assignment.span, related=related)
    if equal != fold.TRUE:
        told = f"{text}, and {cell} == {unparse(declared.initially)}"
        yield Assumption(condition=equal, text=told, span=assignment.span)


def _assumed(start: StartScope, condition: Expression) -> Iterator[Assumption]:
    holds = truth(start, condition)
    if holds == fold.FALSE:
        raise start.problems.reject(
            "S303", f"contradictory start: nothing satisfies {unparse(condition)}", condition.span
        )
    if holds != fold.TRUE:
        yield Assumption(condition=holds, text=unparse(condition), span=condition.span)
