"""What a verdict takes for granted: threads that wait for ever, what is held at the end, what is never reached."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from encoder.base.result import Checks, Question, Report
from encoder.cli import exits
from encoder.memory import MODELS
from encoder.program.core import Const, Program, Statement
from encoder.verify.engine import answer, ask
from tests.concrete.build import (
    cell,
    equal,
    final,
    flush,
    irq,
    load,
    lock,
    loop,
    never,
    program,
    rmw,
    store,
    thread,
    unlock,
    var,
    when,
)
from tests.memory.weak import rcu, read, write

ROOT = Path(__file__).parents[1]
LOCKED = (lock("l"), store("x", 1), unlock("l"))


def made(*bodies: tuple[Statement, ...], balanced: str = "") -> Program:
    threads = [thread("ab"[n], *body, variables=("r", "s"), runs=1) for n, body in enumerate(bodies)]
    cells = [replace(cell(c), balanced=c in balanced) for c in "xyz"]
    return replace(
        program([*cells, cell("l", lock=True), cell("m", lock=True)], *threads),
        properties=(never(equal(final("x"), 9)),),
    )


def asked(given: Program, model: str = "sc") -> Report:
    return answer(given, Question(scenario="s", variant="v", property="p", model=model, loops=2, checks=True))


def checks(given: Program, model: str = "sc") -> Checks:
    found = asked(given, model).checks
    assert found is not None
    return found


def deadlock(*bodies: tuple[Statement, ...], model: str = "sc", balanced: str = "") -> str | None:
    """What the schedule shows, None where there is none."""
    found = checks(made(*bodies, balanced=balanced), model).deadlock
    assert found.status != "undecided"
    return None if found.witness is None else found.witness.violated


def held(*bodies: tuple[Statement, ...], model: str = "sc", balanced: str = "") -> str | None:
    found = checks(made(*bodies, balanced=balanced), model).held
    assert found.status != "undecided"
    return None if found.witness is None else found.witness.violated


def take(at: str, label: str = "take") -> Statement:
    """A bit that is waited for and set."""
    return rmw(at, "r", Const(1), await_=equal(var("r"), 0), label=label)


@pytest.mark.parametrize("model", MODELS)
def test_a_thread_waits_for_itself(model: str) -> None:
    assert deadlock((lock("l"), lock("l"), unlock("l")), model=model) == "a waits at lock: "
    assert deadlock(LOCKED, LOCKED, model=model) is None


@pytest.mark.parametrize("model", MODELS)
def test_two_locks_the_other_way_round(model: str) -> None:
    one = (lock("l"), lock("m"), unlock("m"), unlock("l"))
    other = (lock("m"), lock("l"), unlock("l"), unlock("m"))
    assert deadlock(one, other, model=model) == "a waits at lock: , b waits at lock: "
    assert deadlock(one, one, model=model) is None


def test_an_outer_lock_keeps_it_from_happening() -> None:
    one = (lock("m"), lock("l"), unlock("l"), unlock("m"))
    inside = (take("y"), take("z"), store("z", 0), store("y", 0))
    turned = (take("z"), take("y"), store("y", 0), store("z", 0))
    assert deadlock(inside, turned) is not None
    assert deadlock((lock("l"), *inside, unlock("l")), (lock("l"), *turned, unlock("l"))) is None
    assert deadlock(one, one) is None


def test_readers_do_not_wait_for_each_other() -> None:
    one = (lock("l", "read"), lock("m", "read"), unlock("m", "read"), unlock("l", "read"))
    other = (lock("m", "read"), lock("l", "read"), unlock("l", "read"), unlock("m", "read"))
    assert deadlock(one, other) is None
    assert deadlock(one, (lock("m"), lock("l"), unlock("l"), unlock("m"))) is not None


@pytest.mark.parametrize("model", MODELS)
def test_who_could_still_change_it_is_waited_for(model: str) -> None:
    waits = (rmw("x", "r", var("r"), await_=equal(var("r"), 1)),)
    assert deadlock(waits, (store("x", 1),), model=model) is None
    assert deadlock(waits, (store("x", 2),), model=model) == "a waits at rmw: "
    assert deadlock(waits, (store("x", 1), store("x", 2)), model=model) == "a waits at rmw: "


def test_the_last_value_in_coherence_order_counts() -> None:
    """The two stores of 1 and 2 may come in either order."""
    waits = (rmw("x", "r", var("r"), await_=equal(var("r"), 1)), store("x", 1))
    assert deadlock(waits, (store("x", 1), store("x", 2))) == "a waits at rmw: "


@pytest.mark.parametrize("model", MODELS)
def test_a_flush_waits_for_who_waits_with_interrupts_off(model: str) -> None:
    flushes = (lock("l"), flush(True), flush(False), unlock("l"))
    assert deadlock(flushes, (irq(True), lock("l"), unlock("l"), irq(False)), model=model) is not None
    assert deadlock(flushes, (lock("l"), irq(True), irq(False), unlock("l")), model=model) is None
    assert deadlock(flushes, (irq(True), store("x", 1), irq(False)), model=model) is None


def test_a_loop_that_goes_on_is_no_deadlock() -> None:
    spins = (loop(1, load("x", "r"), when(equal(var("r"), 1), ()), bound=2),)
    found = checks(made(spins, (load("y", "r"),)))
    assert found.deadlock.status == "none"
    assert deadlock((*spins, lock("l"), lock("l")), LOCKED) is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ((lock("l"),), "a has ended with l.v held"),
        ((lock("l", into="r"),), "a has ended with l.v held"),
        ((lock("l", into="r"), when(var("r"), (unlock("l"),))), None),
        ((irq(True),), "a has ended with interrupts off"),
        ((irq(True), irq(True), irq(False)), "a has ended with interrupts off"),
        ((irq(True), irq(False)), None),
        ((rcu(True), rcu(True), rcu(False)), "a has ended inside an RCU read-side section"),
        ((read("x", order="srcu-lock"),), "a has ended inside a section of x.v"),
        ((read("x", order="srcu-lock"), write("x", 0, "srcu-unlock")), None),
        ((take("y"),), "a has ended with y.v held"),
        ((take("y"), store("y", 0)), None),
        ((take("z"),), None),
        ((rmw("y", "r", Const(1), when=equal(var("r"), 0)),), "a has ended with y.v held"),
        ((rmw("y", "r", Const(1), when=equal(var("r"), 0)), when(equal(var("r"), 0), (store("y", 0),))), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", ["sc", "lkmm", *(pytest.param(n, marks=pytest.mark.slow) for n in [*MODELS][1:-1])])
def test_what_is_held_at_the_end(body: tuple[Statement, ...], said: str | None, model: str) -> None:
    assert held(body, LOCKED, model=model, balanced="y") == said


def test_an_attempt_that_fails_holds_nothing() -> None:
    """Somebody else has it."""
    attempt = rmw("y", "r", Const(1), when=equal(var("r"), 0))
    always = (take("y"), store("y", 0))
    fails = (attempt, when(equal(var("r"), 0), (store("y", 0),)))
    assert held(always, fails, balanced="y") is None


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped specs with a few variants more."""
    folder = tmp_path_factory.mktemp("checks") / "specs"
    copytree(ROOT / "specs", folder)
    for variant, edits in VARIANTS.items():
        head = f"variant: {variant}\ntitle: t\nauthor: a\nlink: none\nbase: baseline\nreading: r\nedits:\n"
        (folder / "variants" / f"{variant}.yaml").write_text(head + edits, "utf-8")
    return folder


