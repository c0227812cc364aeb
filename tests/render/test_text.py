"""Reports as people read them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from encoder.base.result import Proved, Refuted, Report, Unknown, Unlimited, Vacuous, Verdict, word
from encoder.render.columns import diagram
from encoder.render.models import machines
from encoder.render.text import render, render_all, verdict_lines, witness_lines
from encoder.render.verdict import reach
from tests.render.samples import ALL, BUFFERED, CHECKS, MAPPED, REPORTS, THREE, TWO, beside, step, witness


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_report_is_drawn_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/{name}.txt", render(REPORTS[name]))


@pytest.mark.parametrize("name", sorted(ALL))
def test_models_together_are_drawn_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/models/{name}.txt", render_all(ALL[name]))


@pytest.mark.parametrize("text", [*map(render, REPORTS.values()), *map(render_all, ALL.values())], ids=[*REPORTS, *ALL])
def test_no_line_is_wider_than_a_mail(text: str) -> None:
    lines = text.splitlines()
    assert max(map(len, lines)) <= 72
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("name", [*sorted(CHECKS), "killed"])
def test_what_is_found_beside_a_verdict_is_told_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    text = render(beside(name, untouched=name == "elsewhere"))
    golden(f"render/checks/{name}.txt", text)
    assert max(map(len, text.splitlines())) <= 72


def test_each_model_says_what_it_alone_has() -> None:
    reports = [beside("fine"), beside("fine", "tso"), beside("deadlock", "lkmm")]
    lines = render_all(reports).splitlines()
    assert "under SC and TSO checks: no deadlock, nothing held at the end" in lines
    assert "under LKMM DEADLOCK: after 11 steps threads wait for ever: cpu0 waits at" in lines
    assert lines.count("DEADLOCK under LKMM:") == 1
    assert "checks: no deadlock, nothing held at the end" in render_all(
        [beside("fine", m) for m in ("sc", "tso", "lkmm")]
    )


def test_what_is_fine_takes_one_short_line() -> None:
    (line,) = [line for line in render(beside("fine")).splitlines() if line.startswith("checks:")]
    assert len(line) <= 60


def test_each_verdict_line_names_model_and_platform() -> None:
    for name, report in REPORTS.items():
        flush = "broadcast flush" if name == "three-cpus" else "IPI flush"
        assert f"under {report.question.model.upper()}, {flush}" in verdict_lines(report)[0]


def test_only_a_complete_proof_says_so() -> None:
    said = {name for name, report in REPORTS.items() if any("complete" in line for line in verdict_lines(report))}
    assert said == {"complete", "vacuous"}


def test_a_proof_that_is_not_complete_says_bounded_in_the_verdict() -> None:
    for name in ("bounded", "open-loop", "open-loop-at-depth"):
        assert "(bounded)" in " ".join(verdict_lines(REPORTS[name])[:2])


def test_a_situation_beyond_the_depth_is_not_called_unreachable() -> None:
    deep, loops = REPORTS["vacuous-to-depth"], replace(REPORTS["vacuous"], verdict=Vacuous(complete=False, steps=41))
    for report, told in ((deep, "not reached within 30 steps"), (loops, "not reached within the loops' bounds")):
        text = " ".join(" ".join(verdict_lines(report)).split())
        assert text.startswith("VACUOUS") and told in text and "unreachable" not in text
    assert "is unreachable" in " ".join(verdict_lines(REPORTS["vacuous"])[:2]).replace("  ", " ")


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
    text = "\n".join(witness_lines(TWO, "sc"))
    start, end = text.index("at the start"), text.index("at the end")
    assert "PG_locked   =" not in text
    assert "_mapcount" in text[start:end]
    assert "_mapcount" not in text[end:]
    assert "1026" in text[end:]


def test_a_read_of_an_older_store_says_which_store_has_not_arrived() -> None:
    text = " ".join(" ".join(diagram(BUFFERED)).split())
    assert f"<- reads {MAPPED}: the store at step 3 has not reached CPU0" in text


def test_a_step_out_of_program_order_says_before_which_it_stands() -> None:
    text = " ".join(" ".join(diagram(BUFFERED)).split())
    assert "<- CPU0's code has this before step 4" in text
    assert text.count("<-") == 2


def test_nothing_is_remarked_of_an_interleaving() -> None:
    assert not any("<-" in line for drawn in (TWO, THREE) for line in diagram(drawn))


def test_the_cycle_is_told_under_weak_models_only() -> None:
    title = "No interleaving has this cycle:"
    lines = witness_lines(BUFFERED, "lkmm")
    assert lines[lines.index(title) + 1] == "  step 2 (reclaim test_pinned) -fr-> step 4 (gup_fast grab)"
    assert "This schedule is an interleaving: it exists under SC too." in witness_lines(TWO, "tso")
    assert not any("nterleaving" in line for line in witness_lines(TWO, "sc"))


@pytest.mark.parametrize("name", sorted(ALL))
def test_models_together_give_a_line_each_and_one_drawing(name: str) -> None:
    text = render_all(ALL[name])
    told = [line.split() for line in text.splitlines() if " under " in line[:14]]
    assert [words[2] for words in told] == ["SC,", "TSO,", "LKMM,"]
    assert text.count("BROKEN") == any(isinstance(each.verdict, Refuted) for each in ALL[name])
    assert text.count("scope:") == 1


def test_the_strongest_model_that_refutes_is_drawn() -> None:
    assert "No interleaving has this cycle:" in render_all(ALL["refuted-under-tso"])
    assert "nterleaving" not in render_all(ALL["refuted-under-all"])


X86 = "x86 (TSO, batched flush): "


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("proved-under-all", "not asked (use --flush deferred)"),
        ("refuted-under-lkmm", "not asked (use --flush deferred)"),
        ("refuted-under-all", "not asked (use --flush deferred)"),
        ("unknown-under-tso", "not asked (use --flush deferred)"),
        ("proved-where-flushes-are-batched", "PROVED"),
        ("refuted-where-flushes-are-batched", "REFUTED, 7 steps"),
        ("proved-where-nothing-is-batched", "PROVED (nothing here batches a flush)"),
    ],
)
def test_x86_is_what_tso_says_where_flushes_are_batched(name: str, told: str) -> None:
    assert [line for line in render_all(ALL[name]).splitlines() if line.startswith("x86")] == [X86 + told]


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Proved(complete=False, steps=30), "PROVED (bounded)"),
        (Vacuous(complete=True, steps=41), "VACUOUS"),
        (Unknown(reason="timeout", reached="", advice=""), "UNKNOWN"),
    ],
)
def test_x86_is_never_more_than_was_found(verdict: Verdict, told: str) -> None:
    sc, tso, lkmm = ALL["proved-where-flushes-are-batched"]
    assert machines((sc, replace(tso, verdict=verdict), lkmm))[0] == X86 + told


def test_a_thread_that_calls_nothing_is_named_by_itself() -> None:
    found = Unlimited(thread="cpu1", procedure="", holds=True, why="")
    assert reach(replace(REPORTS["complete"], unlimited=found))[-1] == "for any number of threads like cpu1"


def test_one_step_is_no_steps() -> None:
    sc, tso, lkmm = ALL["refuted-where-flushes-are-batched"]
    assert isinstance(tso.verdict, Refuted)
    short = replace(tso.verdict, witness=replace(tso.verdict.witness, schedule=tso.verdict.witness.schedule[:1]))
    assert machines((sc, replace(tso, verdict=short), lkmm))[0] == X86 + "REFUTED, 1 step"


def test_x86_is_not_spoken_of_where_tso_was_not_asked() -> None:
    assert machines(ALL["proved-where-flushes-are-batched"][:1]) == ()


@pytest.mark.parametrize("name", ALL)
def test_arm64_is_left_open_where_lkmm_alone_refutes(name: str) -> None:
    words = [word(each.verdict) for each in ALL[name]]
    told = any(line.startswith("arm64: not asked") for line in render_all(ALL[name]).splitlines())
    assert told == (words[2] == "refuted" and words[1] != "refuted")


@pytest.mark.parametrize(
    ("location", "shown"),
    [("p.count", "= 0"), ("p.c", "[p.c = 0]"), ("p", "[p = 0]"), ("other.p.count", "[other.p.count = 0]")],
)
def test_a_place_is_told_unless_the_event_names_it_and_no_longer_name(location: str, shown: str) -> None:
    drawn = "\n".join(diagram(witness(step(1, 0, "f", "look", "READ_ONCE(p->count)", location=location, value="0"))))
    assert shown in drawn and ("[" in shown) == ("[" in drawn)
