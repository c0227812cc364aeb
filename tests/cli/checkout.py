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
  - variant: baseline
    property: {PROPERTY}
    claims: [{{on: [sc, x86, lkmm], expect: refuted, why: The test comes before the unmap.}}]
  - variant: kara-rmap-seq
    property: {PROPERTY}
    claims: [{{on: sc, expect: complete, why: The walk tests under the lock.}}]
"""
FIRST = f"gup-vs-reclaim/baseline/{PROPERTY}/sc"
FIRST_X86, FIRST_LKMM = FIRST.replace("/sc", "/x86"), FIRST.replace("/sc", "/lkmm")
SECOND = f"gup-vs-reclaim/kara-rmap-seq/{PROPERTY}/sc"
STARTED = [FIRST, FIRST_X86, FIRST_LKMM, SECOND]
HOLES = "; not claimed: 1 on x86, 2 on x86-broadcast, 2 on arm64, 2 on arm64-llsc, 1 on lkmm"


class Ledger:
    """A checkout with two claims, the first of three platforms, and what the workers answer: on others what they answer
    on `sc`, unless told otherwise."""

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
            outcome = self.found.get(name) or self.found[re.sub("/(x86|lkmm)$", "/sc", name)]
            if isinstance(outcome, Report):
                checks = (outcome.checks or FINE) if task.question.checks else None
                outcome = replace(outcome, question=task.question, checks=checks)
            yield Finished(task, outcome)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
