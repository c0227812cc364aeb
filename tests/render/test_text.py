"""Reports as people read them."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from encoder.base.result import Proved, Refuted, Report, Unlimited, Vacuous, Verdict
from encoder.render.columns import diagram
from encoder.render.platforms import EXPERIMENT, meaning
from encoder.render.text import render, render_all, verdict_lines, witness_lines
from encoder.render.verdict import reach
from tests.render.samples import ALL, BUFFERED, CHECKS, MACHINES, MAPPED, REPORTS, THREE, TWO, beside, step, witness


def together(name: str) -> str:
    return render_all(ALL[name], MACHINES)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_report_is_drawn_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/{name}.txt", render(REPORTS[name]))


@pytest.mark.parametrize("name", sorted(ALL))
def test_platforms_together_are_drawn_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"render/platforms/{name}.txt", together(name))


@pytest.mark.parametrize("text", [*map(render, REPORTS.values()), *map(together, ALL)], ids=[*REPORTS, *ALL])
def test_no_line_is_wider_than_a_mail(text: str) -> None:
    lines = text.splitlines()
    assert max(map(len, lines)) <= 72
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("name", [*sorted(CHECKS), "killed"])
def test_what_is_found_beside_a_verdict_is_told_as_recorded(name: str, golden: Callable[[str, str], None]) -> None:
    text = render(beside(name, untouched=name == "elsewhere"))
    golden(f"render/checks/{name}.txt", text)
    assert max(map(len, text.splitlines())) <= 72


def test_each_platform_says_what_it_alone_has() -> None:
    reports = [beside("fine"), beside("fine", "x86"), beside("deadlock", "lkmm")]
    lines = render_all(reports, MACHINES).splitlines()
    assert "on sc and x86 checks: no deadlock, nothing held at the end" in lines
    assert "on lkmm DEADLOCK: after 11 steps threads wait for ever: cpu0 waits at" in lines
    assert lines.count("DEADLOCK on lkmm:") == 1
    fine = render_all([beside("fine", each) for each in ("sc", "x86", "lkmm")], MACHINES)
    assert "checks: no deadlock, nothing held at the end" in fine.splitlines()


def test_what_is_fine_takes_one_short_line() -> None:
    (line,) = [line for line in render(beside("fine")).splitlines() if line.startswith("checks:")]
    assert len(line) <= 60


def test_each_verdict_line_names_the_platform_or_what_was_chosen() -> None:
    for name, report in REPORTS.items():
        lines = " ".join(verdict_lines(report))
        chosen = name == "three-cpus"
        place = "under SC, broadcast flush" if chosen else f"on {report.question.platform}"
        assert lines.partition(" ")[2].startswith(place)
        assert (EXPERIMENT in " ".join(lines.split())) == chosen


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
    assert "is unreachable" in " ".join(" ".join(verdict_lines(REPORTS["vacuous"])[:2]).split())


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
def test_platforms_together_give_a_line_each_and_one_drawing(name: str) -> None:
    words = ("PROVED", "REFUTED", "VACUOUS", "UNKNOWN")
    told = [line.split()[2] for line in together(name).splitlines() if line.startswith(words) and " on " in line[:12]]
    assert told == ["sc:", "x86:", "arm64:", "lkmm:"]
    assert together(name).count("BROKEN") == any(isinstance(each.verdict, Refuted) for each in ALL[name])
    assert together(name).count("scope:") == 1


def test_the_strongest_platform_that_refutes_is_drawn() -> None:
    assert "No interleaving has this cycle:" in together("refuted-on-x86")
    assert "nterleaving" not in together("refuted-on-all")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "proved-on-all",
            "safe on these machines: x86 and arm64, and on all others that keep the kernel's memory model, with the "
            "weakest flush known",
        ),
        (
            "refuted-on-lkmm",
            "broken on none of these machines: x86 and arm64; only a compiler or machine can break it that does what "
            "lkmm allows and these do not",
        ),
        ("refuted-on-arm64", "broken on machines that people run: arm64"),
        ("refuted-on-x86", "broken on machines that people run: x86"),
        ("refuted-on-all", "broken on machines that people run: x86 and arm64"),
        ("unknown-on-lkmm", "safe on these machines: x86 and arm64"),
        (
            "unknown-on-x86",
            "broken on none of these machines: arm64; only a compiler or machine can break it that does what lkmm "
            "allows and these do not; not decided: x86",
        ),
    ],
)
def test_what_the_verdicts_mean_for_machines_is_one_sentence(name: str, told: str) -> None:
    assert meaning(ALL[name], MACHINES) == (told,)


@pytest.mark.parametrize("verdict", [Proved(complete=False, steps=30), Vacuous(complete=True, steps=41)])
def test_a_machine_is_safe_by_a_complete_proof_only(verdict: Verdict) -> None:
    sc, x86, arm64, lkmm = ALL["proved-on-all"]
    assert "x86" not in meaning((sc, replace(x86, verdict=verdict), arm64, lkmm), MACHINES)[0].partition(";")[0]
    assert meaning([replace(each, verdict=verdict) for each in (sc, x86, arm64, lkmm)], MACHINES) == ()


def test_one_platform_means_nothing_for_others() -> None:
    assert meaning(ALL["proved-on-all"][1:2], MACHINES) == ()


def test_what_was_chosen_is_an_experiment() -> None:
    chosen = [replace(each, question=replace(each.question, platform="")) for each in ALL["refuted-on-all"]]
    assert meaning(chosen, MACHINES) == (EXPERIMENT,)
    assert "under SC, IPI flush" in render_all(chosen, MACHINES)


def test_a_thread_that_calls_nothing_is_named_by_itself() -> None:
    found = Unlimited(thread="cpu1", procedure="", holds=True, why="")
    assert reach(replace(REPORTS["complete"], unlimited=found))[-1] == "for any number of threads like cpu1"


def test_one_step_is_no_steps() -> None:
    found = REPORTS["two-cpus"].verdict
    assert isinstance(found, Refuted)
    short = replace(found, witness=replace(found.witness, schedule=found.witness.schedule[:1]))
    assert "a schedule of 1 step breaks" in verdict_lines(replace(REPORTS["two-cpus"], verdict=short))[0]


@pytest.mark.parametrize(
    ("location", "shown"),
    [("p.count", "= 0"), ("p.c", "[p.c = 0]"), ("p", "[p = 0]"), ("other.p.count", "[other.p.count = 0]")],
)
def test_a_place_is_told_unless_the_event_names_it_and_no_longer_name(location: str, shown: str) -> None:
    drawn = "\n".join(diagram(witness(step(1, 0, "f", "look", "READ_ONCE(p->count)", location=location, value="0"))))
    assert shown in drawn and ("[" in shown) == ("[" in drawn)
