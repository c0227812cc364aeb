"""Accesses that a lock keeps apart, with others beside them: what the order of the critical sections says, and no more.

Each was a mistake once, found by `tests/concrete/test_rich.py`.
"""

from encoder.program.core import Expr
from tests.concrete.build import both, equal, final, lock, of, unlock
from tests.memory.weak import allowed, raised, read, thread, write

SEEN_EARLY: Expr = both(equal(of("b", "s"), 0), equal(of("b", "r"), 2), equal(final("x"), 2))


def test_a_plain_store_by_a_third_thread_may_be_seen_before_it_overwrites_a_later_section() -> None:
    """The reader's section is first, and what it reads is newer than what the writer's section writes: nothing leads
    from a plain store to who reads it."""
    reader = thread("b", lock("l"), read("x", "s"), read("x", "r"), unlock("l"))
    writer = thread("c", lock("l"), write("x", 1), unlock("l"))
    plain = thread("a", write("x", 2, "plain"))
    assert allowed("x", SEEN_EARLY, plain, reader, writer, locks="l") == ("lkmm",)
    assert "data-race" in raised("x", SEEN_EARLY, plain, reader, writer, locks="l")
    assert allowed("x", SEEN_EARLY, thread("a", write("x", 2)), reader, writer, locks="l") == ()
