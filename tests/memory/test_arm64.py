"""Arm's memory model on the classic shapes: what the kernel's primitives order as they are compiled, and what not."""

from dataclasses import replace

import pytest

from encoder.base.errors import InputError
from encoder.base.result import Question
from encoder.memory import ARM64, ARM64_LLSC, LKMM, MODELS
from encoder.memory.model import MemoryModel
from encoder.program.arm64 import relaxed, weakened
from encoder.program.core import INT, Arith, Arm64Code, Choose, Const, Expr, Op, Place, Scalar, Statement, Thread, Var
from encoder.verify.engine import answer
from tests.concrete.build import (
    add,
    both,
    cell,
    equal,
    final,
    grace,
    irq,
    load,
    lock,
    name,
    never,
    program,
    store,
    unlock,
    when,
)
from tests.memory.weak import are, fence, inc, possible, problems, rcu, read, rmw, thread, write, xchg

NAMES = ("arm64", "arm64-llsc")
ALL = frozenset(NAMES)
LSE, LLSC = frozenset({"arm64"}), frozenset({"arm64-llsc"})
NONE: frozenset[str] = frozenset()


def allowed(cells: str, condition: Expr, *threads: Thread, locks: str = "") -> frozenset[str]:
    """Those of the two models that have an execution that ends so."""
    every = ((name, problems(MODELS[name], cells, condition, threads, locks)) for name in NAMES)
    return frozenset(name for name, found in every if possible(found))


def passing(*between: Statement, writer: tuple[Statement, ...] = (), first: str = "once") -> frozenset[str]:
    """Message passing to a reader that has this between its reads; the writer is in order unless it says otherwise."""
    sends = writer or (write("x"), fence("wmb"), write("y"))
    receives = thread("b", read("y", "r", first), *between, read("x", "s"))
    return allowed("xyz", are(b_r=1, b_s=0), thread("a", *sends), receives)


@pytest.mark.parametrize(
    ("between", "models"),
    [
        ((), ALL),
        ((fence("rmb"),), NONE),
        ((fence("mb"),), NONE),
        ((fence("wmb"),), ALL),
        ((fence("before-atomic"),), NONE),
    ],
)
def test_what_keeps_two_reads_in_order(between: tuple[Statement, ...], models: frozenset[str]) -> None:
    assert passing(*between) == models


def test_a_load_acquire_orders_what_follows() -> None:
    assert passing(first="acquire") == NONE


@pytest.mark.parametrize(
    ("writer", "models"),
    [
        ((write("x"), write("y")), ALL),
        ((write("x"), write("y", order="release")), NONE),
        ((write("x"), fence("rmb"), write("y")), ALL),
        ((write("x"), fence("after-atomic"), write("y")), NONE),
        ((write("x"), xchg("z", 1, order="relaxed"), write("y")), ALL),
        ((write("x"), xchg("y", 1, order="release")), NONE),
    ],
)
def test_what_keeps_two_writes_in_order(writer: tuple[Statement, ...], models: frozenset[str]) -> None:
    assert passing(fence("rmb"), writer=writer) == models


def buffering(*one: Statement, other: tuple[Statement, ...] = ()) -> frozenset[str]:
    """Store buffering, with this between the store and the load of one thread, and of the other."""
    a, b = thread("a", write("x"), *one, read("y")), thread("b", write("y"), *(other or one), read("x"))
    return allowed("xyuv", are(a_r=0, b_r=0), a, b)


def test_a_full_barrier_orders_a_store_and_a_load() -> None:
    assert buffering(fence("mb")) == NONE
    assert buffering(fence("wmb")) == ALL


def test_an_atomic_instruction_with_acquire_and_release_is_a_barrier_and_a_loop_has_one() -> None:
    assert buffering(xchg("u", 1), other=(xchg("v", 1),)) == NONE
    assert buffering(xchg("u", 1, order="relaxed"), other=(xchg("v", 1, order="relaxed"),)) == ALL


def test_a_store_release_is_not_passed_by_a_load_acquire() -> None:
    """As x86 does: neither of the two models is stronger than the other."""
    a = thread("a", write("x", order="release"), read("y", order="acquire"))
    b = thread("b", write("y", order="release"), read("x", order="acquire"))
    assert allowed("xy", are(a_r=0, b_r=0), a, b) == NONE
    assert possible(problems(MODELS["tso"], "xy", are(a_r=0, b_r=0), (a, b)))


