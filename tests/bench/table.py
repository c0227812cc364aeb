"""The table of `make bench`: each row as soon as it is timed."""

import json
import shutil
import subprocess
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.peers import PEERS, Peers
from tests.bench.process import ROOT, Run, timed
from tests.bench.rows import PEAK, Row

RUNS = 5
LONG = 10.0
"""Seconds from which on one run is enough."""

HEADER = (
    f"{'':<36} {'seconds':>8} {'before':>7} {'target':>7} {'MB':>5} {'most':>5} {'events':>7} {'clauses':>8}"
    f" {'SPIN':>6} {'CBMC':>6} {'GenMC':>6}  verdict"
)


def measure(row: Row) -> None:
    """Time a row and print it: the medians of what its runs take; what others take for the core of the same size."""
    runs = _runs(row)
    seconds = median(run.cpu if row.cpu else run.seconds for run in runs)
    peak = median(run.peak for run in runs)
    found = _object(runs[0].output)
    size = found.get("size", {})
    peers = PEERS.get(row.size, Peers()) if row.size else Peers()
    missed = [
        name
        for name, value, most in (
            ("seconds", seconds, row.target), ("MB", peak, PEAK), ("clauses", size.get("clauses"), row.constraints)
        )
        if value is not None and most is not None and value > most
    ]  # fmt: skip
    figures = (
        f"{seconds:8.2f} {_shown(row.before):>7} {_shown(row.target):>7} {peak:5.0f} {PEAK:5.0f}"
        f" {size.get('events', ''):>7} {size.get('clauses', ''):>8}"
    )
    others = f"{peers.spin:>6} {peers.cbmc:>6} {peers.genmc:>6}"
    said = [found.get("verdict", ""), "CPU" if row.cpu else "", f"over: {', '.join(missed)}" if missed else ""]
    print(f"{row.name:<36} {figures} {others}  {'  '.join(filter(None, said))}".rstrip(), flush=True)


def _runs(row: Row) -> list[Run]:
    """The runs of a row; each has a cache of its own, so that nothing is known before."""
    runs: list[Run] = []
    while not runs or (len(runs) < RUNS and runs[0].seconds < LONG):
        with TemporaryDirectory() as folder:
            scratch = Path(folder)
            cwd = _checkout(scratch / "checkout") if row.checkout else ROOT
            runs.append(timed(row.prepare(scratch), cwd, {"PINPROOF_CACHE": str(scratch / "cache")}, orphans=True))
    return runs


def _checkout(target: Path) -> Path:
    """A copy of what git follows, without anything that was set up."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def _object(output: str) -> dict[str, Any]:
    """The JSON object that was printed, {} if it was text."""
    return json.loads(output) if output.startswith("{") else {}


def _shown(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:g}"
