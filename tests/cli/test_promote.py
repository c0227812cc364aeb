"""verify --promote: what is committed says what was found, and changes when a verdict does."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from encoder.base.result import Opinion, Refuted, Report, Unlimited
from encoder.base.worker import Lost
from encoder.ledger import folder
from encoder.ledger.drawings import anchor
from encoder.spec.fingerprint import Fingerprints
from tests.cli.checkout import CLAIMS, FIRST, FIRST_LKMM, FIRST_X86, OTHER, SECOND, Ledger, files
from tests.render.samples import CHECKS, REPORTS

Run = Callable[..., object]
ROOT = Path(__file__).parents[2]
DATA, DRAWN = "proofs/schedules/gup-vs-reclaim.json", "proofs/schedules/gup-vs-reclaim.md"
SAID = (Opinion(by="explorer", word="agrees", detail="7 states"), Opinion(by="cvc5", word="gave up", detail="too slow"))
LOCKED = "{on: sc, expect: complete, why: It is locked.}"
MORE = CLAIMS + f"  - {{variant: kara-rmap-seq, property: {OTHER}, claims: [{LOCKED}]}}\n"
THIRD = SECOND.replace("mapped-while-pinned", OTHER)


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether a schedule that is committed still breaks its property."""
    answer = [True]
    monkeypatch.setattr("encoder.cli.promote._breaks", lambda task, witness: answer[0])
    return answer


@pytest.fixture
def promote(pinproof: Run, ledger: Ledger, breaks: list[bool]) -> Callable[..., dict[str, bytes]]:
    """`promote(*names)` promotes and gives the checkout's files."""

    def run(*arguments: str) -> dict[str, bytes]:
        pinproof("verify", "--promote", *arguments)
        return files(ledger.root)

    return run


def other_schedule(report: Report) -> Report:
    """Of the same length, with other numbers."""
    assert isinstance(report.verdict, Refuted)
    witness = replace(report.verdict.witness, symbols=(("others", 3),))
    return replace(report, verdict=Refuted(witness=witness))


def verdicts(found: dict[str, bytes]) -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = json.loads(found[DATA])["verdicts"]
    return told


def test_it_writes_verdicts_schedules_and_the_page(promote, ledger: Ledger):
    found = promote()
    assert set(found) == {"proofs/README.md", "proofs/obligations/gup-vs-reclaim.yaml", DATA, DRAWN}
    page = found["proofs/README.md"].decode()
    assert "| `kara-rmap-seq` | proved |" in page and "The walk tests under the lock." in page
    assert f"[**refuted**, 11](schedules/gup-vs-reclaim.md#{anchor(FIRST)}) (r)" in page
    drawn = found[DRAWN].decode()
    assert "BROKEN" in drawn and drawn.count("BROKEN") == 1, "one schedule on three platforms"
    assert f'<a id="{anchor(FIRST)}"></a>' in drawn and f'<a id="{anchor(FIRST_LKMM)}"></a>' in drawn
    assert len(json.loads(found[DATA])["schedules"]) == 1


def test_a_change_that_changes_no_verdict_changes_nothing(promote, ledger: Ledger, monkeypatch):
    """The encoder, the solver and the schedule that it happens to find are others; nobody else is asked any more."""
    ledger.found[SECOND] = replace(
        REPORTS["complete"], opinions=SAID, unlimited=Unlimited(thread="cpu0", procedure="f", holds=True, why="")
    )
    before = promote()
    assert "proved ∞ (e)" in before["proofs/README.md"].decode()
    assert promote() == before
    ledger.found = {FIRST: other_schedule(REPORTS["two-cpus"]), SECOND: REPORTS["complete"]}
    monkeypatch.setattr("encoder.ledger.digest.solver_version", lambda: "z3 0.0")
    monkeypatch.setattr("encoder.ledger.digest.encoder_digest", lambda roots: "another")
    asked = len(ledger.asked)
    assert promote() == before
    assert len(ledger.asked) == asked + 4
    assert promote("--fresh", "kara-rmap-seq") == before
    assert promote("--fresh", "x86") == before


def test_nothing_says_how_or_when_it_was_found(promote, ledger: Ledger):
    ledger.found[SECOND] = replace(REPORTS["complete"], opinions=SAID)
    text = b"".join(content for name, content in promote().items() if "obligations" not in name).decode()
    told = re.sub(r'"specs": \{[^}]*\}', "", text)
    assert not re.search("z3|seed|timing|7 states|gave up|too slow|[0-9a-f]{12}", told)


@pytest.mark.parametrize(("still", "steps"), [(False, 11), (True, 10)])
def test_a_schedule_goes_that_breaks_nothing_any_more_or_is_not_the_shortest(
    promote, ledger: Ledger, breaks: list[bool], still: bool, steps: int
):
    before = promote()
    report = other_schedule(REPORTS["two-cpus"])
    witness = replace(report.verdict.witness, schedule=report.verdict.witness.schedule[:steps])
    ledger.found[FIRST] = replace(report, verdict=Refuted(witness=witness))
    breaks[0] = still
    after = promote("--fresh")
    (schedule,) = json.loads(after[DATA])["schedules"]
    assert (schedule["symbols"], len(schedule["schedule"])) == ({"others": 3}, steps)
    assert f"**refuted**, {steps}]" in after["proofs/README.md"].decode()
    assert verdicts(after)[SECOND] == verdicts(before)[SECOND]


