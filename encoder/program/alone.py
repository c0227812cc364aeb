"""A procedure by itself: its mistakes, whether or not any scenario calls it."""

from collections.abc import Iterator
from dataclasses import replace

from encoder.base.errors import Problem
from encoder.base.source import Origin, Span
from encoder.program.build_symbols import build_symbol_table
from encoder.program.problems import Problems
from encoder.program.thread import inline_thread
from encoder.program.variant import PatchedKernel
from encoder.spec.model import Field, Library, ObjectDecl, Parameter, Procedure, Scenario, StructType, ThreadDecl
from encoder.spec.parse import parse_expression, parse_statement
from encoder.spec.syntax import Expression, Step

NOWHERE = Span("", 1, 1, 2)
BY_VALUE = "S231"
"""The code of what depends on the values that a caller chooses: an index, a NULL."""


def mistakes_alone(library: Library, kernel: PatchedKernel, procedure: Procedure) -> list[Problem]:
    """The problems in the steps of a procedure, and in those that it calls, when a thread of its own calls it on one
    object of each struct. What only a caller can have wrong is not among them."""
    problems = Problems()
    caller = _caller(procedure)
    table = build_symbol_table(library, kernel, _scenario(kernel.structs, caller), "ipi", problems)
    inline_thread(table, caller)
    return [each for each in problems.found if each.span and each.span.file and each.code != BY_VALUE]


def _scenario(structs: tuple[StructType, ...], caller: ThreadDecl) -> Scenario:
    known = {each.name for each in structs}
    objects = tuple(
        ObjectDecl(name=_one(each.name), struct=each.name, values=tuple(_fixed(each.fields, known)), span=NOWHERE)
        for each in structs
    )
    return Scenario(
        name="", title="", scope="", objects=objects, symbols=(), init=(), assume=(), threads=(caller,), properties=(),
        property_spans=(), span=NOWHERE,
    )  # fmt: skip


def _one(struct: str) -> str:
    """The name of the one object of a struct."""
    return f"one_{struct}"


def _fixed(fields: tuple[Field, ...], structs: set[str]) -> Iterator[tuple[str, Expression]]:
    """What the scenario fixes: fields that point to an object, or list objects, have the one there is."""
    for each in fields:
        if each.const and each.type.pointer and each.type.name in structs:
            one = _one(each.type.name)
            yield each.name, parse_expression(f"[{one}]" if each.type.shape == "list" else one, Origin(""))


def _caller(procedure: Procedure) -> ThreadDecl:
    """A thread that calls a procedure: on the objects there are, arrays of one element and locals that are 0."""
    locals_, steps, arguments = [], [], []
    for each in procedure.parameters:
        local = f"its_{each.name}"
        match each.type:
            case None:
                arguments.append("0")
                continue
            case type if type.pointer and type.shape == "scalar":
                arguments.append(_one(type.name))
                continue
            case type if type.shape == "list":
                steps.append(_step(f"{local} = [{_one(type.name)}]"))
            case type if type.shape == "array":
                type = replace(type, length=1)
        locals_.append(Parameter(name=local, type=type, span=NOWHERE))
        arguments.append(local)
    call = f"{procedure.name}({', '.join(arguments)})"
    steps.append(_step(call if procedure.returns is None else f"its_result = {call}"))
    return ThreadDecl(
        name="caller", role="", runs=None, locals=tuple(locals_), steps=tuple(steps), span=NOWHERE, runs_span=NOWHERE
    )


def _step(text: str) -> Step:
    statement = parse_statement(text, Origin(""))
    return Step(label="", statement=statement, text=text, source="", span=NOWHERE, label_span=NOWHERE)
