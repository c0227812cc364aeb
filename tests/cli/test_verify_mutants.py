"""verify --mutants: the scores that are told, kept and believed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import encoder.cli.mutants as command
from encoder.ledger.mutants import MutantRecord, Wanted, digest, keep, path_of, read, record_from
from encoder.ledger.store import write_whole
from encoder.mutation.outcome import MutantOutcome, MutantWord, score
from encoder.spec.load import load_library
from tests.cli.conftest import Ended

Run = Callable[..., Ended]
NAME = "gup-vs-reclaim/kara-rmap-seq/mapped-while-pinned/sc/ipi"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pinproof: Run) -> Callable[..., Ended]:
    """`found("killed", "survived")` scores the proof NAME so; with nothing, nobody may ask."""

    def run(*words: MutantWord) -> Ended:
        def decide(
            tasks: Sequence[Sequence[Wanted]], *, timeout: float, root: Path, jobs: int
        ) -> Iterator[MutantRecord]:
            for wanted in (each for task in tasks for each in task):
                assert words
                record = recorded(wanted, words)
                write_whole(path_of(root, wanted), record.as_text())
                yield record

        monkeypatch.setattr(command, "decide", decide)
        return pinproof("verify", NAME, "--mutants", "--results", str(tmp_path))

    return run


def recorded(wanted: Wanted, words: Sequence[MutantWord]) -> MutantRecord:
    outcomes = [MutantOutcome(word=word) for word in words]
    return MutantRecord(
        wanted=wanted, mutants=len(words), scores=tuple((name, score(outcomes)) for name in wanted.properties),
        survived=("a/b: step removed",) * words.count("survived"),
        undecided=("a/c: step removed",) * words.count("undecided"),
        digest=digest(load_library(), wanted), solver="z3",
    )  # fmt: skip


@pytest.mark.parametrize(
    "words, code, mark, ratio",
    [
        (["killed", "survived", "equivalent", "no program"], 0, "ok", "1/2"),
        (["fails", "vacuous", "survived"], 0, "weak", "2/3"),
        (["survived", "survived"], 10, "ZERO", "0/2"),
        (["killed", "undecided"], 5, "?", "1/2"),
    ],
)
def test_scores_and_exit_codes(
    found: Callable[..., Ended], words: list[MutantWord], code: int, mark: str, ratio: str
) -> None:
    ended = found(*words)
    assert ended.code == code
    assert ended.out.splitlines()[0] == f"{mark:<6} {NAME}  {ratio}"


def test_a_record_is_believed_until_something_changes(found: Callable[..., Ended], tmp_path: Path) -> None:
    found("killed")
    again = found()
    assert again.code == 0
    assert f"ok     {NAME}  1/1 (recorded)" in again.out
    (path,) = tmp_path.rglob("*.json")
    record = record_from(path.read_text("utf-8"))
    assert record is not None
    write_whole(path, record.as_text().replace(record.digest, "stale"))
    assert "(recorded)" not in found("killed").out


def test_what_is_claimed_of_one_program_is_scored_and_kept_together(
    found: Callable[..., Ended], tmp_path: Path
) -> None:
    told = [line for line in found("killed").out.splitlines() if line.startswith("ok ")]
    assert told == [f"ok     {NAME}  1/1"]
    (path,) = tmp_path.rglob("*.json")
    record = record_from(path.read_text("utf-8"))
    assert record is not None
    assert NAME in record.wanted.obligations
    assert len(record.scores) == len(record.wanted.properties) > 1


def test_less_is_not_put_in_place_of_more(tmp_path: Path) -> None:
    wanted = Wanted(
        scenario="gup-vs-reclaim", variant="kara-rmap-seq", flush="ipi", model="sc", depth=None,
        properties=("mapped-while-pinned",),
    )  # fmt: skip
    whole, part = recorded(wanted, ["killed", "survived"]), recorded(wanted, ["killed", "undecided"])
    for record, kept in ((part, part), (whole, whole), (part, whole), (replace(part, digest="new"), None)):
        keep(tmp_path, record)
        assert read(tmp_path, wanted) == (kept or record)


@pytest.mark.parametrize("other", [("--promote",), ("--trust", "full"), ("--second-solver", "cvc5")])
def test_it_is_a_run_by_itself(pinproof: Run, tmp_path: Path, other: tuple[str, ...]) -> None:
    ended = pinproof("verify", NAME, "--mutants", "--results", str(tmp_path), *other)
    assert ended.code == 2
    assert f"`--mutants` and `{other[0]}` are two runs" in ended.err
