"""Which cells threads may touch by way of their pointers."""

from dataclasses import replace

from encoder.concrete.explorer.pointers import touched_cells
from encoder.program.core import INT, Arith, Assign, Choose, Const, Op, Place, Statement, Thread, Var
from tests.concrete.build import cell, load, name, program, store, var
from tests.fuzz.values import POINTER

TARGETS = ((1, name("x")), (2, name("y")), (3, name("z")))


def at(base: Var | Const) -> Place:
    return Place(base=base, struct="x", field="v", targets=TARGETS)


def thread(text: str, *body: Statement) -> Thread:
    return Thread(name=text, role="", procedure="", runs=0, variables=(("p", POINTER), ("r", INT)), body=body)


def names(*threads: Thread, start: int = 2) -> list[str]:
    """The objects that each thread may touch: x, y, z by pointer, and `slot`, which points to object `start`."""
    cells = [cell("x"), cell("y"), cell("z"), cell("slot", Const(start, POINTER), type=POINTER)]
    return ["".join(sorted(each.object[0] for each in own)) for own in touched_cells(program(cells, *threads))]


def test_a_pointer_that_is_read_is_one_that_was_there_or_written() -> None:
    reader = thread("a", load("slot", "p"), load(at(Var("p", POINTER)), "r"))
    assert names(reader) == ["sy"]
    assert names(reader, start=0) == ["s"]
    writer = thread("b", store("slot", Const(3, POINTER)))
    assert names(reader, writer) == ["syz", "s"]


def test_assignments_either_way_of_a_choice_and_copies_between_threads() -> None:
    pick = Choose(var("r"), Const(1, POINTER), Const(2, POINTER))
    chosen = thread("a", load(at(Var("p", POINTER)), "r"), Assign(variable="p", value=pick))
    assert names(chosen) == ["xy"]
    copied = thread("b", store("slot", Var("q", POINTER)), Assign(variable="q", value=pick))
    follows = thread("c", load("slot", "p"), store(at(Var("p", POINTER)), 1))
    assert names(replace(copied, variables=(("q", POINTER),)), follows, start=0) == ["s", "sxy"]


def test_what_is_computed_may_be_anything() -> None:
    computed = thread(
        "a", Assign(variable="p", value=Arith(Op.ADD, var("r"), Const(1))), load(at(Var("p", POINTER)), "r")
    )
    assert names(computed) == ["xyz"]
