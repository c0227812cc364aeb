"""Questions with their answers, nothing replaced."""

import json
from pathlib import Path

import jsonschema
import pytest

from encoder.render.json import schema

BASELINE = ("gup-vs-reclaim", "--variant", "baseline")
SOFT_DIRTY = ("gup-vs-soft-dirty", "--variant", "linus-soft-dirty-seq")


def test_baseline_races_and_the_witness_replays(pinproof, tmp_path: Path):
    printed = pinproof("prove", *BASELINE, "--platform", "sc", "--json")
    assert printed.code == 10
    found = json.loads(printed.out)
    jsonschema.validate(found, schema())
    assert sum(step["racing"] for step in found["schedule"]) == 2
    (tmp_path / "witness.json").write_text(printed.out)
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (0, "CONFIRMED")


def test_what_witness_prints_replays_and_where_it_was_changed_is_told(pinproof, tmp_path: Path):
    printed = pinproof("witness", *BASELINE, "--model", "sc")
    assert printed.code == 10
    file = tmp_path / "witness.txt"
    file.write_text(printed.out)
    replayed = pinproof("replay", str(file))
    assert (replayed.code, replayed.out.partition(":")[0]) == (0, "CONFIRMED")
    last = printed.out.splitlines().index("{")
    for word, other in (
        ('"procedure": "reclaim"', '"procedure": "recliam"'),
        ('"label": "swap_duplicate"', '"label": "swap_dup"'),
        ('"thread": "cpu1"', '"thread": "cpu9"'),
        ('"value": "0 -> 1"', '"value": "1 -> 0"'),
        ('"variant": "baseline"', '"variant": "kara-rmap-seq"'),
    ):
        drawn, found, rest = printed.out.partition("\n{\n")
        assert word in rest
        file.write_text(drawn + found + rest.replace(word, other, 1))
        replayed = pinproof("replay", str(file))
        said = " ".join(replayed.err.split())
        assert (replayed.code, replayed.out) == (2, "")
        assert "the schedule does not fit the specs" in said
        line = int(replayed.err.partition(f"{file}:")[2].partition(":")[0])
        assert line > last
        assert other.partition(": ")[2].strip('"') in file.read_text().splitlines()[line - 1] or "variant" in other


def test_a_witness_that_was_cut_short_does_not_hold(pinproof, tmp_path: Path):
    found = json.loads(pinproof("prove", *BASELINE, "--platform", "sc", "--json").out)
    found["schedule"].pop()
    (tmp_path / "witness.json").write_text(json.dumps(found))
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (10, "DOES NOT HOLD")


@pytest.mark.slow
def test_the_drawing_fits_a_mail_and_is_the_same_each_time(pinproof):
    first, second = (pinproof("prove", *BASELINE, "--model", "sc") for _ in range(2))
    assert first == second
    assert max(map(len, first.out.splitlines())) <= 72


def test_a_proof_is_complete(pinproof):
    ended = pinproof("prove", "gup-vs-reclaim", "--variant", "kara-rmap-seq", "--model", "sc")
    assert ended.code == 0
    assert "complete: no schedule is longer than" in ended.out


def test_the_dump_is_what_was_asked(pinproof, tmp_path: Path):
    file = tmp_path / "question.smt2"
    assert pinproof("prove", *BASELINE, "--model", "sc", "--dump-smt", str(file)).code == 10
    assert "(check-sat" in file.read_text()


@pytest.mark.slow
def test_what_is_refuted_on_every_platform_is_drawn_once(pinproof):
    ended = pinproof("prove", *BASELINE)
    assert ended.code == 10
    assert [line.split()[:3] for line in ended.out.splitlines() if line.startswith("REFUTED")] == [
        ["REFUTED", "on", f"{name}:"] for name in ("sc", "x86", "x86-broadcast", "arm64", "arm64-llsc", "lkmm")
    ]
    assert (ended.out.count("BROKEN"), ended.out.count("<-"), ended.out.count("cycle")) == (1, 0, 0)


def test_a_refutation_on_weak_machines_alone_is_drawn_with_its_cycle_and_replays(pinproof, tmp_path: Path):
    ended = pinproof("witness", *SOFT_DIRTY)
    assert ended.code == 10
    assert "broken on machines that people run: arm64 and arm64 without LSE\n" in ended.out
    assert "No interleaving has this cycle:" in ended.out
    assert "has not reached" in " ".join(ended.out.split())
    drawn, brace, rest = ended.out.partition("\n{\n")
    assert max(map(len, drawn.splitlines())) <= 72
    (tmp_path / "witness.json").write_text(brace + rest)
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (0, "CONFIRMED")
    other = (brace + rest).replace('"model": "arm64"', '"model": "tso"')
    (tmp_path / "witness.json").write_text(other)
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out) == (2, "")
    assert "arm64 is arm64 with broadcast flushes, and the file says tso with broadcast flushes" in replayed.err
    (tmp_path / "witness.json").write_text(other.replace('"platform": "arm64"', '"platform": null'))
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (10, "DOES NOT HOLD")
