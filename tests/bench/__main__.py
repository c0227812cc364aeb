"""make bench: whole processes, medians of 5 (of 1 from 10 s on), in seconds; the memory models; litmus tests.

The family ends with the first size that takes longer than two minutes.
"""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench import litmus, models
from tests.bench.family import NAME, specs_with_family
from tests.bench.process import ROOT, once

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
    models.measure()
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


if __name__ == "__main__":
    main()
