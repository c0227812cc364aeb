"""The classic shapes, with and without what forbids them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from encoder.program.core import Arith, Choose, Const, Expr, Op, Place, Scalar, Statement, Var
from tests.concrete.build import block, both, equal, final, grace, leave, load, lock, name, unlock, when
from tests.memory.weak import allowed, are, fence, inc, raised, read, rmw, thread, write, xchg

ALL = ("sc", "tso", "lkmm")
WEAK = ("tso", "lkmm")
LKMM = ("lkmm",)
NONE: tuple[str, ...] = ()
MB, RMB, WMB = [fence("mb")], [fence("rmb")], [fence("wmb")]
Body = Sequence[Statement]


def of_r() -> Expr:
    """An expression that names r, and is always 0."""
    return Arith(Op.XOR, Var("r"), Var("r"))


def after_r() -> Expr:
    """1, but made of r."""
    return Arith(Op.OR, of_r(), Const(1))


@pytest.mark.parametrize(
    ("first", "second", "models"),
    [
        ([], [], WEAK),
        (MB, [], WEAK),
        (MB, MB, NONE),
        ([xchg("z", 1)], [xchg("u", 1)], NONE),
        ([xchg("z", 1, order="relaxed")], [xchg("u", 1, order="relaxed")], LKMM),
        ([fence("before-atomic"), inc("z")], [fence("before-atomic"), inc("u")], NONE),
        (WMB, RMB, WEAK),
        ([*grace()], [*grace()], ()),
    ],
)
def test_store_buffering(first: Body, second: Body, models: tuple[str, ...]) -> None:
    ends = are(a_r=0, b_r=0)
    a, b = thread("a", write("x"), *first, read("y")), thread("b", write("y"), *second, read("x"))
    assert allowed("xyzu", ends, a, b) == models


@pytest.mark.parametrize(
    ("between", "publish", "look", "meanwhile", "models"),
    [
        ([], "once", "once", [], LKMM),
        (WMB, "once", "once", [], LKMM),
        (WMB, "once", "once", RMB, NONE),
        ([], "release", "once", RMB, NONE),
        ([], "release", "acquire", [], NONE),
        ([], "once", "acquire", [], LKMM),
        (WMB, "once", "once", WMB, LKMM),
        (MB, "once", "once", MB, NONE),
    ],
)
def test_message_passing(between: Body, publish: str, look: str, meanwhile: Body, models: tuple[str, ...]) -> None:
    a = thread("a", write("x"), *between, write("y", order=publish))
    b = thread("b", read("y", order=look), *meanwhile, read("x", "s"))
    assert allowed("xy", are(b_r=1, b_s=0), a, b) == models


def test_load_buffering_needs_a_dependency_on_both_sides() -> None:
    ends = are(a_r=1, b_r=1)
    free = thread("b", read("y"), write("x"))
    assert allowed("xy", ends, thread("a", read("x"), write("y")), free) == LKMM
    data = thread("a", read("x"), write("y", after_r()))
    branch = thread("b", read("y"), when(Var("r"), [write("x")]))
    assert allowed("xy", ends, data, free) == LKMM
    assert allowed("xy", ends, data, branch) == NONE


def test_a_control_dependency_ends_where_the_arms_meet() -> None:
    ends = are(a_r=1, b_r=1)
    a = thread("a", read("x"), write("y", after_r()))
    assert allowed("xyz", ends, a, thread("b", read("y"), when(Var("r"), [write("z")]), write("x"))) == LKMM


def test_arms_meet_though_one_of_them_is_never_taken() -> None:
    """The test for 7 is never true, as y holds 0 or 1 only; by the text control may go on from its arm all the same."""
    ends = are(a_r=1, b_r=1)
    a = thread("a", read("x"), write("y", after_r()))
    seven = equal(Var("r"), 7)
    falls, jumps = when(seven, [write("z")]), when(seven, [write("z"), leave(1)])
    assert allowed("xyz", ends, a, thread("b", read("y"), falls, write("x"))) == LKMM
    assert allowed("xyz", ends, a, thread("b", read("y"), block(1, jumps), write("x"))) == LKMM
    assert allowed("xyz", ends, a, thread("b", read("y"), block(1, jumps, write("x")))) == NONE


def test_a_control_dependency_does_not_order_reads() -> None:
    a = thread("a", write("x"), *WMB, write("y"))
    b = thread("b", read("y"), when(Var("r"), [read("x", "s")]))
    assert allowed("xy", are(b_r=1, b_s=0), a, b) == LKMM


@pytest.mark.parametrize(("mode", "models"), [([], LKMM), (RMB, LKMM), (MB, NONE)])
def test_independent_reads_of_independent_writes(mode: Body, models: tuple[str, ...]) -> None:
    writers = thread("a", write("x")), thread("b", write("y"))
    readers = thread("c", read("x"), *mode, read("y", "s")), thread("d", read("y"), *mode, read("x", "s"))
    assert allowed("xy", are(c_r=1, c_s=0, d_r=1, d_s=0), *writers, *readers) == models


@pytest.mark.parametrize(("mode", "models"), [(RMB, LKMM), (MB, NONE)])
def test_iriw_with_counters(mode: Body, models: tuple[str, ...]) -> None:
    """Increments commute, but two readers may still see them in different orders."""
    writers = thread("a", inc("x")), thread("b", inc("y"))
    readers = thread("c", read("x"), *mode, read("y", "s")), thread("d", read("y"), *mode, read("x", "s"))
    assert allowed("xy", are(c_r=1, c_s=0, d_r=1, d_s=0), *writers, *readers) == models


def test_two_readers_of_one_counter_agree() -> None:
    two = rmw("x", "q", Arith(Op.ADD, Var("q"), Const(2)), "noreturn", "once")
    writers = thread("a", inc("x")), thread("b", two)
    readers = thread("c", read("x"), read("x", "s")), thread("d", read("x"), read("x", "s"))
    assert allowed("x", are(c_r=1, c_s=2, d_r=2, d_s=1), *writers, *readers) == NONE


@pytest.mark.parametrize(
    ("publish", "meanwhile", "models"),
    [("once", MB, LKMM), ("release", MB, NONE), ("release", RMB, NONE), ("release", [], LKMM)],
)
def test_write_to_read_causality(publish: str, meanwhile: Body, models: tuple[str, ...]) -> None:
    a = thread("a", write("x"))
    b = thread("b", read("x"), write("y", order=publish))
    c = thread("c", read("y"), *meanwhile, read("x", "s"))
    assert allowed("xy", are(b_r=1, c_r=1, c_s=0), a, b, c) == models


@pytest.mark.parametrize(("first", "second", "models"), [([], [], WEAK), (WMB, MB, LKMM), (MB, MB, NONE)])
def test_r(first: Body, second: Body, models: tuple[str, ...]) -> None:
    a, b = thread("a", write("x"), *first, write("y")), thread("b", write("y", 2), *second, read("x"))
    assert allowed("xy", both(equal(final("y"), 2), are(b_r=0)), a, b) == models


@pytest.mark.parametrize(("first", "second", "models"), [([], [], LKMM), (WMB, MB, NONE), (WMB, [], LKMM)])
def test_s(first: Body, second: Body, models: tuple[str, ...]) -> None:
    a, b = thread("a", write("x", 2), *first, write("y")), thread("b", read("y"), *second, write("x"))
    assert allowed("xy", both(equal(final("x"), 2), are(b_r=1)), a, b) == models


@pytest.mark.parametrize(("mode", "models"), [([], LKMM), (WMB, LKMM), (MB, NONE)])
def test_two_plus_two_writes(mode: Body, models: tuple[str, ...]) -> None:
    a, b = thread("a", write("x"), *mode, write("y", 2)), thread("b", write("y"), *mode, write("x", 2))
    assert allowed("xy", both(equal(final("x"), 1), equal(final("y"), 1)), a, b) == models


def test_coherence_of_reads() -> None:
    assert allowed("x", are(b_r=1, b_s=0), thread("a", write("x")), thread("b", read("x"), read("x", "s"))) == NONE


def test_nothing_comes_between_the_halves_of_a_read_modify_write() -> None:
    twice = thread("a", inc("x", "r", "relaxed", "relaxed")), thread("b", inc("x", "r", "relaxed", "relaxed"))
    assert allowed("x", are(a_r=0, b_r=0), *twice) == NONE
    between = thread("a", xchg("x", 1, "r", "relaxed")), thread("b", write("x", 2))
    assert allowed("x", both(are(a_r=0), equal(final("x"), 1)), *between) == NONE


def test_a_failed_compare_and_exchange_orders_nothing() -> None:
    def swap(old: int) -> Statement:
        return rmw("z", "q", Const(2), "mb", "mb", when=equal(Var("q"), old))

    ends = are(a_r=0, b_r=0)
    done = thread("a", write("x"), swap(0), read("y")), thread("b", write("y"), *MB, read("x"))
    failed = thread("a", write("x"), swap(7), read("y")), thread("b", write("y"), *MB, read("x"))
    assert allowed("xyz", ends, *done) == NONE
    assert allowed("xyz", ends, *failed) == WEAK


@pytest.mark.parametrize(("locked", "models"), [(False, WEAK), (True, LKMM)])
def test_on_x86_a_failed_trylock_of_a_bit_is_locked_all_the_same(locked: bool, models: tuple[str, ...]) -> None:
    """Store buffering, the second thread with a trylock that fails between its accesses."""
    failed = replace(rmw("z", "q", Const(1), "acquire", "once", equal(Var("q"), 7)), fails_locked=locked)
    a, b = thread("a", write("x"), *MB, read("y")), thread("b", write("y"), failed, read("x"))
    assert allowed("xyz", are(a_r=0, b_r=0), a, b) == models


def test_smp_rmb_does_not_order_a_read_that_nobody_returns() -> None:
    """MP through the read half of an atomic_inc(): smp_rmb() does not order it, smp_mb__after_atomic() does."""
    a = thread("a", write("x"), *WMB, write("y", 1))
    ends = both(equal(final("y"), 2), are(b_s=0))
    assert allowed("xy", ends, a, thread("b", inc("y"), *RMB, read("x", "s"))) == LKMM
    assert allowed("xy", ends, a, thread("b", inc("y"), fence("after-atomic"), read("x", "s"))) == NONE


def test_locks_exclude_and_order() -> None:
    a = thread("a", lock("l"), write("x"), write("y"), unlock("l"))
    b = thread("b", lock("l"), read("y"), read("x", "s"), unlock("l"))
    assert allowed("xy", are(b_r=1, b_s=0), a, b, locks="l") == NONE
    assert allowed("xy", are(b_r=1, b_s=1), a, b, locks="l") == ALL


def test_a_failed_trylock_reads_that_the_lock_is_held() -> None:
    a = thread("a", lock("l"), write("x"), unlock("l"))
    b = thread("b", lock("l", into="r"), read("x", "s"))
    assert allowed("x", are(b_r=0, b_s=0), a, b, locks="l") == ALL
    alone = thread("b", lock("l", into="r"))
    assert allowed("x", are(b_r=0), alone, locks="l") == NONE


def test_data_races() -> None:
    a = thread("a", write("x", order="plain"), write("y", order="release"))
    ends = are(b_r=1)
    guarded = thread("b", read("y", order="acquire"), when(Var("r"), [read("x", "s", "plain")]))
    assert raised("xy", ends, a, guarded) == NONE
    assert raised("xy", ends, a, thread("b", read("y", order="acquire"), read("x", "s", "plain"))) == ("data-race",)
    assert raised("xy", ends, a, thread("b", read("y"), when(Var("r"), [read("x", "s", "plain")]))) == ("data-race",)
    marked = thread("a", write("x"), write("y")), thread("b", read("y"), read("x", "s"))
    assert raised("xy", ends, *marked) == NONE


def place_of_r(at: str, register: str = "r") -> Place:
    """A fixed location whose address is made of the register."""
    always = equal(Arith(Op.XOR, Var(register), Var(register)), 0)
    one = Const(1, Scalar(kind="pointer", struct=at))
    return Place(base=Choose(always, one, one), struct=at, field="v", targets=((1, name(at)),))


def via(at: str, order: str, first: str, second: str) -> list[Statement]:
    """Hands a dependency on from one register to another through memory."""
    value = Arith(Op.OR, Arith(Op.XOR, Var(first), Var(first)), Const(1))
    return [write(at, value, order), read(at, second, order)]


@pytest.mark.parametrize("order", ["once", "plain"])
def test_dependencies_to_reads(order: str) -> None:
    a = thread("a", write("x"), *WMB, write("y"))
    ends = are(b_r=1, b_s=0)
    assert allowed("xyz", ends, a, thread("b", read("y"), load(place_of_r("x"), "s"))) == NONE
    carried = thread("b", read("y"), *via("z", order, "r", "q"), load(place_of_r("x", "q"), "s"))
    assert allowed("xyz", ends, a, carried) == NONE
    lost = thread("b", read("y"), write("z", 1, order), read("z", "q", order), load(place_of_r("x", "q"), "s"))
    assert allowed("xyz", ends, a, lost) == LKMM


def test_unlock_and_lock_order_what_is_around_them() -> None:
    b = thread("b", read("y"), *RMB, read("x", "s"))
    own = thread("a", lock("l"), write("x"), unlock("l"), lock("m"), write("y"), unlock("m"))
    assert allowed("xy", are(b_r=1, b_s=0), own, b, locks="lm") == NONE
    one = thread("a", lock("l"), write("x"), write("y"), unlock("l"))
    assert allowed("xy", are(b_r=1, b_s=0), one, b, locks="l") == LKMM
    first = thread("a", lock("l"), write("x"), write("z"), unlock("l"))
    second = thread("c", lock("l"), read("z"), write("y"), unlock("l"))
    assert allowed("xyz", are(c_r=1, b_r=1, b_s=0), first, second, b, locks="l") == NONE


def test_a_release_holds_through_a_chain_of_read_modify_writes() -> None:
    a = thread("a", write("x"), write("y", order="release"))
    b = thread("b", read("y", order="acquire"), read("x", "s"))
    ends = are(b_r=2, b_s=0)
    assert allowed("xy", ends, a, thread("c", inc("y")), b) == NONE
    assert allowed("xy", both(ends, are(c_r=1)), a, thread("c", read("y"), write("y", 2)), b) == LKMM


@pytest.mark.parametrize("before", ["read", "write"])
def test_release_and_acquire_keep_plain_accesses_apart(before: str) -> None:
    first = write("x", 1, "plain") if before == "write" else read("x", "s", "plain")
    a = thread("a", first, write("y", order="release"))
    ordered = thread("b", read("y", order="acquire"), when(Var("r"), [write("x", 2, "plain")]))
    assert raised("xy", are(b_r=1), a, ordered) == NONE
    assert raised("xy", are(b_r=1), a, thread("b", read("y"), write("x", 2, "plain"))) == ("data-race",)


def test_what_orders_a_read_before_a_later_write() -> None:
    """A write to the same location, a store forwarded to a load, a plain store through a pointer."""
    ends = are(a_r=1, b_r=1)
    b = thread("b", read("y"), *MB, write("x"))
    chased = load(place_of_r("z"), "q")
    assert allowed("xyz", ends, thread("a", read("x"), chased, write("z"), *WMB, write("y")), b) == NONE
    assert allowed("xyz", ends, thread("a", read("x"), read("z", "q"), write("z"), *WMB, write("y")), b) == LKMM
    forwarded = via("z", "once", "r", "q")[:1]
    assert allowed("xyz", ends, thread("a", read("x"), *forwarded, read("z", "q", "acquire"), write("y")), b) == NONE
    assert allowed("xyz", ends, thread("a", read("x"), write("z"), read("z", "q", "acquire"), write("y")), b) == LKMM
    through = replace(write("z", 1, "plain"), place=place_of_r("z"))
    assert allowed("xyz", ends, thread("a", read("x"), through, *WMB, write("y")), b) == NONE
    assert allowed("xyz", ends, thread("a", read("x"), write("z", 1, "plain"), *WMB, write("y")), b) == LKMM
