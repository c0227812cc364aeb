"""One reader for all tests: the primitives are loaded once."""

from collections.abc import Callable

import pytest

from encoder.litmus.decide import LitmusVerdict, decide
from encoder.litmus.read import LitmusReader

Ask = Callable[..., LitmusVerdict]


@pytest.fixture(scope="session")
def reader() -> LitmusReader:
    return LitmusReader()


@pytest.fixture
def ask(reader: LitmusReader) -> Ask:
    """`ask(text, model="tso")` decides a test; what it does not support fails."""

    def run(text: str, model: str = "lkmm", *, witness: bool = False) -> LitmusVerdict:
        verdict = decide(reader, "t.litmus", text, model, 20, witness=witness)
        assert verdict.result not in ("Unknown", "Unsupported"), [p.message for p in verdict.problems] or verdict.reason
        return verdict

    return run
