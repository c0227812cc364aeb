"""Blocks of a long run, as worker processes do them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from encoder.base.catalog import listing
from encoder.base.worker import WorkerPipe
from encoder.ledger.digest import digest_of, installed
from tests.fuzz import inputs as given
from tests.fuzz import names as named
from tests.fuzz import stuck
from tests.fuzz import ways as asked
from tests.fuzz.differ import Compared
from tests.fuzz.programs import Effort, examined

SIZE = 25


@dataclass(slots=True)
class Block:
    """What was tried and what is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Block") -> None:
        self.counts.update(other.counts)
        self.wrong += other.wrong


def at(block: Callable[[int], Block], first: int, _: WorkerPipe) -> Block:
    """A block as a `worker.Job`."""
    return block(first)


def fingerprint() -> dict[str, str]:
    """What must be the same on all machines: what is installed, these tests, whether there is a collection."""
    tests = listing(Path(__file__).parents[1], "tests", ".py")
    return installed() | {"tests": digest_of(tests), "litmus tests": str(len(given.collection()))}


def programs(first: int) -> Block:
    """The programs from a seed on."""
    return _tried(first, lambda seed: examined(seed, Effort()))


def names(first: int) -> Block:
    """Programs with twins from a seed on, under two sets of names."""
    return _tried(first, named.examined)


def ways(first: int) -> Block:
    """Programs from a seed on, asked in several ways."""
    return _tried(first, asked.examined)


def _tried(first: int, tried: Callable[[int], Compared]) -> Block:
    block = Block()
    for seed in range(first, first + SIZE):
        try:
            found = tried(seed)
        except Exception as error:
            block.wrong.append(f"program {seed}: {type(error).__name__}: {error}")
            continue
        block.add(Block(found.counts, [f"program {seed}: {each}" for each in found.wrong]))
    return block


def checks(first: int) -> Block:
    """What is asked beside the verdicts of the programs from a seed on."""
    return _tried(first, lambda seed: stuck.compared(random.Random(seed), 100))


def inputs(first: int) -> Block:
    """The inputs from a seed on."""
    block = Block()
    with TemporaryDirectory() as folder:
        made = given.Inputs(Path(folder), given.collection())
        for seed in range(first, first + SIZE):
            if wrong := given.examined(made, seed, block.counts):
                block.wrong.append(f"input {seed}: {wrong}")
    return block
