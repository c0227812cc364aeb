"""replay: what holds, what does not, and files that are no witness."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from encoder.base.errors import SelfCheckError
from encoder.concrete.axiomatic.thread_runs import WitnessStep
from encoder.ledger.schedules import as_object as schedule_object
from encoder.ledger.schedules import shared
from encoder.memory.model import MemoryModel
from encoder.program.core import Property
from encoder.render.json import render, render_list
from tests.ledger.samples import program
from tests.render.samples import REPORTS, on

OPINION = {"by": "cvc5", "word": "agrees", "detail": ""}
ASKED = Property(name="mapped-while-pinned", title="", text="", instances=())


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What running and confirming a schedule raise, if anything, and what was run: under SC the threads of the
    schedule, under a weak model (model, steps, coherence)."""
    said = SimpleNamespace(run=None, confirm=None, threads=None, weak=None)

    def run(program: object, asked: object, symbols: object, threads: list[str], loops: int) -> None:
        said.threads = threads
        if said.run:
            raise SelfCheckError(said.run)

    def confirm(program: object, asked: object, witness: object, loops: int) -> SimpleNamespace:
        if said.confirm:
            raise SelfCheckError(said.confirm)
        return SimpleNamespace(steps=said.threads)

    def run_weak(program: object, asked: object, model: MemoryModel, symbols: object, *given: Any) -> None:
        steps, coherence, _ = given
        said.weak = model.name, steps, coherence
        run(program, asked, symbols, [step.thread for step in steps], 0)

    def confirm_weak(program: object, asked: object, model: object, witness: object, loops: int) -> SimpleNamespace:
        return confirm(program, asked, witness, loops)

    resolver = ModuleType("encoder.program.resolve")
    resolver.resolve = lambda *_: replace(program(), properties=(ASKED,))
    monkeypatch.setitem(sys.modules, "encoder.program.resolve", resolver)
    monkeypatch.setattr("encoder.concrete.interleaving.replay.replay", run)
    monkeypatch.setattr("encoder.concrete.rerun.confirm", confirm)
    monkeypatch.setattr("encoder.concrete.axiomatic.replay.replay_weak", run_weak)
    monkeypatch.setattr("encoder.concrete.rerun.confirm_weak", confirm_weak)
    return said


def written(folder: Path, text: str) -> str:
    path = folder / "witness.json"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize("timing", [True, False])
def test_a_witness_that_holds(pinproof, machine, tmp_path: Path, timing: bool):
    ended = pinproof("replay", written(tmp_path, render(REPORTS["two-cpus"], timing=timing)))
    assert (ended.code, ended.out.partition(":")[0]) == (0, "CONFIRMED")
    assert "mapped-while-pinned" in ended.out
    assert machine.threads == ["cpu0"] * 3 + ["cpu1"] * 2 + ["cpu0"] * 2 + ["cpu1"] * 3 + ["cpu0"]


def test_under_a_weak_model_each_read_keeps_its_source(pinproof, machine, tmp_path: Path):
    ended = pinproof("replay", written(tmp_path, render(REPORTS["stale-read"])))
    assert (ended.code, ended.out.partition(":")[0]) == (0, "CONFIRMED")
    assert "in gup-vs-reclaim, baseline on lkmm" in ended.out
    model, steps, coherence = machine.weak
    assert (model, coherence) == ("lkmm", {"p._refcount": (4, 6)})
    assert steps[3:6] == [WitnessStep("cpu0", 2, 0), WitnessStep("cpu0", 1, 0), WitnessStep("cpu1", 5, 4)]


def test_what_a_weak_model_forbids_does_not_hold(pinproof, machine, tmp_path: Path):
    machine.run = "LKMM forbids it"
    ended = pinproof("replay", written(tmp_path, render(REPORTS["stale-read"])))
    assert (ended.code, ended.out) == (10, "DOES NOT HOLD: LKMM forbids it\n")


def test_a_witness_that_does_not_hold(pinproof, machine, tmp_path: Path):
    machine.run = "step 4: cpu1 has to wait at lock"
    ended = pinproof("replay", written(tmp_path, render(REPORTS["two-cpus"])))
    assert (ended.code, ended.out) == (10, "DOES NOT HOLD: step 4: cpu1 has to wait at lock\n")


def test_a_witness_that_breaks_the_property_otherwise_than_recorded(pinproof, machine, tmp_path: Path):
    machine.confirm = "step 4, value: the witness records '1', the replay finds '0'"
    ended = pinproof("replay", written(tmp_path, render(REPORTS["two-cpus"])))
    assert (ended.code, ended.out) == (6, "")
    assert machine.confirm in ended.err


