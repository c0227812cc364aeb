"""The total order through critical sections that are not always entered."""

from encoder.program.core import Ended
from tests.concrete.build import both, cell, equal, load, lock, never, of, program, store, thread, unlock, var, when
from tests.fuzz.told import encoder


def test_po_orders_across_a_section_that_is_not_entered() -> None:
    """b reads w new and then old, with a section between that it does not enter: forbidden."""
    made = program(
        [cell("z"), cell("w"), cell("l", lock=True)],
        thread("a", lock("l"), store("w", 1), unlock("l")),
        thread(
            "b",
            load("z", "q"),
            load("w", "r"),
            when(equal(var("q"), 1), [lock("l"), store("w", 2), unlock("l")]),
            load("w", "s"),
            variables=["r", "s", "q"],
        ),
        thread("c", store("z", 1)),
    )
    asked = never(both(equal(of("b", "r"), 1), equal(of("b", "s"), 0)), both(Ended("a"), Ended("b")))
    assert encoder(made, asked, "sc").word == "proved"
