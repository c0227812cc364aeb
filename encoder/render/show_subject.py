"""A scenario, property, platform, variant or primitive in text, as it is asked about."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import Enum
from typing import Any

from encoder.program.unparse import unparse
from encoder.render.layout import WIDTH, wrap
from encoder.render.show import step_lines
from encoder.spec.model import Body, MacroBody, Platform, Primitive, PropertyDecl, Scenario, Variant
from encoder.spec.syntax import Expression, Step

LabelledText = tuple[str, str]
EMPTY = ("", None, (), False)


def scenario(each: Scenario) -> str:
    """Its scope, objects, start and threads with their steps."""
    objects = ", ".join(f"{one.name} ({one.struct})" for one in each.objects)
    symbols = ", ".join(f"{one.name} {one.first}..{one.last}" for one in each.symbols)
    start = "; ".join(f"{unparse(one.target)} = {unparse(one.value)}" for one in each.init)
    told = [
        ("scope", each.scope), ("objects", objects), ("chosen", symbols), ("start", start),
        ("assumed", "; ".join(map(unparse, each.assume))), ("asked", ", ".join(each.properties)),
    ]  # fmt: skip
    lines = list(_head(f"scenario {each.name}: {each.title}", told))
    for thread in each.threads:
        role = f", {thread.role}" if thread.role else ""
        lines += ["", f"{thread.name}{role}{f', runs {thread.runs}' if thread.runs else ''}", *_steps(thread.steps)]
    return _text(lines)


def property_(each: PropertyDecl) -> str:
    bound = ", ".join(f"{name}: {unparse(value)}" for name, value in each.each)
    told = [
        ("means", each.text),
        ("for each", bound),
        ("source", each.source),
        ("kernels", each.kernel and f"from {each.kernel} on"),
    ]
    return _text(_head(f"property {each.name}: {each.title}", told))


def platform(each: Platform) -> str:
    flushes = "; ".join(f"{kind} from {first} on" if first else kind for first, kind in each.flushes)
    told = [("machine", each.machine or "none"), ("model", each.model), ("flushes", flushes), ("source", each.source)]
    return _text(_head(f"platform {each.name}: {each.title}", told))


def variant(each: Variant, running: Iterable[str]) -> str:
    """What it is, what it edits and which scenarios are `running` that; `show PROCEDURE --variant V` has the diff."""
    edits = dict.fromkeys(edit.procedure for edit in each.edits)
    run_by = (", ".join(running) or "no scenario") if edits else ""
    told = [
        ("by", each.author), ("from", each.link), ("base", each.base or ""), ("kernel", each.kernel),
        ("edits", ", ".join(edits)), ("run by", run_by), ("read as", each.reading),
    ]  # fmt: skip
    return _text(_head(f"variant {each.name}: {each.title}", told))


def primitive(each: Primitive) -> str:
    """Its events and what they order, and on arm64 what they compile to."""
    parameters = ", ".join(one.name for one in each.parameters)
    lines = list(_head(f"primitive {each.name}({parameters})", [("source", each.source)]))
    for flush, body in each.bodies:
        told = list(_body(body))
        lines += [f"{flush}:" if flush else "", *_labelled(told)]
        if isinstance(body, MacroBody):
            lines += _steps(body.steps)
    return _text(line for line in lines if line)


def _body(body: Body) -> Iterator[LabelledText]:
    kind = type(body).__name__.removesuffix("Body").lower()
    if not isinstance(body, MacroBody):
        yield "event", kind
        for each in fields(body):
            value = getattr(body, each.name)
            if each.name == "arm64" and value is not None:
                yield "arm64", f"{'; '.join(value.lse)} (without LSE: {'; '.join(value.llsc)})"
            elif value not in EMPTY:
                yield each.name.strip("_").replace("_", " "), _said(value)


def _said(value: Any) -> str:
    if isinstance(value, str | bool | int | Enum):
        return str(value).lower() if isinstance(value, bool) else str(value)
    found: Expression = value
    return unparse(found)


def _head(title: str, told: Iterable[LabelledText]) -> Iterator[str]:
    yield from wrap(title, WIDTH, rest="  ")
    yield ""
    yield from _labelled(told)


def _labelled(told: Iterable[LabelledText]) -> Iterator[str]:
    shown = [(f"{key}:", " ".join(text.split())) for key, text in told if text]
    width = max((len(key) for key, _ in shown), default=0) + 1
    for key, text in shown:
        yield from wrap(f"  {key:<{width}}{text}", WIDTH, rest=" " * (width + 2))


def _steps(steps: tuple[Step, ...]) -> list[str]:
    return step_lines(steps, "  ", steps[0].source if steps else "")


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
