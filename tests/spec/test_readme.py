"""The examples of specs/README.md are right."""

from itertools import groupby
from pathlib import Path
from textwrap import dedent

from encoder.base.catalog import shipped
from encoder.spec.load import load_library, load_platforms

FOLDERS = {
    "types": "types",
    "primitives": "primitives",
    "variant": "variants",
    "scenario": "scenarios",
    "property": "properties",
    "platform": "platforms",
}


def examples() -> dict[str, str]:
    """The indented blocks that are documents, by first key."""
    lines = (shipped("specs") / "README.md").read_text("utf-8").partition("## A question from nothing")[0].splitlines()
    runs = groupby(lines, key=lambda line: line.startswith("    ") or not line)
    blocks = [dedent("\n".join(run)).strip() for indented, run in runs if indented]
    return {block.partition(":")[0]: block for block in blocks if ":" in block.partition("\n")[0]}


def test_the_examples_are_read(tmp_path: Path) -> None:
    found = examples()
    assert found.keys() == {*FOLDERS, "procedure"}
    for key, text in found.items():
        name = text.partition("\n")[0].partition(": ")[2]
        place = f"procedures/{name}/v5.15.yaml" if key == "procedure" else f"{FOLDERS[key]}/{name or 'it'}.yaml"
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(text, "utf-8")
    library = load_library(tmp_path)
    assert [each.name for each in load_platforms(tmp_path)] == ["arm64"]
    assert [len(listing) for listing in (library.procedures, library.variants, library.scenarios)] == [1, 1, 1]
