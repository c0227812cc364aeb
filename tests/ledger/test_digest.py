"""Digests: what is recorded is believed only while nothing that it depends on has changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.result import Question
from encoder.ledger.digest import VERDICT, digest, encoder_digest
from encoder.ledger.files import write_whole
from tests.ledger.samples import program
from tests.render.samples import QUESTION


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
