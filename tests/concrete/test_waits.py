"""Everything that small programs of sections and waits can come to: the machine's states, and what the axioms allow.

Sections nest, cross, stay open, and stand around the waits themselves; a store in a section waits in its buffer.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from encoder.concrete.explorer.transitions import Transitions
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import Program, Statement, Var
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers.z3_solver import Session
from tests.arm64 import compiled
from tests.concrete.build import TRUE, cell, flush, grace, irq, load, never, program, store, thread
from tests.concrete.enumerate import TooMany, allowed
from tests.fuzz.differ import apart_by_barriers, depends_alike
from tests.fuzz.ends import End, condition, end, ends, prefixes
from tests.fuzz.values import VARIABLES
from tests.memory.weak import rcu

Edges = tuple[Statement, Statement]
MOST = 250


def edges(kind: str, index: str) -> Edges:
    match kind:
        case "rcu":
            return rcu(True), rcu(False)
        case "irq":
            return irq(True), irq(False)
        case _:
            lock = replace(load("u", index), order="srcu-lock")
            return lock, replace(store("u", Var(index)), order="srcu-unlock")


def access(where: str, register: str, *, writes: bool) -> Statement:
    return store(where, 1) if writes else load(where, register)


def wait(chance: random.Random) -> Sequence[Statement]:
    pick = chance.random()
    return grace() if pick < 0.55 else grace("u") if pick < 0.85 else (flush(True), flush(False))


def sections(chance: random.Random, kinds: Sequence[str], accesses: Sequence[Statement]) -> list[Statement]:
    """One or two sections with the accesses in and around them, in any order that has begins before ends."""
    made = list(accesses)
    for index in "ij"[: chance.choice((1, 2, 2))]:
        begin, stop = edges(chance.choice(kinds), index)
        first = chance.randint(0, max(0, made.index(accesses[1]) - 1))
        made.insert(first, begin)
        if chance.random() < 0.9:
            made.insert(chance.randint(first + 1, len(made)), stop)
    return made


def small(seed: int) -> Program:
    """A thread that waits between two accesses, and one with sections whose accesses meet these: each writes what the
    other reads. Sometimes each does both."""
    chance = random.Random(seed)
    waits = wait(chance)
    subject = getattr(waits[0], "kind", "flush")
    kinds = {"rcu": ("rcu", "rcu", "irq"), "srcu": ("u",), "flush": ("irq",)}[subject]
    writes = [chance.random() < 0.6 for _ in "xy"]
    first, second = (access(c, r, writes=w) for c, r, w in zip("xy", "rs", writes, strict=True))
    waiter = [first, *waits, second]
    met = [access(c, r, writes=not w) for c, r, w in zip("xy", "rs", writes, strict=True)]
    reader = sections(chance, kinds, met if chance.random() < 0.8 else met[::-1])
    if chance.random() < 0.2:
        begin, stop = edges(chance.choice(kinds), "i")
        waiter = [begin, waiter[0], stop, *waiter[1:]] if chance.random() < 0.5 else [begin, *waiter, stop]
    if chance.random() < 0.2:
        reader += wait(chance)
    threads = (thread(name, *body, variables=VARIABLES, runs=1) for name, body in (("a", waiter), ("b", reader)))
    made = program([cell(c) for c in "xyu"], *threads)
    return replace(made, irq_readers=chance.random() < 0.8)


def reached(made: Program, *, tso: bool) -> set[End]:
    """The ends of all states in which every store has drained."""
    transitions = Transitions(Machine(made, 2), tso=tso)
    todo = [state for state, _ in transitions.starts()]
    known: set[MachineState] = set(todo)
    while todo:
        for after in following(transitions, todo.pop()):
            if after not in known:
                known.add(after)
                todo.append(after)
    assert transitions.fault is None
    return {end(made, state) for state in known if not any(state.buffers)}


def following(transitions: Transitions, state: MachineState) -> Iterator[MachineState]:
    yield from transitions.successors(state)
    if state.buffers:
        yield from (after for _, after in transitions.drains(state))


def compare(seed: int) -> tuple[int, int]:
    """How many ends were allowed and forbidden, over all models. The encoder is asked of each as well."""
    made, counts = small(seed), [0, 0]
    found = ends(made, MOST, coherent=True)
    states = {"sc": reached(made, tso=False), "tso": reached(made, tso=True)}
    may = {}
    for name, model in MODELS.items():
        may[name] = {what for what, ways in found.items() if any(allowed(made, model, c) for c in ways)}
        if name in states:
            assert states[name] == may[name], (seed, name, states[name] ^ may[name])
        told = prefixes(made, model, found)
        assert not told.wrong, (seed, name, told.wrong)
        counts[0] += told.allowed
        counts[1] += told.forbidden
    assert may["sc"] <= may["tso"] <= may["lkmm"], seed
    assert may["sc"] <= may["arm64"] & may["arm64-llsc"], seed
    assert not depends_alike(made) or may["arm64"] | may["arm64-llsc"] <= may["lkmm"], seed
    interleaved(made, may["sc"], set(found) - may["sc"])
    return counts[0], counts[1]


def interleaved(made: Program, may: set[End], never_: set[End]) -> None:
    """The encoding as one order of all steps: none of these ends is reached, and the latest of those is."""
    instances = tuple(never(condition(made, what)).instances[0] for what in sorted(never_))
    for ends_, word in ((instances, "unsat"), (never(condition(made, max(may))).instances, "sat")):
        asked = replace(never(TRUE), instances=ends_)
        told = encode_interleavings(build(replace(made, properties=(asked,)), 2), asked, None)
        assert not ends_ or Session(told.formula, time.monotonic() + 60).check(told.goals["violation"]).word == word


def agree(seed: int) -> None:
    """With `smp_mb()` between all accesses all models allow the same ends."""
    made = small(seed)
    fenced = tuple(replace(t, body=apart_by_barriers(t.body)) for t in made.threads)
    made = compiled(replace(made, threads=fenced))
    found = ends(made, MOST, coherent=True)
    same = {
        name: {what for what, ways in found.items() if any(allowed(made, model, c) for c in ways)}
        for name, model in MODELS.items()
    }
    assert all(each == reached(made, tso=False) for each in same.values()), seed


def compared(seeds: range) -> None:
    counts = [0, 0]
    for seed in seeds:
        try:
            for place, more in enumerate(compare(seed)):
                counts[place] += more
            if seed % 4 == 0:
                agree(seed)
        except TooMany:
            continue
    assert all(counts)


@pytest.mark.slow
def test_states_axioms_and_encoder_come_to_the_same_ends() -> None:
    compared(range(10))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_states_axioms_and_encoder_come_to_the_same_ends_of_many(block: int) -> None:
    compared(range(100 + 40 * block, 140 + 40 * block))