def test_a_part_changes_that_part_alone(promote, ledger: Ledger):
    ledger.claim(MORE)
    ledger.found[THIRD] = REPORTS["complete"]
    ledger.found[SECOND] = replace(REPORTS["complete"], checks=CHECKS["held"])
    before = promote()
    ledger.found = {FIRST: REPORTS["complete"], SECOND: REPORTS["vacuous"], THIRD: REPORTS["complete"]}
    after = promote("--fresh", THIRD)
    assert verdicts(after)[SECOND] == verdicts(before)[SECOND] | {"checks": {}}, "of its program as a whole"
    after = promote("--fresh", SECOND)
    assert verdicts(after)[SECOND]["found"] == "vacuous"
    assert "vacuous (expected complete)" in after["proofs/README.md"].decode()
    assert {name: verdicts(after)[name] for name in (FIRST, FIRST_LKMM)} == {
        name: verdicts(before)[name] for name in (FIRST, FIRST_LKMM)
    }


def test_what_is_not_decided_takes_nothing_away(promote, ledger: Ledger):
    before = promote()
    ledger.found[FIRST] = Lost("the worker died with exit code -9")
    ledger.found[SECOND] = replace(REPORTS["complete"], checks=CHECKS["late"])
    assert promote("--fresh") == before


def test_what_is_no_longer_claimed_goes(promote, ledger: Ledger):
    promote()
    for stray in ("schedules/gone.md", "scores/gone.json", "certificates/gone.gz"):
        path = ledger.root / "proofs" / stray
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    ledger.claim("\n".join(CLAIMS.splitlines()[:5]) + "\n")
    after = promote("baseline")
    assert set(verdicts(after)) == {FIRST, FIRST_X86, FIRST_LKMM}
    assert b"kara" not in after[DATA] and b"`kara-rmap-seq`" not in after["proofs/README.md"]
    assert not any("gone" in name for name in after)


def test_other_specs_take_what_was_said_of_the_old_ones(promote, ledger: Ledger, monkeypatch):
    ledger.claim(MORE)
    ledger.found[THIRD] = ledger.found[SECOND] = replace(REPORTS["complete"], opinions=SAID)
    before = promote()
    monkeypatch.setattr("encoder.ledger.digest.encoder_digest", lambda roots: "another")
    real = Fingerprints.of
    monkeypatch.setattr(Fingerprints, "of", lambda self, scenario, variant: real(self, scenario, variant)[::-1])
    ledger.found[SECOND] = REPORTS["complete"]
    after = promote("--fresh", SECOND)
    assert "opinions" in verdicts(before)[SECOND] and "opinions" not in verdicts(after)[SECOND]
    assert THIRD not in verdicts(after), "of this nobody knows"
    assert verdicts(after)[FIRST] == verdicts(before)[FIRST]
    specs = [json.loads(each[DATA])["specs"] for each in (before, after)]
    assert specs[0]["baseline"] == specs[1]["baseline"] and specs[0]["kara-rmap-seq"] != specs[1]["kara-rmap-seq"]


def test_an_interrupt_in_the_middle_leaves_whole_files_and_again_is_enough(
    promote, pinproof, ledger: Ledger, monkeypatch
):
    before = promote()
    ledger.found = {FIRST: REPORTS["complete"], SECOND: REPORTS["two-cpus"]}
    real, written = folder.write_whole, []

    def fills(path: Path, content: bytes) -> None:
        if written:
            raise KeyboardInterrupt
        written.append(path)
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(folder, "write_whole", fills)
        ended = pinproof("verify", "--promote", "--fresh")
    assert (ended.code, "4/4 as expected" not in ended.out, ended.err) == (130, True, "")
    middle = files(ledger.root)
    assert middle[DATA] != before[DATA] and middle[DRAWN] == before[DRAWN]
    after = promote()
    assert after[DATA] == middle[DATA] and after[DRAWN] != before[DRAWN]
    assert promote("--fresh") == after


@pytest.mark.parametrize("change", [("11", "12"), ('"schema": 2', '"schema": 0'), ('"found"', '"lost"'), ("}", "")])
def test_a_file_that_was_not_written_so_is_an_error_with_its_name(
    promote, pinproof, ledger: Ledger, change: tuple[str, str]
):
    promote()
    path = ledger.root / DATA
    path.write_text(path.read_text().replace(*change))
    ended = pinproof("verify", "--promote")
    assert ended.code == 2
    assert f"{DATA}:1:1: error[C103]: this is not what `--promote` writes" in ended.err


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["baseline", "linus-soft-dirty-seq"])
def test_of_this_repository_it_changes_nothing(pinproof, tmp_path: Path, monkeypatch, variant: str):
    """The real encoder with the real specs, a refuted claim and a proved one: what it finds is what is committed."""
    copytree(ROOT / "proofs", tmp_path / "proofs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("encoder.ledger.digest.solver_version", lambda: "z3 0.0")
    before = files(tmp_path)
    ended = pinproof("verify", f"gup-vs-soft-dirty/{variant}/writable-while-pinned/sc", "--promote")
    assert (ended.code, "1 decided anew" in ended.out) == (0, True)
    assert files(tmp_path) == before
