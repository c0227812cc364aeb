"""What each kind of event does, and when it has to wait."""

from dataclasses import replace

import pytest

from encoder.base.errors import InputError
from encoder.concrete.interleaving.judgement import violations
from encoder.concrete.interleaving.machine import Machine
from encoder.concrete.interleaving.state import MachineState
from encoder.concrete.semantics.faults import EndlessLoop, NotHeld, NullDereference
from encoder.program.core import (
    At,
    Cell,
    CellName,
    Component,
    Const,
    Ended,
    Expr,
    Place,
    Scalar,
    Statement,
    Store,
    SymbolRange,
    Thread,
    Var,
)
from tests.concrete.build import (
    add,
    assign,
    block,
    cell,
    equal,
    fence,
    flush,
    irq,
    leave,
    load,
    lock,
    loop,
    negate,
    never,
    of,
    program,
    rmw,
    store,
    thread,
    unlock,
    var,
    when,
)

LOCK = [cell("x"), cell("l", lock=True)]
POINTER = Scalar(kind="pointer", struct="o")


def machine(cells: list[Cell], *threads: Thread) -> Machine:
    return Machine(program(cells, *threads))


def run(made: Machine, schedule: str) -> MachineState:
    """Threads are named by one letter each."""
    names = [t.name for t in made.program.threads]
    state = made.start({})
    for letter in schedule:
        state, _ = made.step(state, names.index(letter))
    return state


def values(made: Machine, state: MachineState) -> dict[str, int]:
    return {str(c.name): word[0] for c, word in zip(made.program.cells, state.memory, strict=True)}


def test_rmw_reads_and_writes_at_once_and_says_so() -> None:
    made = machine([cell("x", 5)], thread("a", rmw("x", "r", add(var("r"), 2)), variables=["r"]))
    state, seen = made.step(made.start({}), 0)
    assert (seen.cell, seen.old, seen.new) == (CellName("x", "v"), (5,), (7,))
    assert state.locals[0].values == (5,)


def test_conditional_rmw_that_fails_only_reads() -> None:
    body = rmw("x", "r", Const(9), when=negate(equal(var("r"), 0)))
    made = machine([cell("x", 0)], thread("a", body, variables=["r"]))
    state, seen = made.step(made.start({}), 0)
    assert (seen.new, state.memory) == (None, ((0,),))


def test_await_blocks_until_the_condition_holds() -> None:
    made = machine(
        [cell("x")],
        thread("a", rmw("x", "r", Const(5), await_=equal(var("r"), 1)), variables=["r"]),
        thread("b", store("x", 1)),
    )
    start = made.start({})
    assert not made.enabled(start, 0)
    with pytest.raises(ValueError, match="a can do no event"):
        made.step(start, 0)
    assert made.enabled(run(made, "b"), 0)
    assert values(made, run(made, "ba"))["x.v"] == 5


def test_lock_excludes_until_released() -> None:
    made = machine(LOCK, *(thread(t, lock("l"), unlock("l")) for t in "ab"))
    held = run(made, "a")
    assert (values(made, held)["l.v"], made.enabled(held, 1)) == (1, False)
    assert made.enabled(run(made, "aa"), 1)


def test_trylock_never_waits() -> None:
    made = machine(LOCK, *(thread(t, lock("l", into="r"), variables=["r"]) for t in "ab"))
    state = run(made, "ab")
    assert [local.values for local in state.locals] == [(1,), (0,)]
    assert made.step(run(made, "a"), 1)[1].new is None


def test_readers_share_and_keep_writers_out() -> None:
    reader = (lock("l", "read"), unlock("l", "read"))
    made = machine(LOCK, thread("a", *reader), thread("b", *reader), thread("c", lock("l"), unlock("l")))
    assert [values(made, run(made, s))["l.v"] for s in ("a", "ab", "aba", "abab", "ababc")] == [2, 3, 2, 0, 1]
    assert [made.enabled(run(made, s), 2) for s in ("a", "ab", "aba", "abab")] == [False, False, False, True]
    assert not made.enabled(run(made, "c"), 0)


def test_trylock_for_reading_succeeds_beside_readers_only() -> None:
    attempt = thread("b", lock("l", "read", into="r"), variables=["r"])
    beside = machine(LOCK, thread("a", lock("l", "read")), attempt)
    assert run(beside, "ab").locals[1].values == (1,)
    against = machine(LOCK, thread("a", lock("l", "write")), attempt)
    assert run(against, "ab").locals[1].values == (0,)


