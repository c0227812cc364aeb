"""One answer by a process of its own, timed from outside."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).parents[2]
ANSWERS = (0, 5, 10)
"""Exit codes of what is an answer."""


@dataclass(frozen=True, slots=True)
class Run:
    """A whole process: wall-clock `seconds`; CPU seconds of it and of those that it waited for; the `peak` of memory of
    the largest of them, in MB; what it printed."""

    seconds: float
    cpu: float
    peak: float
    output: str


def timed(command: Sequence[str], cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end. Ends this process if it gives no answer."""
    with TemporaryFile() as printed:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, stdout=printed, env={**os.environ, **(environment or {})})
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in ANSWERS:
            sys.exit(f"{' '.join(command)[:200]} ended with {process.returncode}")
        printed.seek(0)
        output = printed.read().decode()
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)


def python(*arguments: str) -> tuple[str, ...]:
    """The command `python -m …`."""
    return (sys.executable, "-m", *arguments)


def once(command: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process `python -m …`, and the JSON object that it printed."""
    run = timed(python(*command))
    found: dict[str, Any] = json.loads(run.output)
    return run.seconds, found