def waiting(*steps: Statement, back: tuple[Statement, ...] = ()) -> frozenset[str]:
    """Load buffering: one thread reads x before these steps, which write y; the other does the reverse in order."""
    other = back or (read("y", "r", "acquire"), write("x"))
    return allowed("xyz", are(a_r=1, b_r=1), thread("a", read("x"), *steps), thread("b", *other))


R = Var("r")
NOTHING = Arith(Op.XOR, R, R, INT)


@pytest.mark.parametrize("value", [R, add(NOTHING, 1), Choose(equal(R, 1), Const(1), Const(1)), equal(R, 1)])
def test_a_data_dependency_orders_a_later_store_whatever_the_value_is(value: Expr) -> None:
    assert waiting(write("y", value)) == NONE


def test_without_a_dependency_a_store_passes_a_load() -> None:
    assert waiting(write("y")) == ALL


def test_a_branch_orders_every_later_store_and_no_later_load() -> None:
    assert waiting(when(equal(R, 1), [write("z")]), write("y")) == NONE
    assert waiting(when(equal(R, 1), [write("y")], [write("y")])) == NONE
    assert passing(when(equal(R, 1), [write("z")])) == ALL


def copied(value: Expr) -> frozenset[str]:
    """Load buffering where a thread stores what it has read, reads that back, and stores it where the other reads."""
    return waiting(write("z", value), read("z", "s"), write("y", Var("s")))


def test_dependencies_go_through_memory_and_atomic_instructions_to_stores() -> None:
    assert copied(R) == NONE
    assert copied(equal(R, 1)) == NONE
    adds = thread("a", rmw("x", "r", add(R, 1), "relaxed", "relaxed"), read("x", "s"), write("y", Var("s")))
    back = thread("b", read("y", "r", "acquire"), write("x"))
    assert allowed("xy", are(a_r=1, a_s=2, b_r=2), adds, back) == NONE


def to(at: str, register: str, *, chosen: bool) -> Place:
    """The location, at an address that arithmetic, or a choice, makes of a register."""
    pointer = Scalar(kind="pointer", struct=at)
    nothing = Arith(Op.XOR, Var(register), Var(register), INT)
    sure = Arith(Op.ADD, nothing, Const(1), INT)
    base = Choose(equal(nothing, 0), Const(1, pointer), Const(1, pointer)) if chosen else sure
    return Place(base=base, struct=at, field="v", targets=((1, name(at)),))


def test_an_address_orders_a_read_unless_it_was_chosen() -> None:
    """What looks at a condition to pick an address may guess it, as a branch may; a store waits for both."""
    for chosen, models in ((False, NONE), (True, ALL)):
        assert passing(load(to("x", "r", chosen=chosen), "s")) == models
        assert waiting(store(to("y", "r", chosen=chosen), 1)) == NONE
        assert waiting(load(to("z", "r", chosen=chosen), "s"), write("y")) == NONE


def test_what_is_read_back_is_ordered_only_if_it_was_not_chosen() -> None:
    """Message passing to a reader that stores what it has read, and goes where what it reads back points."""
    for value, models in ((add(NOTHING, 1), NONE), (Choose(equal(R, 1), Const(1), Const(1)), ALL)):
        assert passing(write("z", value), read("z", "q"), load(to("x", "q", chosen=False), "s")) == models


def test_smp_rmb_does_not_order_an_atomic_without_value_but_a_loop() -> None:
    """`STADD` has a read that `DMB ISHLD` leaves alone; `LDXR` has one that it does not."""
    a = thread("a", write("x"), fence("mb"), write("y"))
    b = thread("b", inc("y"), fence("rmb"), read("x", "s"))
    ends = both(are(b_s=0), equal(final("y"), 2))
    assert allowed("xy", ends, a, b) == LSE


def test_lkmm_has_dependencies_to_reads_that_arm64_has_not() -> None:
    """By an address that a comparison picks, by its outcome read back, and by what `STADD` has read, read back."""
    a = thread("a", write("x"), fence("mb"), write("y"))
    picked = thread("b", read("y"), load(to("x", "r", chosen=True), "s"))
    added = thread("b", inc("y"), read("y"), fence("rmb"), read("x", "s"))
    compared = thread("b", read("y"), write("z", equal(R, 1)), read("z", "q", "acquire"), read("x", "s"))
    for reader, seen, models in ((picked, 1, ALL), (compared, 1, ALL), (added, 2, LSE)):
        ends = are(b_r=seen, b_s=0)
        assert allowed("xyz", ends, a, reader) == models
        assert not possible(problems(MODELS["lkmm"], "xyz", ends, (a, reader)))


