"""What a thread's steps can be noticed by."""

from encoder.concrete.explorer.footprint import FLUSH, cells_ahead, observable_leaves
from encoder.concrete.explorer.pointers import points_to
from encoder.concrete.interleaving.code import compile_thread
from encoder.concrete.semantics.action import CellTable
from encoder.program.core import Choose, Const, Ended, Final, Instance, Statement, ThreadVar
from tests.concrete.build import (
    both,
    cell,
    equal,
    final,
    flush,
    leave,
    load,
    loop,
    name,
    negate,
    never,
    of,
    program,
    store,
    thread,
    var,
    when,
)

CELLS = [cell("x"), cell("y"), cell("z")]


def seen_from(*body: Statement) -> list[set[int]]:
    """The cells, by number, that lie ahead at each place of the code."""
    made = program(CELLS, thread("a", *body, variables=["r"]))
    numbers = {each.name: number for number, each in enumerate(made.cells)}
    own = compile_thread(made.threads[0], CellTable(cells=made.cells, numbers=numbers), 2)
    return [set(cells) for cells in cells_ahead(own, 0, points_to(made), numbers)]


def test_what_is_done_lies_no_longer_ahead() -> None:
    assert seen_from(load("x", "r"), flush(True), store("y", 1)) == [{0, 1, FLUSH}, {1, FLUSH}, {1}, set()]


def test_both_arms_and_further_rounds_lie_ahead() -> None:
    found = seen_from(when(var("r"), [load("x", "r")], [load("y", "r")]), load("z", "r"))
    assert (found[0], found[-2], found[-1]) == ({0, 1, 2}, {2}, set())
    round = loop(1, load("x", "r"), when(var("r"), [leave(1)]), load("y", "r"))
    found = seen_from(round, load("z", "r"))
    assert found[:2] == [{0, 1, 2}, {0, 1, 2}]
    assert found[-1] == set()


def instance(situation: object, violation: object) -> list[Instance]:
    return list(never(violation, situation).instances)  # type: ignore[arg-type]


def test_before_its_end_a_thread_changes_nothing_that_is_asked_at_the_end() -> None:
    made = program(CELLS, thread("a", store("x", 1)), thread("b"))
    pointers = points_to(made)
    asked = instance(both(Ended("b"), Ended("a")), equal(final("x"), 1))
    assert observable_leaves(asked, "a", pointers) == (Ended("a"),)
    assert observable_leaves(asked, "b", pointers) == (Ended("b"),)
    either = instance(negate(negate(Ended("a"))), equal(final("x"), 1))
    assert observable_leaves(either, "a", pointers) == (Ended("a"), Final(name("x"), ""))


def test_what_a_pointer_never_is_is_not_asked() -> None:
    pick = Choose(equal(of("a", "p"), 1), final("x"), Choose(equal(of("a", "p"), 2), final("y"), Const(0)))
    made = program(CELLS, thread("a", load("z", "p"), variables=["p"]), thread("b", store("z", 2)))
    asked = instance(Const(1), negate(equal(pick, 7)))
    assert observable_leaves(asked, "a", points_to(made)) == (ThreadVar("a", "p"), Final(name("y"), ""))
