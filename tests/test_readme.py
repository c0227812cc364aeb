"""README.md tells the truth: its drawing, its verdicts, its worked example."""

import re
from pathlib import Path
from shutil import copytree

import pytest

from encoder.engine import ask
from encoder.render.text import render
from encoder.result import Question

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMAND = re.compile(
    r"^    \$ \.venv/bin/pinproof prove (\S+) --variant (\S+)(?: --flush (\S+))?\n((?:    .*\n)+?)    …", re.M
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


@pytest.mark.parametrize(
    "found", list(COMMAND.finditer(README)), ids=lambda found: " ".join(filter(None, found.groups()[:3]))
)
def test_commands_print_what_is_shown(found: re.Match[str], specs: Path) -> None:
    scenario, variant, flush, shown = found.groups()
    text = render(ask(Question(scenario=scenario, variant=variant, property="", flush=flush or "ipi"), specs))
    assert " ".join(text.split()).startswith(" ".join(shown.split()))


def test_the_drawing_is_what_the_command_draws(specs: Path) -> None:
    found = COMMAND.search(README)
    assert found is not None
    drawn = README.split("```\n")[1].split("```")[0]
    assert drawn in render(ask(Question(scenario=found[1], variant=found[2], property=""), specs))


def test_five_commands_are_shown() -> None:
    assert len(list(COMMAND.finditer(README))) == 5
