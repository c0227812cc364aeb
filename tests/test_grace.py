"""Grace periods under every model: what they wait for, what they do not, and what nobody can tell."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest

from encoder.base.errors import InputError
from encoder.base.result import Question, Refuted, Report, Unknown, word
from encoder.concrete.explorer.explore import explore_all
from encoder.memory import CHAIN, MODELS
from encoder.program.core import At, Const, Ended, Expr, Program, Region, Statement, Store, Thread, Var
from encoder.verify.engine import answer
from tests.arm64 import compiled
from tests.concrete.build import (
    add,
    assign,
    both,
    cell,
    equal,
    final,
    grace,
    irq,
    negate,
    never,
    of,
    program,
    thread,
    when,
)
from tests.memory.weak import are, fence, rcu, read, write
from tests.memory.weak import thread as body

NEVER = ("proved", "proved", "proved")
ALWAYS = ("refuted", "refuted", "refuted")
WEAK = ("proved", "refuted", "refuted")


def reports(ends: Expr, *threads: Thread, irq_readers: bool = True) -> tuple[Report, ...]:
    """What the engine says of each model; the explorer agrees with it."""
    made = replace(program([cell(c) for c in "xyzuv"], *threads), irq_readers=irq_readers)
    made = replace(made, properties=(never(ends),))
    found = tuple(answer(made, Question(scenario="s", variant="v", property="p", model=model)) for model in CHAIN)
    for report in found[:2]:
        if not isinstance(report.verdict, Unknown):
            explored(made, report)
    return found


def explored(made: Program, report: Report) -> None:
    machine = MODELS[report.question.model].explorable
    assert machine is not None
    for reduce in (False, True):
        (found,) = explore_all(made, made.properties, loops=2, max_states=50_000, machine=machine, reduce=reduce)
        assert (found.outcome == "violated") == isinstance(report.verdict, Refuted)
        if isinstance(report.verdict, Refuted) and not reduce and machine == "interleavings":
            assert len(found.schedule) == len(report.verdict.witness.schedule)


def words(ends: Expr, *threads: Thread, irq_readers: bool = True) -> tuple[str, ...]:
    return tuple(word(each.verdict) for each in reports(ends, *threads, irq_readers=irq_readers))


def section(kind: str, *inside: Statement) -> list[Statement]:
    """A section of RCU, an irq region, one of SRCU for u or v, or none."""
    match kind:
        case "rcu":
            return [rcu(True), *inside, rcu(False)]
        case "irq":
            return [irq(True), *inside, irq(False)]
        case "u" | "v":
            return [read(kind, "q", "srcu-lock"), *inside, write(kind, Var("q"), "srcu-unlock")]
        case _:
            return list(inside)


def freed(kind: str, *waits: Statement) -> tuple[Expr, Thread, Thread]:
    """A reader looks whether a thing is there (y is 0) and uses it; a writer takes it away, waits, and frees it."""
    writer = body("w", write("y"), *waits, write("x"))
    reader = body("r", *section(kind, read("y"), when(negate(Var("r")), [read("x", "s")])))
    return are(r_s=1), writer, reader


@pytest.mark.parametrize(
    ("kind", "struct", "expected"),
    [
        ("rcu", "", NEVER), ("irq", "", NEVER), ("none", "", ALWAYS), ("u", "", ALWAYS),
        ("u", "u", NEVER), ("v", "u", ALWAYS), ("rcu", "u", ALWAYS), ("irq", "u", ALWAYS),
    ],
)  # fmt: skip
def test_what_is_freed_after_a_grace_period_is_not_used(kind: str, struct: str, expected: Sequence[str]) -> None:
    assert words(*freed(kind, *grace(struct))) == expected


@pytest.mark.parametrize("kind", ["rcu", "irq", "u"])
def test_a_barrier_waits_for_nobody(kind: str) -> None:
    assert words(*freed(kind, fence("mb"))) == ALWAYS


def test_irq_regions_are_no_readers_of_old_kernels() -> None:
    assert words(*freed("irq", *grace()), irq_readers=False) == ALWAYS
    assert words(*freed("rcu", *grace()), irq_readers=False) == NEVER


@pytest.mark.parametrize(("struct", "kind"), [("", "rcu"), ("", "irq"), ("u", "u")])
def test_two_sections_may_overlap_each_across_one_end(struct: str, kind: str) -> None:
    """One began before the grace period, the other while that one was still open, and is so when the grace period is
    over. A single step that may not lie inside a section would have no place."""
    writer = body("w", write("x"), *grace(struct), write("y"))
    early = body("a", *section(kind, read("x"), read("z", "s")))
    late = body("b", *section(kind, write("z"), read("y")))
    across = are(a_r=0, a_s=1, b_r=1)
    assert words(across, writer, early, late) == ALWAYS
    both_early = body("b", *section(kind, read("x", "s"), write("z"), read("y")))
    assert words(both(across, are(b_s=0)), writer, early, both_early) == NEVER


@pytest.mark.parametrize(
    ("struct", "around", "expected"),
    [
        ("", "rcu", NEVER), ("", "irq", NEVER), ("u", "u", NEVER),
        ("", "u", ALWAYS), ("u", "v", ALWAYS), ("u", "rcu", ALWAYS), ("", "none", ALWAYS),
    ],
)  # fmt: skip
def test_a_grace_period_inside_its_own_reader_never_ends(struct: str, around: str, expected: Sequence[str]) -> None:
    assert words(Ended("a"), body("a", *section(around, *grace(struct)))) == expected


def test_a_grace_period_that_has_not_ended_holds_nobody_up() -> None:
    """It has begun: a reader that came first goes on, one that comes later too."""
    waiting = body("w", write("x"), *grace(), write("y"))
    reader = body("r", *section("rcu", read("x"), read("x", "s")))
    assert words(both(are(r_r=0, r_s=1), Ended("r")), waiting, reader) == ALWAYS


@pytest.mark.parametrize("kind", ["rcu", "irq"])
def test_the_outermost_end_counts(kind: str) -> None:
    begin, end = section(kind)
    writer = body("w", write("y"), *grace(), write("x"))
    look = [read("y"), end, when(negate(Var("r")), [read("x", "s")])]
    assert words(are(r_s=1), writer, body("r", begin, begin, *look, end)) == NEVER
    assert words(are(r_s=1), writer, body("r", begin, *look)) == ALWAYS


def test_sections_of_two_kinds_are_matched_each_by_itself() -> None:
    """The machine would not end a grace period between the two, which began one after the other."""
    writer = body("w", write("z"), *grace(), write("x"))
    crossed = body("r", rcu(True), read("z"), irq(True), rcu(False), read("x", "s"), irq(False))
    assert words(are(r_r=0, r_s=1), writer, crossed) == ALWAYS
    first = body("r", rcu(True), irq(True), read("z"), rcu(False), read("x", "s"), irq(False))
    assert words(are(r_r=0, r_s=1), writer, first) == NEVER


@pytest.mark.parametrize(("struct", "kind"), [("", "rcu"), ("", "irq"), ("u", "u")])
def test_the_stores_of_a_section_are_seen_after_it(struct: str, kind: str) -> None:
    writer = body("w", write("y"), *grace(struct), read("x"))
    reader = body("r", *section(kind, read("y"), write("x")))
    ended = Ended("w"), Ended("r")
    assert words(both(are(r_r=0, w_r=0), *ended), writer, reader) == NEVER
    assert words(both(are(r_r=1, w_r=0), *ended), writer, reader) == ALWAYS
    unprotected = body("r", read("y"), write("x"))
    assert words(both(are(r_r=0, w_r=0), *ended), writer, unprotected) == ALWAYS


def test_a_grace_period_is_a_full_barrier() -> None:
    """Store buffering, with one in each thread."""
    ends = both(are(a_r=0, b_r=0), Ended("a"), Ended("b"))
    for struct in ("", "u"):
        a = body("a", write("x"), *grace(struct), read("y"))
        b = body("b", write("y"), *grace(struct), read("x"))
        assert words(ends, a, b) == NEVER
        assert words(ends, a, body("b", write("y"), read("x"))) == WEAK


# Which section of SRCU ends

LOCKED, SAME = read("u", "i", "srcu-lock"), assign("j", Var("i"))


def reader(*statements: Statement) -> Thread:
    return thread("r", *statements, variables=("r", "s", "i", "j"))


def unlock(value: Expr) -> Store:
    return write("u", value, "srcu-unlock")


def test_sections_of_one_struct_end_by_their_indices() -> None:
    """They end in the order in which they began: the first is over while the second is open."""
    ends, writer, _ = freed("u", *grace("u"))
    look, use, second = read("y"), when(negate(Var("r")), [read("x", "s")]), read("u", "j", "srcu-lock")
    begin, end, last = LOCKED, unlock(Var("i")), unlock(Var("j"))
    assert words(ends, writer, reader(begin, second, look, end, use, last)) == NEVER
    assert words(ends, writer, reader(begin, look, second, end, use, last)) == ALWAYS
    assert words(ends, writer, reader(begin, look, second, last, use, end)) == NEVER


def test_an_index_goes_by_variables() -> None:
    ends, writer, _ = freed("u", *grace("u"))
    use = read("y"), when(negate(Var("r")), [read("x", "s")])
    assert words(ends, writer, reader(LOCKED, SAME, assign("i", 0), *use, unlock(Var("j")))) == NEVER
    assert words(ends, writer, reader(LOCKED, SAME, unlock(Var("j")), *use)) == ALWAYS


@pytest.mark.parametrize(
    "index",
    [
        [unlock(add(Var("i"), 0))],
        [write("z", Var("i")), read("z", "j"), unlock(Var("j"))],
        [assign("j", add(Var("i"), 0)), unlock(Var("j"))],
        [read("u", "s"), unlock(Var("i"))],
    ],
)
def test_what_interleavings_cannot_follow_is_unknown_there(index: Sequence[Statement]) -> None:
    """The kernel's model follows an index by dependencies, through memory and arithmetic."""
    ends, writer, _ = freed("u", *grace("u"))
    use = read("y"), when(negate(Var("r")), [read("x", "s")])
    found = reports(ends, writer, reader(LOCKED, *use, *index))
    assert [word(each.verdict) for each in found] == ["unknown", "unknown", "proved"]
    for each in found[:2]:
        assert isinstance(each.verdict, Unknown)
        assert "which SRCU section ends" in each.verdict.reason
    no_wait = reports(ends, body("w", write("y"), write("x")), reader(LOCKED, *use, *index))
    assert [word(each.verdict) for each in no_wait] == list(ALWAYS)


