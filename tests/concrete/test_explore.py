"""The explorer on programs whose reachable states are known."""

from encoder.concrete.explore import explore
from encoder.program.core import Ended
from tests.concrete.build import both, cell, equal, load, never, of, program, store, thread


def test_store_buffering_never_reads_both_old_under_sc() -> None:
    sb = program(
        [cell("x"), cell("y")],
        thread("a", store("x", 1), load("y", "r"), variables=["r"]),
        thread("b", store("y", 1), load("x", "r"), variables=["r"]),
    )
    ended = both(Ended("a"), Ended("b"))
    found = explore(sb, never(both(ended, equal(of("a", "r"), 0), equal(of("b", "r"), 0))), loops=1, max_states=100)
    assert (found.outcome, found.complete, found.longest) == ("safe", True, 4)
    seen = explore(sb, never(both(ended, equal(of("a", "r"), 0))), loops=1, max_states=100)
    assert (seen.outcome, seen.schedule) == ("violated", ("a", "a", "b", "b"))
