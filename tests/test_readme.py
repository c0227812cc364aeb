"""README.md and the documents that it leads to tell the truth: drawing, verdicts, worked example."""

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copytree
from subprocess import run

import pytest

from encoder.base.result import Question
from encoder.explanation.explain import explain
from encoder.mutation.answer import answer
from encoder.mutation.decide import Options
from encoder.mutation.make import MutantSource
from encoder.render.mutants import text
from encoder.render.reasons import render as told_by
from encoder.render.text import render, render_all
from encoder.spec.load import load_library
from encoder.verify.engine import ask
from encoder.verify.platforms import all_platforms, asked_of, machines_of

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    *("README.md", "proofs/MAIL-2021.md", "proofs/VERDICTS.md", "specs/PATCHES.md", "specs/LITMUS.md"),
    "specs/MODELLED.md",
)
README = "\n".join((ROOT / name).read_text("utf-8") for name in DOCUMENTS)
COMMAND = re.compile(
    r"^    \$ \.venv/bin/pinproof prove (\S+) --variant (\S+)(?: --platform (\S+))?"
    r"(?: --model (\S+))?(?: --flush (\S+))?\n((?:    .*\n)+?)    …",
    re.M,
)
MUTATE = re.compile(
    r"^    \$ \.venv/bin/pinproof mutate (\S+) --variant (\S+) --property (\S+) --platform (\S+)\n((?:    .*\n)+)", re.M
)

VERIFY = re.compile(r"^    \$ \.venv/bin/pinproof verify (.*)\n((?:    .*\n)+)", re.M)
REVIEW = re.compile(r"^    \$ \.venv/bin/pinproof (review (\S+) .*)\n((?:    .*\n|\n(?=    ))+)", re.M)
EXPLAIN = re.compile(
    r"^    \$ \.venv/bin/pinproof explain (\S+) --variant (\S+)(?: --platform (\S+))?\n"
    r"((?:    .*\n|\n(?=    ))+?)\n(?=\S)",
    re.M,
)


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped specs with the variant that README.md writes."""
    folder = tmp_path_factory.mktemp("readme") / "specs"
    copytree(ROOT / "specs", folder)
    example = README.split("```yaml\n")[1].split("```")[0]
    name = example.splitlines()[0].removeprefix("variant: ")
    (folder / "variants" / f"{name}.yaml").write_text(example, "utf-8")
    return folder


def drawn(found: re.Match[str], specs: Path) -> str:
    """What the command prints."""
    scenario, variant, *place, _ = found.groups()
    return printed(scenario, variant, *place, specs)


@cache
def printed(
    scenario: str, variant: str, platform: str | None, model: str | None, flush: str | None, specs: Path
) -> str:
    """As `drawn`, once only."""
    asked = Question(scenario=scenario, variant=variant, property="", unlimited=True)
    platforms = [each for each in all_platforms(specs) if platform in (None, each.name)]
    chosen = asked_of(asked, platforms, specs)
    if model or flush:
        assert model
        chosen = (replace(asked, model=model, flush=flush or "ipi"),)
    reports = [ask(each, specs) for each in chosen]
    return render(reports[0]) if len(reports) == 1 else render_all(reports, machines_of(platforms))


def commands() -> Iterator[object]:
    """Those about every platform take longer than all others together."""
    for found in COMMAND.finditer(README):
        longer = not any(found.groups()[2:5])
        words = " ".join(filter(None, found.groups()[:5]))
        yield pytest.param(found, id=words, marks=[pytest.mark.slow] if longer else [])


@pytest.mark.parametrize("found", list(commands()))
def test_commands_print_what_is_shown(found: re.Match[str], specs: Path) -> None:
    assert " ".join(drawn(found, specs).split()).startswith(" ".join(found[6].split()))


def test_the_drawing_is_what_the_command_draws(specs: Path) -> None:
    found = COMMAND.search(README)
    assert found is not None
    assert README.split("```\n")[1].split("```")[0] in drawn(found, specs)


def on(platform: str, scenario: str, variant: str) -> Question:
    """The question about the scenario's first property on a platform."""
    asked = Question(scenario=scenario, variant=variant, property="")
    (found,) = asked_of(asked, [each for each in all_platforms() if each.name == platform])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("found", list(EXPLAIN.finditer(README)), ids=lambda found: " ".join(found.groups()[:2]))
def test_explanations_are_what_is_shown(found: re.Match[str]) -> None:
    scenario, variant, platform, shown = found.groups()
    told = " ".join(told_by(explain(on(platform or "sc", scenario, variant))).split())
    for part in shown.split("…\n"):
        assert " ".join(part.split()) in told


def test_every_command_that_is_shown_is_run() -> None:
    """Each `$` line is one of those that the tests here find; of `litmus` only what it is called is shown."""
    shown = [line for line in README.splitlines() if line.startswith("    $ ")]
    kinds = (COMMAND, EXPLAIN, MUTATE, VERIFY, REVIEW)
    found = [each[0].splitlines()[0] for kind in kinds for each in kind.finditer(README)]
    assert sorted(shown) == sorted([*found, "    $ .venv/bin/pinproof litmus FILE…"])
    assert all(len(list(kind.finditer(README))) for kind in kinds)


@pytest.mark.slow
def test_the_patch_is_read_and_asked_as_shown(tmp_path: Path) -> None:
    """What stands between the dots comes in this order."""
    found = REVIEW.search(README)
    assert found is not None
    (tmp_path / found[2]).write_text(README.split("```diff\n")[1].split("```")[0], "utf-8")
    command = [Path(sys.executable).parent / "pinproof", *found[1].split(), "--timeout", "60"]
    ended = run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    told = " ".join(ended.stdout.split())
    for part in filter(str.strip, found[3].split("…\n")):
        _, met, told = told.partition(" ".join(part.split()))
        assert met == " ".join(part.split())


@pytest.mark.slow
@pytest.mark.parametrize("found", list(VERIFY.finditer(README)), ids=lambda found: found[1])
def test_obligations_are_decided_as_shown(found: re.Match[str], tmp_path: Path) -> None:
    """Away from the checkout, so that nothing is recorded."""
    command = [Path(sys.executable).parent / "pinproof", "verify", *found[1].split()]
    ended = run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.stdout == "".join(line.removeprefix("    ") for line in found[2].splitlines(keepends=True))
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.slow
def test_the_mutants_shown_are_those_that_the_command_prints() -> None:
    found = MUTATE.search(README)
    assert found is not None
    scenario, variant, asked, platform, shown = found.groups()
    question = on(platform, scenario, variant)
    source = MutantSource(
        library=load_library(), scenario=scenario, variant=variant, flush=question.flush, platform=platform
    )
    printed = " ".join(text(answer(source, (asked,), Options(model=question.model))).split())
    place = 0
    for part in re.split(r"\s*…\s*", shown.strip()):
        place = printed.find(" ".join(part.split()), place)
        assert place >= 0, part
