"""Questions under weak models with their answers, nothing replaced: drawings, records, records changed by hand."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import z3

from encoder.base.result import Question
from encoder.memory import MODELS
from encoder.render.json import render, schema
from encoder.verify.engine import ask

ROOT = Path(__file__).parents[2]
SOFT_DIRTY = ("gup-vs-soft-dirty", "--variant", "linus-soft-dirty-seq")
RECLAIM = ("gup-vs-reclaim", "--variant", "kara-rmap-seq")
Record = dict[str, Any]


@cache
def printed() -> str:
    """What `prove --json` prints of a schedule that LKMM alone has."""
    return render(ask(Question(scenario=SOFT_DIRTY[0], variant=SOFT_DIRTY[2], property="", model="lkmm")))


def numbered(record: Record, label: str, which: int = 0) -> int:
    """The step with this label."""
    return [step["step"] for step in record["schedule"] if step["label"] == label][which]


def test_a_schedule_that_only_lkmm_has(pinproof, golden) -> None:
    """Every thread is in program order; what is strange are two reads that miss a store."""
    ended = pinproof("prove", *SOFT_DIRTY, "--model", "lkmm")
    assert (ended.code, ended.err) == (10, "")
    golden("cli/lkmm.txt", ended.out)
    assert "code has this" not in ended.out
    assert ended.out.count("has not reached CPU0") == ended.out.count("<-") == 2


def test_under_tso_stores_are_late_and_no_thread_is_out_of_order(pinproof) -> None:
    ended = pinproof("prove", *RECLAIM, "--model", "tso")
    assert ended.code == 10
    assert "REFUTED under TSO" in ended.out
    assert "No interleaving has this cycle:" in ended.out
    assert "has not reached CPU" in " ".join(ended.out.split())
    assert "code has this" not in ended.out


@pytest.mark.parametrize(
    ("model", "code"), [("lkmm", 10), *(pytest.param(n, 0, marks=pytest.mark.slow) for n in ("sc", "tso"))]
)
def test_the_model_decides(pinproof, model: str, code: int) -> None:
    assert pinproof("prove", *SOFT_DIRTY, "--model", model).code == code


@pytest.mark.slow
def test_a_depth_under_lkmm(pinproof) -> None:
    """Deep enough, one step less, and what is said of a proof that is bounded."""
    steps = len(json.loads(printed())["schedule"])
    assert pinproof("prove", *SOFT_DIRTY, "--model", "lkmm", "--depth", str(steps)).code == 10
    fewer = pinproof("prove", *SOFT_DIRTY, "--model", "lkmm", "--depth", str(steps - 1))
    assert fewer.code == 0
    assert f"PROVED under LKMM, IPI flush to depth {steps - 1} (bounded)" in fewer.out


@pytest.mark.parametrize("model", ["sc", "lkmm", *(pytest.param(n, marks=pytest.mark.slow) for n in [*MODELS][1:-1])])
def test_no_time_is_unknown(pinproof, model: str) -> None:
    ended = pinproof("prove", *SOFT_DIRTY, "--model", model, "--timeout", "0.001")
    assert ended.code == 5
    assert ended.out.startswith(f"UNKNOWN under {model.upper()}")
    assert "try: raise --timeout" in " ".join(ended.out.split())


@pytest.mark.parametrize(("model", "code"), [("tso", 0), pytest.param("lkmm", 10, marks=pytest.mark.slow)])
def test_the_dump_says_the_same_to_another_solver(pinproof, tmp_path: Path, model: str, code: int) -> None:
    file = tmp_path / "question.smt2"
    assert pinproof("prove", *SOFT_DIRTY, "--model", model, "--dump-smt", str(file)).code == code
    text, asked = re.fullmatch(r"(.*)\(check-sat-assuming \((.*)\)\)\n", file.read_text(), re.DOTALL).groups()
    solver = z3.SolverFor("QF_BV", ctx=z3.Context())
    solver.from_string(f"{text}(assert {asked})\n")
    assert str(solver.check()) == ("sat" if code else "unsat")


@pytest.mark.slow
def test_the_same_bytes_whatever_the_hashes() -> None:
    """Under every model, of which the last refutes what the others prove."""

    def run(seed: str) -> tuple[int, bytes]:
        command = [sys.executable, "-m", "encoder", "prove", *SOFT_DIRTY]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        return ended.returncode, ended.stdout + ended.stderr

    assert run("1") == run("2")


def replayed(pinproof: Callable[..., Any], folder: Path, record: Record) -> tuple[int, str]:
    path = folder / "witness.json"
    path.write_text(json.dumps(record, indent=2), "utf-8")
    ended = pinproof("replay", str(path))
    return ended.code, ended.out + ended.err


def test_what_is_printed_fits_the_schema_and_holds(pinproof, tmp_path: Path) -> None:
    record = json.loads(printed())
    jsonschema.validate(record, schema())
    assert sum(step["stale"] is not None for step in record["schedule"]) == 2
    assert record["cycle"]
    code, told = replayed(pinproof, tmp_path, record)
    assert (code, told.partition(":")[0]) == (0, "CONFIRMED")


def of_sc(record: Record) -> None:
    record["model"] = "sc"


def of_tso(record: Record) -> None:
    record["model"] = "tso"


def of_power(record: Record) -> None:
    record["model"] = "power"


def read_the_store(record: Record) -> None:
    """The seqcount is read as the writer has left it, before the store is drawn."""
    retry = record["schedule"][numbered(record, "seq_retry", 1) - 1]
    retry["reads_from"] = numbered(record, "seq_begin", 1)


def read_something_else(record: Record) -> None:
    record["schedule"][numbered(record, "seq_retry", 1) - 1]["reads_from"] = numbered(record, "set_has_pinned")


def read_what_is_below(record: Record) -> None:
    record["schedule"][numbered(record, "recheck_pte") - 1]["reads_from"] = numbered(record, "commit")


def read_nothing(record: Record) -> None:
    record["schedule"][numbered(record, "read_pte") - 1]["reads_from"] = None


def turn_coherence(record: Record) -> None:
    for place in record["coherence"]:
        place["steps"].reverse()


def lose_coherence(record: Record) -> None:
    record["coherence"] = []


def foreign_coherence(record: Record) -> None:
    record["coherence"][0]["location"] = "p.nothing"


def no_step(record: Record) -> None:
    record["coherence"][0]["steps"] = [0, -7]


def no_number(record: Record) -> None:
    record["schedule"][3]["reads_from"] = "1"


def not_stale(record: Record) -> None:
    for step in record["schedule"]:
        step["stale"] = None


def renamed_procedure(record: Record) -> None:
    for step in record["schedule"]:
        step["procedure"] = step["procedure"].replace("clear_soft_dirty", "clear_refs")


def renamed_label(record: Record) -> None:
    record["schedule"][numbered(record, "commit") - 1]["label"] = "comit"


def unknown_thread(record: Record) -> None:
    record["schedule"][-1]["thread"] = "cpu7"


def other_variant(record: Record) -> None:
    record["variant"] = "linus-soft-dirty-seq-mb"


def other_start(record: Record) -> None:
    record["symbols"]["nobody"] = 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (renamed_procedure, "procedure: the witness records 'clear_refs', the replay finds 'clear_soft_dirty'"),
        (renamed_label, "label: the witness records 'comit', the replay finds 'commit'"),
        (unknown_thread, "there is no thread cpu7"),
        (other_variant, "the witness records"),
        (other_start, "no symbol named nobody"),
    ],
)
def test_a_record_of_other_specs_is_no_bug(pinproof, tmp_path: Path, change, words: str) -> None:
    record = json.loads(printed())
    change(record)
    found, told = replayed(pinproof, tmp_path, record)
    said = " ".join(told.split())
    assert found == 2
    assert "error[C106]: the schedule does not fit the specs: " in said
    assert words in said
    assert "bug in Pinproof" not in said


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (of_sc, 10, "DOES NOT HOLD"),
        (of_tso, 10, "DOES NOT HOLD: replay: TSO forbids it: tso is not acyclic"),
        (of_power, 2, "there is no memory model `power`"),
        (read_the_store, 10, "DOES NOT HOLD"),
        (read_something_else, 10, "which writes mm.has_pinned"),
        (read_what_is_below, 10, "which is not above it"),
        (read_nothing, 10, "but the schedule does not say from where"),
        (turn_coherence, 10, "LKMM forbids it"),
        (lose_coherence, 10, "and no coherence order"),
        (foreign_coherence, 10, "there is no location p.nothing"),
        (no_step, 2, "C104"),
        (no_number, 2, "C104"),
        (not_stale, 2, "stale: the witness records None"),
    ],
)  # fmt: skip
def test_a_record_that_was_changed_is_refused(pinproof, tmp_path: Path, change, code: int, words: str) -> None:
    record = json.loads(printed())
    change(record)
    found, told = replayed(pinproof, tmp_path, record)
    assert words in " ".join(told.split())
    assert found == code


def by_chance(seed: int) -> Record:
    """The record with some numbers and names changed."""
    chance = random.Random(seed)
    record: Record = json.loads(printed())
    size = len(record["schedule"])
    for _ in range(chance.randint(1, 2)):
        step = chance.choice(record["schedule"])
        match chance.choice(("reads_from", "index", "thread", "steps", "coherence")):
            case "steps":
                chance.shuffle(record["schedule"])
            case "coherence":
                chance.choice(record["coherence"])["steps"] = chance.sample(range(size + 3), 2)
            case "thread":
                step["thread"] = chance.choice(("cpu0", "cpu1", "cpu9"))
            case key:
                step[key] = chance.randint(0, size + 2)
    return record


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(100, 600), marks=pytest.mark.slow)])
def test_no_record_is_a_traceback(pinproof, tmp_path: Path, seeds: range) -> None:
    """What is not refused holds still, or is said to be another one than recorded."""
    found = {replayed(pinproof, tmp_path, by_chance(seed))[0] for seed in seeds}
    assert 10 in found and found <= {0, 2, 6, 10}
