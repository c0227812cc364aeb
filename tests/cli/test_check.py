"""check: kept certificates hold, are stale, are missing or are wrong."""

import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.catalog import listing, shipped
from encoder.base.result import Opinion
from encoder.certificate.file import Certificate, write_certificate
from encoder.cli.check import EXAMPLES
from encoder.cli.selection import tasks_of
from encoder.ledger.cache import Cache
from encoder.ledger.database import Database, place
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.verify.case import Case
from encoder.verify.cross_check import by_certificate
from encoder.verify.decide import decide
from tests.render.samples import REPORTS

CLAIM = "gup-vs-fork-pinned-before/fork-mb-pin-mb/writable-while-pinned/sc"
VACUOUS = "gup-vs-reclaim-uncached/baseline/seq-sections-exclusive/sc"


def claimed(name: str) -> Obligation:
    (found,) = (
        each
        for each in load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
        if each.id == name
    )
    return found


def certified(name: str) -> bytes:
    """Prove an obligation: the certificate."""
    each = claimed(name)
    library = load_library(scenario=each.scenario, variant=each.variant)
    program, question = resolve(library, each.scenario, each.variant, each.flush), each.question(60.0)
    parts = by_certificate(decide(Case.of(program, question)).rests_on, time.monotonic() + 60).parts
    return write_certificate(Certificate(obligation=name, parts=parts))


@pytest.fixture(scope="module")
def kept() -> bytes:
    return certified(CLAIM)


def record(name: str, content: bytes) -> None:
    Database(place()).put("certificate", name, "d", lambda _: content)


@pytest.mark.slow
def test_what_is_kept_holds(pinproof: Callable, kept: bytes, tmp_path: Path, monkeypatch) -> None:
    assert certified(CLAIM) == kept
    record(CLAIM, kept)
    record(VACUOUS, certified(VACUOUS))
    (tmp_path / "own.gz").write_bytes(kept)
    monkeypatch.chdir(tmp_path)
    ended = pinproof("check", CLAIM, VACUOUS, "own.gz")
    lines = ended.out.splitlines()
    assert [line.split()[:2] for line in lines[:3]] == [["holds", CLAIM], ["holds", VACUOUS], ["holds", CLAIM]]
    assert lines[2].endswith("lemmas (own.gz)")
    assert (lines[3:], ended.code) == (["3/3 hold"], 0)
    EXAMPLES.mkdir(parents=True)
    (EXAMPLES / "own.gz").write_bytes(kept)
    everything = pinproof("check").out.splitlines()
    assert sorted(line.split()[1] for line in everything[:-1]) == sorted([CLAIM, CLAIM, VACUOUS])
    assert pinproof("check", "own.gz").out.splitlines()[1:] == ["1/1 hold"]
    assert pinproof("check", EXAMPLES.as_posix()).out == pinproof("check", f"{EXAMPLES}/own.gz").out


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (
            lambda text: text.replace("\ncnf ", "\ncnf 0", 1),
            5,
            "stale    NAME  violation: it holds, but not of the clauses",
        ),
        (
            lambda text: text.replace("violation", "start"),
            5,
            "missing  NAME  violation: the certificate has no proof of it",
        ),
        (lambda text: text.replace("core ", "core 1", 1), 10, "wrong    NAME  violation: "),
        (
            lambda text: text[: text.index("\nlemmas ")] + "\nlemmas 0\n",
            10,
            "wrong    NAME  violation: the empty clause ",
        ),
        (lambda text: text.replace("pinned/sc", "pinned/x86"), 10, "wrong    NAME  "),
        (lambda text: text[:-3], 10, "wrong    NAME  "),
    ],
)
def test_what_does_not_hold(
    pinproof: Callable, kept: bytes, change: Callable[[str], str], code: int, said: str
) -> None:
    text = gzip.decompress(kept).decode()
    assert change(text) != text
    record(CLAIM, gzip.compress(change(text).encode()))
    ended = pinproof("check", CLAIM)
    assert ended.out.startswith(said.replace("NAME", CLAIM))
    assert ended.out.endswith("\n0/1 hold\n")
    assert ended.code == code


def test_what_is_stale_and_wrong_is_wrong(pinproof: Callable, kept: bytes) -> None:
    text = gzip.decompress(kept).decode().replace("\ncnf ", "\ncnf 0", 1)
    record(CLAIM, gzip.compress((text[: text.index("\nlemmas ")] + "\nlemmas 0\n").encode()))
    ended = pinproof("check", CLAIM)
    assert ended.out.startswith(f"wrong    {CLAIM}  violation: the empty clause ")
    assert ended.code == 10


def test_what_is_not_there(pinproof: Callable, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = pinproof("check", "nowhere.gz")
    assert (ended.code, "`nowhere.gz` cannot be read" in ended.err) == (2, True)
    ended = pinproof("check", CLAIM)
    assert (ended.code, ended.out) == (5, f"missing  {CLAIM}\n0/1 hold\n")
    ended = pinproof("check")
    assert (ended.code, ended.out) == (5, "there is nothing to check\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"garbage", "wrong    own.gz  no gzip of text: "),
        (
            write_certificate(Certificate(obligation="a/b/c/sc", parts=())),
            "wrong    own.gz  no obligation claims that a/b/c/sc holds",
        ),
    ],
)
def test_a_file_that_is_no_certificate_of_a_claim(
    pinproof: Callable, tmp_path: Path, monkeypatch, content: bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.gz").write_bytes(content)
    ended = pinproof("check", "own.gz")
    assert (ended.code, ended.out.startswith(said)) == (10, True)


@pytest.mark.parametrize(
    ("word", "line", "last"),
    [
        ("gave up", f"none     {CLAIM}  why", "there is nothing to check"),
        ("agrees", f"missing  {CLAIM}", "0/1 hold"),
    ],
)
def test_what_nobody_could_certify_is_not_missing(pinproof: Callable, word: str, line: str, last: str) -> None:
    (task,) = tasks_of(load_library(), (claimed(CLAIM),), 60.0)
    said = Opinion(by="certificate", word=word, detail="why")
    Cache().keep(task.obligation, replace(REPORTS["complete"], opinions=(said,)), task.digest)
    ended = pinproof("check", CLAIM)
    assert (ended.out.splitlines(), ended.code) == ([line, last], 5)
