"""Interleavings of random programs over the whole step language: as weak executions they are what the machine does."""

import random
from dataclasses import replace

import pytest

from encoder.concrete.axiomatic.replay import interleaving_as_execution, replay_weak
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.replay import ReplayResult, replay
from encoder.concrete.semantics.faults import ProgramFault
from encoder.memory import MODELS
from encoder.memory.model import MemoryModel
from encoder.program.core import Program
from tests.concrete.build import TRUE, never
from tests.fuzz.maker import Limits, Maker
from tests.fuzz.told import starts

ASKED = never(TRUE, text="always")


def schedule(made: Program, symbols: dict[str, int], chance: random.Random) -> list[str]:
    """Enabled threads, by chance, until none is or chance has it."""
    machine = Machine(made, 2)
    state, names = machine.start(symbols), []
    while chance.random() < 0.95:
        try:
            ready = [t for t in range(len(made.threads)) if machine.enabled(state, t)]
            if not ready:
                break
            thread = chance.choice(ready)
            state, _ = machine.step(state, thread)
        except ProgramFault:
            break
        names.append(made.threads[thread].name)
    return names


def plain(found: ReplayResult) -> ReplayResult:
    """Without what only a weak execution says."""
    return replace(found, steps=tuple(replace(step, reads_from=None) for step in found.steps), coherence=())


@pytest.mark.parametrize("seeds", [range(40), pytest.param(range(40, 120), marks=pytest.mark.slow)])
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_an_interleaving_is_allowed_by_every_model(model: MemoryModel, seeds: range) -> None:
    lengths = set()
    for seed in seeds:
        chance = random.Random(seed)
        made = Maker(chance, Limits()).program()
        symbols = chance.choice(starts(made) or [{}])
        if made.symbols and not symbols:
            continue
        names = schedule(made, symbols, chance)
        steps, coherence = interleaving_as_execution(made, symbols, names, 2)
        found = replay_weak(made, ASKED, model, symbols, steps, coherence, 2)
        assert plain(found) == replay(made, ASKED, symbols, names, 2), seed
        lengths.add(len(names))
    assert max(lengths) > 8
