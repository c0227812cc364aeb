"""Lowers a thread of a litmus test to statements of the resolved program.

Values are 32-bit numbers, addresses included (see `memory`): without types there is nothing to check, so this is
separate from the resolver of the typed spec language. Both expand the primitives that `specs/primitives` defines.
Expressions are kept as written (`r1 ^ r1` is not folded), as dependencies are syntactic.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from encoder.base.source import Span
from encoder.litmus.arithmetic import binary_operation, to_bool, to_int
from encoder.litmus.memory import SharedVariables
from encoder.litmus.problems import input_error
from encoder.program.core import (
    BOOL,
    INT,
    PLAIN_LOAD,
    PLAIN_STORE,
    Arith,
    Arm64Code,
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
    """The memory at an address. `lock`: a primitive uses it as a lock."""

    base: Expr
    lock: bool = False


Expand = Callable[["LitmusLowering", Primitive, Call], Expr | None]


@dataclass(slots=True, kw_only=True)
class LitmusLowering:
    """A thread while it is lowered. `expand` turns the call of a primitive into events; `arguments` are those of the
    primitive that is being expanded, None in the thread's own code. `unset` are registers that nothing assigns: they
    are 0."""

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
    arguments: dict[str, Expr | AddressOf] | None = None
    step: Step | None = None
    text: str = ""
    temporaries: int = 0

    # Statements

    def block(self, steps: tuple[Step, ...]) -> tuple[Statement, ...]:
        """The code of some steps."""
        outer, self.code = self.code, []
        for step in steps:
            self.statement(step)
        inner, self.code = self.code, outer
        return tuple(inner)

    def statement(self, step: Step) -> None:
        if self.arguments is None:
            self.step = step
        match step.statement:
            case IfHead(condition=condition):
                chosen = to_bool(self.value(condition))
                then, otherwise = self.block(step.then), self.block(step.otherwise)
                self.code.append(If(condition=chosen, then=then, otherwise=otherwise))
            case Assignment(target=target, value=value):
                self.assign(target, value, step.statement.span)
            case Evaluate(value=Call() as call):
                self.call(call)
            case Evaluate(value=value):
                self.value(value)
            case statement:
                raise input_error("L101", "this statement is not supported in litmus tests", statement.span)

    def assign(self, target: Expression, value: Expression, span: Span) -> None:
        if isinstance(target, Name) and target.name in self.registers:
            self.code.append(Assign(variable=target.name, value=to_int(self.value(value))))
            return
        base = self.place_of(target)
        values = (("", to_int(self.value(value))),)
        place, site = self.place(base, span), self.site(span)
        self.code.append(Store(place=place, values=values, order="plain", site=site, arm64=PLAIN_STORE))

    # Expressions

    def value(self, expression: Expression) -> Expr:
        """The value of an expression; its events are emitted in C's order. Raises InputError."""
        match expression:
            case Number(value=value):
                if value >= 1 << 31:
                    raise input_error("L106", f"{value} does not fit an int", expression.span)
                return Const(value, INT)
            case Name():
                return self.name(expression)
            case Unary(op="&", operand=operand):
                return self.place_of(operand).base
            case Unary(op="*") | Subscript():
                return self.load(self.place_of(expression), "plain", PLAIN_LOAD, expression.span)
            case Unary(op=op, operand=operand):
                return self.unary(op, self.value(operand))
            case Binary(op="&&" | "||"):
                return self.logic(expression)
            case Binary(op=op, left=left, right=right):
                return binary_operation(op, self.value(left), self.value(right))
            case Conditional():
                return self.conditional(expression)
            case Call():
                result = self.call(expression)
                if result is None:
                    raise input_error("L107", f"`{expression.function}` has no value", expression.span)
                return result
            case Member():
                raise input_error("L101", "struct members are not supported in litmus tests", expression.span)
            case _:
                raise input_error("L101", "this expression is not supported in litmus tests", expression.span)

    def name(self, expression: Name) -> Expr:
        name = expression.name
        if self.arguments is not None:
            argument = self.arguments.get(name)
            if isinstance(argument, AddressOf):
                return self.load(argument, "plain", PLAIN_LOAD, expression.span)
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
        raise input_error("L110", f"a primitive that needs `{name}` is not supported in litmus tests", expression.span)

    def unary(self, op: str, operand: Expr) -> Expr:
        if op == "!":
            return Not(to_bool(operand))
        zero = Const(0 if op == "-" else -1, INT)
        return Arith(Op.SUB if op == "-" else Op.XOR, zero, to_int(operand), INT)

    def logic(self, expression: Binary) -> Expr:
        """`&&` and `||`: the events of the right side happen only where C evaluates it."""
        left = to_bool(self.value(expression.left))
        right, code = self.capture(lambda: to_bool(self.value(expression.right)))
        if not code:
            return Arith(LOGIC[expression.op], left, right, BOOL)
        conjunction = expression.op == "&&"
        other = Const(int(not conjunction), BOOL)
        if conjunction:
            return self.join(left, (right, code), (other, ()))
        return self.join(left, (other, ()), (right, code))

    def conditional(self, expression: Conditional) -> Expr:
        condition = to_bool(self.value(expression.condition))
        then = self.capture(lambda: to_int(self.value(expression.then)))
        otherwise = self.capture(lambda: to_int(self.value(expression.otherwise)))
        if then[1] or otherwise[1]:
            return self.join(condition, then, otherwise)
        return Choose(condition, then[0], otherwise[0])

    def capture(self, evaluation: Callable[[], Expr]) -> tuple[Expr, tuple[Statement, ...]]:
        """A value, and the events of its evaluation, which are not emitted."""
        outer, self.code = self.code, []
        value = evaluation()
        inner, self.code = self.code, outer
        return value, tuple(inner)

    def join(
        self, condition: Expr, then: tuple[Expr, tuple[Statement, ...]], otherwise: tuple[Expr, tuple[Statement, ...]]
    ) -> Expr:
        """`condition ? then : otherwise`, with the events of the chosen value only."""
        result = self.temporary()
        arms = [(*code, Assign(variable=result.name, value=to_int(value))) for value, code in (then, otherwise)]
        self.code.append(If(condition=condition, then=arms[0], otherwise=arms[1]))
        return result

    # Memory

    def place_of(self, expression: Expression) -> AddressOf:
        """The memory that an expression denotes. Raises InputError."""
        match expression:
            case Name(name=name) if self.arguments is not None:
                argument = self.arguments.get(name)
                if isinstance(argument, AddressOf):
                    return argument
            case Name(name=name) if name in self.parameters and name not in self.registers:
                return AddressOf(Const(self.parameters[name], INT))
            case Unary(op="*", operand=operand):
                return AddressOf(to_int(self.value(operand)), self.is_lock(operand))
            case Subscript(base=base, index=index):
                first = to_int(self.value(base))
                return AddressOf(binary_operation("+", first, self.value(index)))
            case Member():
                raise input_error("L101", "struct members are not supported in litmus tests", expression.span)
            case _:
                pass
        raise input_error("L108", "this is no memory location", expression.span, expected="`*x`, `x[0]` or a parameter")

    def is_lock(self, operand: Expression) -> bool:
        """Whether a pointer is a primitive's parameter of type `lock &`."""
        return self.arguments is not None and isinstance(operand, Name) and f"lock {operand.name}" in self.arguments

    def place(self, address: AddressOf, span: Span) -> Place:
        """The place for an event. Raises InputError where the address can be that of no variable."""
        if isinstance(address.base, Var) and address.base.name in self.unset:
            name = address.base.name
            message = f"`{name}` is no parameter of {self.function.name} and has no value"
            raise input_error("L111", message, span, expected=f"`int *{name}` as parameter")
        found = self.memory.place(address.base, lock=address.lock)
        if not found.targets:
            kind = "lock" if address.lock else "variable"
            other = self.memory.place(address.base, lock=not address.lock)
            hint = "locks are not accessed like other variables" if other.targets else f"a shared {kind}"
            raise input_error("L109", f"no shared {kind} has this address", span, expected=hint)
        return found

    def load(self, address: AddressOf, order: str, arm64: Arm64Code | None, span: Span) -> Expr:
        """Emit an event that reads; returns its value."""
        result = self.temporary()
        place, into = self.place(address, span), (("", result.name),)
        self.code.append(Load(place=place, into=into, order=order, site=self.site(span), arm64=arm64))
        return result

    def temporary(self) -> Var:
        """A new variable whose name no test can contain."""
        self.temporaries += 1
        name = f"!{self.temporaries}"
        self.registers[name] = None
        return Var(name, INT)

    # Calls

    def call(self, call: Call) -> Expr | None:
        """Emit the events of a primitive; returns the call's value, None if it has none. Raises InputError."""
        primitive = self.find(call.function)
        if primitive is None:
            raise input_error(
                "L110", f"`{call.function}` is not supported in litmus tests", call.span, word=call.function,
                known=self.known(), expected="a primitive of specs/primitives",
            )  # fmt: skip
        if len(primitive.parameters) != len(call.arguments):
            wanted = len(primitive.parameters)
            message = f"`{call.function}` takes {wanted} argument{'s' * (wanted != 1)}, not {len(call.arguments)}"
            raise input_error("L107", message, call.span)
        return self.expand(self, primitive, call)

    def site(self, span: Span) -> Site:
        """The site of an event, which is shown as written."""
        assert self.step is not None
        return Site(
            thread=self.function.name, path=(self.step.label,), procedure="", text=self.step.text,
            event=self.text or self.source_text(span), source="", span=span,
        )  # fmt: skip

    def source_text(self, span: Span) -> str:
        """The text of a span, which is on one line."""
        return self.lines[span.line - 1][span.column - 1 : span.end - 1].strip()
