"""Properties of encode_executions under models that are not one total order."""

import random
import time
from dataclasses import replace

import pytest

from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import Expr, Program, Property, Thread
from encoder.smt.axiomatic.encode import encode_executions
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers.z3_solver import Session
from tests.arm64 import compiled
from tests.concrete.build import both, cell, equal, final, flush, grace, irq, lock, never, of, program
from tests.fuzz.asked import Asker
from tests.fuzz.differ import depends_alike, lkmm_is_weakest
from tests.fuzz.maker import Limits, Maker
from tests.memory.weak import fence, rcu, read, thread, unrolled, write

GOALS = ("situation", "violation", "bound", "fault")


def words(made: Program, asked: Property, model: str) -> dict[str, str]:
    problems = encode_executions(unrolled(made, MODELS[model]), MODELS[model], asked, None)
    return {goal: Session(problems.formula, time.monotonic() + 60).check(problems.goals[goal]).word for goal in GOALS}


def reachable(model: str, condition: Expr, *threads: Thread, locks: str = "") -> bool:
    made = program([cell(c) for c in "xy"] + [cell(c, lock=True) for c in locks], *threads)
    asked = never(condition)
    return words(replace(made, properties=(asked,)), asked, model)["violation"] == "sat"


def test_a_grace_period_waits_for_a_section_that_is_still_open() -> None:
    """The reader has stopped in its section, which therefore began after the grace period or never ends before it."""
    ends = both(equal(of("b", "s"), 0), equal(of("b", "r"), 1))
    writer = thread("a", write("x"), *grace(), write("y"))
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


@pytest.mark.parametrize("block", [1, 2, *(pytest.param(n, marks=pytest.mark.slow) for n in (0, 3))])
def test_axioms_and_total_order_agree_and_weaker_models_allow_more(block: int) -> None:
    """SC by its axioms against the encoding as one total order; what a model reaches, a weaker one does too."""
    reached = 0
    for seed in range(1000 + 10 * block, 1010 + 10 * block):
        made, asked = random_program(seed)
        total = encode_interleavings(build(made, 2), asked, None)
        reference = {
            goal: Session(total.formula, time.monotonic() + 60).check(total.goals[goal]).word for goal in GOALS
        }
        found = {model: words(made, asked, model) for model in MODELS}
        assert found["sc"] == reference, seed
        for goal in GOALS:
            if found["sc"][goal] == "sat":
                assert found["tso"][goal] == "sat", (seed, goal)
            for arm64 in ("arm64", "arm64-llsc"):
                assert found["sc"][goal] != "sat" or found[arm64][goal] == "sat", (seed, goal)
                if found[arm64][goal] == "sat" and depends_alike(made):
                    assert found["lkmm"][goal] == "sat", (seed, goal)
            if found["tso"][goal] == "sat" and lkmm_is_weakest(made):
                assert found["lkmm"][goal] == "sat", (seed, goal)
                reached += 1
    assert reached


def fenced(made: Program, chance: random.Random) -> Program:
    """With an `smp_mb()` at some place between the statements of some thread."""
    number = chance.randrange(len(made.threads))
    chosen = made.threads[number]
    place = chance.randint(0, len(chosen.body))
    body = (*chosen.body[:place], fence("mb"), *chosen.body[place:])
    threads = (*made.threads[:number], replace(chosen, body=body), *made.threads[number + 1 :])
    return compiled(replace(made, threads=threads))


def fences_do_no_harm(seeds: range) -> None:
    """What cannot be reached cannot be reached with one more fence."""
    for seed in seeds:
        made, asked = random_program(seed)
        more = fenced(made, random.Random(seed))
        for model in MODELS:
            before, after = words(made, asked, model), words(more, asked, model)
            for goal in GOALS:
                assert (before[goal], after[goal]) != ("unsat", "sat"), (seed, model, goal)


def random_program(seed: int) -> tuple[Program, Property]:
    chance = random.Random(seed)
    made = Maker(chance, Limits(wrong=False, symbols=False)).program()
    asked = Asker(chance).anything(made)
    return replace(made, properties=(asked,)), asked


@pytest.mark.slow
def test_a_fence_does_no_harm() -> None:
    fences_do_no_harm(range(12))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_a_fence_does_no_harm_anywhere(block: int) -> None:
    fences_do_no_harm(range(100 + 20 * block, 120 + 20 * block))
