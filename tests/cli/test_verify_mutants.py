"""verify --mutants: the scores that are told, kept, believed and committed."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from shutil import copytree

import pytest

import encoder.cli.mutants as command
from encoder.base.pool import Pool
from encoder.ledger.cache import Cache
from encoder.ledger.mutants import MutantRecord, Wanted
from encoder.ledger.scores import read
from encoder.ledger.scoring import TellAll, Unscored, digest
from encoder.mutation.outcome import MutantOutcome, MutantWord, score
from encoder.spec.load import load_library
from tests.cli.conftest import Ended

Run = Callable[..., Ended]
NAME = "gup-vs-reclaim/kara-rmap-seq/mapped-while-pinned/sc"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pinproof: Run) -> Callable[..., Ended]:
    """`found("killed", "survived")` scores the proof NAME so; with nothing, nobody may ask."""
    monkeypatch.chdir(tmp_path)

    def run(*words: MutantWord, options: Sequence[str] = ()) -> Ended:
        def decide(
            tasks: Sequence[Sequence[Wanted]], *, timeout: float, pool: Pool, tell: TellAll
        ) -> Iterator[MutantRecord]:
            for wanted in (each for task in tasks for each in task):
                assert words
                record = recorded(wanted, words)
                Cache().keep_score(record, digest(load_library(), wanted))
                yield record

        monkeypatch.setattr(command, "decide", decide)
        return pinproof("verify", NAME, "--mutants", *options)

    return run


def recorded(wanted: Wanted, words: Sequence[MutantWord]) -> MutantRecord:
    outcomes = [MutantOutcome(word=word) for word in words]
    return MutantRecord(
        wanted=wanted, mutants=len(words), scores=tuple((name, score(outcomes)) for name in wanted.properties),
        survived=("a/b: step removed",) * words.count("survived"),
        undecided=("a/c: step removed",) * words.count("undecided"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "words, code, mark, ratio",
    [
        (["killed", "survived", "equivalent", "no program"], 0, "ok", "1/2"),
        (["survived", "survived"], 10, "ZERO", "0/2"),
        pytest.param(["fails", "vacuous", "survived"], 0, "weak", "2/3", marks=pytest.mark.slow),
        pytest.param(["killed", "undecided"], 5, "?", "1/2", marks=pytest.mark.slow),
    ],
)
def test_scores_and_exit_codes(
    found: Callable[..., Ended], words: list[MutantWord], code: int, mark: str, ratio: str
) -> None:
    ended = found(*words)
    assert ended.code == code
    assert ended.out.splitlines()[0] == f"{mark:<6} {NAME}  {ratio}"


def test_a_record_is_believed_until_something_changes(
    found: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found("killed")
    again = found()
    assert again.code == 0
    assert f"ok     {NAME}  1/1 (recorded)" in again.out
    monkeypatch.setattr("encoder.ledger.scoring.solver_version", lambda: "z3 0.0")
    assert "(recorded)" not in found("killed").out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_is_claimed_of_one_program_is_scored_and_committed_together(
    found: Callable[..., Ended], tmp_path: Path
) -> None:
    copytree(ROOT / "proofs", tmp_path / "proofs")
    told = [line for line in found("killed", options=("--promote",)).out.splitlines() if line.startswith("ok ")]
    assert told == [f"ok     {NAME}  1/1"]
    before, after = (read(root / "proofs", "gup-vs-reclaim") for root in (ROOT, tmp_path))
    (new,) = set(after) - set(before)
    assert NAME in new.record.wanted.obligations
    assert len(new.record.scores) == len(new.record.wanted.properties) > 1
    assert set(after) - {new} == {each for each in before if each.record.wanted != new.record.wanted}
    page = (tmp_path / "proofs" / "README.md").read_text("utf-8")
    assert "|gup-vs-reclaim|`kara-rmap-seq`|mapped-while-pinned|1/1|" in page
    assert found(options=("--promote",)).code == 0
    assert (tmp_path / "proofs" / "README.md").read_text("utf-8") == page


@pytest.mark.parametrize("other", [("--trust", "full"), ("--second-solver", "cvc5")])
def test_it_is_a_run_by_itself(pinproof: Run, other: tuple[str, ...]) -> None:
    ended = pinproof("verify", NAME, "--mutants", *other)
    assert ended.code == 2
    assert f"`--mutants` cannot be combined with `{other[0]}`" in ended.err


def test_a_worker_that_dies_scores_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pinproof: Run) -> None:
    def decide(tasks: Sequence[Sequence[Wanted]], *, timeout: float, pool: Pool, tell: TellAll) -> Iterator[Unscored]:
        yield from (Unscored(task, "the worker died with exit code -9") for task in tasks)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "decide", decide)
    ended = pinproof("verify", NAME, "--mutants")
    assert ended.code == 5
    assert ended.out.splitlines() == [
        f"?      {NAME}  not scored: the worker died with exit code -9",
        "0 proofs; 0 that notice no mutant, 0 more that no mutant breaks, 1 not scored",
    ]
