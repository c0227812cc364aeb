"""What a verdict takes for granted, of random programs that forget to release and take locks the other way round: the
encoder against explicit-state search, and against brute force over the axioms."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from encoder.base.result import Check, Question
from encoder.concrete.explorer.explore import explore
from encoder.memory import MODELS
from encoder.program.checks import deadlock, held
from encoder.program.core import (
    Block,
    CellName,
    If,
    Loop,
    Place,
    Program,
    Region,
    Release,
    Rmw,
    Statement,
    Store,
)
from encoder.program.indices import unclear_srcu_end
from encoder.verify.checks import ask_checks
from encoder.verify.knowledge import Knowledge
from tests.concrete.build import name
from tests.concrete.enumerate import LOOPS, TooMany
from tests.fuzz.differ import Compared
from tests.fuzz.maker import BIT, LOCKS, Limits, Maker
from tests.fuzz.shown import shown
from tests.fuzz.told import EXPLORED, MACHINES, MOST_STATES, Executions, faulty, starts

SHAPES = ((2, 3), (2, 4), (2, 4), (2, 5), (3, 2), (3, 3))
CHECKS = {"deadlock": deadlock, "held": held}
SHARES: Mapping[str, float] = {
    **{f"{model} {check} {word}": 8 for model in MODELS for check in CHECKS for word in ("found", "none")},
    **{f"{model} {check} against the explorer": 60 for model in EXPLORED for check in CHECKS},
    **{f"{model} {check} against the axioms": 10 for model in MODELS if model not in EXPLORED for check in CHECKS},
}  # fmt: skip
"""What must have been compared, for each hundred programs."""


def compared(chance: random.Random, most: int, shapes: Sequence[tuple[int, int]] = SHAPES) -> Compared:
    """One program under every model. `most` executions are tried by the axioms."""
    made, found = program(chance, shapes), Compared()
    if not starts(made) or faulty(made, None, "sc") is not False:
        found.counts["skipped"] += 1
        return found
    for model in MODELS:
        for check, status in _encoder(made, model).items():
            found.counts[f"{model} {check} {status.status}"] += 1
            for who, other, steps in _others(made, model, check, most):
                found.counts[f"{model} {check} against {who}"] += 1
                length = len(status.witness.schedule) if status.witness is not None else None
                longer = model == "sc" and length != steps
                if status.status != "undecided" and (status.status != other or longer):
                    said = f"{model}, {check}: the encoder says {status.status} ({length}), {who} {other} ({steps})"
                    found.wrong.append(f"{said}\n{shown(made, None, None)}")
    return found


def _encoder(made: Program, model: str) -> dict[str, Check]:
    question = Question(scenario="s", variant="v", property="", model=model, loops=LOOPS)
    unclear = "it is not told which section ends" if unclear_srcu_end(made) else ""
    found = ask_checks(Knowledge(made, LOOPS), question, unclear=unclear, seconds=60)
    return {"deadlock": found.deadlock, "held": found.held}


def _others(made: Program, model: str, check: str, most: int) -> Iterator[tuple[str, str, int | None]]:
    asked = CHECKS[check](made)
    for each in EXPLORED:
        if each == model:
            found = explore(made, asked, loops=LOOPS, max_states=MOST_STATES, machine=MACHINES[each])
            if found.outcome != "gave up":
                broken = found.outcome == "violated"
                yield "the explorer", "found" if broken else "none", len(found.schedule) if broken else None
    if model not in EXPLORED:
        try:
            told = Executions(made, most).told(asked, model)
        except TooMany:
            return
        yield "the axioms", "found" if told.word == "refuted" else "none", told.steps


def program(chance: random.Random, shapes: Sequence[tuple[int, int]]) -> Program:
    """A random program with mistakes."""
    maker = Maker(chance, Limits(wrong=False, plain=False, shapes=shapes))
    maker.kinds = {kind: weight for kind, weight in maker.kinds.items() if kind != maker.round}
    for kind in (maker.section, maker.bit, maker.crossed, maker.flushed, maker.irq_region, maker.awaited):
        if chance.random() < 0.5:
            maker.kinds[kind] = 6
    made = maker.program()
    forgetful = chance.choice((0.0, 0.1, 0.3))
    threads = []
    for number, thread in enumerate(made.threads):
        body = _without(chance, forgetful, thread.body)
        turned = number and chance.random() < 0.6
        threads.append(replace(thread, body=_turned(body) if turned else body))
    cells = tuple(replace(cell, balanced=cell.name == name(BIT)) for cell in made.cells)
    return replace(made, threads=tuple(threads), cells=cells)


def _without(chance: random.Random, forgetful: float, body: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements without some of those that give something back."""
    kept: list[Statement] = []
    for each in body:
        match each:
            case If(then=then, otherwise=otherwise):
                arms = _without(chance, forgetful, then), _without(chance, forgetful, otherwise)
                kept.append(replace(each, then=arms[0], otherwise=arms[1]))
            case Block(body=inner) | Loop(body=inner):
                kept.append(replace(each, body=_without(chance, forgetful, inner)))
            case Release() | Region(begin=False) | Store(order="release") | Rmw(write_order="release"):
                if chance.random() >= forgetful:
                    kept.append(each)
            case _:
                kept.append(each)
    return tuple(kept)


def _turned(body: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with one lock for the other."""
    other = dict(zip(map(name, LOCKS), map(name, reversed(LOCKS)), strict=True))
    found: list[Statement] = []
    for each in body:
        match each:
            case If(then=then, otherwise=otherwise):
                found.append(replace(each, then=_turned(then), otherwise=_turned(otherwise)))
            case Block(body=inner) | Loop(body=inner):
                found.append(replace(each, body=_turned(inner)))
            case _ if (place := getattr(each, "place", None)) is not None and place.targets[0][1] in other:
                found.append(replace(each, place=_other(place, other)))  # type: ignore[call-arg]
            case _:
                found.append(each)
    return tuple(found)


def _other(place: Place, other: Mapping[CellName, CellName]) -> Place:
    return replace(place, targets=tuple((value, other[cell]) for value, cell in place.targets))