def failing(order: str, *, locked: bool, then: Statement, ends: Expr) -> frozenset[str]:
    """Message passing to a compare-exchange of y that fails, with this behind it."""
    fails = replace(rmw("y", "r", Const(5), order, order, when=equal(R, 7)), fails_locked=locked)
    b = program([cell("x"), cell("y")], thread("b", fails, then)).threads[0]
    return allowed("xy", ends, thread("a", write("x"), fence("wmb"), write("y")), b)


def test_a_failed_compare_exchange_acquires_with_lse_and_only_branches_without() -> None:
    stale, overtaken = are(b_r=1, b_s=0), both(are(b_r=1), equal(final("x"), 1))
    assert failing("mb", locked=True, then=read("x", "s"), ends=stale) == LLSC
    assert failing("relaxed", locked=True, then=read("x", "s"), ends=stale) == ALL
    assert failing("relaxed", locked=True, then=write("x", 2), ends=overtaken) == LSE


def test_one_that_looks_first_orders_nothing_where_it_fails_but_later_stores() -> None:
    stale, overtaken = are(b_r=1, b_s=0), both(are(b_r=1), equal(final("x"), 1))
    assert failing("mb", locked=False, then=read("x", "s"), ends=stale) == ALL
    assert failing("mb", locked=False, then=write("x", 2), ends=overtaken) == NONE


def test_writes_are_seen_by_all_others_at_once() -> None:
    readers = (
        thread("c", read("x", "r", "acquire"), read("y", "s")),
        thread("d", read("y", "r", "acquire"), read("x", "s")),
    )
    ends = are(c_r=1, c_s=0, d_r=1, d_s=0)
    assert allowed("xy", ends, thread("a", write("x")), thread("b", write("y")), *readers) == NONE


def test_unlock_and_lock_of_one_thread_order_what_is_around_them() -> None:
    a = thread("a", lock("l"), write("x"), unlock("l"), lock("l"), write("y"), unlock("l"))
    b = thread("b", read("y"), fence("rmb"), read("x", "s"))
    assert allowed("xy", are(b_r=1, b_s=0), a, b, locks="l") == NONE


def test_a_grace_period_waits_for_sections_and_irq_regions() -> None:
    waits = thread("a", write("x"), *grace(), write("y"))
    for begin, end in ((rcu(True), rcu(False)), (irq(True), irq(False))):
        reads = thread("b", begin, read("y"), read("x", "s"), end)
        assert allowed("xy", are(b_r=1, b_s=0), waits, reads) == NONE
    assert allowed("xy", are(b_r=1, b_s=0), waits, thread("b", read("y"), read("x", "s"))) == ALL


def test_a_dsb_of_stores_holds_back_all_that_follows() -> None:
    """`DMB ISHST` orders stores only."""
    for code, models in (("DMB ISHST", ALL), ("DSB ISHST", NONE)):
        between = replace(fence("wmb"), arm64=Arm64Code((code,), (code,)))
        assert buffering(between) == models


def test_a_load_acquire_of_the_weaker_kind_is_passed_by_no_later_access() -> None:
    weaker = replace(read("y"), arm64=Arm64Code(("LDAPR",), ("LDAPR",)))
    receives = thread("b", weaker, read("x", "s"))
    assert allowed("xy", are(b_r=1, b_s=0), thread("a", write("x"), write("y", order="release")), receives) == NONE


def test_code_that_is_not_given_is_asked_for() -> None:
    made = program([cell("x")], thread("a", write("x")))
    unsaid = replace(made, threads=(replace(made.threads[0], body=(replace(write("x"), arm64=None),)),))
    asked = replace(unsaid, properties=(never(are(a_r=1)),))
    with pytest.raises(InputError, match="not known what this compiles to") as found:
        answer(asked, Question(scenario="s", variant="v", property="p", model="arm64"))
    assert found.value.problems[0].code == "Q106"
    answer(asked, Question(scenario="s", variant="v", property="p", model="lkmm"))


@pytest.mark.parametrize("model", [ARM64, ARM64_LLSC])
def test_the_model_is_complete_and_says_what_it_looks_at(model: MemoryModel) -> None:
    assert model.coherent
    assert model.uses_dependencies
    assert not model.total
    assert model.orderings < LKMM.tags


def test_a_mutant_is_compiled_to_what_it_says() -> None:
    code = Arm64Code(("SWPAL",), ("LDAXR", "STLXR", "DMB ISH"))
    assert relaxed(code) == Arm64Code(("SWP",), ("LDXR", "STXR"))
    assert weakened(code, "wmb") == Arm64Code(("SWPAL",), ("LDAXR", "STLXR", "DMB ISHST"))
