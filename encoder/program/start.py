"""The initial state of a scenario: what each location holds, as expressions over the scenario's symbols."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.coerce import coerce, equality
from encoder.program.core import INT, Assumption, Cell, CellName, Code, Component, Const, Expr, SymbolRange, Var
from encoder.program.counting import count_objects
from encoder.program.evaluate import evaluate, evaluate_location, evaluate_truth
from encoder.program.memory import memory_value
from encoder.program.problems import Problems, Rejected
from encoder.program.symbol_table import SymbolTable
from encoder.program.unparse import unparse
from encoder.program.values import Location, RecordValue, Value, parts_of, type_parts, zero_value
from encoder.spec.model import Field, Scenario
from encoder.spec.syntax import Assignment, Call, Expression, Name, Position, Subscript


@dataclass(slots=True)
class StartValues:
    """The assignments of `init`, the values found so far, and the locations whose values are being computed."""

    assignments: dict[CellName, Assignment] = field(default_factory=dict)
    values: dict[CellName, Expr | RecordValue] = field(default_factory=dict)
    in_progress: list[CellName] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartScope:
    """The scope of `init`, `assume`, equations and defaults. `given` None: only objects, constants and symbols are
    known. `self_object` is the object that `self` denotes."""

    table: SymbolTable
    symbols: frozenset[str]
    given: StartValues | None = None
    self_object: Const | None = None
    it: Const | None = None

    @property
    def problems(self) -> Problems:
        return self.table.problems

    def lookup(self, name: Name) -> Value:
        special = {"self": self.self_object, "it": self.it}.get(name.name)
        if special is not None:
            return special
        if name.name in self.table.objects:
            return self.table.objects[name.name]
        if name.name in self.symbols:
            return Var(name.name, INT)
        known = [*self.table.objects, *self.symbols, *self.table.constants]
        message = f"`{name.name}` is no object, symbol or constant"
        raise self.problems.reject("S301", message, name.span, word=name.name, known=known)

    def load(self, location: Location, expression: Expression) -> Value:
        if self.given is None:
            raise self.problems.reject("S302", "memory has no value yet", expression.span)
        return memory_value(self.table, location, lambda cell: self.value(cell, expression.span))

    def parameter(self, base: Expr, struct: str, name: str, span: Span) -> Value:
        return self.table.fixed_value(base, struct, self.table.field(struct, name, span), span)

    def call(self, call: Call) -> Value | None:
        if call.function == "count":
            return count_objects(self.table, call, lambda it: replace(self, it=it))
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
        if cell in self.given.in_progress:
            cycle = " -> ".join(
                str(name) for name in (*self.given.in_progress[self.given.in_progress.index(cell) :], cell)
            )
            raise self.problems.reject("S303", f"a start that depends on itself: {cycle}", span)
        self.given.in_progress.append(cell)
        try:
            self.given.values[cell] = self._find(cell)
        finally:
            self.given.in_progress.pop()
        return self.given.values[cell]

    def _find(self, cell: CellName) -> Expr | RecordValue:
        assert self.given is not None
        declared = self.field(cell)
        assignment = self.given.assignments.get(cell)
        if assignment is None:
            return self.initially(cell)
        value = coerce(self, evaluate(self, assignment.value), self.table.type(declared.type), assignment.value.span)
        if declared.type.name == "lock" and value != Const(0, INT):
            raise self.problems.reject("S303", "a lock is free at the start", assignment.value.span)
        return value

    def initially(self, cell: CellName) -> Expr | RecordValue:
        """What a location holds where the scenario does not say. Raises Rejected."""
        declared = self.field(cell)
        type = self.table.type(declared.type)
        if declared.initially is None:
            return zero_value(type)
        scope = replace(self, self_object=self.table.objects[cell.object])
        return coerce(self, evaluate(scope, declared.initially), type, declared.initially.span)

    def field(self, cell: CellName) -> Field:
        struct = self.table.objects[cell.object].type.struct
        return next(field for field in self.table.structs[struct].fields if field.name == cell.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedStart:
    """The memory of a scenario, its symbols, and the assumptions on both."""

    cells: tuple[Cell, ...]
    symbols: tuple[SymbolRange, ...]
    assumptions: tuple[Assumption, ...]


def resolve_start(table: SymbolTable, scenario: Scenario) -> ResolvedStart:
    """The initial state. Mistakes are noted."""
    given = StartValues()
    start = StartScope(table=table, symbols=frozenset(symbol.name for symbol in scenario.symbols), given=given)
    for assignment in scenario.init:
        with suppress(Rejected):
            _add_assignment(start, given, assignment)
    cells: list[Cell] = []
    assumptions: list[Assumption] = []
    for declaration in scenario.objects:
        if declaration.name not in table.objects:
            continue
        for declared in table.structs[declaration.struct].fields:
            if declared.const:
                continue
            cell = CellName(declaration.name, declared.name)
            with suppress(Rejected):
                cells.append(_cell(start, cell, declaration.span))
                assumptions.extend(_equation_assumption(start, given, cell))
    for condition in scenario.assume:
        with suppress(Rejected):
            assumptions.extend(_assumptions_of(start, condition))
    ranges = tuple(SymbolRange(name=s.name, first=s.first, last=s.last) for s in scenario.symbols)
    return ResolvedStart(cells=tuple(cells), symbols=ranges, assumptions=tuple(assumptions))


def _add_assignment(start: StartScope, given: StartValues, assignment: Assignment) -> None:
    location = evaluate_location(start, assignment.target)
    targets = start.table.targets(location)
    if not isinstance(location.base, Const) or not targets:
        raise start.problems.reject("S303", "which object this is depends on symbols", assignment.target.span)
    cell = targets[0][1]
    if cell in given.assignments:
        related = (("first here", given.assignments[cell].span),)
        raise start.problems.reject("S303", f"{cell} is given twice", assignment.span, related=related)
    given.assignments[cell] = assignment


def _cell(start: StartScope, name: CellName, span: Span) -> Cell:
    struct = start.table.objects[name.object].type.struct
    declared = start.field(name)
    value = start.value(name, span)
    parts = type_parts(start.table.type(declared.type))
    assert start.given is not None
    assignment = start.given.assignments.get(name)
    said = declared.initially if assignment is None else assignment.value
    return Cell(
        name=name,
        struct=struct,
        components=tuple(Component(name=part, type=scalar) for part, scalar in parts),
        init=tuple(expr for _, expr in parts_of(value)),
        lock=declared.type.name == "lock",
        balanced=name.field in start.table.structs[struct].locks,
        span=span,
        text="" if said is None else unparse(said),
        given=None if said is None else said.span,
    )


def _equation_assumption(start: StartScope, given: StartValues, cell: CellName) -> Iterator[Assumption]:
    """An initial value given for a field with an equation must satisfy the equation. Raises Rejected."""
    assignment = given.assignments.get(cell)
    declared = start.field(cell)
    if assignment is None or not declared.equation or declared.initially is None:
        return
    value, wanted = start.value(cell, assignment.span), start.initially(cell)
    equal = equality(start, value, wanted, assignment.span)
    text = f"{unparse(assignment.target)} = {unparse(assignment.value)}"
    if equal == fold.FALSE:
        related = (("the equation is here", declared.initially.span),)
        instead = f", its equation gives {wanted.value}" if isinstance(wanted, Const) else ""
        message = f"contradictory start: {text}{instead}"
        raise start.problems.reject("S303", message, assignment.span, related=related)
    if equal != fold.TRUE:
        told = f"{text}, and {cell} == {unparse(declared.initially)}"
        yield Assumption(condition=equal, text=told, span=assignment.span)


def _assumptions_of(start: StartScope, condition: Expression) -> Iterator[Assumption]:
    holds = evaluate_truth(start, condition)
    if holds == fold.FALSE:
        raise start.problems.reject(
            "S303", f"contradictory start: nothing satisfies {unparse(condition)}", condition.span
        )
    if holds != fold.TRUE:
        yield Assumption(condition=holds, text=unparse(condition), span=condition.span)
