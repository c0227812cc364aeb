"""`python -m tests.fuzz [programs|names|checks|ways|inputs] --number N --seed S`: a long run, the same each time, with
`--scheduler` on the workers of a cluster.

Prints what was tried and what was found; ends with 1 where anything differs or too little was compared.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from math import inf
from multiprocessing import get_context

from encoder.base.cluster import connected
from encoder.base.errors import InputError
from encoder.base.limits import Limits
from encoder.base.pool import Finished, Pool, WorkItem
from encoder.base.worker import Lost, settled
from tests.fuzz import blocks, names, programs, stuck, ways
from tests.fuzz.inputs import SHARED
from tests.fuzz.programs import missing

COVERED = 1000  # with fewer programs no shares are asked
SHARES = {"programs": programs.SHARES, "names": names.SHARES, "checks": stuck.SHARES, "ways": ways.SHARES}


Done = Callable[[Callable[[int], blocks.Block], range], Iterable[blocks.Block]]
"""Does the blocks that begin at these seeds, and gives them in their order."""


def here(jobs: int) -> Done:
    """In so many processes."""

    def done(block: Callable[[int], blocks.Block], firsts: range) -> Iterator[blocks.Block]:
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            yield from pool.map(block, firsts)

    return done


def there(pool: Pool) -> Done:
    """On the workers of a cluster."""

    def done(block: Callable[[int], blocks.Block], firsts: range) -> Iterator[blocks.Block]:
        items = [WorkItem(first, partial(blocks.at, block, first), Limits(seconds=inf)) for first in firsts]
        known: dict[int, blocks.Block] = {}
        due = iter(firsts)
        first = next(due, None)
        for event in pool.work_off(items, modules=["tests.fuzz.blocks"]):
            if isinstance(event, Finished):
                found = settled(event.outcome)
                lost = isinstance(found, Lost)
                known[event.task] = blocks.Block(wrong=[f"block {event.task}: {found.reason}"]) if lost else found
            while first in known:
                yield known.pop(first)
                first = next(due, None)

    return done


def run(what: str, block: Callable[[int], blocks.Block], number: int, seed: int, work: Done) -> blocks.Block:
    """At least this many, from a seed on."""
    start, whole = time.monotonic(), blocks.Block()
    firsts = range(seed, seed + number, blocks.SIZE)
    for done, found in enumerate(work(block, firsts), 1):
        whole.add(found)
        for each in found.wrong:
            print(each, flush=True)
        if done % 20 == 0:
            print(f"{done * blocks.SIZE} {what}, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    total = len(firsts) * blocks.SIZE
    seldom = missing(whole.counts, total, SHARES[what]) if what in SHARES and total >= COVERED else []
    for each, count in sorted(whole.counts.items()):
        print(f"{count:>8}  {each}")
    print(*seldom, f"{total} {what} in {time.monotonic() - start:.0f} s, {len(whole.wrong)} wrong", sep="\n")
    whole.wrong += seldom
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    choices = [[], "programs", "names", "checks", "ways", "inputs"]
    parser.add_argument("what", nargs="*", choices=choices, help="some of them; all")
    parser.add_argument("--number", type=int, default=10_000, help="how many of each, rounded up to whole blocks")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a cluster: tcp://HOST:PORT, or local")
    asked = parser.parse_args()
    if not SHARED.is_dir():
        print("there is no collection of litmus tests beside the checkout: our own few stand in")
    kinds = {
        "inputs": blocks.inputs, "names": blocks.names, "checks": blocks.checks, "ways": blocks.ways,
        "programs": blocks.programs,
    }  # fmt: skip
    with ExitStack() as stack:
        work = here(asked.jobs)
        if asked.scheduler:
            cluster = connected(asked.scheduler, jobs=asked.jobs, fingerprint=blocks.fingerprint)
            work = there(stack.enter_context(cluster))
        found = [run(each, kinds[each], asked.number, asked.seed, work) for each in asked.what or kinds]
    return 1 if any(each.wrong for each in found) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:  # of the cluster
        sys.exit(error.problems[0].message)
