"""What an answer may cost, and how that is measured and enforced on this machine."""

import os
import re
import resource
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SMALLER = "ask a smaller question with --depth"
MORE_TIME = f"raise --timeout, or {SMALLER}"
MORE_MEMORY = f"raise --memory, or {SMALLER}"
UNITS = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
SIZE = re.compile(r"(\d+(?:\.\d+)?)([KMGT])(?:i?B)?", re.IGNORECASE | re.ASCII)
BURST = 256 * UNITS["M"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` until who answers must give up by itself; `memory` is the bytes that its process may have in RAM, None
    for any number."""

    seconds: float
    memory: int | None = None

    @property
    def killed_after(self) -> float:
        """Seconds from the start of a process until it is killed: time to start and to draw what was found last."""
        return self.seconds * 1.25 + 5


def part_of(deadline: float, part: float) -> float:
    """A `time.monotonic()` value that this part of the time left until the deadline comes before."""
    now = time.monotonic()
    return now + max(0.0, deadline - now) * part


def size(text: str) -> int | None:
    """The bytes that `2G`, `1.5G` or `500M` stands for; None for what stands for none. Units are powers of 1024."""
    found = SIZE.fullmatch(text.strip())
    return (int(float(found[1]) * UNITS[found[2].upper()]) or None) if found else None


def size_words(count: int) -> str:
    """Bytes for people, by the largest unit that fits: `2 GB`, `1.5 GB`, `500 MB`."""
    unit = next((unit for unit in reversed(UNITS) if count >= UNITS[unit]), "K")
    return f"{count / UNITS[unit]:.4g} {unit}B"


def share(workers: int) -> int | None:
    """The bytes that each of some workers may have if nobody says: three quarters of the machine's memory, divided."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4 // workers
    except (ValueError, OSError):
        return None


def resident(process: int) -> int:
    """The bytes that a process has in RAM; 0 for one that is gone, and where the machine does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0 if Path("/proc/self/statm").exists() else _told_by_ps(process)


def _told_by_ps(process: int) -> int:
    with suppress(OSError, ValueError):
        command = ["ps", "-o", "rss=", "-p", str(process)]
        return int(subprocess.run(command, capture_output=True, text=True, check=False).stdout) * UNITS["K"]
    return 0


def confine(memory: int) -> None:
    """Let no allocation of this process succeed that goes far beyond `memory` bytes. The exact limit is held by whoever
    looks at `resident` from time to time; this is for what comes between two looks: z3 does not always survive it."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = memory + memory // 4 + BURST
    with suppress(ValueError, OSError, OverflowError):
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))
