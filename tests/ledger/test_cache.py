"""The cache: believed while nothing that a result depends on has changed, whole or not at all, and never needed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from encoder.base.result import Opinion
from encoder.certificate.file import MAX_BYTES, QueryProof, read_certificate
from encoder.ledger import database
from encoder.ledger.cache import Cache
from encoder.ledger.database import NEWEST, VERSION, Database, place
from encoder.ledger.mutants import MutantRecord, Wanted
from encoder.ledger.record import record_of
from encoder.mutation.outcome import MutantOutcome, MutantWord, score
from tests.ledger.samples import obligation
from tests.render.samples import REPORTS, beside

ROOT = Path(__file__).parents[2]
SAID = Opinion(by="cvc5", word="agrees", detail="4 queries")
PART = QueryProof(goal="g", problem="whole", cnf="ab", core=(0, 1), clauses=((1,), (-1,)), lemmas=((),))


def put(base: Database, content: bytes, name: str = "a", digest: str = "d") -> None:
    base.put("result", name, digest, lambda _: content)


def test_what_was_found_is_found_again_with_its_digest_alone() -> None:
    claimed, cache = obligation(), Cache()
    for name, digest in (("two-cpus", "d"), ("complete", "e")):
        record = cache.keep(claimed, REPORTS[name], digest)
        assert record == record_of(claimed, REPORTS[name])
    assert Cache().result(claimed, "d") == record_of(claimed, REPORTS["two-cpus"])
    assert Cache().result(claimed, "e") == record_of(claimed, REPORTS["complete"])
    assert Cache().result(claimed, "f") is None
    assert Cache().result(obligation("kara"), "d") is None


def test_what_is_not_decided_takes_nothing_away() -> None:
    claimed, cache = obligation(), Cache()
    record = cache.keep(claimed, REPORTS["two-cpus"], "d")
    assert cache.keep(claimed, REPORTS["unknown"], "d").found == "unknown"
    assert cache.result(claimed, "d") == record
    decided = cache.keep(claimed, beside("fine"), "e")
    assert cache.keep(claimed, beside("late"), "e") == decided


def test_what_others_have_said_of_a_verdict_stays_with_it() -> None:
    claimed, cache = obligation(), Cache()
    cache.keep(claimed, replace(REPORTS["complete"], opinions=(SAID,)), "d")
    assert cache.keep(claimed, REPORTS["complete"], "d").opinions == (SAID,)
    assert cache.keep(claimed, REPORTS["complete"], "e").opinions == ()
    assert cache.keep(claimed, REPORTS["two-cpus"], "d").opinions == ()


def test_certificates_are_kept_unless_they_are_large() -> None:
    claimed, cache = obligation(), Cache()
    cache.keep(claimed, replace(REPORTS["complete"], proofs=(PART,)), "d")
    cache.keep(claimed, REPORTS["complete"], "e")
    content = cache.certificate(claimed)
    assert content is not None and read_certificate(content).parts == (PART,)
    assert cache.certificate(claimed, "d") == content and cache.certificate(claimed, "e") is None
    noise = tuple((int.from_bytes(os.urandom(4)) + 1,) for _ in range(MAX_BYTES // 3))
    cache.keep(claimed, replace(REPORTS["complete"], proofs=(replace(PART, lemmas=noise),)), "f")
    assert cache.certificate(claimed, "f") is None


def scores(*words: MutantWord) -> MutantRecord:
    wanted = Wanted(scenario="s", variant="v", platform="sc", flush="ipi", model="sc", depth=None, properties=("p",))
    return MutantRecord(
        wanted=wanted, mutants=len(words), scores=(("p", score([MutantOutcome(word=word) for word in words])),),
        survived=(), undecided=("a/c: step removed",) * words.count("undecided"),
    )  # fmt: skip


def test_fewer_scores_are_not_put_in_place_of_more() -> None:
    cache, whole, part = Cache(), scores("killed", "killed"), scores("killed", "undecided")
    for record, kept in ((part, part), (whole, whole), (part, whole)):
        cache.keep_score(record, "d")
        assert cache.score(record.wanted, "d") == kept
    assert cache.score(whole.wanted, "e") is None
    assert cache.score(replace(whole.wanted, depth=7), "d") is None


def test_of_each_thing_the_newest_digests_are_kept(cache: Path) -> None:
    base = Database(place())
    for number in range(NEWEST + 3):
        put(base, b"%d" % number, digest=str(number))
    put(base, b"other", name="b")
    kept = [base.get("result", "a", str(number)) for number in range(NEWEST + 3)]
    assert kept == [None] * 3 + [b"%d" % number for number in range(3, NEWEST + 3)]
    assert (base.get("result", "a"), base.get("result", "b")) == (b"%d" % (NEWEST + 2), b"other")
    assert [path.name for path in cache.iterdir()] == [database.NAME]


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PINPROOF_CACHE", str(tmp_path))
    assert place() == tmp_path / database.NAME
    monkeypatch.setenv("PINPROOF_CACHE", str(tmp_path / "own.db"))
    assert place() == tmp_path / "own.db"
    monkeypatch.delenv("PINPROOF_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert place() == tmp_path / "pinproof" / database.NAME
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Database(place()).path == tmp_path / ".cache" / "pinproof" / database.NAME


def garbage(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"no database\n" * 1000)


def torn(path: Path) -> None:
    """The pages behind the first are overwritten."""
    put(Database(path), os.urandom(50_000))
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def of_the_future(path: Path) -> None:
    put(Database(path), b"x")
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def somebody_elses(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE kept (x)")
    connection.close()


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def below_a_file(path: Path) -> None:
    path.parent.write_text("")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (garbage, "damaged or not a database"),
        (torn, "damaged or not a database"),
        (of_the_future, f"it is of version {VERSION + 1}, not {VERSION}"),
        (somebody_elses, f"it is of version 0, not {VERSION}"),
        (a_folder, "it cannot be opened"),
        (below_a_file, "the path of its folder is not a folder"),
    ],
)
def test_what_cannot_be_used_is_told_once_and_gone_without(
    spoil: Callable[[Path], None], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(place())
    before = place().read_bytes() if place().is_file() else None
    claimed, cache = obligation(), Cache()
    assert cache.result(claimed, "d") is None
    found = cache.keep(claimed, REPORTS["two-cpus"], "d")
    assert found == record_of(claimed, REPORTS["two-cpus"])
    assert cache.result(claimed, "d") is None
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and why in told and str(place()) in told
    assert before is None or place().read_bytes() == before


@pytest.mark.parametrize("change", ["sum = zeroblob(32)", "content = zeroblob(9)", "content = 'x'", "digest = 'd'"])
def test_a_content_that_is_not_what_was_put_there_is_none(change: str) -> None:
    base = Database(place())
    put(base, b"content", digest="e" if "digest" in change else "d")
    with sqlite3.connect(place()) as connection:
        connection.execute(f"UPDATE kept SET {change}")
    connection.close()
    assert base.get("result", "a", "d") is None and base.usable


def test_a_full_disk_leaves_what_was_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    put(Database(place()), b"old")
    real = sqlite3.connect

    def small(*args: object, **how: object) -> sqlite3.Connection:
        connection = real(*args, **how)
        connection.execute("PRAGMA max_page_count = 4")
        return connection

    full = Database(place())
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        put(full, os.urandom(100_000))
    assert "there is no space left" in capsys.readouterr().err
    assert full.get("result", "a", "d") is None
    assert Database(place()).get("result", "a", "d") == b"old"


def test_who_holds_it_for_too_long_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    base = Database(place())
    put(base, b"old")
    monkeypatch.setattr(database, "WAIT", 0.05)
    holder = sqlite3.connect(place(), isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    put(base, b"new")
    holder.execute("ROLLBACK")
    holder.close()
    assert "another process has held it for too long" in capsys.readouterr().err
    assert Database(place()).get("result", "a", "d") == b"old"


WRITER = """\
import sys
from encoder.ledger.database import Database, place
base, (who, rounds) = Database(place()), sys.argv[1:]
print("ready", flush=True)
for number in range(int(rounds)):
    base.put("result", "shared", "d", lambda old: (old or b"") + who.encode())
    base.put("result", who, str(number % 3), lambda _: (who * 50_000 + str(number)).encode())
assert base.usable
"""


def writer(who: str, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, who, str(rounds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_writers_at_once_lose_nothing() -> None:
    both = [writer(who, 40) for who in "ab"]
    assert [each.communicate(timeout=120)[0] and each.returncode for each in both] == [0, 0]
    content = Database(place()).get("result", "shared", "d")
    assert content is not None and sorted(content.decode()) == ["a"] * 40 + ["b"] * 40


def test_who_is_killed_in_the_middle_leaves_whole_contents() -> None:
    for pause in (0.01, 0.03, 0.05):
        with writer("a", 10**6) as child:
            assert child.stdout is not None and child.stdout.readline()
            time.sleep(pause)
            child.send_signal(signal.SIGKILL)
        base = Database(place())
        put(base, b"next", name="b")
        contents = [base.get("result", "a", str(number)) for number in range(3)]
        assert base.usable and base.get("result", "b", "d") == b"next"
        assert all(content is None or content.startswith(b"a" * 50_000) for content in contents)