VARIANTS = {
    "locked-twice": ("  - {in: try_to_unmap_one, after: lock, insert: [{lock_again: spin_lock(&slot->table->ptl)}]}\n"),
    "never-unlocked": "  - {in: try_to_unmap_one, delete: unlock}\n",
    "dead": (
        "  - in: gup_fast\n    before: irq_on\n    insert:\n      - never: if (false)\n"
        "        then:\n          - look: smp_mb()\n"
    ),
    "elsewhere": "  - {in: fork, before: seq_begin, insert: [{more: smp_mb()}]}\n",
    "nowhere": (
        "  - in: gup_fast\n    before: irq_on\n    insert:\n      - all_of_it: if (n == 7)\n"
        "        then:\n          - look: smp_mb()\n"
    ),
    **{
        name: f"  - in: gup_fast\n    before: irq_on\n    insert:\n      - all_of_it: if ({condition})\n"
        f"        then:\n          - look: {step}\n"
        for name, condition, step in (
            ("no-return", "n == 7", "return 0"),
            ("no-number", "n == 7", "n = 0"),
            ("number", "n == 1", "n = 0"),
            ("return", "n == 1", "return 0"),
        )
    },
}


def of_reclaim(variant: str, specs: Path, property: str = "", scenario: str = "gup-vs-reclaim") -> Report:
    return ask(Question(scenario=scenario, variant=variant, property=property, checks=True), specs)


