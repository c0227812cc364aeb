"""Values that reads in a circle justify for each other: which of them the sets for the kernel's model have."""

from dataclasses import replace

import pytest

from encoder.graph.build import build, with_dependencies
from encoder.program.core import Choose, Const, Load, Place, Program, Statement, Store, Thread
from tests.concrete.build import add, assign, block, cell, equal, leave, load, name, program, store, thread, var, when
from tests.fuzz.values import POINTER
from tests.memory.weak import inc

BACK = thread("b", load("y", "r"), store("x", var("r")), variables=["r"])


def plain(access: Load | Store) -> Load | Store:
    return replace(access, order="plain")


def made(*threads: Thread) -> Program:
    return program([cell(each) for each in "xyz"], *threads)


def forth(*body: Statement) -> Program:
    """A thread that reads x and then does this, beside one that copies y to x."""
    return made(thread("a", load("x", "r"), *body, variables=["r", "s"]), BACK)


def values(whole: Program, what: str) -> object:
    (found,) = with_dependencies(build(whole, 2), 2).domains[name(what)]
    return found


IS_READ = equal(var("r"), 1)
CIRCLES: dict[str, tuple[Statement, ...]] = {
    "set in an arm": (when(IS_READ, [assign("s", 1)]), store("y", var("s"))),
    "not set in an arm": (assign("s", 1), when(equal(var("r"), 0), [assign("s", 0)]), store("y", var("s"))),
    "written in an arm": (when(IS_READ, [store("y", 1)]),),
    "an arm that leaves": (block(1, when(equal(var("r"), 0), [leave(1)]), assign("s", 1)), store("y", var("s"))),
    "an arm in an arm": (when(IS_READ, [when(add(var("r"), 1), [assign("s", 1)])]), store("y", var("s"))),
    "a plain store": (when(IS_READ, [plain(store("y", 1))]),),
}


@pytest.mark.parametrize("body", CIRCLES.values(), ids=CIRCLES.keys())
def test_a_circle_through_a_branch_justifies_what_its_code_writes(body: tuple[Statement, ...]) -> None:
    assert values(forth(*body), "x") == {0, 1}


@pytest.mark.parametrize("body", CIRCLES.values(), ids=CIRCLES.keys())
def test_models_that_order_what_is_read_before_all_that_follows_have_no_circles(body: tuple[Statement, ...]) -> None:
    (found,) = build(forth(*body), 2).domains[name("x")]
    assert found == {0}


def test_a_read_modify_write_is_no_way_out() -> None:
    """x is counted up where it was read to be 1."""
    counted = forth(when(IS_READ, [replace(inc("y"), into=(("", "s"),))]))
    assert values(counted, "x") == {0, 1}


def test_a_circle_of_marked_copies_makes_nothing() -> None:
    """data and rfe are in hb, which is acyclic."""
    assert values(forth(store("y", var("r"))), "x") == {0}


@pytest.mark.parametrize("access", [0, 1])
def test_a_circle_of_copies_with_a_plain_access_may_hold_anything(access: int) -> None:
    body = [load("x", "r"), store("y", var("r"))]
    body[access] = plain(body[access])
    found = values(made(thread("a", *body, variables=["r"]), BACK), "x")
    assert found == (-(2**31), 2**31 - 1)


def test_what_a_thread_itself_has_read_before_is_no_circle() -> None:
    """Coherence forbids to read from one's own later write."""
    count = thread("a", plain(load("x", "r")), plain(store("x", add(var("r"), 1))), variables=["r"])
    assert values(made(count), "x") != (-(2**31), 2**31 - 1)


@pytest.mark.parametrize(("order", "found"), [("once", frozenset({0})), ("plain", None)])
def test_pointers_may_justify_each_other_where_an_access_is_plain(order: str, found: object) -> None:
    """a writes 1 to where x points; b lets x point to z where z is 1. Of marked accesses each step is ordered."""
    first, second = (replace(each, type=POINTER) for each in (Const(1), Const(2)))
    base = Choose(equal(var("r"), 1), second, first)
    where = Place(base=base, struct="x", field="v", targets=((1, name("y")), (2, name("z"))))
    back = thread("b", load("z", "r"), store("x", var("r")), variables=["r"])
    chosen = made(thread("a", load("x", "r"), replace(store(where, 1), order=order), variables=["r"]), back)
    assert values(chosen, "z") == (found or (-(2**31), 2**31 - 1))
