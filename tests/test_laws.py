"""Laws that hold of every question, tried on the specs that ship."""

import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from encoder.engine import ask
from encoder.result import Proved, Question, Refuted, Report, word

SPECS = Path(__file__).parents[1] / "specs"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    return copytree(SPECS, tmp_path / "specs")


def asked(scenario: str, variant: str, root: Path, flush: str = "ipi") -> Report:
    return ask(Question(scenario=scenario, variant=variant, property="", flush=flush), root)


def schedule(report: Report) -> list[tuple[int, tuple[str, ...], str]]:
    assert isinstance(report.verdict, Refuted)
    return [(step.cpu, step.path, step.value) for step in report.verdict.witness.schedule]


@pytest.mark.parametrize(
    ("scenario", "base"), [("gup-vs-reclaim-uncached", "baseline"), ("gup-vs-reclaim", "kara-rmap-seq")]
)
def test_a_patch_that_changes_nothing_keeps_the_verdict(scenario: str, base: str, specs: Path) -> None:
    (specs / "variants" / "nothing.yaml").write_text(
        f"variant: nothing\ntitle: nothing\nauthor: nobody\nlink: nowhere\nbase: {base}\nreading: none\nedits: []\n",
        "utf-8",
    )
    before, after = asked(scenario, base, specs), asked(scenario, "nothing", specs)
    assert word(before.verdict) == word(after.verdict)
    assert before.longest == after.longest
    if isinstance(before.verdict, Refuted):
        assert schedule(before) == schedule(after)


def test_the_names_of_threads_mean_nothing(specs: Path) -> None:
    before = asked("gup-vs-soft-dirty", "baseline", specs)
    path = specs / "scenarios" / "gup-vs-soft-dirty.yaml"
    path.write_text(re.sub(r"^  cpu(\d):", r"  thread_\1:", path.read_text("utf-8"), flags=re.M), "utf-8")
    assert schedule(before) == schedule(asked("gup-vs-soft-dirty", "baseline", specs))


def test_a_schedule_is_shortest() -> None:
    """One step less is not enough."""
    question = Question(scenario="gup-vs-soft-dirty", variant="baseline", property="")
    found = ask(question)
    assert isinstance(found.verdict, Refuted)
    steps = len(found.verdict.witness.schedule)
    fewer = ask(replace(question, depth=steps - 1)).verdict
    assert isinstance(fewer, Proved) and not fewer.complete
    assert isinstance(ask(replace(question, depth=steps)).verdict, Refuted)
