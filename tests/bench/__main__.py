"""make bench: whole processes, medians of 5 (of 1 from 10 s on), in seconds; then litmus tests.

The family ends with the first size that takes longer than two minutes.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench import litmus
from tests.bench.family import NAME, specs_with_family

ROOT = Path(__file__).parents[2]
RUNS = 5
LONG = 10.0
TOO_LONG = 120.0
VARIANTS = ("baseline", "kara-rmap-seq")
SIZES = ((1, 1, 1), (2, 1, 2), (2, 2, 2), (3, 2, 2), (4, 2, 2), (6, 2, 2), (8, 2, 2), (12, 2, 2))


def main() -> None:
    print(f"{'':<36} {'process':>8} {'load':>7} {'build':>7} {'solve':>7} {'events':>7} {'clauses':>8}  verdict")
    for variant in VARIANTS:
        command = ("encoder", "prove", "gup-vs-reclaim", "--variant", variant, "--json")
        measure(f"gup-vs-reclaim {variant}", command)
    for size in SIZES:
        with TemporaryDirectory() as folder:
            root = specs_with_family(ROOT / "specs", Path(folder), *size)
            seconds = measure(
                f"(G,R,M) = ({','.join(map(str, size))}) serialised",
                ("tests.bench.solve", str(root), NAME, "kara-rmap-seq-serialised"),
            )
        if seconds > TOO_LONG:
            break
    litmus.measure()


def measure(title: str, command: Sequence[str]) -> float:
    """Print one row; the seconds of the process."""
    runs = [once(command)]
    while len(runs) < RUNS and runs[0][0] < LONG:
        runs.append(once(command))
    found = runs[0][1]
    times = [median(run[0] for run in runs)]
    times += [median(run[1]["timing"][phase] for run in runs) for phase in ("load", "build", "solve")]
    figures = " ".join(f"{value:7.2f}" for value in times)
    size = found["size"]
    print(f"{title:<36} {figures:>32} {size['events']:>7} {size['clauses']:>8}  {found['verdict']}", flush=True)
    return times[0]


def once(command: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process, and what it printed."""
    start = time.monotonic()
    ended = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seconds = time.monotonic() - start
    if ended.returncode not in (0, 5, 10):
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return seconds, found


if __name__ == "__main__":
    main()
