"""Laws that hold of every question, tried on the specs that ship."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copytree

import pytest

from encoder.base.result import Proved, Question, Refuted, Report, Witness, word
from encoder.concrete.axiomatic.replay import confirm_weak, interleaving_as_execution, replay_weak
from encoder.memory import CHAIN, MODELS
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.program.variant import apply_variant
from encoder.spec.load import load_library
from encoder.spec.syntax import Step
from encoder.spec.walk import walk
from encoder.verify.engine import ask

SPECS = Path(__file__).parents[1] / "specs"
QUICK = (("gup-vs-soft-dirty", "baseline"), ("gup-vs-soft-dirty", "linus-soft-dirty-seq"))
PAIRS = (
    ("gup-vs-soft-dirty", "linus-soft-dirty-seq-mb-pin-mb"),
    ("gup-vs-fork", "fork-without-seq"),
    ("gup-vs-reclaim", "kara-rmap-seq"),
)
MORE = (
    ("gup-vs-fork", "v6.12"),
    ("gup-vs-fork", "baseline"),
    ("gup-vs-fork", "fork-mb"),
    ("gup-vs-fork", "fork-mb-pin-mb"),
    ("gup-vs-fork", "v6.12-fork-mb"),
    ("gup-vs-fork", "v6.12-no-recheck"),
    ("gup-vs-reclaim-uncached", "baseline"),
    ("gup-vs-reclaim", "hubbard-locked-check-fixed"),
    ("gup-vs-reclaim", "kara-rmap-seq-mb-pin-mb"),
    ("gup-vs-reclaim", "locked-check-before-pin"),
)


def slow(*cases: tuple[str, ...]) -> list[object]:
    return [pytest.param(*case, marks=pytest.mark.slow) for case in cases]


on_quick_pairs = pytest.mark.parametrize(("scenario", "variant"), [*QUICK, *slow(*PAIRS, *MORE)])
on_pairs = pytest.mark.parametrize(("scenario", "variant"), [*QUICK, *PAIRS[:1], *slow(*PAIRS[1:], *MORE)])
under_every_model = pytest.mark.parametrize(
    "model", ["sc", "lkmm", *(pytest.param(n, marks=pytest.mark.slow) for n in MODELS if n not in ("sc", "lkmm"))]
)


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return copytree(SPECS, tmp_path / "specs")


def asked(scenario: str, variant: str, root: Path = SPECS, model: str = "sc") -> Report:
    found = ask(Question(scenario=scenario, variant=variant, property="", model=model), root)
    assert word(found.verdict) != "unknown"
    return found


@cache
def shipped(scenario: str, variant: str, model: str) -> Report:
    """As `asked`, once only."""
    return asked(scenario, variant, model=model)


def witness(report: Report) -> Witness:
    assert isinstance(report.verdict, Refuted)
    return report.verdict.witness


def schedule(report: Report) -> list[tuple[int, tuple[str, ...], str]]:
    return [(step.cpu, step.path, step.value) for step in witness(report).schedule]


def made(specs: Path, base: str, edits: str = "") -> str:
    """Write a variant; its name."""
    head = f"variant: made\ntitle: made\nauthor: nobody\nlink: nowhere\nbase: {base}\nreading: none\n"
    (specs / "variants" / "made.yaml").write_text(f"{head}edits: {edits}\n" if edits else head, "utf-8")
    return "made"


def labels(variant: str, procedures: Sequence[str]) -> list[tuple[str, str]]:
    """The procedures' labels, in the order of their text."""
    found = {each.name: each for each in apply_variant(load_library(SPECS), variant)}
    return [(name, step.label) for name in procedures for step in walk(found[name].steps) if isinstance(step, Step)]


@under_every_model
@on_quick_pairs
def test_a_patch_that_changes_nothing_keeps_the_verdict(scenario: str, variant: str, model: str, specs: Path) -> None:
    before, after = shipped(scenario, variant, model), asked(scenario, made(specs, variant), specs, model)
    assert word(before.verdict) == word(after.verdict)
    assert before.longest == after.longest
    if isinstance(before.verdict, Refuted):
        assert schedule(before) == schedule(after)


@under_every_model
@on_quick_pairs
def test_names_of_threads_and_objects_mean_nothing(scenario: str, variant: str, model: str, specs: Path) -> None:
    path = specs / "scenarios" / f"{scenario}.yaml"
    text = re.sub(r"^  cpu(\d):", r"  task_\1:", path.read_text("utf-8"), flags=re.M)
    text = re.sub(r"(?<!\.)\bslot\b", "entry", re.sub(r"(?<!\.)\bp\b", "zero_page", text))
    assert "entry->pte" in text and "task_0" in text and "page = zero_page" in text
    path.write_text(text, "utf-8")
    before, after = shipped(scenario, variant, model), asked(scenario, variant, specs, model)
    assert word(before.verdict) == word(after.verdict)
    if isinstance(before.verdict, Refuted):
        assert len(witness(before).schedule) == len(witness(after).schedule)
        assert witness(before).symbols == witness(after).symbols
        if model == "sc":  # of weak executions that are equally short any may be drawn
            renamed = [(cpu, path, value.replace("zero_page", "p")) for cpu, path, value in schedule(after)]
            assert renamed == schedule(before)


