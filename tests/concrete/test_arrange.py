"""The order in which a weak execution is drawn: the model's own, program order as far as it goes, few switches."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice, pairwise, permutations

import pytest

from encoder.concrete.axiomatic.close_sections import close_sections
from encoder.concrete.axiomatic.cycles import is_acyclic
from encoder.concrete.axiomatic.execution import build_execution, build_skeleton
from encoder.concrete.axiomatic.linearize import fewest_switches, linearize, model_order, renumber
from encoder.concrete.axiomatic.program_order import AcyclicOrder, reordered_steps
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.concrete.axiomatic.replay import replay_weak
from encoder.concrete.axiomatic.thread_runs import WitnessStep
from encoder.memory import LKMM, TSO
from encoder.memory.model import MemoryModel
from encoder.memory.relation import Relation, po, rf
from encoder.program.core import Program, Statement
from tests.concrete.build import TRUE, cell, flush, irq, never, program
from tests.concrete.enumerate import Candidate, allowed, executions
from tests.fuzz.maker import Limits, Maker
from tests.memory.weak import fence, inc, read, thread, write

ANY = never(TRUE)
Edges = set[tuple[int, int]]


def drawn(
    threads: Mapping[str, Sequence[Statement]],
    steps: Sequence[tuple[str, int, int | None]],
    model: MemoryModel = LKMM,
    coherence: Mapping[str, Sequence[int]] | None = None,
) -> list[str]:
    """The steps as they are drawn: the thread, its event's number, and `!` where the read missed a store above."""
    made = program([cell(c) for c in "xyzu"], *(thread(name, *body) for name, body in threads.items()))
    whole = linearize(made, ANY, model, {}, [WitnessStep(*step) for step in steps], coherence or {}, 2)
    assert whole == linearize(made, ANY, model, {}, [WitnessStep(*step) for step in steps], coherence or {}, 2)
    found = replay_weak(made, ANY, model, {}, *whole, 2)
    return [f"{s.thread}{s.index}{'!' if s.stale else ''}" for s in found.steps]


@pytest.mark.parametrize("model", [TSO, LKMM], ids=["tso", "lkmm"])
def test_store_buffering_is_in_program_order(model: MemoryModel) -> None:
    """One of the two reads misses a store that is drawn above it."""
    threads = {"a": [write("x"), read("y")], "b": [write("y"), read("x")]}
    steps = (("b", 1, 0), ("b", 0, None), ("a", 1, 0), ("a", 0, None))
    assert drawn(threads, steps, model) == ["a0", "a1", "b0", "b1!"]


def test_a_late_store_is_a_missed_one_and_no_step_out_of_place() -> None:
    """R: the second thread's read comes after its store, and misses the first thread's."""
    threads = {"a": [write("x"), fence("wmb"), write("y")], "b": [write("y", 2), read("x")]}
    steps = (("a", 0, None), ("a", 1, None), ("a", 2, None), ("b", 0, None), ("b", 1, 0))
    assert drawn(threads, steps, LKMM, {"y.v": (3, 4)}) == ["a0", "a1", "a2", "b0", "b1!"]


def test_in_load_buffering_one_step_leaves_its_place() -> None:
    """A read that sees a store has to be drawn below it. The fence that orders nothing stays in the middle."""
    threads = {"a": [read("x"), fence("rmb"), write("y")], "b": [read("y"), fence("rmb"), write("x")]}
    steps = (("a", 2, None), ("b", 0, 1), ("b", 1, None), ("b", 2, None), ("a", 0, 4), ("a", 1, None))
    assert drawn(threads, steps) == ["a1", "a2", "b0", "b1", "b2", "a0"]


def test_a_read_that_overtakes_one_other_overtakes_nothing_else() -> None:
    """Message passing without smp_rmb(): the second read is drawn just before the first, fences and all else stay."""
    reader = [read("u", "q"), irq(True), fence("wmb"), read("y"), irq(False), fence("wmb"), read("x", "s")]
    threads = {"a": [write("x"), fence("wmb"), write("y")], "b": [*reader, read("u", "q")]}
    steps: list[tuple[str, int, int | None]] = [("a", 0, None), ("a", 1, None), ("a", 2, None)]
    steps += [("b", 0, 0), ("b", 1, None), ("b", 2, None), ("b", 3, 3), ("b", 4, None), ("b", 5, None)]
    steps += [("b", 6, 0), ("b", 7, 0)]
    assert drawn(threads, steps) == ["b0", "b1", "b2", "b6", "a0", "a1", "a2", "b3", "b4", "b5", "b7"]