@pytest.mark.parametrize(("taken", "released"), [("read", "write"), ("write", "read")])
def test_release_in_the_wrong_mode_is_a_fault(taken: str, released: str) -> None:
    made = machine(LOCK, thread("a", lock("l", taken), unlock("l", released)))
    with pytest.raises(NotHeld):
        run(made, "aa")


def test_release_of_a_free_lock_is_a_fault() -> None:
    with pytest.raises(NotHeld):
        run(machine(LOCK, thread("a", unlock("l"))), "a")


def region(text: str, runs: int = 1, times: int = 1) -> Thread:
    return thread(text, *(irq(begin) for _ in range(times) for begin in (True, False)), runs=runs)


FLUSHER = thread("f", flush(True), flush(False))


def test_flush_waits_for_the_region_that_was_open() -> None:
    made = machine([], FLUSHER, region("a"))
    assert not made.enabled(run(made, "af"), 0)
    assert made.enabled(run(made, "afa"), 0)


def test_flush_waits_for_no_region_that_begins_later() -> None:
    made = machine([], FLUSHER, region("a", times=2), region("b"))
    assert made.enabled(run(made, "fab"), 0)
    assert not made.enabled(run(made, "afb"), 0)
    assert made.enabled(run(made, "afaab"), 0)


def test_flush_waits_only_for_threads_that_run_the_mm() -> None:
    made = machine([], FLUSHER, region("a", runs=2), region("b", runs=0))
    assert made.enabled(run(made, "abf"), 0)


def test_flush_inside_an_own_region_does_not_wait_for_it() -> None:
    made = machine([], thread("f", irq(True), flush(True), flush(False), irq(False), runs=1))
    assert made.enabled(run(made, "ff"), 0)


def test_nested_regions_end_with_the_outer_one() -> None:
    made = machine([], FLUSHER, thread("a", irq(True), irq(True), irq(False), irq(False), runs=1))
    assert [made.enabled(run(made, s), 0) for s in ("aafa", "aafaa")] == [False, True]


def test_open_region_of_a_thread_that_has_ended_holds_up_a_flush() -> None:
    made = machine([], FLUSHER, thread("a", irq(True), runs=1))
    assert not made.enabled(run(made, "af"), 0)


def test_second_flush_looks_again() -> None:
    twice = thread("f", flush(True), flush(False), flush(True), flush(False))
    made = machine([], twice, region("a", times=2))
    assert [made.enabled(run(made, s), 0) for s in ("afafaf", "fafaf", "fafafa")] == [False, True, True]


def test_region_end_without_begin_is_a_fault() -> None:
    with pytest.raises(NotHeld):
        run(machine([], thread("a", irq(False))), "a")


def through(variable: str) -> Place:
    """The field `v` of the object of `o` that a variable points to: `p` or `q`."""
    targets = ((1, CellName("p", "v")), (2, CellName("q", "v")))
    return Place(base=Var(variable, POINTER), struct="o", field="v", targets=targets)


@pytest.mark.parametrize(("pointer", "cells"), [(1, [9, 0]), (2, [0, 9])])
def test_pointer_decides_which_cell_is_written(pointer: int, cells: list[int]) -> None:
    made = machine(
        [cell("h", pointer), cell("p"), cell("q")],
        thread("a", load("h", "r"), store(through("r"), 9), variables=["r"]),
    )
    assert [values(made, run(made, "aa"))[c] for c in ("p.v", "q.v")] == cells


@pytest.mark.parametrize("pointer", [0, 3])
def test_pointer_to_nothing_is_a_fault(pointer: int) -> None:
    made = machine(
        [cell("h", pointer), cell("p"), cell("q")],
        thread("a", load("h", "r"), store(through("r"), 9, "deref"), variables=["r"]),
    )
    with pytest.raises(NullDereference, match="deref"):
        run(made, "aa")


def test_word_is_read_and_written_as_a_whole() -> None:
    parts = (Component(name="present", type=Scalar(kind="bool")), Component(name="n", type=Scalar(kind="int")))
    word = replace(cell("w"), components=parts, init=(Const(1), Const(-4)))
    read = replace(load("w", "r"), into=(("n", "r"),))
    write: Store = replace(store("w", 0), values=(("n", var("r")), ("present", Const(0))))
    made = machine([word], thread("a", read, write, variables=["r"]))
    assert made.step(run(made, "a"), 0)[1].new == (0, -4)


