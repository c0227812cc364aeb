"""One answer by a process of its own, timed from outside."""

import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

ROOT = Path(__file__).parents[2]
PR_SET_CHILD_SUBREAPER = 36
ANSWERS = (0, 5, 10)
"""Exit codes of what is an answer."""


@dataclass(frozen=True, slots=True)
class Run:
    """A whole process: wall-clock `seconds`; CPU seconds of it and of those that it waited for; the `peak` of memory of
    the largest of them, in MB, which Linux counts from before they replace a copy of this process; what it printed."""

    seconds: float
    cpu: float
    peak: float
    output: str


def timed(
    command: Sequence[str], cwd: Path = ROOT, environment: Mapping[str, str] | None = None, *, orphans: bool = False
) -> Run:
    """Run a command to its end. Ends this process if it gives no answer. With `orphans` what it leaves behind counts,
    too, which is waited for: workers of a fork server are no children of who uses them. This process must then have no
    other children."""
    if orphans:
        _adopt_orphans()
    with TemporaryFile() as printed:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, stdout=printed, env={**os.environ, **(environment or {})})
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        all_used = [used, *(_orphans() if orphans else ())]
        if process.returncode not in ANSWERS:
            sys.exit(f"{' '.join(command)[:200]} ended with {process.returncode}")
        printed.seek(0)
        output = printed.read().decode()
    cpu = sum(each.ru_utime + each.ru_stime for each in all_used)
    return Run(seconds, cpu, max(each.ru_maxrss for each in all_used) / 1024, output)


def _adopt_orphans() -> None:
    """Become the parent of what processes leave behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _orphans() -> Iterator[resource.struct_rusage]:
    """What each process that was left behind has used, once it has ended."""
    with suppress(ChildProcessError):
        while True:
            yield os.wait4(-1, 0)[2]


def python(*arguments: str) -> tuple[str, ...]:
    """The command `python -m …`."""
    return (sys.executable, "-m", *arguments)


def once(command: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process `python -m …`, and the JSON object that it printed."""
    run = timed(python(*command))
    found: dict[str, Any] = json.loads(run.output)
    return run.seconds, found