@pytest.mark.parametrize(
    ("change", "place", "told"),
    [
        ({"schema": 1}, ":2:", "5 was expected"),
        ({"replayed": None}, '"replayed": null,', "$.replayed: expected `bool`, got `null`"),
        ({"replayed": False}, '"replayed": false,', "$.replayed: true was expected"),
        ({"surplus": 1}, ":1:", "$: object contains unknown field `surplus`"),
        ({"schedule": []}, '"schedule": [],', "$.schedule: expected `array` of length >= 1"),
        ({"flush": "ipj"}, '"flush": "ipj"', "$.flush: broadcast, deferred, deferred-broadcast or ipi was expected"),
        ({"platform": "x68"}, "", "did you mean `x86`?"),
        ({"opinions": [{**OPINION, "word": "nods"}]}, '"word": "nods"', "agrees, disagrees or gave up was expected"),
        ({"opinions": [OPINION, {"by": "cvc5"}]}, '"by": "cvc5"', "$.opinions[1]: object missing required field"),
        ({"symbols": {"n": "many"}}, '"n": "many"', "$.symbols[...]: expected `int`, got `str`"),
        ({"depth": 5}, '"depth": 5,', "$.depth: expected `object`, got `int`"),
        ({"verdict": "\ud800"}, ":1:", "$: no text"),
        ({"scenario": "gup-vs-reclam"}, "", "did you mean `gup-vs-reclaim`?"),
        ({"variant": "basline"}, "", "did you mean `baseline`?"),
        ({"property": "pins-add-upp"}, "", "there is no property `pins-add-upp`"),
    ],
)
def test_what_is_no_witness_is_told_with_its_place(pinproof, machine, tmp_path: Path, change, place, told):
    found = {**json.loads(render(REPORTS["two-cpus"], timing=False)), **change}
    ended = pinproof("replay", written(tmp_path, json.dumps(found, indent=2)))
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.split())
    assert place in ended.err


def test_of_a_list_of_reports_those_that_are_refuted_are_run(pinproof, machine, tmp_path: Path):
    reports = [REPORTS[name] for name in ("complete", "two-cpus", "stale-read")]
    ended = pinproof("replay", written(tmp_path, render_list(reports)))
    told = [line.rpartition(" on ")[2] for line in ended.out.splitlines() if line.startswith("CONFIRMED")]
    assert (ended.code, told) == (0, ["sc", "lkmm"])


@pytest.mark.parametrize(
    ("names", "told"), [(("complete", "unknown"), "its verdict is `proved` and `unknown`"), ((), "it is an empty list")]
)
def test_a_list_without_a_schedule_is_none(pinproof, machine, tmp_path: Path, names: tuple[str, ...], told: str):
    ended = pinproof("replay", written(tmp_path, render_list([REPORTS[name] for name in names])))
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.split())


def test_a_mistake_in_a_list_is_told_with_its_place(pinproof, machine, tmp_path: Path):
    found = json.loads(render_list([REPORTS["complete"], REPORTS["two-cpus"]]))
    found[1]["flush"] = "ipj"
    ended = pinproof("replay", written(tmp_path, json.dumps(found, indent=2)))
    assert ended.code == 2
    assert '"flush": "ipj"' in ended.err


def test_a_report_of_another_version_is_one_mistake(pinproof, machine, tmp_path: Path):
    found = {**json.loads(render(REPORTS["two-cpus"], timing=False)), "schema": 1}
    for step in found["schedule"]:
        del step["reads_from"]
    ended = pinproof("replay", written(tmp_path, json.dumps(found, indent=2)))
    assert (ended.code, ended.err.count("error[C104]")) == (2, 1)
    assert "$.schema: 5 was expected" in " ".join(ended.err.split())


def test_a_step_that_is_no_step(pinproof, machine, tmp_path: Path):
    found = json.loads(render(REPORTS["two-cpus"], timing=False))
    found["schedule"][2]["cpu"] = "cpu0"
    text = json.dumps(found, indent=2)
    ended = pinproof("replay", file := written(tmp_path, text))
    line = next(n for n, each in enumerate(text.splitlines(), 1) if '"cpu": "cpu0"' in each)
    assert ended.code == 2
    assert f"{file}:{line}:14: error[C104]:" in " ".join(ended.err.split())


@pytest.mark.parametrize("name", ["complete", "unknown"])
def test_a_report_without_a_schedule(pinproof, machine, tmp_path: Path, name: str):
    ended = pinproof("replay", written(tmp_path, render(REPORTS[name])))
    assert ended.code == 2
    assert "holds no schedule" in " ".join(ended.err.split())


def test_what_is_not_json(pinproof, machine, tmp_path: Path):
    ended = pinproof("replay", file := written(tmp_path, '{\n  "schema": 1,\n}\n'))
    assert ended.code == 2
    assert f"{file}:3:1: error[C103]" in " ".join(ended.err.split())


@pytest.mark.parametrize("text", ["", "PROVED under SC: nothing\n", "REFUTED\n  {\n"])
def test_what_holds_no_json(pinproof, machine, tmp_path: Path, text: str):
    ended = pinproof("replay", file := written(tmp_path, text))
    assert ended.code == 2
    said = " ".join(ended.err.split())
    assert f"{file}:1:1: error[C103]: there is no recorded schedule in it" in said
    assert "what `witness` or `prove --json` prints of a property that is refuted" in said


