"""prove and witness: exit codes, output, and words that name nothing."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from encoder.base.errors import SelfCheckError
from encoder.render.json import schema

BASELINE = ("gup-vs-reclaim", "--variant", "baseline")


@pytest.mark.parametrize("command", ["prove", "witness"])
@pytest.mark.parametrize(
    ("sample", "options", "code"),
    [
        ("complete", (), 0),
        ("bounded", ("--depth", "30"), 0),
        ("bounded", (), 5),
        ("open-loop", (), 5),
        ("open-loop-at-depth", ("--depth", "30"), 5),
        ("two-cpus", (), 10),
        ("vacuous", (), 5),
        ("vacuous-to-depth", ("--depth", "30"), 5),
        ("unknown", (), 5),
    ],
)
def test_exit_code_of_each_verdict(pinproof, engine, command: str, sample: str, options: tuple[str, ...], code: int):
    engine(sample)
    assert pinproof(command, *BASELINE, "--model", "tso", *options).code == code
    assert pinproof(command, *BASELINE, *options).code == code


@pytest.mark.parametrize("command", ["prove", "witness"])
@pytest.mark.parametrize(
    ("samples", "code"),
    [
        (("complete", "complete", "stale-read"), 10),
        (("complete", "unknown", "stale-read"), 10),
        (("complete", "complete", "unknown"), 5),
        (("complete", "vacuous", "complete"), 5),
        (("complete", "complete", SelfCheckError("step 3")), 6),
        (("two-cpus", "two-cpus", SelfCheckError("step 3")), 6),
    ],
)
def test_the_worst_platform_gives_the_exit_code(pinproof, engine, command: str, samples, code: int):
    engine(*samples)
    assert pinproof(command, *BASELINE).code == code


PLATFORMS = ("sc", "x86", "x86-broadcast", "arm64", "arm64-llsc", "lkmm")


def test_without_a_platform_all_are_asked_strongest_first(pinproof, engine):
    asked = engine("complete", "complete", "stale-read")
    ended = pinproof("prove", *BASELINE, "--timeout", "7")
    assert [(each.platform, each.timeout) for each in asked] == [(name, 7.0) for name in PLATFORMS]
    lines = ended.out.splitlines()[:6]
    assert [line.partition(" ")[0] for line in lines] == [*["PROVED"] * 5, "REFUTED"]
    assert all(line.split()[1:3] == ["on", f"{name}:"] for line, name in zip(lines, PLATFORMS, strict=True))
    assert " ".join(ended.out.splitlines()[6:8]).startswith("broken on none of these machines: x86, x86 as a KVM guest")


def test_platforms_may_be_chosen(pinproof, engine):
    asked = engine("complete")
    assert pinproof("prove", *BASELINE, "--platform", "lkmm", "--platform", "x86").code == 0
    assert [(each.platform, each.model, each.flush) for each in asked] == [
        ("x86", "tso", "deferred"), ("lkmm", "lkmm", "deferred-broadcast")
    ]  # fmt: skip


def test_arm64_flushes_as_the_kernel_of_the_variant_does(pinproof, engine):
    asked = engine("complete")
    pinproof("prove", *BASELINE, "--platform", "arm64")
    pinproof("prove", "gup-vs-reclaim", "--variant", "v6.12-bare-share", "--platform", "arm64")
    flushes = {(each.variant, each.flush) for each in asked}
    assert flushes >= {("baseline", "broadcast"), ("v6.12-bare-share", "deferred-broadcast")}


@pytest.mark.parametrize("command", ["prove", "witness"])
@pytest.mark.parametrize("options", [("--model", "lkmm"), ("--flush", "broadcast")])
def test_a_model_or_flush_describes_no_machine_and_says_so(pinproof, engine, command: str, options: tuple[str, ...]):
    asked = engine("complete")
    ended = pinproof(command, *BASELINE, *options)
    assert {each.platform for each in asked} == {""}
    assert "describe no machine" in " ".join(ended.out.split())
    assert "safe on these machines" not in ended.out


@pytest.mark.parametrize("options", [("--model", "lkmm"), ("--flush", "ipi"), ("--model", "lkmm", "--flush", "ipi")])
def test_a_model_or_flush_beside_a_platform_is_refused(pinproof, engine, options: tuple[str, ...]):
    engine("complete")
    ended = pinproof("prove", *BASELINE, "--platform", "x86", *options)
    assert (ended.code, ended.out) == (2, "")
    assert "cannot stand beside `--platform`" in ended.err


def test_a_terminal_is_told_which_platform_is_being_asked(pinproof, engine, monkeypatch: pytest.MonkeyPatch):
    engine("complete")
    quiet = pinproof("prove", *BASELINE)
    assert quiet.err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    told = pinproof("prove", *BASELINE)
    assert told.out == quiet.out
    for number, name in enumerate(PLATFORMS):
        assert f"deciding gup-vs-reclaim, baseline on {name}, 0 s ({number} of 6 decided)" in told.err


@pytest.mark.parametrize("command", ["prove", "witness"])
def test_json_is_a_list_of_platforms_or_the_object_of_one(pinproof, engine, command: str):
    engine("complete", "complete", "stale-read")
    ended = pinproof(command, *BASELINE, "--json")
    found = json.loads(ended.out)
    assert ended.code == 10
    assert [(each["platform"], each["verdict"] == "refuted") for each in found] == [
        (name, name == "lkmm") for name in PLATFORMS
    ]
    for each in found:
        jsonschema.validate(each, schema())
    one = json.loads(pinproof(command, *BASELINE, "--json", "--platform", "lkmm").out)
    assert (one["platform"], one["model"], one["flush"]) == ("lkmm", "lkmm", "deferred-broadcast")
    experiment = json.loads(pinproof(command, *BASELINE, "--json", "--model", "lkmm").out)
    assert (experiment["platform"], experiment["model"], experiment["flush"]) == (None, "lkmm", "ipi")


def test_witness_gives_the_strongest_refutation_as_json(pinproof, engine):
    engine("complete", "stale-read", "stale-read")
    drawn, brace, rest = pinproof("witness", *BASELINE).out.partition("\n{\n")
    assert drawn.count("BROKEN") == 1
    assert json.loads(brace + rest)["platform"] == "x86"


def test_a_failed_self_check_gives_no_verdict(pinproof, engine):
    engine(SelfCheckError("step 3: the solver reads 1, the replay 0"))
    ended = pinproof("prove", *BASELINE)
    assert (ended.code, ended.out) == (6, "")
    assert "step 3: the solver reads 1, the replay 0" in ended.err


def test_an_interrupt_ends_quietly(pinproof, engine, tmp_path: Path):
    engine(KeyboardInterrupt())
    ended = pinproof("prove", *BASELINE, "--dump-smt", str(tmp_path / "x.smt2"))
    assert (ended.code, ended.out, ended.err) == (130, "", "")
    assert list(tmp_path.iterdir()) == []


def test_a_bug_is_no_verdict(pinproof, engine):
    engine(RuntimeError("bug"))
    with pytest.raises(RuntimeError):
        pinproof("prove", *BASELINE)


@pytest.mark.parametrize("sample", ["complete", "two-cpus", "unknown"])
def test_json_is_one_object_and_nothing_else(pinproof, engine, sample: str):
    engine(sample)
    found = json.loads(pinproof("prove", *BASELINE, "--platform", "x86", "--json").out)
    jsonschema.validate(found, schema())
    assert found["timing"].keys() == {"load", "build", "solve"}


def test_witness_draws_the_schedule_and_then_prints_the_same_as_json(pinproof, engine):
    engine("two-cpus")
    text = pinproof("witness", *BASELINE).out
    drawn, brace, rest = text.partition("\n{\n")
    assert "BROKEN" in drawn
    steps = json.loads(brace + rest)["schedule"]
    assert [step["label"] for step in steps][:3] == ["seq_begin", "irq_off", "read_pte"]
    assert json.loads(pinproof("witness", *BASELINE, "--platform", "sc", "--json").out)["schedule"] == steps


def test_witness_of_a_proof_is_the_proof(pinproof, engine):
    engine("complete")
    assert pinproof("witness", *BASELINE).out == pinproof("prove", *BASELINE).out


def test_the_question_is_what_was_typed(pinproof, engine):
    asked = engine("complete")
    pinproof("prove", *BASELINE, "--model", "lkmm")
    options = ("--property", "not-freed-while-pinned", "--flush", "broadcast", "--depth", "7", "--loops", "2")
    pinproof("prove", *BASELINE, *options, "--timeout", "5", "--model", "sc")
    first, second = asked
    assert (first.property, first.model, first.flush, first.depth) == ("mapped-while-pinned", "lkmm", "ipi", None)
    assert (second.property, second.model, second.flush, second.depth, second.loops, second.timeout) == (
        "not-freed-while-pinned",
        "sc",
        "broadcast",
        7,
        2,
        5.0,
    )


@pytest.mark.parametrize("command", ["prove", "witness"])
def test_alone_it_says_what_to_type(pinproof, command: str):
    ended = pinproof(command)
    assert (ended.code, ended.out) == (2, "")
    assert f"pinproof {command} gup-vs-reclaim --variant baseline" in ended.err
    assert "gup-vs-fork" in ended.err
    assert "kara-rmap-seq" in ended.err


@pytest.mark.parametrize("command", ["prove", "witness", "explain", "export"])
def test_of_a_patch_alone_it_says_which_scenarios_run_it(pinproof, command: str):
    ended = pinproof(command, "--variant", "v6.12-bare-publish")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"Type a scenario: pinproof {command} gup-read-vs-ksm --variant v6.12-bare-publish\n")
    assert "nearest first:\n  gup-read-vs-ksm\n" in ended.err and "walk-vs-collapse" not in ended.err
    assert "did you mean `v6.12-bare-publish`?" in pinproof(command, "--variant", "v6.12-bare-publsh").err


def test_every_unknown_word_is_told_at_once(pinproof, engine, golden):
    engine("complete")
    words = (
        "--variant",
        "basline",
        "--property",
        "maped-while-pinned",
        "--model",
        "scc",
        "--flush",
        "ipy",
        "--platform",
        "x68",
    )
    ended = pinproof("prove", "gup-vs-reclam", *words, "--depth", "0", "--loops", "0", "--timeout", "0")
    assert (ended.code, ended.out) == (2, "")
    golden("cli/unknown-words.txt", ended.err)
    for near in ("gup-vs-reclaim", "baseline", "mapped-while-pinned", "sc", "ipi", "x86"):
        assert near in ended.err


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("mapped", "mapped-while-pinned"),
        ("fork", "no-change-after-fork"),
        ("sections", "seq-sections-exclusive"),
        ("seq", "seq-even-at-rest"),
        ("pi", "none"),
    ],
)
def test_a_part_of_a_name_is_enough_to_be_told_the_name(pinproof, word: str, name: str):
    """The beginning goes before any other part, the shortest name before longer ones."""
    ended = pinproof("prove", *BASELINE, "--property", word)
    assert ended.code == 2
    assert f"there is no property `{word}`" in ended.err
    assert f"did you mean `{name}`?" in ended.err or (name == "none" and "did you mean" not in ended.err)


def test_a_property_that_the_scenario_does_not_list_is_asked_too(pinproof):
    ended = pinproof("prove", *BASELINE, "--property", "no-wrong-cow", "--platform", "sc")
    assert ended.out.startswith("PROVED on sc: no schedule breaks no-wrong-cow\n")


def test_one_that_speaks_of_what_the_scenario_has_not_is_an_error_at_its_place(pinproof):
    ended = pinproof("prove", *BASELINE, "--property", "pins-add-up")
    assert (ended.code, ended.out) == (2, "")
    assert "pins-add-up.yaml:4:1: error[S305]: `pins-add-up` applies to nothing in this" in ended.err


def test_without_a_variant_the_newest_kernel_is_asked_and_said(pinproof, engine):
    asked = engine("complete")
    ended = pinproof("prove", "gup-vs-fork")
    assert {each.variant for each in asked} == {"v6.12"}
    assert ended.err == "variant: v6.12, the newest kernel (--variant names another)\n"


@pytest.mark.parametrize("arguments", [("prove", "--depht", "3"), ("prove", *BASELINE, "--depth", "many"), ("prvoe",)])
def test_words_that_typer_refuses(pinproof, arguments: tuple[str, ...]):
    assert pinproof(*arguments).code == 2


def test_dump_is_what_the_engine_wrote(pinproof, engine, tmp_path: Path):
    engine("complete")
    assert pinproof("prove", *BASELINE, "--dump-smt", str(tmp_path / "x.smt2")).code == 0
    assert (tmp_path / "x.smt2").read_text() == "(check-sat) ; sc\n"
    assert pinproof("prove", *BASELINE, "--dump-smt", str(tmp_path / "x.smt2"), "--model", "tso").code == 0
    assert (tmp_path / "x.smt2").read_text() == "(check-sat) ; tso\n"


@pytest.mark.parametrize("place", ["nowhere/x.smt2", "."])
def test_a_dump_that_cannot_be_written_is_refused_before_anything_is_asked(pinproof, engine, tmp_path, place):
    asked = engine("complete")
    ended = pinproof("prove", *BASELINE, "--dump-smt", str(tmp_path / place))
    assert (ended.code, ended.out, asked) == (2, "", [])
    assert "--dump-smt" in ended.err


def test_a_full_disk_is_no_traceback(pinproof, engine):
    engine("complete")
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    assert pinproof("prove", *BASELINE, "--dump-smt", os.fspath("/dev/full")).code == 2
