"""Reports as people read them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from encoder.render.columns import diagram
from encoder.render.text import render, verdict_lines, witness_lines
from encoder.result import Report
from tests.render.samples import REPORTS, THREE, TWO, step, witness


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_report_is_drawn_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/{name}.txt", render(REPORTS[name]))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_no_line_is_wider_than_a_mail(name: str) -> None:
    lines = render(REPORTS[name]).splitlines()
    assert max(map(len, lines)) <= 72
    assert all(line == line.rstrip() for line in lines)


def test_each_verdict_line_names_model_and_platform() -> None:
    for name, report in REPORTS.items():
        flush = "broadcast flush" if name == "three-cpus" else "IPI flush"
        assert f"under SC, {flush}" in verdict_lines(report)[0]


def test_only_a_complete_proof_says_so() -> None:
    said = {name for name, report in REPORTS.items() if any("complete" in line for line in verdict_lines(report))}
    assert said == {"complete", "vacuous"}


def test_a_proof_that_is_not_complete_says_bounded_in_the_verdict() -> None:
    for name in ("bounded", "open-loop", "open-loop-at-depth"):
        assert "(bounded)" in " ".join(verdict_lines(REPORTS[name])[:2])


def test_two_cpus_stand_side_by_side() -> None:
    lines = diagram(TWO)
    starts = {line.index("CPU1") for line in lines if "CPU1" in line}
    assert len(starts) == 1
    start = starts.pop()
    for line in lines[1:]:
        if "lock_table" in line or "test_pinned" in line:
            assert line[:start].strip(" *0123456789") == ""
        if "read_pte" in line or "grab" in line:
            assert line[start:] == ""


def test_the_racing_pair_is_marked_and_explained() -> None:
    lines = diagram(TWO)
    assert [line.split("*")[0].strip() for line in lines if "* " in line[:5]] == ["5", "7", ""]
    assert lines[-1] == "* steps 5 and 7 race on p._refcount"


def test_every_step_is_numbered_once_and_in_order() -> None:
    for drawn in (TWO, THREE):
        numbers = [int(line[:2]) for line in diagram(drawn) if line[:2].strip().isdigit()]
        assert numbers == [each.step for each in drawn.schedule]


@pytest.mark.parametrize("cpus", [1, 2, 3, 8, 24])
def test_any_number_of_cpus_fits(cpus: int) -> None:
    steps = [step(i + 1, i % cpus, f"procedure_{i % cpus}", "label", "e" * 90, value="v" * 90) for i in range(120)]
    assert max(map(len, diagram(witness(*steps)))) <= 72


def test_long_words_lose_nothing() -> None:
    event = "smp_store_release(a_rather_long_object_name->and_a_field_name, another_name->field)"
    drawn = diagram(witness(step(1, 0, "", "l", event), step(2, 1, "", "m", "x")))
    assert event.replace(" ", "") in "".join(line[3:].replace(" ", "") for line in drawn)


def test_text_is_the_same_each_time(report: Report = REPORTS["two-cpus"]) -> None:
    later = replace(report, timing=replace(report.timing, solve=99.0))
    assert render(later) == render(report)


def test_the_start_is_what_is_not_zero_and_the_end_what_has_changed() -> None:
    text = "\n".join(witness_lines(TWO))
    start, end = text.index("at the start"), text.index("at the end")
    assert "PG_locked   =" not in text
    assert "_mapcount" in text[start:end]
    assert "_mapcount" not in text[end:]
    assert "1026" in text[end:]
