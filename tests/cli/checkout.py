"""A checkout made by hand: claims, and what the workers answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from encoder.base.pool import Finished, Pool, PoolEvent, Started, Waiting
from encoder.base.result import Report
from encoder.base.worker import NoAnswer
from encoder.ledger.run import Task
from tests.render.samples import FINE, REPORTS

PROPERTY = "mapped-while-pinned"
OTHER = "not-freed-while-pinned"
CLAIMS = f"""\
scenario: gup-vs-reclaim
obligations:
  - {{variant: baseline, property: {PROPERTY}, expect: refuted, why: The test comes before the unmap.}}
  - {{variant: kara-rmap-seq, property: {PROPERTY}, expect: complete, why: The walk tests under the lock.}}
"""
FIRST = f"gup-vs-reclaim/baseline/{PROPERTY}/sc/ipi"
FIRST_TSO, FIRST_LKMM = FIRST.replace("/sc/", "/tso/"), FIRST.replace("/sc/", "/lkmm/")
SECOND = f"gup-vs-reclaim/kara-rmap-seq/{PROPERTY}/sc/ipi"
STARTED = [FIRST, FIRST_TSO, FIRST_LKMM, SECOND]
HOLES = "; 1 not claimed under TSO, 1 under LKMM"


class Ledger:
    """A checkout with two claims, the first under all memory models, and what the workers answer: under TSO and LKMM
    what they answer under SC, unless told otherwise."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[str, Report | NoAnswer] = {FIRST: REPORTS["two-cpus"], SECOND: REPORTS["complete"]}
        self.asked: list[str] = []

    def claim(self, text: str) -> None:
        folder = self.root / "proofs" / "obligations"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "gup-vs-reclaim.yaml").write_text(text, "utf-8")

    def run(self, tasks: Sequence[Task], *, pool: Pool, memory: int | None) -> Iterator[PoolEvent[Task, Report]]:
        """The last task ends first."""
        self.asked += [task.obligation.id for task in tasks]
        yield from (Started(task) for task in tasks)
        yield Waiting()
        for task in reversed(tasks):
            name = task.obligation.id
            outcome = self.found.get(name) or self.found[re.sub("/(tso|lkmm)/", "/sc/", name)]
            if isinstance(outcome, Report):
                checks = (outcome.checks or FINE) if task.question.checks else None
                outcome = replace(outcome, question=task.question, checks=checks)
            yield Finished(task, outcome)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
