"""What `make bench` runs: whole processes, medians of five, and the split between loading, building and solving."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import copytree

from tests.bench.scaling import name, scenario

ROOT = Path(__file__).parents[2]
RUNS = 5
FAMILY = ((1, 1, 1), (2, 1, 2), (2, 2, 2), (3, 2, 2), (4, 2, 2), (6, 2, 2), (8, 2, 2), (12, 2, 2))
LIMIT = 300.0  # seconds for one question


def main() -> None:
    print(f"{'question':52} {'whole s':>8} {'load':>6} {'build':>6} {'solve':>7} {'events':>6} {'clauses':>8}  verdict")
    for variant in ("baseline", "kara-rmap-seq"):
        show("gup-vs-reclaim", variant, ROOT / "specs", RUNS)
    with tempfile.TemporaryDirectory() as folder:
        specs = Path(folder) / "specs"
        copytree(ROOT / "specs", specs)
        for size in FAMILY:
            (specs / "scenarios" / f"{name(*size)}.yaml").write_text(scenario(*size), "utf-8")
        for size in FAMILY:
            if not show(name(*size), "kara-rmap-seq-serialised", specs, RUNS if size[0] < 6 else 1):
                break
    ledger()


def show(scenario_name: str, variant: str, specs: Path, runs: int) -> bool:
    """Measure one question and print its line; whether it was decided."""
    command = [sys.executable, "-m", "encoder", "prove", scenario_name, "--variant", variant, "--json"]
    command += ["--specs", str(specs), "--timeout", str(LIMIT)]
    seconds, answers = [], []
    for _ in range(runs):
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        seconds.append(time.monotonic() - start)
        answers.append(json.loads(done.stdout))
    timing = {key: statistics.median(a["timing"][key] for a in answers) for key in answers[0]["timing"]}
    print(
        f"{f'{scenario_name} {variant}':52} {statistics.median(seconds):8.2f} {timing['load']:6.2f} {timing['build']:6.2f} "
        f"{timing['solve']:7.2f} {timing['events']:6.0f} {timing['clauses']:8.0f}  {answers[0]['verdict']}",
        flush=True,
    )
    return bool(answers[0]["verdict"] != "unknown")


def ledger() -> None:
    """The whole ledger from nothing, once."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "encoder", "verify", "--fresh", "--results", folder]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ, "NO_COLOR": "1"})
    print(f"the ledger from nothing: {time.monotonic() - start:.1f} s, {done.stdout.strip().splitlines()[-1]}")


if __name__ == "__main__":
    main()
