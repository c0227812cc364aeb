"""Which values cells may hold: found by unrolling until nothing changes, where that ever comes."""

import pytest

from encoder.graph.build import build
from encoder.graph.value_sets import circles
from encoder.program.core import Program, Thread
from tests.concrete.build import add, cell, equal, load, name, program, store, thread, var, when


def values(made: Program, what: str) -> object:
    (found,) = build(made, 2).domains[name(what)]
    return found


def made(*threads: Thread) -> Program:
    return program([cell(each) for each in "xyuvw"], *threads)


def copy(source: str, to: str, by: int = 0) -> Thread:
    return thread(f"{source}{to}", load(source, "r"), store(to, add(var("r"), by)), variables=["r"])


def test_a_value_made_of_one_that_is_no_constant_any_more() -> None:
    """Once it was missed, and a property that it breaks proved: at first y is 0 and nothing depends on it."""
    assert values(made(thread("a", store("y", 2)), copy("y", "x", -1)), "x") == {0, -1, 1}


def test_a_write_that_shows_itself_when_others_have_grown_long_enough() -> None:
    """x is counted up by one write; the other is reached when 1 has come along u, v and w to y."""
    late = thread(
        "late", load("y", "s"), when(equal(var("s"), 1), [load("x", "r"), store("x", add(var("r"), 10))]),
        variables=["r", "s"],
    )  # fmt: skip
    chain = (thread("a", store("u", 1)), copy("u", "v"), copy("v", "w"), copy("w", "y"))
    found = values(made(copy("x", "x", 1), late, *chain), "x")
    assert isinstance(found, frozenset)
    assert found >= {0, 1, 10, 11}


@pytest.mark.parametrize("order", [1, -1])
def test_what_depends_on_a_cell_that_grows_for_ever_ends_too(order: int) -> None:
    threads = [copy("x", "x", 1), copy("y", "y", 1), copy("x", "y"), copy("y", "u")]
    found = values(made(*threads[::order]), "u")
    assert isinstance(found, frozenset)
    assert found >= {0, 1, 2}
    assert max(found) < 10


def test_circles_are_what_depends_on_each_other() -> None:
    u, v, w, x, y = (name(each) for each in "uvwxy")
    sources = {x: {y}, y: {x, u}, v: {v, x}}
    found = circles([w, v, u, x, y], sources)
    assert len(found) == 4
    assert set(found) == {frozenset({x, y}), frozenset({u}), frozenset({v}), frozenset({w})}