def test_what_stands_above_the_report_is_skipped(pinproof, machine, tmp_path: Path):
    """A line of it may begin with a brace; places are those of the file."""
    drawn = "REFUTED under SC\n{page=p present\n\n"
    text = drawn + render(REPORTS["two-cpus"])
    assert pinproof("replay", written(tmp_path, text)).code == 0
    short = json.dumps(json.loads(render(REPORTS["two-cpus"])))
    assert pinproof("replay", written(tmp_path, drawn + short + "\n")).code == 0
    broken = text.replace('"cpu": 1,', '"cpu": "one",', 1)
    ended = pinproof("replay", file := written(tmp_path, broken))
    line = next(n for n, each in enumerate(broken.splitlines(), 1) if '"one"' in each)
    assert (ended.code, f"{file}:{line}:" in " ".join(ended.err.split())) == (2, True)
    ended = pinproof("replay", file := written(tmp_path, text + "}"))
    assert ended.code == 2
    assert f"{file}:{len(text.splitlines()) + 1}:1: error[C103]" in " ".join(ended.err.split())


def test_what_is_nested_without_end(pinproof, machine, tmp_path: Path):
    ended = pinproof("replay", written(tmp_path, "[" * 100_000))
    assert ended.code == 2
    assert "C103" in ended.err and "nested too deep" in ended.err and "Traceback" not in ended.err


def test_what_cannot_be_read(pinproof, machine, tmp_path: Path):
    assert pinproof("replay", str(tmp_path / "nowhere.json")).code == 2
    assert pinproof("replay", str(tmp_path)).code == 2
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    assert pinproof("replay", str(tmp_path / "binary")).code == 2


def several(folder: Path, **changes: object) -> str:
    """A file of two schedules: one that is an interleaving, on sc and x86, and one on lkmm."""
    names = [(name, on(name)) for name in ("sc", "x86")]
    common, weak = (REPORTS[name].verdict.witness for name in ("two-cpus", "stale-read"))
    found = shared([*((question, common) for _, question in names), (REPORTS["stale-read"].question, weak)])
    told = {"schema": 2, "schedules": [schedule_object(each) for each in found], **changes}
    return written(folder, json.dumps(told, indent=1))


def test_a_file_of_schedules_is_run_on_each_platform(pinproof, machine, tmp_path: Path):
    ended = pinproof("replay", several(tmp_path))
    assert ended.code == 0
    told = [line.rpartition(" on ")[2] for line in ended.out.splitlines() if line.startswith("CONFIRMED")]
    assert told == ["sc", "x86", "lkmm"]


def test_names_choose_schedules_of_a_file(pinproof, machine, tmp_path: Path):
    file = several(tmp_path)
    assert pinproof("replay", file, "x86").out.count("CONFIRMED") == 1
    assert pinproof("replay", file, "gup-vs-reclaim", "lkmm").out.count("CONFIRMED") == 3
    ended = pinproof("replay", file, "gup-vs-fork")
    assert (ended.code, ended.out) == (2, "")
    assert "has no schedule of `gup-vs-fork`" in " ".join(ended.err.split())


def test_a_schedule_of_no_platform_is_told_with_its_place(pinproof, machine, tmp_path: Path):
    file = several(tmp_path)
    path = Path(file)
    path.write_text(path.read_text("utf-8").replace("pinned/x86", "pinned/x68"), "utf-8")
    ended = pinproof("replay", file)
    assert (ended.code, ended.out) == (2, "")
    assert "x68 is neither a platform nor a memory model and a kind of flush" in " ".join(ended.err.split())
    assert '"breaks": [' in ended.err


def test_of_several_schedules_the_worst_counts(pinproof, machine, tmp_path: Path):
    machine.run = "LKMM forbids it"
    ended = pinproof("replay", several(tmp_path), "lkmm")
    question = REPORTS["stale-read"].question
    name = f"{question.scenario}/{question.variant}/{question.property}/lkmm"
    assert (ended.code, ended.out) == (10, f"DOES NOT HOLD: {name}: LKMM forbids it\n")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"schema": 1}, "$.schema: 2 was expected"),
        ({"schedules": [{}]}, "$.schedules[0]: object missing required field `breaks`"),
        ({"schedules": 3}, "$.schedules: expected `array`, got `int`"),
        ({"schedules": []}, "has no schedule"),
    ],
)
def test_what_is_no_file_of_schedules(pinproof, machine, tmp_path: Path, changes: dict[str, object], told: str):
    ended = pinproof("replay", several(tmp_path, **changes))
    assert (ended.code, ended.out) == (2, "")
    assert told in " ".join(ended.err.split())


def test_a_file_that_is_not_there_is_named_once(pinproof):
    assert pinproof("replay", "nowhere").err == "error[C102]: `nowhere` cannot be read: No such file or directory\n"
