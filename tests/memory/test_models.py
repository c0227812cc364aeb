"""What each memory model says of itself, asked of all executions of tiny programs."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement

import pytest

from encoder.concrete.axiomatic.close_sections import close_sections
from encoder.concrete.axiomatic.cycles import is_acyclic
from encoder.concrete.axiomatic.execution import Skeleton, build_execution, build_skeleton
from encoder.concrete.axiomatic.grace_periods import unorderable_section
from encoder.concrete.axiomatic.relations import Pairs, RelationEvaluator, closure, holds
from encoder.concrete.axiomatic.violated_axiom import violated_axiom
from encoder.concrete.explorer.explore import explore
from encoder.memory import ARM64, ARM64_LLSC, CHAIN, LKMM, MODELS, arm64, lkmm
from encoder.memory.model import Axiom, MemoryModel
from encoder.memory.relation import Relation, co, fr, rf
from encoder.memory.sc import sc
from encoder.program.core import Acquire, Ended, Expr, Program, Release, Statement, Thread
from tests.concrete.build import both, cell, grace, lock, never, program, unlock
from tests.concrete.enumerate import Candidate, TooMany, executions
from tests.fuzz.maker import Limits, Maker
from tests.memory.test_classics import after_r
from tests.memory.test_rcu import ring
from tests.memory.weak import allowed, are, fence, inc, read, thread, write, xchg
from tests.memory.weak import rcu as rcu_region

PROGRAMS = range(60, 100)
Vertex = tuple[str, int, int]
ALIKE = {"arm64-llsc": [pytest.mark.slow]}
EVERY = pytest.mark.parametrize(
    "model", [pytest.param(each, marks=ALIKE.get(name, []), id=name) for name, each in MODELS.items()]
)


@dataclass(frozen=True)
class Judged:
    """An execution that is coherent and atomic, and what there is to ask of it."""

    made: Program
    candidate: Candidate
    frame: Skeleton
    evaluator: RelationEvaluator

    def pairs(self, relation: Relation) -> Pairs:
        return self.evaluator.relation(relation)


def judged(made: Program, most: int, *, complete: bool = False, instructions: str = "") -> list[Judged]:
    """The coherent executions of a program, none where there are too many; sections that are open end at the end."""
    found = []
    try:
        for candidate in executions(made, {}, complete=complete, coherent=True, most=most):
            frame = close_sections(build_skeleton(candidate.found, made.cells, candidate.orders, instructions))
            found.append(Judged(made, candidate, frame, RelationEvaluator(build_execution(frame))))
    except TooMany:
        return []
    return found


ACCESSES = ("read", "read", "write", "write", "inc")
RELOCKED = [unlock("l"), lock("l")]
BETWEEN: tuple[Sequence[Statement], ...] = ([fence("mb")], [fence("wmb")], [fence("rmb")], grace(), RELOCKED, [], [])


def shape(chance: random.Random) -> Program:
    """Threads in a ring, each with two accesses, of its own location and the next one's, and something between; at
    times one that increments a location beside."""
    names = "xyz"[: chance.choice((2, 3, 3))]
    threads = []
    for here, name in enumerate(names):
        between, ends = chance.choice(BETWEEN), (name, names[(here + 1) % len(names)])
        first, last = (access(chance, at, place) for at, place in zip(ends, ("first", "last"), strict=True))
        held = ([lock("l")], [unlock("l")]) if between is RELOCKED else ([], [])
        threads.append(thread(f"t{name}", *held[0], first, *between, last, *held[1]))
    if chance.random() < 0.3:
        threads.append(thread("beside", inc(chance.choice(names))))
    return program([*(cell(name) for name in names), cell("l", lock=True)], *threads)


def access(chance: random.Random, at: str, place: str) -> Statement:
    """An access; of the first and last ones of a thread some acquire and release."""
    match chance.choice(ACCESSES):
        case "read":
            return read(at, "r" if place == "first" else "s", "acquire" if chance.random() < 0.3 else "once")
        case "write":
            value = 1 if place == "first" else 2
            return write(at, value, "release" if place == "last" and chance.random() < 0.4 else "once")
        case _:
            return inc(at, "q")


@cache
def by_chance(instructions: str) -> tuple[Judged, ...]:
    """Executions of random programs, most of them no interleavings: of shapes to their ends, of others wherever they
    stop."""
    found = []
    for seed in PROGRAMS:
        chance = random.Random(seed)
        whole = seed % 4 != 0
        made = shape(chance) if whole else Maker(chance, Limits(symbols=False)).program()
        every = judged(made, 400, complete=whole, instructions=instructions)
        weak = [each for each in every if not holds(sc, each.evaluator)]
        found += weak[:60] + chance.sample(every, min(5, len(every)))
    return tuple(found)


# What the order carries


def order_of(model: MemoryModel, found: Judged) -> Iterator[tuple[Vertex, Vertex]]:
    """The order's edges, and those of paths that are away from it (`PropPath`), each thread's for itself. In a whole
    order the halves of a read-modify-write are one vertex."""
    halves = {write: read for read, write in found.frame.pairs["rmw"]} if model.merges_rmw else {}
    threads = {node.number: node.thread for node in found.frame.nodes}

    def main(event: int) -> Vertex:
        return "main", -1, halves.get(event, event)

    for a, b in found.pairs(model.order):
        if main(a) != main(b) or a == b:
            yield main(a), main(b)
    if (prop_path := model.prop_path) is None:
        return
    for home in sorted(set(threads.values())):

        def at(place: str, event: int, home: int = home) -> Vertex:
            return main(event) if threads[event] == home else (place, home, event)

        yield from ((main(a), at("away", b)) for a, b in found.pairs(prop_path.overwrite) if threads[a] == home)
        ways = (
            ("away", prop_path.cumul_fence, "away"),
            ("away", prop_path.rfe, "seen"),
            ("seen", prop_path.a_cumul_fence, "away"),
            ("seen", prop_path.strong_fence, "main"),
        )
        for start, relation, end in ways:
            for a, b in found.pairs(relation):
                if threads[a] != home:
                    yield at(start, a), main(b) if end == "main" else at(end, b)
        yield from ((at("away", event), at("seen", event)) for event in threads if threads[event] != home)


def carried(model: MemoryModel, found: Judged) -> bool:
    """Whether the axioms that ask for acyclic, and that the order carries, all hold."""
    return all(holds(axiom, found.evaluator) for axiom in model.order_axioms if axiom.kind == "acyclic")


@pytest.mark.slow
@EVERY
def test_the_order_carries_the_axioms_that_it_says(model: MemoryModel) -> None:
    met = {True: 0, False: 0}
    for found in by_chance(model.instructions):
        expected = carried(model, found)
        assert is_acyclic(order_of(model, found)) == expected, found.candidate
        met[expected] += 1
    assert min(met.values()) > 50


@EVERY
def test_the_axioms_that_an_order_carries_hold_together_where_each_does(model: MemoryModel) -> None:
    for found in by_chance(model.instructions):
        together = [p for axiom in model.order_axioms if axiom.kind == "acyclic" for p in found.pairs(axiom.relation)]
        assert is_acyclic(together) == carried(model, found)


RELAYED = (
    thread("a", write("x"), write("y", order="release")),
    thread("b", read("y"), *grace(), read("z")),
    thread("c", rcu_region(True), write("z"), read("x"), rcu_region(False)),
)
"""The store to x comes to everybody before the grace period, though another thread waits for that."""


RULES = (LKMM, lkmm.rcu), (ARM64, arm64.rcu), (ARM64_LLSC, arm64.rcu)


@pytest.mark.parametrize(("model", "rcu"), RULES, ids=[model.name for model, _ in RULES])
@pytest.mark.parametrize("threads", [ring("GS"), ring("GGS"), ring("GSS"), ring("GSGS"), RELAYED])
def test_the_choice_of_who_is_first_carries_the_axiom_of_rcu(
    threads: tuple[Thread, ...], model: MemoryModel, rcu: Axiom
) -> None:
    """Of the executions that meet all other axioms, wherever two or three threads have stopped."""
    made = program([cell(name) for name in "abcdxyz"], *threads)
    settled = {True: 0, False: 0}
    for found in judged(made, 100_000, complete=len(threads) > 3, instructions=model.instructions):
        if carried(model, found):
            said = holds(rcu, found.evaluator)
            one = unorderable_section(found.made, found.candidate.found, found.frame, model, found.evaluator)
            assert (one is None) == said, found.candidate
            settled[said] += 1
    assert min(settled.values()) > 0


# Locks


def locked(*bodies: Sequence[Statement]) -> Program:
    threads = [
        thread(name, lock("l"), *body, unlock("l"), *after)
        for name, (body, after) in zip("ab", ((b, [read("x", "q")]) for b in bodies), strict=True)
    ]
    return program([cell("x"), cell("y"), cell("l", lock=True)], *threads)


BODIES = (
    [write("x"), write("y", 1, "plain")],
    [read("x"), read("y", "s", "plain")],
    [read("y"), write("x", 2, "plain")],
    [xchg("x", 3, "r", "relaxed"), read("y", "s")],
)


SLOWER = {name: [pytest.mark.slow] for name in (LKMM.name, "tso", "arm64-llsc")}


@pytest.mark.parametrize(
    "model",
    [pytest.param(m, marks=SLOWER.get(m.name, []), id=m.name) for m in MODELS.values() if m.orders_sections],
)
def test_a_lock_orders_what_is_done_with_it_held(model: MemoryModel) -> None:
    """What leads from one section to another leads to a later one, and the order does so without it too."""
    pairs = 0
    for first, second in combinations_with_replacement(BODIES, 2):
        for found in judged(locked(first, second), 3000, instructions=model.instructions):
            if violated_axiom(model, found.frame, found.evaluator) is None:
                between = {p for each in (rf, co, fr) for p in found.pairs(each) if kept_apart(found, *p)}
                assert all(is_first(found, a, b) for a, b in between)
                order = found.pairs(model.order)
                rest = closure(frozenset(p for p in order if not kept_apart(found, *p)))
                assert all(p in rest for p in order if kept_apart(found, *p))
                pairs += len(between)
    assert pairs > 100


def section(found: Judged, event: int) -> int | None:
    """The write that takes the lock under which an access is made."""
    steps = {done.step: done.effect.event for done in found.candidate.found.done}
    own = [n for n in found.frame.nodes if n.thread == found.frame.nodes[event].thread and n.kind == "W"]
    taken = [n.number for n in own if isinstance(steps[n.step], Acquire) and n.number < event]
    ended = [n.number for n in own if isinstance(steps[n.step], Release) and n.number < event]
    locks = isinstance(steps[found.frame.nodes[event].step], Acquire | Release)
    return max(taken) if len(taken) > len(ended) and not locks else None


def kept_apart(found: Judged, a: int, b: int) -> bool:
    one, other = section(found, a), section(found, b)
    return None not in (one, other) and found.frame.nodes[a].thread != found.frame.nodes[b].thread


def is_first(found: Judged, a: int, b: int) -> bool:
    return (section(found, a), section(found, b)) in found.pairs(co)


# What is said of the model beside its axioms


BUFFERING = (thread("a", write("x"), read("y")), thread("b", write("y"), read("x")))
OLD = are(a_r=0, b_r=0)
PASSING = (thread("a", write("x"), write("y")), thread("b", read("y"), read("x", "s")))
STALE = are(b_r=1, b_s=0)
FENCED = (thread("a", write("x"), fence("mb"), read("y")), thread("b", write("y"), fence("mb"), read("x")))


@pytest.mark.parametrize(("ends", "threads"), [(OLD, BUFFERING), (STALE, PASSING), (OLD, FENCED)])
def test_a_search_finds_what_the_axioms_allow(ends: Expr, threads: tuple[Thread, ...]) -> None:
    ended = both(ends, *(Ended(each.name) for each in threads))
    made = program([cell("x"), cell("y")], *threads)
    may = allowed("xy", ends, *threads)
    for name, model in MODELS.items():
        if model.explorable is not None:
            found = explore(made, never(ended), loops=1, max_states=1000, machine=model.explorable)
            assert (found.outcome == "violated") == (name in may)


def test_the_interleavings_are_the_executions_of_a_total_model_alone() -> None:
    total = tuple(name for name, model in MODELS.items() if model.total)
    assert total == ("sc",)
    weak = tuple(name for name in CHAIN if name not in total)
    assert allowed("xy", OLD, *BUFFERING) == weak


def test_a_read_modify_write_is_a_barrier_where_the_model_says_so() -> None:
    a = thread("a", write("x"), xchg("z", 1, order="relaxed"), read("y"))
    b = thread("b", write("y"), xchg("u", 1, order="relaxed"), read("x"))
    weak = [name for name, model in CHAIN.items() if not model.total]
    assert allowed("xyzu", OLD, a, b) == tuple(name for name in weak if not MODELS[name].rmw_is_full_barrier)


def test_a_dependency_orders_where_the_model_speaks_of_them() -> None:
    """Load buffering: where it is possible at all, two dependencies forbid it."""
    ends = are(a_r=1, b_r=1)
    one, other = thread("a", read("x"), write("y")), thread("b", read("y"), write("x"))
    bound = thread("a", read("x"), write("y", after_r())), thread("b", read("y"), write("x", after_r()))
    free = allowed("xy", ends, one, other)
    assert free == tuple(name for name, model in CHAIN.items() if model.uses_dependencies)
    assert allowed("xy", ends, *bound) == ()