def test_a_second_lock_of_the_page_table_is_found(specs: Path) -> None:
    report = of_reclaim("locked-twice", specs)
    assert report.checks is not None and report.checks.deadlock.witness is not None
    assert report.checks.deadlock.witness.violated == "cpu1 waits at lock_again: spin_lock(&table->ptl)"
    assert exits.of_reports([report]) == 10


def test_a_lock_that_is_never_released_is_found(specs: Path) -> None:
    report = of_reclaim("never-unlocked", specs)
    assert report.checks is not None and report.checks.held.witness is not None
    assert report.checks.held.witness.violated == "cpu1 has ended with table.ptl held"
    assert exits.of_reports([report]) == 10


@pytest.mark.parametrize(
    "variant", ["nowhere", "no-return", *(pytest.param(n, marks=pytest.mark.slow) for n in ("dead", "no-number"))]
)
def test_steps_that_no_schedule_reaches_are_named(variant: str, specs: Path) -> None:
    report = of_reclaim(variant, specs)
    assert report.checks is not None
    assert report.checks.unreached.steps == ("gup_fast/look",)
    assert exits.of_reports([replace(report, verdict=of_reclaim("kara-rmap-seq", specs).verdict)]) == 5


@pytest.mark.parametrize("variant", ["return", "number"])
def test_a_local_step_that_is_reached_is_not_named(variant: str, specs: Path) -> None:
    report = of_reclaim(variant, specs)
    assert report.checks is not None
    assert report.checks.unreached.steps == report.checks.unreached.undecided == ()


def test_edits_of_what_nobody_runs_are_told(specs: Path) -> None:
    report = of_reclaim("elsewhere", specs)
    assert report.checks is not None
    assert report.checks.unreached.elsewhere and not report.checks.unreached.steps


@pytest.mark.parametrize(("variant", "untouched"), [("baseline", True), ("kara-rmap-seq", False)])
def test_a_property_about_what_nobody_changes_is_told(variant: str, untouched: bool, specs: Path) -> None:
    assert of_reclaim(variant, specs, "seq-even-at-rest").untouched == untouched


@pytest.mark.parametrize("model", ["sc", *(pytest.param(n, marks=pytest.mark.slow) for n in MODELS if n != "sc")])
def test_the_shipped_proof_takes_nothing_for_granted(model: str) -> None:
    found = ask(Question(scenario="gup-vs-reclaim", variant="kara-rmap-seq", property="", model=model, checks=True))
    assert found.checks is not None
    assert found.checks.deadlock.status == found.checks.held.status == "none"
    assert found.checks.unreached.steps == () and not found.checks.unreached.elsewhere


def test_what_was_not_decided_in_time_is_never_none(monkeypatch: pytest.MonkeyPatch) -> None:
    one = (lock("l"), lock("m"), unlock("m"), unlock("l"))
    other = (lock("m"), lock("l"), unlock("l"), unlock("m"))
    monkeypatch.setattr("encoder.verify.engine._time_for_checks", lambda question, verdict: 0.0)
    found = checks(made(one, other))
    assert (found.deadlock.status, found.held.status) == ("undecided", "none")
    assert found.deadlock.reason == "not decided in time"


def test_the_same_twice() -> None:
    one = (lock("l"), lock("m"), unlock("m"), unlock("l"))
    other = (lock("m"), lock("l"), unlock("l"), unlock("m"))
    assert checks(made(one, other), "lkmm") == checks(made(one, other), "lkmm")


def test_a_deadlock_that_only_tso_has() -> None:
    """Each waits for what the other has reset without having seen it."""
    body = {
        "a": (store("x", 1), load("y", "r"), when(equal(var("r"), 0), (lock("l"),))),
        "b": (store("y", 1), load("x", "r"), when(equal(var("r"), 0), (lock("l"),))),
    }
    assert deadlock(*body.values()) is None
    assert deadlock(*body.values(), model="tso") is not None
    assert deadlock(*body.values(), model="lkmm") is not None
