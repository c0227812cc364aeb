"""The command line run in this process, with an engine that answers what the test says."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import TextIO

import pytest

from encoder.base.limits import Limits
from encoder.base.result import Question, Report, Tell
from encoder.cli.app import main
from encoder.memory import CHAIN
from encoder.spec.load import load_library
from encoder.spec.model import Library
from tests.cli.checkout import CLAIMS, Ledger
from tests.ledger.samples import program
from tests.render.samples import FINE, REPORTS


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def pinproof(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """`pinproof("prove", "gup-vs-reclaim")` runs the command."""

    def run(*arguments: str) -> Ended:
        code = main(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ended(code, out, err)

    return run


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Question]]:
    """`engine("two-cpus")` makes every question give that sample, `engine("complete", "complete", "stale-read")` those
    under SC, TSO and LKMM, and proofs under others; an exception is raised. The answer lists the questions asked."""

    def install(*given: str | BaseException) -> list[Question]:
        asked: list[Question] = []
        samples = dict(zip(CHAIN, given * 3 if len(given) == 1 else given, strict=True))

        def ask(question: Question, dump: TextIO | None) -> Report:
            asked.append(question)
            name = samples.get(question.model, given[0] if len(given) == 1 else "complete")
            if isinstance(name, BaseException):
                raise name
            if dump is not None:
                assert isinstance(dump, StringIO)
                dump.write(f"(check-sat) ; {question.platform or question.model}\n")
            return replace(REPORTS[name], question=question, checks=FINE if question.checks else None)

        @contextmanager
        def begin(question: Question, limits: Limits, *, dump: TextIO | None) -> Iterator[Callable[[Tell], Report]]:
            assert limits.seconds == question.timeout
            yield lambda tell: ask(question, dump)

        module = ModuleType("encoder.verify.isolation")
        module.run_isolated = begin
        monkeypatch.setitem(sys.modules, "encoder.verify.isolation", module)
        return asked

    return install


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Library) -> Ledger:
    made = Ledger(tmp_path)
    made.claim(CLAIMS)
    resolver = ModuleType("encoder.program.resolve")
    resolver.resolve = lambda library, scenario, variant, flush: replace(program(), variant=variant)
    monkeypatch.setitem(sys.modules, "encoder.program.resolve", resolver)
    monkeypatch.setattr("encoder.cli.verify.shipped", lambda name: tmp_path / name)
    monkeypatch.setattr("encoder.cli.verify.run", made.run)
    monkeypatch.setattr("encoder.cli.verify.load_library", lambda: library)
    monkeypatch.chdir(tmp_path)
    return made
