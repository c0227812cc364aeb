"""A thread of a litmus test to statements of the resolved program.

Values are numbers of 32 bits, addresses included, as `memory` explains: there is nothing to check types by, so this is
apart from the resolver of the typed spec language. Both expand the primitives that `specs/primitives` describes.
Expressions are kept as written (`r1 ^ r1` is not folded): dependencies are read off them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from encoder.base.source import Span
from encoder.litmus.arithmetic import binary, number, truth
from encoder.litmus.memory import SharedVariables
from encoder.litmus.problems import refused
from encoder.program.core import (
    BOOL,
    INT,
    Arith,
    Assign,
    Choose,
    Const,
    Expr,
    If,
    Load,
    Not,
    Op,
    Place,
    Site,
    Statement,
    Store,
    Var,
)
from encoder.spec.litmus import Function
from encoder.spec.model import Primitive
from encoder.spec.syntax import (
    Assignment,
    Binary,
    Call,
    Conditional,
    Evaluate,
    Expression,
    IfHead,
    Member,
    Name,
    Number,
    Step,
    Subscript,
    Unary,
)

LOGIC = {"&&": Op.LAND, "||": Op.LOR}
CONSTANTS = {"true": 1, "false": 0}


@dataclass(frozen=True, slots=True)
class AddressOf:
    """Memory itself: what an address means. `lock` where a primitive takes it for a lock."""

    base: Expr
    lock: bool = False


Expand = Callable[["LitmusLowering", Primitive, Call], Expr | None]


@dataclass(slots=True, kw_only=True)
class LitmusLowering:
    """A thread under construction. `expand` turns the call of a primitive into events; `names` are the arguments of the
    primitive that is being expanded, None in the thread's own code. `unset` are registers that nothing sets: 0."""

    function: Function
    memory: SharedVariables
    find: Callable[[str], Primitive | None]
    known: Callable[[], Sequence[str]]
    expand: Expand
    lines: Sequence[str]
    registers: dict[str, None] = field(default_factory=dict)
    unset: set[str] = field(default_factory=set)
    parameters: dict[str, int] = field(default_factory=dict)
    code: list[Statement] = field(default_factory=list)
    names: dict[str, Expr | AddressOf] | None = None
    step: Step | None = None
    text: str = ""
    made: int = 0

    # Statements

    def block(self, steps: tuple[Step, ...]) -> tuple[Statement, ...]:
        """The code of some steps."""
        outer, self.code = self.code, []
        for step in steps:
            self.statement(step)
        inner, self.code = self.code, outer
        return tuple(inner)

    def statement(self, step: Step) -> None:
        if self.names is None:
            self.step = step
        match step.statement:
            case IfHead(condition=condition):
                chosen = truth(self.value(condition))
                arms = self.block(step.then), self.block(step.otherwise)
                self.code.append(If(condition=chosen, then=arms[0], otherwise=arms[1]))
            case Assignment(target=target, value=value):
                self.assign(target, value, step.statement.span)
            case Evaluate(value=Call() as call):
                self.call(call)
            case Evaluate(value=value):
                self.value(value)
            case statement:
                raise refused("L101", "this statement is not supported in litmus tests", statement.span)

    def assign(self, target: Expression, value: Expression, span: Span) -> None:
        if isinstance(target, Name) and target.name in self.registers:
            self.code.append(Assign(variable=target.name, value=number(self.value(value))))
            return
        base = self.place_of(target)
        written = number(self.value(value))
        place = self.place(base, span)
        self.code.append(Store(place=place, values=(("", written),), order="plain", site=self.site(span)))

    # Expressions

    def value(self, expression: Expression) -> Expr:
        """The value of an expression, its events emitted in C's order. Raises InputError."""
        match expression:
            case Number(value=value):
                if value >= 1 << 31:
                    raise refused("L106", f"{value} does not fit an int", expression.span)
                return Const(value, INT)
            case Name():
                return self.name(expression)
            case Unary(op="&", operand=operand):
                return self.place_of(operand).base
            case Unary(op="*") | Subscript():
                return self.load(self.place_of(expression), "plain", expression.span)
            case Unary(op=op, operand=operand):
                return self.unary(op, self.value(operand))
            case Binary(op="&&" | "||"):
                return self.logic(expression)
            case Binary(op=op, left=left, right=right):
                return binary(op, self.value(left), self.value(right))
            case Conditional():
                return self.conditional(expression)
            case Call():
                result = self.call(expression)
                if result is None:
                    raise refused("L107", f"`{expression.function}` has no value", expression.span)
                return result
            case Member():
                raise refused("L101", "struct members are not supported in litmus tests", expression.span)
            case _:
                raise refused("L101", "this expression is not supported in litmus tests", expression.span)

    def name(self, expression: Name) -> Expr:
        name = expression.name
        if self.names is not None:
            argument = self.names.get(name)
            if isinstance(argument, AddressOf):
                return self.load(argument, "plain", expression.span)
            if argument is not None:
                return argument
            if name in CONSTANTS:
                return Const(CONSTANTS[name], INT)
        elif name in self.parameters and name not in self.registers:
            return Const(self.parameters[name], INT)
        else:
            # As herd7 has it, `NULL`, `true` and `false` are registers that nothing sets.
            if name not in self.registers:
                self.unset.add(name)
            self.registers[name] = None
            return Var(name, INT)
        raise refused("L110", f"a primitive that needs `{name}` is not supported in litmus tests", expression.span)

    def unary(self, op: str, operand: Expr) -> Expr:
        if op == "!":
            return Not(truth(operand))
        zero = Const(0 if op == "-" else -1, INT)
        return Arith(Op.SUB if op == "-" else Op.XOR, zero, number(operand), INT)

    def logic(self, expression: Binary) -> Expr:
        """`&&` and `||`: the events of the right side happen only where C evaluates it."""
        left = truth(self.value(expression.left))
        right, code = self.apart(lambda: truth(self.value(expression.right)))
        if not code:
            return Arith(LOGIC[expression.op], left, right, BOOL)
        conjunction = expression.op == "&&"
        other = Const(int(not conjunction), BOOL)
        if conjunction:
            return self.either(left, (right, code), (other, ()))
        return self.either(left, (other, ()), (right, code))

    def conditional(self, expression: Conditional) -> Expr:
        condition = truth(self.value(expression.condition))
        then = self.apart(lambda: number(self.value(expression.then)))
        otherwise = self.apart(lambda: number(self.value(expression.otherwise)))
        if then[1] or otherwise[1]:
            return self.either(condition, then, otherwise)
        return Choose(condition, then[0], otherwise[0])

    def apart(self, evaluation: Callable[[], Expr]) -> tuple[Expr, tuple[Statement, ...]]:
        """A value and the events that make it, held back."""
        outer, self.code = self.code, []
        value = evaluation()
        inner, self.code = self.code, outer
        return value, tuple(inner)

    def either(
        self, condition: Expr, then: tuple[Expr, tuple[Statement, ...]], otherwise: tuple[Expr, tuple[Statement, ...]]
    ) -> Expr:
        """One of two values, with the events of that one only."""
        result = self.temporary()
        arms = [(*code, Assign(variable=result.name, value=number(value))) for value, code in (then, otherwise)]
        self.code.append(If(condition=condition, then=arms[0], otherwise=arms[1]))
        return result

    # Memory

    def place_of(self, expression: Expression) -> AddressOf:
        """The memory that an expression names. Raises InputError."""
        match expression:
            case Name(name=name) if self.names is not None:
                argument = self.names.get(name)
                if isinstance(argument, AddressOf):
                    return argument
            case Name(name=name) if name in self.parameters and name not in self.registers:
                return AddressOf(Const(self.parameters[name], INT))
            case Unary(op="*", operand=operand):
                return AddressOf(number(self.value(operand)), self.is_lock(operand))
            case Subscript(base=base, index=index):
                first = number(self.value(base))
                return AddressOf(binary("+", first, self.value(index)))
            case Member():
                raise refused("L101", "struct members are not supported in litmus tests", expression.span)
            case _:
                pass
        raise refused("L108", "this is no memory location", expression.span, expected="`*x`, `x[0]` or a parameter")

    def is_lock(self, operand: Expression) -> bool:
        """Whether a pointer is a primitive's parameter of type `lock &`."""
        return self.names is not None and isinstance(operand, Name) and f"lock {operand.name}" in self.names

    def place(self, address: AddressOf, span: Span) -> Place:
        """The location for an event. Raises InputError where no variable can be meant."""
        if isinstance(address.base, Var) and address.base.name in self.unset:
            name = address.base.name
            message = f"`{name}` is no parameter of {self.function.name} and has no value"
            raise refused("L111", message, span, expected=f"`int *{name}` as parameter")
        found = self.memory.place(address.base, lock=address.lock)
        if not found.targets:
            kind = "lock" if address.lock else "variable"
            other = self.memory.place(address.base, lock=not address.lock)
            hint = "locks are not accessed like other variables" if other.targets else f"a shared {kind}"
            raise refused("L109", f"no shared {kind} has this address", span, expected=hint)
        return found

    def load(self, address: AddressOf, order: str, span: Span) -> Expr:
        """An event that reads."""
        result = self.temporary()
        place = self.place(address, span)
        self.code.append(Load(place=place, into=(("", result.name),), order=order, site=self.site(span)))
        return result

    def temporary(self) -> Var:
        """A variable that the test has no name for."""
        self.made += 1
        name = f"!{self.made}"
        self.registers[name] = None
        return Var(name, INT)

    # Calls

    def call(self, call: Call) -> Expr | None:
        """The events of a primitive; the value of the call, None if it has none. Raises InputError."""
        primitive = self.find(call.function)
        if primitive is None:
            raise refused(
                "L110", f"`{call.function}` is not supported in litmus tests", call.span, word=call.function,
                known=self.known(), expected="a primitive of specs/primitives",
            )  # fmt: skip
        if len(primitive.parameters) != len(call.arguments):
            wanted = len(primitive.parameters)
            message = f"`{call.function}` takes {wanted} argument{'s' * (wanted != 1)}, not {len(call.arguments)}"
            raise refused("L107", message, call.span)
        return self.expand(self, primitive, call)

    def site(self, span: Span) -> Site:
        """The place of an event; the event is shown as it is written."""
        assert self.step is not None
        return Site(
            thread=self.function.name, path=(self.step.label,), procedure="", text=self.step.text,
            event=self.text or self.written(span), source="", span=span,
        )  # fmt: skip

    def written(self, span: Span) -> str:
        """The text of a piece of one line."""
        return self.lines[span.line - 1][span.column - 1 : span.end - 1].strip()