@on_pairs
def test_what_is_proved_is_proved_under_every_stronger_model(scenario: str, variant: str) -> None:
    """None of these uses RCU, the only rule that a weaker model has and stronger ones lack."""
    words = [word(shipped(scenario, variant, model).verdict) for model in ("lkmm", "tso", "sc")]
    assert set(words) <= {"proved", "refuted"}
    assert words == sorted(words, reverse=True)


WITNESSES = (
    ("gup-vs-soft-dirty", "baseline", "sc"),
    ("gup-vs-fork", "fork-without-seq", "sc"),
)
MORE_WITNESSES = (
    ("gup-vs-reclaim", "kara-rmap-seq", "tso"),
    ("gup-vs-reclaim-uncached", "baseline", "sc"),
    ("gup-vs-reclaim", "hubbard-locked-check-fixed", "sc"),
    ("gup-vs-reclaim", "locked-check-before-pin", "sc"),
)


@pytest.mark.parametrize(("scenario", "variant", "stronger"), [*WITNESSES[:1], *slow(*WITNESSES[1:], *MORE_WITNESSES)])
def test_a_witness_is_one_under_every_weaker_model(scenario: str, variant: str, stronger: str) -> None:
    report = shipped(scenario, variant, stronger)
    question, found = report.question, witness(report)
    program = resolve(load_library(scenario=scenario, variant=variant), scenario, variant, question.flush)
    prop = property_of(program, question.property)
    every = MODELS if stronger == "sc" else CHAIN
    for name, model in list(every.items())[list(every).index(stronger) + 1 :]:
        if stronger == "sc":
            threads = [step.thread for step in found.schedule]
            steps, coherence = interleaving_as_execution(program, dict(found.symbols), threads, question.loops)
            given = dict(found.symbols), steps, coherence, question.loops
            replayed = replay_weak(program, prop, model, *given)
            assert (replayed.cycle, replayed.violated.text) == ((), found.violated)
        else:
            replayed = confirm_weak(program, prop, model, found, question.loops)
            assert replayed.cycle
        assert len(replayed.steps) == len(found.schedule)
        assert isinstance(shipped(scenario, variant, name).verdict, Refuted)


FENCED = (
    ("gup-vs-soft-dirty", "linus-soft-dirty-seq-mb-pin-mb", ("gup_fast", "try_grab_compound_head", "clear_soft_dirty")),
    ("gup-vs-fork", "fork-mb-pin-mb", ("gup_fast", "fork", "copy_pte_range", "copy_present_pte")),
    ("gup-vs-reclaim", "kara-rmap-seq-mb-pin-mb", ("gup_fast", "reclaim", "rmap_walk", "try_to_unmap_one")),
)


def still_proved(specs: Path, scenario: str, base: str, procedure: str, label: str, models: Sequence[str]) -> None:
    edits = f"\n  - in: {procedure}\n    before: {label}\n    insert:\n      - made_mb: smp_mb()"
    name = made(specs, base, edits)
    for model in models:
        assert isinstance(asked(scenario, name, specs, model).verdict, Proved), (procedure, label, model)


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "base", "procedures"), FENCED[:1])
def test_a_fence_does_no_harm(scenario: str, base: str, procedures: Sequence[str], specs: Path) -> None:
    for procedure, label in labels(base, procedures)[::8]:
        still_proved(specs, scenario, base, procedure, label, ["lkmm"])


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "base", "procedures"), FENCED)
def test_a_fence_does_no_harm_anywhere(scenario: str, base: str, procedures: Sequence[str], specs: Path) -> None:
    for place, (procedure, label) in enumerate(labels(base, procedures)):
        still_proved(specs, scenario, base, procedure, label, ["lkmm"] if place % 3 else list(MODELS))


@pytest.mark.parametrize(("variant", "model"), [("baseline", "sc"), *slow(("linus-soft-dirty-seq", "lkmm"))])
def test_a_schedule_is_shortest(variant: str, model: str) -> None:
    """One step less is not enough."""
    question = Question(scenario="gup-vs-soft-dirty", variant=variant, property="", model=model)
    steps = len(witness(ask(question)).schedule)
    fewer = ask(replace(question, depth=steps - 1)).verdict
    assert isinstance(fewer, Proved) and not fewer.complete
    assert len(witness(ask(replace(question, depth=steps))).schedule) == steps
