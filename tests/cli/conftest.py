"""The command line run in this process, with an engine that answers what the test says."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest

from encoder.base.limits import Limits
from encoder.base.pool import Finished, PoolEvent, Started
from encoder.base.result import Question, Report
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

        def ask(question: Question) -> Report:
            asked.append(question)
            name = samples.get(question.model, given[0] if len(given) == 1 else "complete")
            if isinstance(name, BaseException):
                raise name
            return replace(REPORTS[name], question=question, checks=FINE if question.checks else None)

        def run(
            questions: Sequence[Question], limits: Limits, *, jobs: int, dumped: Question | None
        ) -> Iterator[PoolEvent[Question, Report]]:
            for each in questions:
                assert limits.seconds == each.timeout
                yield Started(each)
                yield Finished(each, ask(each), f"(check-sat) ; {each.platform or each.model}\n" * (each == dumped))

        module = ModuleType("encoder.verify.isolation")
        module.run_isolated = run
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
    monkeypatch.setattr("encoder.ledger.ask.run", made.run)
    monkeypatch.setattr("encoder.cli.verify.load_library", lambda: library)
    monkeypatch.chdir(tmp_path)
    return made
