"""Steps run straight from their syntax, one thread, integers only: what resolved programs are compared with."""

from dataclasses import dataclass, field

from encoder.spec.model import Procedure
from encoder.spec.syntax import (
    Assignment,
    Binary,
    Break,
    Call,
    Conditional,
    Continue,
    Empty,
    Evaluate,
    Expression,
    ForHead,
    Goto,
    IfHead,
    Member,
    Name,
    Number,
    Return,
    Step,
    Subscript,
    Unary,
    WhileHead,
)


class Leave(Exception):
    """A break, continue, goto or return on its way."""

    def __init__(self, kind: str, label: str = "", value: int = 0) -> None:
        self.kind, self.label, self.value = kind, label, value


class TooLong(Exception):
    """More rounds than are to be explored."""


def wrap(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31


@dataclass
class Reference:
    procedures: dict[str, Procedure]
    rounds: int
    memory: dict[str, int] = field(default_factory=dict)

    def run(self, steps: tuple[Step, ...], names: dict) -> int:
        """The value of a body; `names` holds its locals."""
        try:
            self.steps(steps, names)
        except Leave as leave:
            assert leave.kind == "return"
            return leave.value
        return 0

    def steps(self, steps: tuple[Step, ...], names: dict) -> None:
        position = 0
        while position < len(steps):
            try:
                self.step(steps[position], names)
                position += 1
            except Leave as leave:
                labels = [step.label for step in steps]
                if leave.kind != "goto" or leave.label not in labels:
                    raise
                position = labels.index(leave.label)

    def step(self, step: Step, names: dict) -> None:
        match step.statement:
            case IfHead(condition=condition, statement=statement):
                if self.value(condition, names):
                    if statement is not None:
                        self.simple(statement, names)
                    self.steps(step.then, names)
                else:
                    self.steps(step.otherwise, names)
            case WhileHead(condition=condition):
                self.loop(step, names, lambda: self.value(condition, names), lambda: None)
            case ForHead(name=name, first=first, last=last):
                names[name] = self.value(first, names)

                def advance() -> None:
                    names[name] += 1

                self.loop(step, names, lambda: names[name] < self.value(last, names), advance)
            case _:
                self.simple(step.statement, names)

    def loop(self, step, names, test, advance) -> None:
        rounds = 0
        while test():
            rounds += 1
            if rounds > self.rounds:
                raise TooLong
            try:
                self.steps(step.body, names)
            except Leave as leave:
                if leave.kind == "break":
                    return
                if leave.kind != "continue":
                    raise
            advance()

    def simple(self, statement, names: dict) -> None:
        match statement:
            case Assignment(target=target, value=value):
                self.assign(target, self.value(value, names), names)
            case Evaluate(value=value):
                self.value(value, names)
            case Return(value=value):
                raise Leave("return", value=0 if value is None else self.value(value, names))
            case Break():
                raise Leave("break")
            case Continue():
                raise Leave("continue")
            case Goto(label=label):
                raise Leave("goto", label)
            case Empty():
                pass

    def assign(self, target: Expression, value: int, names: dict) -> None:
        match target:
            case Name(name=name):
                names[name] = value
            case Subscript(base=Name(name=name), index=index):
                names[name][self.value(index, names)] = value
            case Member(base=Name(name=base), name=field):
                self.memory[f"{names[base]}.{field}"] = value

    def value(self, expression: Expression, names: dict):
        match expression:
            case Number(value=value):
                return value
            case Name(name=name):
                return names[name]
            case Subscript(base=Name(name=name), index=index):
                return names[name][self.value(index, names)]
            case Member(base=Name(name=base), name=field):
                return self.memory.get(f"{names[base]}.{field}", 0)
            case Unary(op="!", operand=operand):
                return int(not self.value(operand, names))
            case Unary(op="-", operand=operand):
                return wrap(-self.value(operand, names))
            case Binary(op="&&", left=left, right=right):
                return int(bool(self.value(left, names)) and bool(self.value(right, names)))
            case Binary(op="||", left=left, right=right):
                return int(bool(self.value(left, names)) or bool(self.value(right, names)))
            case Binary(op=op, left=left, right=right):
                return binary(op, self.value(left, names), self.value(right, names))
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                return self.value(then if self.value(condition, names) else otherwise, names)
            case Call():
                return self.call(expression, names)
        raise AssertionError(expression)

    def call(self, call: Call, names: dict) -> int:
        match call:
            case Call(function="READ_ONCE", arguments=(Member(base=Name(name=base), name=field),)):
                return self.memory.get(f"{names[base]}.{field}", 0)
            case Call(
                function="atomic_add_return",
                arguments=(delta, Unary(operand=Member(base=Name(name=base), name=field))),
            ):
                cell = f"{names[base]}.{field}"
                amount = self.value(delta, names)
                self.memory[cell] = wrap(self.memory.get(cell, 0) + amount)
                return self.memory[cell]
        procedure = self.procedures[call.function]
        own = {local.name: [0] * local.type.length if local.type.shape == "array" else 0 for local in procedure.locals}
        for parameter, argument in zip(procedure.parameters, call.arguments, strict=True):
            own[parameter.name] = self.value(argument, names)
        return self.run(procedure.steps, own)


def binary(op: str, left: int, right: int) -> int:
    match op:
        case "+":
            return wrap(left + right)
        case "-":
            return wrap(left - right)
        case "*":
            return wrap(left * right)
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "==":
            return int(left == right)
        case "!=":
            return int(left != right)
        case "<":
            return int(left < right)
        case "<=":
            return int(left <= right)
        case ">":
            return int(left > right)
        case ">=":
            return int(left >= right)
    raise AssertionError(op)
