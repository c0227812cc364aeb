"""Questions with their answers, nothing replaced."""

import json
from pathlib import Path

import jsonschema

from encoder.render.json import schema

BASELINE = ("gup-vs-reclaim", "--variant", "baseline")


def test_baseline_races_and_the_witness_replays(pinproof, tmp_path: Path):
    printed = pinproof("prove", *BASELINE, "--json")
    assert printed.code == 10
    found = json.loads(printed.out)
    jsonschema.validate(found, schema())
    assert sum(step["racing"] for step in found["schedule"]) == 2
    (tmp_path / "witness.json").write_text(printed.out)
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (0, "HOLDS")


def test_a_witness_that_was_cut_short_does_not_hold(pinproof, tmp_path: Path):
    found = json.loads(pinproof("prove", *BASELINE, "--json").out)
    found["schedule"].pop()
    (tmp_path / "witness.json").write_text(json.dumps(found))
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (10, "DOES NOT HOLD")


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
