"""Properties of prefixes under models that are not one total order."""

import random
import time
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from encoder.graph.build import build
from encoder.memory import MODELS, SC
from encoder.program.core import At, CellName, Ended, Expr, Program, Property, Site, Thread, ThreadVar
from encoder.smt.prefix import prefixes
from encoder.smt.query import queries
from encoder.smt.solver import Session
from tests.concrete.build import both, cell, equal, final, flush, irq, lock, never, of, program
from tests.concrete.random_weak import Weak
from tests.memory.weak import fence, rcu, read, thread, unrolled, write
from tests.smt.random_programs import Generator

GOALS = ("situation", "violation", "bound", "fault")


def words(made: Program, asked: Property, model: str) -> dict[str, str]:
    problems = prefixes(unrolled(made, MODELS[model]), MODELS[model], asked, None)
    return {goal: Session(problems.text, time.monotonic() + 60).check(problems.goals[goal]).word for goal in GOALS}


def reachable(model: str, condition: Expr, *threads: Thread, locks: str = "") -> bool:
    made = program([cell(c) for c in "xy"] + [cell(c, lock=True) for c in locks], *threads)
    asked = never(condition)
    return words(Generator.with_property(made, asked), asked, model)["violation"] == "sat"


def test_a_grace_period_waits_for_a_section_that_is_still_open() -> None:
    """The reader has stopped in its section, which therefore began after the grace period or never ends before it."""
    ends = both(equal(of("b", "s"), 0), equal(of("b", "r"), 1))
    writer = thread("a", write("x"), fence("sync-rcu"), write("y"))
    inside = thread("b", rcu(True), read("x", "s"), read("y", "r"))
    assert not reachable("lkmm", ends, writer, inside)
    assert reachable("lkmm", ends, writer, thread("b", read("x", "s"), read("y", "r")))


@pytest.mark.parametrize("model", MODELS)
def test_a_flush_waits_for_an_irq_region_that_is_still_open(model: str) -> None:
    ends = both(equal(of("b", "s"), 0), equal(of("b", "r"), 1))
    writer = thread("a", write("x"), flush(True), flush(False), write("y"))
    inside = irq(True), read("x", "s"), read("y", "r")
    runs = Thread(name="b", role="", procedure="", runs=1, variables=writer.variables, body=inside)
    elsewhere = Thread(name="b", role="", procedure="", runs=2, variables=writer.variables, body=inside)
    assert not reachable(model, ends, writer, runs)
    assert reachable(model, ends, writer, elsewhere)


@pytest.mark.parametrize("model", MODELS)
def test_a_thread_may_stop_with_a_lock_held(model: str) -> None:
    holder, waiter = thread("a", lock("l"), write("x")), thread("b", lock("l"), write("y"))
    assert reachable(model, equal(final("x"), 1), holder, waiter, locks="l")
    assert not reachable(model, both(equal(final("x"), 1), equal(final("y"), 1)), holder, waiter, locks="l")


@pytest.mark.parametrize("block", range(4))
def test_axioms_and_total_order_agree_and_weaker_models_allow_more(block: int) -> None:
    """SC by its axioms against the encoding as one total order; what a model reaches, a weaker one does too."""
    reached = 0
    for seed in range(1000 + 15 * block, 1000 + 15 * block + 15):
        generator = Generator(seed)
        made = generator.program()
        asked = generator.property(made)
        made = generator.with_property(made, asked)
        total = queries(build(made, 2), SC, asked, None)
        reference = {goal: Session(total.text, time.monotonic() + 60).check(total.goals[goal]).word for goal in GOALS}
        found = {model: words(made, asked, model) for model in MODELS}
        assert found["sc"] == reference, seed
        for goal in GOALS:
            if found["sc"][goal] == "sat":
                assert found["tso"][goal] == "sat", (seed, goal)
            if found["tso"][goal] == "sat":
                assert found["lkmm"][goal] == "sat", (seed, goal)
                reached += 1
    assert reached


def fenced(made: Program, chance: random.Random) -> Program:
    """With an `smp_mb()` at some place between the statements of some thread."""
    number = chance.randrange(len(made.threads))
    chosen = made.threads[number]
    place = chance.randint(0, len(chosen.body))
    body = (*chosen.body[:place], fence("mb"), *chosen.body[place:])
    return replace(made, threads=(*made.threads[:number], replace(chosen, body=body), *made.threads[number + 1 :]))