def test_a_read_leaves_its_place_and_not_a_read_modify_write() -> None:
    threads = {"a": [write("x"), fence("wmb"), write("y")], "b": [inc("y", "r"), read("x", "s")]}
    steps = (("a", 0, None), ("a", 1, None), ("a", 2, None), ("b", 0, 3), ("b", 1, 0))
    assert drawn(threads, steps, LKMM, {"y.v": (3, 4)}) == ["b1", "a0", "a1", "a2", "b0"]


def test_a_read_modify_write_is_not_what_is_missed() -> None:
    """Of the two reads the one that misses a plain store is drawn below it."""
    for first, second in (("x", "y"), ("y", "x")):
        threads = {"a": [inc(first), read(second)], "b": [write(second), read(first)]}
        steps = (("a", 0, 0), ("a", 1, 0), ("b", 0, None), ("b", 1, 0))
        assert drawn(threads, steps) == ["b0", "b1", "a0", "a1!"]


def test_a_flush_is_not_drawn_inside_of_a_region_that_it_waits_for() -> None:
    made = program(
        [cell("x"), cell("y")],
        thread("a", write("x"), flush(True), flush(False), write("y")),
        replace(thread("b", irq(True), read("x", "s"), irq(False), read("y")), runs=1),
    )
    steps = [("a", 0, None), ("a", 1, None), ("a", 2, None), ("a", 3, None)]
    steps += [("b", 0, None), ("b", 1, 0), ("b", 2, None), ("b", 3, 4)]
    for model in (TSO, LKMM):
        whole, _ = linearize(made, ANY, model, {}, [WitnessStep(*step) for step in steps], {}, 2)
        places = [(s.thread, s.index) for s in whole]
        assert places.index(("b", 2)) < places.index(("a", 2))


def extends(made: Program, model: MemoryModel, found: Candidate) -> tuple[Edges, Edges, Edges]:
    """rf, the model's order and program order between the steps of an execution."""
    frame = close_sections(build_skeleton(found.found, made.cells, found.orders, model.instructions))
    evaluator = RelationEvaluator(build_execution(frame))
    step = {node.number: node.step for node in frame.nodes}

    def between(*relations: Relation) -> Edges:
        ends = ((step[a], step[b]) for r in relations for a, b in evaluator.relation(r))
        return {(a, b) for a, b in ends if a and b and a != b}

    return between(rf), between(*model_order(model)), between(po)


def sources_first(found: Candidate, chance: random.Random) -> list[int]:
    """The steps in some order in which each stands below the one that it reads from."""
    left = list(found.found.done)
    order: list[int] = []
    while left:
        ready = [done for done in left if not done.source or done.source in order]
        done = chance.choice(ready)
        left.remove(done)
        order.append(done.step)
    return order


def check(made: Program, model: MemoryModel, found: Candidate, chance: random.Random) -> bool:
    """Draw the execution; whether every thread is in program order."""
    reads, own, program_order = extends(made, model, found)
    steps = [WitnessStep(made.threads[d.thread].name, d.index, d.source) for d in found.found.done]
    coherence = {str(cell): order for cell, order in found.orders.items() if len(order) > 1}
    listed = renumber(steps, coherence, sources_first(found, chance))
    whole = linearize(made, ANY, model, {}, *listed, 2)
    replay_weak(made, ANY, model, {}, *whole, 2)
    place = {(step.thread, step.index): number for number, step in enumerate(whole[0])}
    at = {number: place[step.thread, step.index] for number, step in enumerate(steps, 1)}
    assert all(at[a] < at[b] for a, b in reads | own)
    straight = all(at[a] < at[b] for a, b in program_order)
    assert straight == is_acyclic(reads | own | program_order)
    return straight


def bare(seed: int) -> Program:
    """Two threads of marked accesses with few fences: order contradicts program order more often than not."""
    chance = random.Random(seed)

    def body(thread: int) -> list[Statement]:
        made: list[Statement] = []
        for number, register in enumerate("rsqr"):
            kinds = [read(chance.choice("xy"), register), write(chance.choice("xy"), 1 + 4 * thread + number)]
            made.append(chance.choice([*kinds, *kinds, *kinds, inc("y", register), fence("rmb"), fence("wmb")]))
        return made

    return program([cell("x"), cell("y")], *(thread(name, *body(n)) for n, name in enumerate("ab")))


def mixed(seed: int) -> Program:
    return Maker(random.Random(seed), Limits(symbols=False, wrong=False, shapes=((2, 3), (2, 4), (3, 2)))).program()