@pytest.mark.parametrize(
    "statements",
    [
        [unlock(Var("i"))], [LOCKED, unlock(Var("i")), unlock(Var("i"))], [LOCKED, unlock(add(Var("i"), 1))],
        [rcu(True), rcu(False), rcu(False)],
    ],
)  # fmt: skip
def test_a_section_that_is_not_open_does_not_end(statements: Sequence[Statement]) -> None:
    with pytest.raises(InputError) as error:
        reports(are(w_r=1), body("w", *grace("u")), reader(*statements))
    assert [problem.code for problem in error.value.problems] == ["Q104"]


def test_an_open_section_is_seen_by_plain_accesses_too() -> None:
    """Found by the fuzzer: the reader has stopped in its section, for which the grace period did not wait, so that the
    plain store before the grace period comes before the reader's load."""
    stopped = reader(LOCKED, read("y"), write("y", 2, "release"), write("x"), unlock(Var("i")))
    ends = both(are(r_r=0), equal(final("x"), 1), Ended("a"), negate(Ended("r")))
    waits = body("a", write("y", 2, "plain"), *grace("u"))
    assert words(ends, waits, stopped)[2] == "proved"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("kind", ["rcu", "irq"])
def test_a_section_may_end_in_one_place_or_another_by_what_was_read(kind: Literal["rcu", "irq"], model: str) -> None:
    """Which of the two it is does not show in the text: the values exclude each other."""
    begin, end = (Region(kind=kind, begin=each, site=rcu(each).site) for each in (True, False))
    ends_early = when(equal(Var("s"), 2), [end]), when(equal(Var("s"), 1), [read("y", "q"), end])
    made = replace(
        program(
            [cell("x"), cell("y"), replace(cell("z"), init=(Const(1),))],
            body("a", read("z", "s"), begin, read("x"), *ends_early), body("b", write("x"), *grace(), write("y")),
            body("c", write("z", 2)),
        ),
        irq_readers=True, properties=(never(both(are(a_s=1, a_r=0), Ended("a"), Ended("b"))),),
    )  # fmt: skip
    asked = Question(scenario="s", variant="v", property="p", model=model, interleavings=False)
    assert word(answer(compiled(made), asked).verdict) == "refuted"


@pytest.mark.parametrize("model", MODELS)
def test_an_index_that_many_branches_set_ends_nothing_before_its_time(model: str) -> None:
    """A section that is open was taken for one that has ended."""
    found = [f"c{n}" for n in range(6)]
    begin: Statement = LOCKED
    for each in found:
        begin = when(equal(Var(each), 1), [begin], [LOCKED])
    look = replace(read("y", "s"), site=replace(rcu(True).site, path=("look",)))
    reads = [read("c", each) for each in found]
    inside = thread("a", *reads, begin, read("x"), look, unlock(Var("i")), variables=[*found, "r", "s", "i"])
    made = program([cell(each) for each in "xyuc"], inside, body("b", write("x"), *grace("u")), body("c", write("c")))
    ends = both(At("a", "look"), equal(of("a", "r"), 0), Ended("b"), *(equal(of("a", each), 1) for each in found))
    asked = Question(scenario="s", variant="v", property="p", model=model, interleavings=False)
    assert word(answer(compiled(replace(made, properties=(never(ends),))), asked).verdict) == "proved"
