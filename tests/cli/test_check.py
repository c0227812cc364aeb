"""check: kept certificates hold, are stale, are missing or are wrong."""

import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.catalog import listing, shipped
from encoder.base.result import Opinion
from encoder.ledger.certificates import Certificates
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.ledger.store import Store
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.verify.case import Case
from encoder.verify.cross_check import by_certificate
from encoder.verify.decide import decide
from tests.render.samples import REPORTS

CLAIM = "gup-vs-fork-pinned-before/fork-mb-pin-mb/writable-while-pinned/sc/ipi"
VACUOUS = "gup-vs-reclaim-uncached/baseline/seq-sections-exclusive/sc/ipi"


def claimed(name: str) -> Obligation:
    (found,) = (
        each
        for each in load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
        if each.id == name
    )
    return found


def keep(root: Path, name: str) -> Path:
    """Prove an obligation and keep the certificate: the file."""
    each = claimed(name)
    library = load_library(scenario=each.scenario, variant=each.variant)
    program, question = resolve(library, each.scenario, each.variant, each.flush), each.question(60.0)
    rests_on = decide(Case.of(program, question)).rests_on
    kept = Certificates(root)
    assert kept.keep(each, by_certificate(rests_on, time.monotonic() + 60).parts)
    return kept.path(each)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A folder with one certificate, and the certificate."""
    root = tmp_path_factory.mktemp("proofs")
    return root, keep(root, CLAIM).read_bytes()


def test_what_is_kept_holds(pinproof: Callable, kept: tuple[Path, bytes], tmp_path: Path) -> None:
    path = keep(tmp_path, CLAIM)
    assert path.read_bytes() == kept[1]
    assert path.relative_to(tmp_path) == Path("certificates", CLAIM.removesuffix("/sc/ipi") + ".sc.ipi.gz")
    keep(tmp_path, VACUOUS)
    ended = pinproof("check", CLAIM, VACUOUS, "--results", str(tmp_path))
    assert ended.out.splitlines()[0].startswith(f"holds    {CLAIM}  ")
    assert ended.out.splitlines()[1].startswith(f"holds    {VACUOUS}  ")
    assert ended.out.splitlines()[2:] == ["2/2 hold"]
    assert ended.code == 0


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda text: text.replace("\ncnf ", "\ncnf 0", 1), 5, "stale    NAME  violation: it is of other clauses than"),
        (lambda text: text.replace("violation", "start"), 5, "missing  NAME  violation: there is no proof of it"),
        (lambda text: text.replace("core ", "core 1", 1), 10, "wrong    NAME  violation: "),
        (
            lambda text: text[: text.index("\nlemmas ")] + "\nlemmas 0\n",
            10,
            "wrong    NAME  violation: the empty clause ",
        ),
        (lambda text: text.replace("sc/ipi", "tso/ipi"), 10, "wrong    NAME  "),
        (lambda text: text[:-3], 10, "wrong    NAME  "),
    ],
)
def test_what_does_not_hold(
    pinproof: Callable, kept: tuple[Path, bytes], tmp_path: Path, change: Callable[[str], str], code: int, said: str
) -> None:
    path = Certificates(tmp_path).path(claimed(CLAIM))
    path.parent.mkdir(parents=True)
    text = gzip.decompress(kept[1]).decode()
    assert change(text) != text
    path.write_bytes(gzip.compress(change(text).encode()))
    ended = pinproof("check", CLAIM, "--results", str(tmp_path))
    assert ended.out.startswith(said.replace("NAME", CLAIM))
    assert ended.out.endswith("\n0/1 hold\n")
    assert ended.code == code


def test_what_is_not_there(pinproof: Callable, tmp_path: Path) -> None:
    ended = pinproof("check", "--results", str(tmp_path))
    assert ended.code == 2
    assert f"there is no folder `{tmp_path}/certificates`" in " ".join(ended.err.split())
    (tmp_path / "certificates").mkdir()
    ended = pinproof("check", CLAIM, "--results", str(tmp_path))
    assert ended.code == 5
    assert ended.out == f"missing  {CLAIM}  \n0/1 hold\n".replace("  \n", "\n")


def test_what_nobody_has_ever_proved_so_is_not_missing(pinproof: Callable, tmp_path: Path) -> None:
    (tmp_path / "certificates").mkdir()
    each = claimed(CLAIM)
    for word, line, last, code in (
        ("gave up", f"none     {CLAIM}  why", "there is nothing to check", 5),
        ("agrees", f"missing  {CLAIM}", "0/1 hold", 5),
    ):
        said = Opinion(by="certificate", word=word, detail="why")
        Store(tmp_path).keep(each, replace(REPORTS["complete"], opinions=(said,)), "d" + word)
        ended = pinproof("check", CLAIM, "--results", str(tmp_path))
        assert ended.out.splitlines() == [line, last]
        assert ended.code == code


def test_only_small_certificates_of_claims_are_kept(kept: tuple[Path, bytes], tmp_path: Path) -> None:
    shelf, each = Certificates(tmp_path), claimed(CLAIM)
    parts = Certificates(kept[0]).read(each).parts
    assert shelf.keep(each, parts)
    assert not shelf.keep(each, ())
    assert shelf.read(each) is None
    assert shelf.keep(each, parts)
    shelf.prune((each,))
    assert shelf.read(each) is not None
    shelf.prune(())
    assert shelf.read(each) is None