def check_many(programs: Iterable[tuple[int, Program]], model: MemoryModel, most: int = 25) -> set[bool]:
    seen = set()
    for seed, made in programs:
        chance = random.Random(seed)
        every = list(islice(executions(made, {}, complete=True), 3000))
        picked = chance.sample(every, min(most, len(every)))
        seen |= {check(made, model, each, chance) for each in picked if allowed(made, model, each)}
    return seen


@pytest.mark.parametrize("seeds", [range(4, 8), pytest.param(range(8), marks=pytest.mark.slow)])
@pytest.mark.parametrize("model", [TSO, LKMM], ids=["tso", "lkmm"])
def test_drawings_of_random_executions(model: MemoryModel, seeds: range) -> None:
    """They replay, extend the model's order, and leave program order only where that contradicts it; never on x86."""
    programs = [(seed, make(seed)) for seed in seeds for make in (bare, mixed)]
    assert check_many(programs, model) == ({True, False} if model is LKMM else {True})


@pytest.mark.slow
@pytest.mark.parametrize("model", [TSO, LKMM], ids=["tso", "lkmm"])
@pytest.mark.parametrize("block", range(5))
def test_drawings_of_many_random_executions(model: MemoryModel, block: int) -> None:
    seeds = range(100 + 20 * block, 120 + 20 * block)
    check_many(((seed, mixed(seed)) for seed in seeds), model, 100)
    check_many(((seed, bare(seed)) for seed in seeds), model, 100)


def random_order(chance: random.Random, sizes: Sequence[int]) -> tuple[list[list[int]], Edges]:
    """Steps of threads, and an acyclic relation between them that takes no account of program order."""
    numbers = iter(range(1, sum(sizes) + 1))
    listing = [[next(numbers) for _ in range(size)] for size in sizes]
    order = list(range(1, sum(sizes) + 1))
    chance.shuffle(order)
    pairs = [pair for pair in combinations(order, 2) if chance.random() < 0.25]
    return listing, set(pairs)


@pytest.mark.parametrize("seed", range(20))
def test_as_few_steps_as_possible_are_displaced(seed: int) -> None:
    listing, own = random_order(random.Random(seed), (4, 4))
    po = {pair for steps in listing for pair in combinations(steps, 2)}

    def fits(moved: frozenset[int]) -> bool:
        return is_acyclic(own | {edge for edge in po if moved.isdisjoint(edge)})

    found = reordered_steps(own, listing, lambda step: (step,))
    assert fits(found)
    if 0 < len(found) <= 4:
        assert not any(fits(frozenset(fewer)) for fewer in combinations(range(1, 9), len(found) - 1))


def test_many_displaced_steps_are_found_too() -> None:
    """Two threads of which the one runs backwards."""
    listing = [list(range(1, 11)), list(range(11, 21))]
    own = {(b, a) for a, b in combinations(range(1, 11), 2)}
    assert len(reordered_steps(own, listing, lambda step: (step,))) == 9


@pytest.mark.parametrize("seed", range(30))
def test_no_order_has_fewer_switches(seed: int) -> None:
    chance = random.Random(seed)
    listing, edges = random_order(chance, chance.choice(((3, 3), (2, 2, 2), (1, 4), (4, 2, 1))))
    order = AcyclicOrder(sum(map(len, listing)))
    order.extend(edges)
    order.extend(pair for steps in listing for pair in combinations(steps, 2))
    thread = {step: number for number, steps in enumerate(listing) for step in steps}

    def switches(steps: Sequence[int]) -> int:
        return sum(thread[a] != thread[b] for a, b in pairwise(steps))

    found = fewest_switches(listing, order)
    place = {step: number for number, step in enumerate(found)}
    assert all(place[a] < place[b] for a, b in order.edges)
    every = (p for p in permutations(thread) if all(p.index(a) < p.index(b) for a, b in order.edges))
    assert switches(found) == min(map(switches, every))


def test_an_order_takes_no_edge_that_closes_a_cycle() -> None:
    order = AcyclicOrder(4)
    order.extend([(1, 2), (2, 3), (3, 1), (4, 4), (3, 4)])
    assert order.edges == {(1, 2), (2, 3), (3, 4)}
    assert order.allows((1, 4)) and not order.allows((4, 2))
    apart = AcyclicOrder(4)
    apart.extend([(1, 2), (3, 4)])
    assert apart.allows((2, 3)) and apart.allows((4, 1)) and not apart.allows((2, 3), (4, 1))