def test_local_statements_are_done_before_and_between_events() -> None:
    body = (
        assign("r", 1),
        when(equal(var("r"), 1), [assign("r", add(var("r"), 1))], [assign("r", 7)]),
        store("x", var("r"), "first"),
        assign("r", 5),
        when(equal(var("r"), 1), [store("x", 0, "never")]),
    )
    made = machine([cell("x")], thread("a", *body, variables=["r"]))
    start = made.start({})
    assert start.locals[0].values == (2,)
    assert holds(made, start, At("a", "first"))
    state = run(made, "a")
    assert (values(made, state)["x.v"], state.locals[0].values, state.locals[0].ended) == (2, (5,), True)


def holds(made: Machine, state: MachineState, condition: Expr) -> bool:
    return bool(violations(made, never(condition), state))


def test_at_holds_at_any_call_depth_and_ended_only_at_the_end() -> None:
    made = machine([cell("x")], thread("a", store("x", 1, "pin/grab"), fence("done")))
    start = made.start({})
    assert [holds(made, start, At("a", label)) for label in ("pin", "grab", "done")] == [True, True, False]
    assert [holds(made, run(made, s), Ended("a")) for s in ("", "a", "aa")] == [False, False, True]
    assert not holds(made, run(made, "aa"), At("a", "done"))


def test_thread_without_events_has_ended_at_the_start() -> None:
    made = machine([], thread("a", assign("r", 3), variables=["r"]))
    assert holds(made, made.start({}), Ended("a"))
    assert holds(made, made.start({}), equal(of("a", "r"), 3))
    assert made.next_event(made.start({}), 0) is None


def test_exit_goes_on_after_its_block() -> None:
    inner = block(2, when(equal(var("r"), 0), [leave(1)]), store("x", 1))
    made = machine([cell("x")], thread("a", block(1, inner, store("x", 2)), store("x", 3), variables=["r"]))
    assert values(made, run(made, "a"))["x.v"] == 3
    assert run(made, "a").locals[0].ended


def test_loop_without_a_bound_goes_on() -> None:
    endless = thread("a", loop(1, load("x", "r")), variables=["r"])
    made = machine([cell("x")], endless)
    assert made.enabled(run(made, "a" * 50), 0)
    bounded = Machine(made.program, 50)
    assert bounded.enabled(run(bounded, "a" * 49), 0)
    stopped = run(bounded, "a" * 50)
    assert bounded.next_event(stopped, 0) is None
    assert not holds(bounded, stopped, Ended("a"))
    assert not holds(bounded, stopped, At("a", "loop"))


def test_local_loop_that_gets_nowhere_is_told() -> None:
    with pytest.raises(EndlessLoop):
        machine([], thread("a", loop(1, assign("r", 1)), variables=["r"])).start({})


def test_value_that_does_not_fit_its_type_is_a_bug_of_the_resolver() -> None:
    made = machine([cell("x", type=Scalar(kind="bool"))], thread("a", store("x", 2)))
    with pytest.raises(ValueError, match="2 is no bool"):
        run(made, "a")


@pytest.mark.parametrize(
    ("symbols", "code"), [({}, "C102"), ({"n": 9}, "C103"), ({"n": 2}, "C104"), ({"m": 1}, "C101")]
)
def test_wrong_symbols_are_told(symbols: dict[str, int], code: str) -> None:
    ranged = SymbolRange(name="n", first=0, last=3)
    made = Machine(program([cell("x", Var("n"))], symbols=[ranged], assumptions=[negate(equal(Var("n"), 2))]))
    with pytest.raises(InputError) as told:
        made.start(symbols)
    assert code in {problem.code for problem in told.value.problems}
    assert values(made, made.start({"n": 3}))["x.v"] == 3


def test_states_are_equal_when_all_in_them_is() -> None:
    body: tuple[Statement, ...] = (store("x", 1), store("y", 1))
    made = machine([cell("x"), cell("y")], thread("a", body[0]), thread("b", body[1]))
    assert run(made, "ab") == run(made, "ba")
    assert run(made, "a") != run(made, "b")
