"""`python -m tests.fuzz [programs|names|checks|inputs] --number N --seed S`: a long run, the same each time.

Prints what was tried and what was found; ends with 1 where anything differs or too little was compared.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.fuzz import blocks, names, programs, stuck
from tests.fuzz.inputs import SHARED
from tests.fuzz.programs import missing

COVERED = 1000  # with fewer programs no shares are asked
SHARES = {"programs": programs.SHARES, "names": names.SHARES, "checks": stuck.SHARES}


def run(what: str, block: Callable[[int], blocks.Block], number: int, seed: int, jobs: int) -> blocks.Block:
    """At least this many, from a seed on."""
    start, whole = time.monotonic(), blocks.Block()
    firsts = range(seed, seed + number, blocks.SIZE)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done, found in enumerate(pool.map(block, firsts), 1):
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
    choices = [[], "programs", "names", "checks", "inputs"]
    parser.add_argument("what", nargs="*", choices=choices, help="some of them; all")
    parser.add_argument("--number", type=int, default=10_000, help="how many of each, rounded up to whole blocks")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args()
    if not SHARED.is_dir():
        print("there is no collection of litmus tests beside the checkout: our own few stand in")
    kinds = {
        "inputs": blocks.inputs, "names": blocks.names, "checks": blocks.checks, "programs": blocks.programs,
    }  # fmt: skip
    found = [run(each, kinds[each], asked.number, asked.seed, asked.jobs) for each in asked.what or kinds]
    return 1 if any(each.wrong for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
