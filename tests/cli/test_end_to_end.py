"""Questions with their answers, nothing replaced."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from encoder.concrete.weak import as_weak, replay_weak
from encoder.engine import property_of
from encoder.memory import MODELS
from encoder.program.resolve import resolve
from encoder.render.json import question_from, render, schema, witness_from
from encoder.result import Refuted
from encoder.spec.load import load_library
from tests.render.samples import REPORTS

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


@pytest.mark.parametrize("model", ["tso", "lkmm"])
def test_an_interleaving_replays_under_every_model(pinproof, tmp_path: Path, model: str):
    """The recorded schedule of SC, with the sources of its reads, read back from JSON."""
    found = json.loads(pinproof("prove", *BASELINE, "--json").out)
    question, witness = replace(question_from(found), model=model), witness_from(found)
    program = resolve(load_library(), question.scenario, question.variant, question.flush)
    asked = property_of(program, question.property)
    symbols, threads = dict(witness.symbols), [step.thread for step in witness.schedule]
    steps, coherence = as_weak(program, symbols, threads, question.loops)
    weak = replay_weak(program, asked, MODELS[model], symbols, steps, coherence, question.loops)
    assert weak.cycle == ()
    fields = {"schedule": weak.steps, "coherence": weak.coherence, "cycle": weak.cycle}
    report = replace(REPORTS["two-cpus"], question=question, verdict=Refuted(witness=replace(witness, **fields)))
    (tmp_path / "witness.json").write_text(render(report))
    replayed = pinproof("replay", str(tmp_path / "witness.json"))
    assert (replayed.code, replayed.out.partition(":")[0]) == (0, "HOLDS"), replayed
    assert f"under {model.upper()}" in replayed.out
