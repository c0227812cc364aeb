"""Resolves properties, with one instance for each binding of their names."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.core import (
    BOOL,
    INT,
    At,
    CellName,
    Code,
    Const,
    Ended,
    Expr,
    Final,
    Instance,
    Property,
    ThreadVar,
    Var,
)
from encoder.program.counting import count_objects
from encoder.program.evaluate import evaluate, evaluate_truth
from encoder.program.kernels import is_reached
from encoder.program.memory import memory_value
from encoder.program.problems import Problems, Rejected
from encoder.program.symbol_table import SymbolTable
from encoder.program.thread import InlinedThread
from encoder.program.unparse import parenthesized, unparse
from encoder.program.values import Array, Location, ObjectList, RecordValue, ThreadRef, Value, build_value, describe
from encoder.spec.model import Library, PropertyDecl, Scenario
from encoder.spec.syntax import Call, Expression, Name, Position, Subscript

Bound = dict[str, ThreadRef | Const]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyScope:
    """The scope of a property: what can be observed where the threads have stopped. `bound` has the names under `each`,
    `it` is the object of a `count`."""

    table: SymbolTable
    symbols: frozenset[str]
    threads: tuple[InlinedThread, ...]
    bound: Bound
    it: Const | None = None

    @property
    def problems(self) -> Problems:
        return self.table.problems

    def lookup(self, name: Name) -> Value:
        if name.name == "it" and self.it is not None:
            return self.it
        if name.name in self.bound:
            return self.bound[name.name]
        if name.name in self.table.objects:
            return self.table.objects[name.name]
        if name.name in self.symbols:
            return Var(name.name, INT)
        known = [*self.bound, *self.table.objects, *self.symbols, *self.table.constants]
        expected = "a name under `each`, an object, a symbol or a constant"
        message = f"`{name.name}` names nothing"
        raise self.problems.reject("S306", message, name.span, expected=expected, word=name.name, known=known)

    def load(self, location: Location, expression: Expression) -> Value:
        def value(cell: CellName) -> Expr | RecordValue:
            return build_value(location.type, lambda name, scalar: Final(cell, name, scalar))

        return memory_value(self.table, location, value)

    def parameter(self, base: Expr, struct: str, name: str, span: Span) -> Value:
        return self.table.fixed_value(base, struct, self.table.field(struct, name, span), span)

    def call(self, call: Call) -> Value | None:
        if call.function == "count":
            return count_objects(self.table, call, lambda it: replace(self, it=it))
        raise self.problems.reject("S227", f"a property cannot call `{call.function}`", call.span)

    def position(self, position: Position) -> Expr:
        thread = self.lookup(Name(name=position.thread, span=position.span))
        if not isinstance(thread, ThreadRef):
            raise self.problems.reject("S306", f"`{position.thread}` is no thread", position.span)
        labels = next(each.labels for each in self.threads if each.thread.name == thread.name)
        if position.label not in labels:
            message = f"no event of {thread.name} belongs to a step `{position.label}`"
            raise self.problems.reject("S306", message, position.span, word=position.label, known=labels)
        return At(thread.name, position.label)

    def index(self, index: Expr, length: int, expression: Subscript) -> None:
        if isinstance(index, Const) and not 0 <= index.value < length:
            message = f"index {index.value} is out of range: the length is {length}"
            raise self.problems.reject("S306", message, expression.index.span)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        yield

    def capture(self, evaluation: Callable[[], Expr]) -> tuple[Expr, Code]:
        return evaluation(), ()

    def join(self, condition: Expr, then: tuple[Expr, Code], otherwise: tuple[Expr, Code]) -> Expr:
        raise AssertionError("properties have no events")

    def text(self, expression: Expression) -> str:
        """The expression with the names under `each` replaced by what they are bound to."""

        def naming(part: Expression) -> str | None:
            value = self.bound.get(part.name) if isinstance(part, Name) else None
            match value:
                case None:
                    return None
                case ThreadRef():
                    return value.name
                case Const():
                    return str(value.value)

        return unparse(expression, naming)


def resolve_properties(
    library: Library, scenario: Scenario, table: SymbolTable, threads: tuple[InlinedThread, ...]
) -> tuple[Property, ...]:
    """The properties of the scenario and its kernel, and `assertions` if a thread asserts anything. Mistakes
    are noted."""
    known = {declaration.name: declaration for declaration in library.properties}
    symbols = frozenset(symbol.name for symbol in scenario.symbols)
    state = PropertyScope(table=table, symbols=symbols, threads=threads, bound={})
    found: list[Property] = []
    for name, span in zip(scenario.properties, scenario.property_spans, strict=True):
        if name in known:
            if known[name].kernel and not is_reached(known[name].kernel, table.kernel):
                continue
            table.problems.asked = (("asked here", span),)
            with suppress(Rejected):
                found.append(_property(state, known[name]))
            table.problems.asked = ()
        else:
            table.problems.note("S304", f"there is no property `{name}`", span, word=name, known=known)
    return (*found, *_assertions(threads))


def unknown_properties(library: Library, scenario: Scenario, problems: Problems) -> None:
    """Note the properties that do not exist."""
    known = {declaration.name for declaration in library.properties}
    for name, span in zip(scenario.properties, scenario.property_spans, strict=True):
        if name not in known:
            problems.note("S304", f"there is no property `{name}`", span, word=name, known=known)


def _property(state: PropertyScope, declaration: PropertyDecl) -> Property:
    instances: list[Instance] = []
    for bound in _bindings(state, declaration.each):
        instances.append(_instance(replace(state, bound=bound), declaration))
    if not instances:
        message = f"`{declaration.name}` applies to nothing in this scenario"
        expected = "a scenario with threads and arrays that the names under `each` can stand for"
        raise state.problems.reject("S305", message, declaration.span, expected=expected)
    return Property(name=declaration.name, title=declaration.title, text=declaration.text, instances=tuple(instances))


def _bindings(state: PropertyScope, each: tuple[tuple[str, Expression], ...]) -> Iterator[Bound]:
    """All bindings of the names, in the order of threads and indices; no two names bind the same thread."""
    if not each:
        yield state.bound
        return
    (name, expression), *rest = each
    for value in _candidates(state, expression):
        yield from _bindings(replace(state, bound={**state.bound, name: value}), tuple(rest))


def _candidates(state: PropertyScope, expression: Expression) -> Iterator[ThreadRef | Const]:
    roles = {each.thread.role for each in state.threads if each.thread.role}
    if isinstance(expression, Name) and expression.name not in state.bound:
        if expression.name not in roles and expression.name != "any":
            message = f"no thread of the scenario has the role `{expression.name}`"
            raise state.problems.reject("S305", message, expression.span, word=expression.name, known=[*roles, "any"])
        taken = {value.name for value in state.bound.values() if isinstance(value, ThreadRef)}
        for each in state.threads:
            if expression.name in ("any", each.thread.role) and each.thread.name not in taken:
                yield ThreadRef(each.thread.name, each.members)
        return
    value = evaluate(state, expression)
    if not isinstance(value, Array | ObjectList):
        message = f"{describe(value)} has no indices"
        raise state.problems.reject("S305", message, expression.span, expected="a role, `any`, an array or a list")
    yield from (Const(index, INT) for index in range(len(value.items)))


def _instance(state: PropertyScope, declaration: PropertyDecl) -> Instance:
    binding = tuple(
        (name, value.name if isinstance(value, ThreadRef) else str(value.value)) for name, value in state.bound.items()
    )
    before = None
    if declaration.situation is not None:
        with suppress(Rejected):
            before = evaluate_truth(state, declaration.situation)
    condition = evaluate_truth(state, declaration.condition)
    said = state.text(declaration.condition)
    if declaration.situation is None:
        situation: Expr = fold.TRUE
        for each in state.threads:
            situation = fold.conjunction(situation, Ended(each.thread.name))
        text = f"every thread has ended, but {parenthesized(said)} is false"
        return Instance(binding=binding, situation=situation, violation=fold.negation(condition), text=text)
    if before is None:
        raise state.problems.give_up()
    text = f"{state.text(declaration.situation)}, and {said}"
    return Instance(binding=binding, situation=before, violation=condition, text=text)


def _assertions(threads: tuple[InlinedThread, ...]) -> Iterator[Property]:
    instances = tuple(
        Instance(
            binding=(("t", each.thread.name),),
            situation=fold.TRUE,
            violation=ThreadVar(each.thread.name, check.variable, BOOL),
            text=f"{each.thread.name}: {check.text} fails",
        )
        for each in threads
        for check in each.checks
    )
    if instances:
        title = "no assertion fails, no index is out of range"
        yield Property(name="assertions", title=title, text="assert(…)", instances=instances)
