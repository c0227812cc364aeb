"""What `make bench` times, each beside what it took once and what it should take."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.core import NAME as CORE
from tests.bench.core import specs_with_core
from tests.bench.family import NAME as FAMILY
from tests.bench.family import specs_with_family
from tests.bench.litmus import pointers
from tests.bench.process import ROOT, python
from tests.litmus.shared import FOLDER, expected

PINPROOF = "encoder"
PEAK = 600.0
"""MB that any of them may take."""

Size = tuple[int, int, int]
"""Pinners, reclaimers, mms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that is timed.

    - `prepare` makes in an empty folder what it needs, and gives the command.
    - `before` and `target`: seconds (CPU seconds with `cpu`), None where there is none.
    - `constraints`: the most that it may build, None for any number.
    - `size`: of the family that it is a member of.
    - `long`: it takes minutes, and is timed only where that is asked for.
    - `checkout`: it runs in a fresh copy of the checkout.
    """

    name: str
    prepare: Callable[[Path], tuple[str, ...]]
    before: float | None = None
    target: float | None = None
    constraints: int | None = None
    size: Size | None = None
    cpu: bool = False
    long: bool = False
    checkout: bool = False


def core(size: Size, before: float | None = None, target: float | None = None) -> Row:
    def prepare(folder: Path) -> tuple[str, ...]:
        root = specs_with_core(ROOT / "specs", folder, *size)
        return python("tests.bench.solve", str(root), CORE, "baseline", "sc")

    return Row(name=f"core-sc-{_dashed(size)}", prepare=prepare, before=before, target=target, size=size)


def family(
    variant: str, model: str, size: Size, before: float, target: float, constraints: int | None = None
) -> Row:  # fmt: skip
    def prepare(folder: Path) -> tuple[str, ...]:
        root = specs_with_family(ROOT / "specs", folder, *size)
        return python("tests.bench.solve", str(root), FAMILY, variant, model)

    name = f"family-{model}-{variant.removeprefix('kara-rmap-')}-{_dashed(size)}"
    return Row(name=name, prepare=prepare, before=before, target=target, constraints=constraints, size=size)


def command(
    name: str, *arguments: str, before: float | None = None, target: float | None = None, cpu: bool = False,
    long: bool = False,
) -> Row:  # fmt: skip
    return Row(
        name=name, prepare=lambda _: python(PINPROOF, *arguments), before=before, target=target, cpu=cpu, long=long
    )


def _pointers(folder: Path) -> tuple[str, ...]:
    path = folder / "pointers100.litmus"
    path.write_text(pointers(100), "utf-8")
    return python(PINPROOF, "litmus", str(path))


def _dashed(size: Size) -> str:
    return "-".join(map(str, size))


def rows() -> tuple[Row, ...]:
    """All of them. The litmus tests are left out where they are absent."""
    write = ("prove", "gup-vs-reclaim-then-write", "--variant", "v6.12", "--property", "no-wrong-cow", "--json")
    tests = [str(row.path) for row in expected()]
    return (
        core((2, 2, 2)),
        core((3, 2, 2)),
        core((4, 2, 2)),
        core((6, 2, 2), 2.7, 1.2),
        core((12, 2, 2), 109, 2),
        core((8, 4, 2), 167, 15),
        family("kara-rmap-seq-serialised", "sc", (2, 2, 2), 2.6, 1.5),
        family("kara-rmap-seq-serialised", "sc", (4, 2, 2), 17, 2),
        family("kara-rmap-seq-serialised", "sc", (6, 2, 2), 267, 2.5),
        family("kara-rmap-seq-serialised-mb-pin-mb", "lkmm", (1, 2, 2), 30, 4, 1_000_000),
        family("kara-rmap-seq-serialised-mb-pin-mb", "lkmm", (2, 2, 2), 103, 6, 1_000_000),
        family("kara-rmap-seq", "sc", (4, 2, 2), 16, 2),
        family("kara-rmap-seq", "lkmm", (2, 2, 2), 164, 8),
        command("then-write-tso", *write, "--model", "tso", "--timeout", "200", before=100, target=10),
        command("then-write-lkmm", *write, "--model", "lkmm", "--timeout", "100", target=10),
        command("prove-all", "prove", "gup-vs-reclaim", "--variant", "kara-rmap-seq", before=2.2, target=1.2),
        command(
            "explain", "explain", "gup-vs-fork", "--variant", "v6.12", "--model", "lkmm", before=2.5, target=1.5
        ),
        command(
            "mutate", "mutate", "gup-vs-soft-dirty", "--variant", "linus-soft-dirty-seq-mb-pin-mb",
            "--property", "writable-while-pinned", "--model", "lkmm", before=9.8, target=5,
        ),
        Row(name="litmus-pointers100", prepare=_pointers, before=8, target=0.5),
        *([command("litmus-corpus", "litmus", *tests, before=12, target=10, cpu=True)] if tests else []),
        Row(
            name="verify", prepare=lambda _: ("make", "--no-print-directory", "verify"), before=345, target=150,
            long=True, checkout=True,
        ),
        command("trust", "verify", "--trust", "full", "--timeout", "120", long=True),
        command("mutants", "verify", "--mutants", long=True),
    )  # fmt: skip


ABSENT = "" if FOLDER.is_dir() else f"litmus-corpus: no tests in {FOLDER}"
