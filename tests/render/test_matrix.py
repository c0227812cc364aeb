"""The table of `matrix`."""

import json

import jsonschema
import pytest

from encoder.base.result import BaseVerdict, VerdictWord
from encoder.render.layout import at_most
from encoder.render.matrix import MatrixCell, render
from encoder.render.matrix_object import render as as_json
from encoder.render.matrix_object import schema

FORK = "writable-while-pinned"


def cell(
    platform: str, verdict: VerdictWord, base: VerdictWord | None = None, *, asked: str = FORK, is_open: bool = False
) -> MatrixCell:
    compared = None if base is None else BaseVerdict("v6.12", base)
    steps = 28 if verdict == "refuted" else None
    return MatrixCell(
        scenario="gup-vs-fork", variant="mine", property=asked, platform=platform, verdict=verdict, steps=steps,
        open=is_open, base=compared,
    )  # fmt: skip


CELLS = (
    cell("x86", "proved", "proved"), cell("arm64", "proved", "refuted"), cell("lkmm", "refuted", "proved"),
    *(cell(name, "proved", "unknown", asked="counts-balance") for name in ("x86", "arm64")),
    cell("lkmm", "proved", "proved", asked="counts-balance", is_open=True),
)  # fmt: skip


def test_better_and_worse_than_the_base_are_marked() -> None:
    assert render(CELLS) == (
        "gup-vs-fork, mine (base v6.12)\n"
        "                         x86     arm64    lkmm\n"
        "  writable-while-pinned  proved  proved+  refuted 28-\n"
        "  counts-balance         proved  proved   proved (loops open)\n"
        "\n"
        "+ its base is refuted there\n"
        "- its base is proved there\n"
    )


def test_where_the_table_does_not_fit_it_is_a_list() -> None:
    with at_most(40):
        text = render(CELLS)
    assert text.startswith(
        "gup-vs-fork, mine (base v6.12)\n"
        "  writable-while-pinned\n"
        "    proved on x86\n"
        "    proved+ on arm64\n"
        "    refuted 28- on lkmm\n"
        "  counts-balance\n"
        "    proved on x86 and arm64\n"
    )
    assert max(map(len, text.splitlines())) <= 40


@pytest.mark.parametrize("cells", [CELLS, (cell("sc", "vacuous"),)])
def test_json_has_a_schema(cells: tuple[MatrixCell, ...]) -> None:
    found = json.loads(as_json(cells))
    jsonschema.validate(found, schema())
    assert [each["verdict"] for each in found["verdicts"]] == [each.verdict for each in cells]
    assert [each["base"] for each in found["verdicts"]][:1] == [
        None if cells[0].base is None else {"variant": "v6.12", "verdict": "proved"}
    ]
