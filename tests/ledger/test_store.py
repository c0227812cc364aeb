"""Recorded results: whole or not at all, and believed only while nothing they depend on has changed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.result import Opinion, Question
from encoder.ledger import store as store_module
from encoder.ledger.digest import VERDICT, digest, encoder_digest
from encoder.ledger.files import write_whole
from encoder.ledger.record import undecided
from encoder.ledger.store import Store
from tests.ledger.samples import obligation, program
from tests.render.samples import QUESTION, REPORTS


def test_a_refutation_is_kept_with_its_witness(tmp_path: Path) -> None:
    store, claimed = Store(tmp_path), obligation()
    record = store.keep(claimed, REPORTS["two-cpus"], "d")
    assert store.read(claimed) == record
    assert "BROKEN" in store.witness_path(claimed, "txt").read_text()
    assert "timing" not in store.witness_path(claimed, "json").read_text()


def test_a_record_without_its_witness_is_not_believed(tmp_path: Path) -> None:
    store, claimed = Store(tmp_path), obligation()
    store.keep(claimed, REPORTS["two-cpus"], "d")
    path = store.witness_path(claimed, "json")
    path.write_text(path.read_text().replace("1026", "1027"))
    assert store.read(claimed) is None
    path.unlink()
    assert store.read(claimed) is None


def test_what_is_not_decided_takes_nothing_away(tmp_path: Path) -> None:
    store, claimed = Store(tmp_path), obligation()
    record = store.keep(claimed, REPORTS["two-cpus"], "d")
    assert store.keep(claimed, REPORTS["unknown"], "d").found == "unknown"
    store.keep_record(claimed, undecided(claimed, "killed", digest="d"))
    assert store.read(claimed) == record
    store.keep_record(claimed, undecided(claimed, "killed", digest="another"))
    assert store.read(claimed).found == "unknown"
    assert not store.witness_path(claimed, "json").exists()


def test_what_others_have_said_outlives_a_lost_witness(tmp_path: Path) -> None:
    store, claimed = Store(tmp_path), obligation()
    said = Opinion(by="cvc5", word="agrees", detail="4 queries")
    store.keep(claimed, replace(REPORTS["two-cpus"], opinions=(said,)), "d")
    store.witness_path(claimed, "json").unlink()
    assert store.read(claimed) is None
    store.keep(claimed, REPORTS["two-cpus"], "d")
    assert store.read(claimed).opinions == (said,)


def test_a_proof_removes_the_witness_of_before(tmp_path: Path) -> None:
    store, claimed = Store(tmp_path), obligation()
    store.keep(claimed, REPORTS["two-cpus"], "d")
    store.keep(claimed, REPORTS["complete"], "d")
    assert not store.witness_path(claimed, "json").exists()
    assert not store.witness_path(claimed, "txt").exists()


def test_a_record_of_another_obligation_is_not_believed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.keep(obligation("baseline"), REPORTS["complete"], "d")
    other = store.result_path(obligation("kara"))
    other.parent.mkdir(parents=True)
    store.result_path(obligation("baseline")).rename(other)
    assert store.read(obligation("kara")) is None


def test_prune_keeps_what_is_claimed(tmp_path: Path) -> None:
    store, kept, gone = Store(tmp_path), obligation("baseline"), obligation("gone")
    store.keep(kept, REPORTS["two-cpus"], "d")
    store.keep(gone, REPORTS["two-cpus"], "d")
    store.prune((kept,))
    assert store.read(kept) is not None
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert not [path for path in left if "gone" in path]
    assert len(left) == 3


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, "old")

    def interrupt(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module.Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    path, texts = tmp_path / "file", [str(i) * 100_000 for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_whole(path, text), texts * 8))
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "changed",
    [
        replace(QUESTION, depth=40),
        replace(QUESTION, loops=5),
        replace(QUESTION, property="not-freed-while-pinned"),
        replace(QUESTION, flush="broadcast"),
    ],
)
def test_any_option_changes_the_digest(changed: Question) -> None:
    assert digest(program(), changed) != digest(program(), QUESTION)


def test_the_program_changes_the_digest_and_the_time_allowed_does_not() -> None:
    assert digest(program("v6.1"), QUESTION) != digest(program(), QUESTION)
    assert digest(program(), replace(QUESTION, timeout=1.0)) == digest(program(), QUESTION)


def test_solver_and_source_change_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest(program(), QUESTION)
    with monkeypatch.context() as patch:
        patch.setattr("encoder.ledger.digest.solver_version", lambda: "z3 0.0")
        assert digest(program(), QUESTION) != before
    with monkeypatch.context() as patch:
        patch.setattr("encoder.ledger.digest.encoder_digest", lambda roots: "0")
        assert digest(program(), QUESTION) != before


@pytest.mark.parametrize(
    ("path", "text", "counts"),
    [
        ("verify/engine.py", "from encoder.smt import solver as s", True),
        ("smt/solver.py", "1", True),
        ("smt/__init__.py", "1", True),
        ("graph/late.py", "1", True),
        ("spec/grammar.lark", "", True),
        ("smt/core.py", "1", False),
        ("cli/app.py", "import encoder.verify.engine", False),
    ],
)
def test_what_is_imported_is_part_of_the_digest(
    path: str, text: str, counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, source in {
        "verify/engine.py": "from encoder.smt import solver",
        "smt/__init__.py": "",
        "smt/solver.py": "def f():\n    import encoder.graph.late",
        "smt/core.py": "",
        "graph/late.py": "",
        "cli/app.py": "",
        "spec/grammar.lark": "a: b",
    }.items():
        write_whole(tmp_path / name, source)
    monkeypatch.setattr("encoder.ledger.digest.files", lambda name: tmp_path)
    digest_now = encoder_digest.__wrapped__
    before = digest_now(VERDICT)
    write_whole(tmp_path / path, text)
    assert (digest_now(VERDICT) != before) is counts
