"""One answer by a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def once(command: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Seconds of the whole process `python -m …`, and what it printed."""
    start = time.monotonic()
    ended = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    seconds = time.monotonic() - start
    if ended.returncode not in (0, 5, 10):
        sys.exit(f"{' '.join(command)} ended with {ended.returncode}")
    found: dict[str, Any] = json.loads(ended.stdout)
    return seconds, found