def fences_do_no_harm(seeds: range, program_of: Callable[[int], tuple[Program, Property]]) -> None:
    """What cannot be reached cannot be reached with one more fence."""
    for seed in seeds:
        made, asked = program_of(seed)
        more = fenced(made, random.Random(seed))
        for model in MODELS:
            before, after = words(made, asked, model), words(more, asked, model)
            for goal in GOALS:
                assert (before[goal], after[goal]) != ("unsat", "sat"), (seed, model, goal)


def any_statement(seed: int) -> tuple[Program, Property]:
    generator = Generator(seed)
    made = generator.program()
    asked = generator.property(made)
    return generator.with_property(made, asked), asked


def where_order_matters(seed: int) -> tuple[Program, Property]:
    """A program of `tests/concrete/random_weak.py`, asked whether its registers can have some values."""
    chance = random.Random(seed)
    made = Weak(seed).program()
    registers = [of(t.name, name) for t in made.threads for name in ("r", "s")]
    asked = never(both(*(equal(each, chance.randint(0, 2)) for each in chance.sample(registers, 3))))
    return Generator.with_property(made, asked), asked


@pytest.mark.parametrize("program_of", [any_statement, where_order_matters])
def test_a_fence_does_no_harm(program_of: Callable[[int], tuple[Program, Property]]) -> None:
    fences_do_no_harm(range(10), program_of)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
@pytest.mark.parametrize("program_of", [any_statement, where_order_matters])
def test_a_fence_does_no_harm_anywhere(program_of: Callable[[int], tuple[Program, Property]], block: int) -> None:
    fences_do_no_harm(range(100 + 20 * block, 120 + 20 * block), program_of)


def what_is_proved_stays_proved(seeds: range) -> None:
    """RCU counts under LKMM alone, so that it is left out here."""
    for seed in seeds:
        made, asked = where_order_matters(seed)
        if "rcu" in str(made):
            continue
        found = {model: words(made, asked, model) for model in MODELS}
        for goal in GOALS:
            reached = [found[model][goal] == "sat" for model in ("sc", "tso", "lkmm")]
            assert reached == sorted(reached), (seed, goal)


def test_what_is_proved_is_proved_under_every_stronger_model() -> None:
    what_is_proved_stays_proved(range(30))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_what_is_proved_is_proved_under_every_stronger_model_of_many(block: int) -> None:
    what_is_proved_stays_proved(range(100 + 40 * block, 140 + 40 * block))


def renamed(value: Any) -> Any:
    """The program with every thread and object renamed, the names sorted the other way round."""

    def other(name: str) -> str:
        return f"{chr(219 - ord(name[0]))}_{name}" if name else name

    match value:
        case CellName(object=object, field=field):
            return CellName(other(object), field)
        case Site() | ThreadVar() | At() | Ended():
            return replace(value, thread=other(value.thread))
        case Thread():
            return replace(value, name=other(value.name), body=renamed(value.body))
        case tuple():
            return tuple(renamed(each) for each in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{each.name: renamed(getattr(value, each.name)) for each in fields(value)})
        case _:
            return value


def names_mean_nothing(seeds: range, program_of: Callable[[int], tuple[Program, Property]]) -> None:
    for seed in seeds:
        made, asked = program_of(seed)
        for model in MODELS:
            assert words(made, asked, model) == words(renamed(made), renamed(asked), model), (seed, model)


@pytest.mark.parametrize("program_of", [any_statement, where_order_matters])
def test_names_mean_nothing(program_of: Callable[[int], tuple[Program, Property]]) -> None:
    made, _ = program_of(0)
    assert renamed(made).threads[0].name == "z_a"
    names_mean_nothing(range(8), program_of)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
@pytest.mark.parametrize("program_of", [any_statement, where_order_matters])
def test_names_mean_nothing_anywhere(program_of: Callable[[int], tuple[Program, Property]], block: int) -> None:
    names_mean_nothing(range(100 + 20 * block, 120 + 20 * block), program_of)
