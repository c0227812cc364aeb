"""The total order through critical sections that are not always entered."""

from encoder.program.core import Ended
from tests.concrete.build import both, cell, equal, load, lock, never, of, program, store, thread, unlock, var, when
from tests.smt.random_programs import Generator, encoded


def test_po_orders_across_a_section_that_is_not_entered() -> None:
    """b reads y new and x old across a section it does not enter: forbidden, though c and a fight for the lock."""
    made = program(
        [cell("x"), cell("y"), cell("z"), cell("w"), cell("l", lock=True)],
        thread("a", store("x", 1), lock("l"), store("w", 1), unlock("l"), store("y", 1)),
        thread(
            "b",
            load("y", "r"),
            load("z", "q"),
            when(equal(var("q"), 1), [lock("l"), load("w", "q"), store("w", 2), unlock("l")]),
            load("x", "s"),
            variables=["r", "s", "q"],
        ),
        thread("c", store("z", 1)),
    )
    asked = never(both(equal(of("b", "r"), 1), equal(of("b", "s"), 0)), both(Ended("a"), Ended("b")))
    assert encoded(Generator.with_property(made, asked), asked).schedule is None
