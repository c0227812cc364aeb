"""Files that went wrong, as people could give them: every one is answered, or refused with its place."""

import io
import json
import random
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest.mock import patch

from encoder.base.pool import Finished, Pool
from encoder.base.result import Report
from encoder.base.worker import Lost
from encoder.cli.app import main
from encoder.kernel.configuration import configuration
from encoder.ledger.run import Task
from encoder.spec.load import load_library
from tests.fuzz.mutate import mutated
from tests.ledger.samples import program

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
SHARED = next((found for above in ROOT.parents if (found := above / "shared" / "litmus").is_dir()), ROOT / "none")
SMALL = ROOT / "tests" / "errors" / "base" / "specs"
ACCEPTED = (0, 5, 10)
REFUSED = 2
PLACE = re.compile(r"^.+:\d+:\d+:\s+error\[", re.MULTILINE)
SECONDS = 20.0  # of this process, for one input


class Hangs(Exception):
    """An input took too long."""


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A file (of `folder`) with what it says now, and the command that reads it."""

    kind: str
    file: Path
    text: bytes
    command: tuple[str, ...]


class Inputs:
    """Makes inputs below a folder of its own, and gives them to the command in this process."""

    def __init__(self, folder: Path, litmus: Sequence[Path]) -> None:
        self.folder = folder
        self.litmus = list(litmus)
        for name, source in (("specs", ROOT / "specs"), ("small", SMALL)):
            shutil.copytree(source, folder / name / "specs", dirs_exist_ok=True)
            shutil.copytree(
                ROOT / "proofs" / "obligations", folder / name / "proofs" / "obligations", dirs_exist_ok=True
            )
        self.files = {name: sorted((folder / name / "specs").rglob("*.yaml")) for name in ("specs", "small")}
        self.claims = sorted((folder / "specs" / "proofs").rglob("*.yaml"))

    def given(self, seed: int) -> Given:
        """The input of this number."""
        chance = random.Random(seed)
        kind = chance.choice(("litmus", "litmus", "litmus", "small", "small", "specs", "claims"))
        if kind == "litmus":
            source, file = chance.choice(self.litmus), self.folder / "test.litmus"
            words = chance.choice(((), ("--json",), ("--witness",), ("--model", "tso")))
            command: tuple[str, ...] = ("litmus", str(file), "--timeout", "3", *words)
        elif kind == "claims":
            source = file = chance.choice(self.claims)
            command = ("verify", "--jobs", "1")
        else:
            source = file = chance.choice(self.files[kind])
            command = chance.choice((("list",), asks(kind), asks(kind), (*asks(kind), "--json")))
        return Given(kind=kind, file=file, text=mutated(chance, source.read_bytes()), command=command)

    def run(self, given: Given) -> Ended:
        """What the command does with it. Raises Hangs, and whatever it raises."""
        before = given.file.read_bytes() if given.file.exists() else None
        given.file.write_bytes(given.text)
        try:
            folder = self.folder / ("small" if given.kind == "small" else "specs")
            with installed(folder, claims=given.kind == "claims"):
                return ended(given.command)
        finally:
            if before is not None:
                given.file.write_bytes(before)


def asks(kind: str) -> tuple[str, ...]:
    if kind == "small":
        return ("prove", "two", "--variant", "plain", "--model", "sc", "--timeout", "3")
    return ("prove", "gup-vs-soft-dirty", "--variant", "baseline", "--model", "sc", "--depth", "3", "--timeout", "3")


def collection(*, shared: bool = True) -> list[Path]:
    """The litmus tests to go wrong: a few of our own, and the collection where it lies beside the checkout."""
    own = sorted(CORPUS.glob("*.litmus"))
    return own + (sorted(SHARED.rglob("*.litmus")) if shared else [])


@contextmanager
def installed(folder: Path, *, claims: bool) -> Iterator[None]:
    """The specs and obligations below `folder` are those that come with Pinproof. `verify` proves nothing, and where
    the `claims` have gone wrong it reads no programs."""

    def shipped(name: str) -> Path:
        return folder / name

    configuration("x86-64")  # read before what is shipped is another folder's
    with ExitStack() as stack:
        for module in ("base.catalog", "spec.load", "cli.verify"):
            stack.enter_context(patch(f"encoder.{module}.shipped", shipped))
        stack.enter_context(patch("encoder.cli.verify.load_library", library))
        stack.enter_context(patch("encoder.ledger.ask.run", lost))
        stack.enter_context(patch("encoder.ledger.cache.place", lambda: folder / "nothing-recorded"))
        stack.enter_context(patch("encoder.ledger.digest.digest", lambda made, question: ""))
        if claims:
            stack.enter_context(patch("encoder.program.resolve.resolve", lambda *_: program()))
        yield


@cache
def library() -> object:
    return load_library(ROOT / "specs")


def lost(tasks: Sequence[Task], *, pool: Pool, memory: int | None) -> Iterator[Finished[Task, Report]]:
    yield from (Finished(task, Lost("not asked")) for task in tasks)


def ended(command: Sequence[str]) -> Ended:
    """The command in this process. Raises Hangs."""

    def late(*_: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    out, err = io.StringIO(), io.StringIO()
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(command)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return Ended(code, out.getvalue(), err.getvalue())


def wrong(given: Given, found: Ended) -> str | None:
    """What is wrong with how the command ended."""
    if "Traceback" in found.err or "Traceback" in found.out:
        return "a traceback"
    if found.code in ACCEPTED:
        return None if "--json" not in given.command or _is_json(found.out) else "no JSON"
    if found.code != REFUSED:
        return f"exit code {found.code}"
    if not PLACE.search(found.err):
        return "refused without a place"
    return (
        "an answer beside the errors" if found.out.strip() not in ("", "[]") and "--json" not in given.command else None
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def examined(inputs: Inputs, seed: int, counts: Counter[str]) -> str | None:
    """One input of a long run; what is wrong, if anything."""
    given = inputs.given(seed)
    try:
        found = inputs.run(given)
    except Hangs:
        return f"hangs: {_told(given)}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}: {_told(given)}"
    counts[f"{given.kind} {'accepted' if found.code in ACCEPTED else 'refused'}"] += 1
    if (told := wrong(given, found)) is None:
        return None
    return f"{told}: {_told(given)}\n{found.out[:300]}\n{found.err[:600]}"


def _told(given: Given) -> str:
    return f"{' '.join(given.command)} with {given.file.name}"
