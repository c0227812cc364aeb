"""Critical sections against grace periods."""

import pytest

from encoder.program.core import Statement, Thread, Var
from tests.concrete.build import grace, negate, when
from tests.memory.weak import allowed, are, raised, rcu, read, thread, write

SYNC = grace()
ALL = ("sc", "tso", "lkmm")
NONE = ()


def section(*body: Statement) -> list[Statement]:
    return [rcu(True), *body, rcu(False)]


def test_a_grace_period_waits_for_the_sections_before_it() -> None:
    writer = thread("a", write("x"), *SYNC, write("y"))
    ends = are(b_r=1, b_s=0)
    assert allowed("xy", ends, writer, thread("b", *section(read("x", "s"), read("y", "r")))) == NONE
    assert allowed("xy", ends, writer, thread("b", read("x", "s"), read("y", "r"))) == ("sc", "tso", "lkmm")
    two = thread("b", *section(read("x", "s")), *section(read("y", "r")))
    assert allowed("xy", ends, writer, two) == ("sc", "tso", "lkmm")


def ring(kinds: str) -> tuple[Thread, ...]:
    """Thread i reads location i and writes the next, in a section (S) or around a grace period (G)."""
    names = "abcdefgh"
    threads = []
    for i, kind in enumerate(kinds):
        get, put = read(names[i]), write(names[(i + 1) % len(kinds)])
        body = section(get, put) if kind == "S" else [get, *SYNC, put]
        threads.append(thread(f"t{i}", *body))
    return tuple(threads)


@pytest.mark.parametrize(
    ("kinds", "possible"),
    [("GS", False), ("GSS", True), ("GGSS", False), ("GSGS", False), ("SSS", True), ("GGSSS", True)],
)
def test_rings(kinds: str, possible: bool) -> None:
    """As many grace periods as sections forbid the ring, wherever they stand in it."""
    ends = are(**{f"t{i}_r": 1 for i in range(len(kinds))})
    assert ("lkmm" in allowed("abcdefgh"[: len(kinds)], ends, *ring(kinds))) == possible


@pytest.mark.parametrize(("domain", "models"), [("u", NONE), ("v", ALL)])
def test_srcu_waits_for_its_own_domain(domain: str, models: tuple[str, ...]) -> None:
    writer = thread("a", write("x"), *grace("u"), write("y"))
    begin, end = read(domain, "q", "srcu-lock"), write(domain, Var("q"), "srcu-unlock")
    reader = thread("b", begin, read("x", "s"), read("y", "r"), end)
    assert allowed("xyuv", are(b_r=1, b_s=0), writer, reader) == models


def test_a_section_that_is_never_closed_is_none() -> None:
    """Where the thread has ended; in a prefix it is still open (tests/smt/test_prefix.py)."""
    writer = thread("a", write("x"), *SYNC, write("y"))
    assert allowed("xy", are(b_r=1, b_s=0), writer, thread("b", rcu(True), read("x", "s"), read("y", "r"))) == ALL


def test_a_grace_period_keeps_plain_accesses_apart() -> None:
    """The reader uses x only in a section in which the flag was not yet set; the writer waits for it."""
    writer = thread("a", write("y"), *SYNC, write("x", 1, "plain"))
    look = [read("y"), when(negate(Var("r")), [read("x", "s", "plain")])]
    assert raised("xy", are(b_r=0), writer, thread("b", *section(*look))) == ()
    assert raised("xy", are(b_r=0), writer, thread("b", *look)) == ("data-race",)
