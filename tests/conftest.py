"""Goldens: recorded output that a test compares with; `pytest --promote` (make promote) is what writes them."""

import gc
from collections.abc import Callable, Iterable
from functools import cache as remembered
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

import encoder.ledger.obligation
import encoder.spec.load
from encoder.base.catalog import Entry, shipped

settings.register_profile("pinproof", deadline=None, derandomize=True)
settings.load_profile("pinproof")

State = tuple[tuple[str, int, int], ...]
READ, CLAIMED = encoder.spec.load.load_library, encoder.ledger.obligation.load_obligations


@remembered
def unchanged(read: Callable[..., object], files: State, *given: object, **part: str) -> object:
    return read(*given, **part)


def state(files: Iterable[Path]) -> State:
    return tuple((str(each), found.st_mtime_ns, found.st_size) for each in files for found in [each.stat()])


def load_library(root: Path | None = None, **part: str) -> object:
    """What is shipped is read once, and again only if a file of it has changed: most tests begin so."""
    specs = shipped("specs")
    if root is not None or not isinstance(specs, Path):
        return READ(root, **part)
    return unchanged(READ, state(sorted(specs.rglob("*.yaml"))), **part)


def load_obligations(entries: tuple[Entry, ...]) -> object:
    """The same of claims, wherever they are."""
    files = [each.file for each in entries if isinstance(each.file, Path)]
    if len(files) < len(entries) or not all(each.is_file() for each in files):
        return CLAIMED(entries)
    return unchanged(CLAIMED, state(files), entries)


encoder.spec.load.load_library, encoder.ledger.obligation.load_obligations = load_library, load_obligations
GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promote", action="store_true", help="write the goldens instead of comparing with them")


NUMBER = count()


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test begins with nothing recorded: the folder is not there yet."""
    folder = tmp_path_factory.getbasetemp() / f"cache-{next(NUMBER)}"
    monkeypatch.setenv("PINPROOF_CACHE", str(folder))
    return folder


def pytest_collection_finish() -> None:
    """What has been loaded by now stays: to look through it for garbage takes longer than many a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("render/two-cpus.txt", text)` compares the text with tests/golden/render/two-cpus.txt."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--promote"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        assert path.is_file(), f"no golden {name}: make promote writes it"
        assert text == path.read_text("utf-8")

    return check
