"""Litmus tests in a warm process: the whole corpus, small tests, and a ring of critical sections and grace periods; a
chain of copies."""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from encoder.graph.build import build
from encoder.litmus.read import LitmusReader
from encoder.litmus.run import work
from tests.litmus.shared import FOLDER, expected

EVENTS = 12
RING = 32
LIMIT = 600.0
READER = LitmusReader()


def measure() -> None:
    """Print CPU seconds of this process."""
    paths = [row.path for row in expected()]
    if paths:
        total, small = corpus(paths)
        print(f"{'litmus corpus':<36} {total:8.2f}  CPU s for {len(paths)} tests")
        shown = f"{median(small) * 1000:8.2f}  median, {max(small) * 1000:.2f} most, CPU ms for {len(small)} tests"
        print(f"{f'litmus tests up to {EVENTS} events, warm':<36} {shown}")
    else:
        print(f"{'litmus corpus':<36}     none  in {FOLDER}")
    seconds, result = timed_ring(RING)
    print(f"{f'RCU ring of {RING} threads':<36} {seconds:8.2f}  CPU s  {result}", flush=True)


def corpus(paths: list[Path]) -> tuple[float, list[float]]:
    """CPU seconds for all, reading the primitives included; then each small one again, in the warm process."""
    begin = time.process_time()
    for path in paths:
        work(str(path), "lkmm", LIMIT, False)
    total = time.process_time() - begin
    return total, [timed(path)[0] for path in paths if is_small(path)]


def is_small(path: Path) -> bool:
    """Whether a test has few accesses, fences and lock operations."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return len(build(READER.read(str(path), text).program, 1).events) <= EVENTS


def timed(path: Path) -> tuple[float, str]:
    begin = time.process_time()
    verdict = work(str(path), "lkmm", LIMIT, False)
    return time.process_time() - begin, verdict.result


def timed_ring(threads: int) -> tuple[float, str]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ring.litmus"
        path.write_text(ring(threads), encoding="utf-8")
        return timed(path)


def ring(threads: int) -> str:
    """Thread i reads location i and writes the next one: in turn in a critical section and around a grace period.

    As many grace periods as sections forbid that all reads see the writes.
    """
    parts = [f"C ring-{threads}\n\n{{}}\n"]
    for i in range(threads):
        first, last = ("rcu_read_lock();", "rcu_read_unlock();") if i % 2 else ("", "")
        middle = "" if i % 2 else "synchronize_rcu();"
        here, after = f"x{i}", f"x{(i + 1) % threads}"
        body = f"{first} r0 = READ_ONCE(*{here}); {middle} WRITE_ONCE(*{after}, 1); {last}"
        parts.append(f"P{i}(int *{here}, int *{after})\n{{\n\t{body}\n}}\n")
    return "\n".join([*parts, "exists (" + r" /\ ".join(f"{i}:r0=1" for i in range(threads)) + ")\n"])


def pointers(number: int) -> str:
    """A chain of `number` threads, each of which copies what the one before it has written: alias/pointers10 of the
    public collections with 10 of them."""
    last = f"x{number + 1}"
    first = f"P0(int *x0, int *x1, int *{last}, int *y)", (
        "p = READ_ONCE(*x0);", "WRITE_ONCE(*x1, p);", f"t = READ_ONCE(*{last});", "WRITE_ONCE(*y, t);"
    )  # fmt: skip
    threads = [first]
    for i in range(1, number + 1):
        copied = f"t = READ_ONCE(*x{i});", f"WRITE_ONCE(*x{i + 1}, t);"
        threads.append((f"P{i}(int *x{i}, int *x{i + 1})", copied))
    text = [f"{head}\n{{\n" + "".join(f"    {line}\n" for line in body) + "}" for head, body in threads]
    return "\n".join([f"C pointers{number}\n\n{{ x0 = 1; }}\n", *text, "\nexists (y = 1)\n"])
