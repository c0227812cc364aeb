"""Programs as text, short enough for a report."""

from dataclasses import fields
from typing import Any

from encoder.program.core import (
    Arith,
    Assign,
    Block,
    CellName,
    Choose,
    Const,
    Exit,
    If,
    Instance,
    Loop,
    Not,
    Place,
    Program,
    Property,
    Site,
    ThreadVar,
    Var,
)


def shown(made: Program, asked: Property | None, depth: int | None) -> str:
    """All of a program that matters, and what is asked of it."""
    lines = [f"  start: {cell.name} = {', '.join(map(text, cell.init))}" for cell in made.cells if not _zero(cell.init)]
    lines += [f"  number: {each.name} in {each.first}..{each.last}" for each in made.symbols]
    lines += [f"  assumed: {text(each.condition)}" for each in made.assumptions]
    for thread in made.threads:
        lines += [f"  {thread.name}:", *(f"    {text(statement)}" for statement in thread.body)]
    if asked is not None:
        lines += [f"  never: {text(each)}" for each in asked.instances]
        lines.append(f"  depth: {depth}")
    return "\n".join(lines)


def text(node: Any) -> str:
    """One line."""
    match node:
        case Const(value=value):
            return str(value)
        case Var(name=name):
            return name
        case ThreadVar(thread=thread, name=name):
            return f"{thread}:{name}"
        case Not(operand=operand):
            return f"!({text(operand)})"
        case Arith(op=op, left=left, right=right):
            return f"({text(left)} {op} {text(right)})"
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return f"({text(condition)} ? {text(then)} : {text(otherwise)})"
        case Place(base=Const(), targets=((1, cell),)):
            return text(cell)
        case Place(base=base, targets=targets):
            return f"{text(base)} of {', '.join(f'{n}: {text(cell)}' for n, cell in targets)}"
        case CellName(object=object):
            return object
        case Assign(variable=variable, value=value):
            return f"{variable} = {text(value)}"
        case Exit(id=ident):
            return f"leave {ident}"
        case If(condition=condition, then=then, otherwise=otherwise):
            return f"if {text(condition)} {text(then)}" + (f" else {text(otherwise)}" if otherwise else "")
        case Block(id=ident, body=body):
            return f"block {ident} {text(body)}"
        case Loop(id=ident, bound=bound, body=body):
            return f"loop {ident} to {bound} {text(body)}"
        case Instance(situation=situation, violation=violation):
            return f"{text(situation)} and {text(violation)}"
        case tuple():
            return "{" + "; ".join(map(text, node)) + "}"
        case _ if hasattr(node, "__dataclass_fields__"):
            parts = [(field.name, getattr(node, field.name)) for field in fields(node)]
            kept = [f"{name}={text(part)}" for name, part in parts if not isinstance(part, Site) and part is not None]
            return f"{type(node).__name__} {' '.join(kept)}"
        case _:
            return str(node)


def _zero(init: tuple[Any, ...]) -> bool:
    return all(isinstance(each, Const) and not each.value for each in init)
