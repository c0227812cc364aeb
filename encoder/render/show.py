"""A procedure as it is run, step by step, and a patched one as a diff against its base."""

from difflib import unified_diff
from typing import assert_never

from encoder.program.unparse import unparse
from encoder.spec.model import Parameter, Procedure, TypeName
from encoder.spec.syntax import Step


def render(procedure: Procedure) -> str:
    """The steps with their labels. A `#` line says where in the kernel the steps below it stand."""
    return "\n".join(_lines(procedure)) + "\n"


def diff(before: Procedure, after: Procedure, *, base: str, variant: str) -> str:
    """A unified diff of the steps, "" where they are the same."""
    lines = unified_diff(
        _lines(before),
        _lines(after),
        fromfile=f"{base}/{before.name}",
        tofile=f"{variant}/{after.name}",
        n=4,
        lineterm="",
    )
    return "".join(f"{line}\n" for line in lines)


def step_lines(steps: tuple[Step, ...], indent: str, source: str) -> list[str]:
    """Steps with their labels; `source` is what the lines above them stand in."""
    lines: list[str] = []
    _add(lines, steps, indent, source)
    return lines


def _lines(procedure: Procedure) -> list[str]:
    parameters = ", ".join(_declaration(each) for each in procedure.parameters)
    returns = _declared(procedure.returns, "") if procedure.returns is not None else "void"
    lines = [f"{returns} {procedure.name}({parameters})", f"# {procedure.source}, {procedure.kernel}"]
    _add(lines, procedure.steps, "  ", procedure.source)
    return lines


def _add(lines: list[str], steps: tuple[Step, ...], indent: str, source: str) -> str:
    """Append the steps; `source` is what the lines so far stand in, the answer what they stand in then."""
    for step in steps:
        if step.source != source:
            lines.append(f"{indent}# {step.source}")
            source = step.source
        bound = f"    [at most {unparse(step.bound)} rounds]" if step.bound is not None else ""
        label = f"{step.label}: " if step.label else ""
        lines.append(f"{indent}{label}{step.text}{bound}")
        ghosts = (("at its first event", step.ghost_first), ("when done", step.ghost_last))
        for when, assignments in ghosts:
            for each in assignments:
                lines.append(f"{indent}    [{when}: {unparse(each.target)} = {unparse(each.value)}]")
        source = _add(lines, step.then + step.body, indent + "  ", source)
        if step.otherwise:
            lines.append(f"{indent}else")
            source = _add(lines, step.otherwise, indent + "  ", source)
    return source


def _declaration(parameter: Parameter) -> str:
    return parameter.name if parameter.type is None else _declared(parameter.type, parameter.name)


def _declared(type_name: TypeName, name: str) -> str:
    """The name declared as C would: `page *pages[2]`; lists are arrays without a length."""
    declared = f"{type_name.name} {'*' if type_name.pointer else ''}{name}".rstrip()
    match type_name.shape:
        case "array" | "list":
            return f"{declared}[{'' if type_name.length is None else type_name.length}]"
        case "place" | "scalar":
            return declared
        case never:
            assert_never(never)
