"""Registers set in the arms of ifs, and values that justify each other in a circle: as herd7 has them.

Each answer is given by the encoder and, apart from it, by brute force (`tests.opponent`).
"""

import pytest

from encoder.litmus.read import LitmusReader
from encoder.memory import LKMM
from tests.litmus.conftest import Ask
from tests.litmus.test_models import test as write_test
from tests.opponent.litmus import decided

PARAMETERS = "int *x, int *y, int *z, int *u"
COPY, FENCED = "b = READ_ONCE(*y); WRITE_ONCE(*x, b);", "b = READ_ONCE(*y); smp_mb(); WRITE_ONCE(*x, 1);"
MET = r"0:c=1 /\ 1:b=1"
READ = "c = READ_ONCE(*x);"


def shape(*threads: str, exists: str = MET, start: str = "") -> str:
    return write_test(*threads, exists=exists, parameters=PARAMETERS, start=start)


CIRCLES = {
    "the branch takes the value away": shape(
        f"a = 3; {READ} if (c != 3) a = 0; WRITE_ONCE(*y, a);", COPY, exists="0:c=3",
    ),
    "the branch gives the value": shape(f"a = 0; {READ} if (c) a = 1; WRITE_ONCE(*y, a);", COPY),
    "a branch in a branch": shape(
        f"a = 0; d = 0; {READ} if (c) {{ if (c == 1) a = 1; }} if (c == 1) d = a; WRITE_ONCE(*y, d);", COPY
    ),
    "round three threads": shape(
        f"a = 0; {READ} if (c == 1) a = 1; WRITE_ONCE(*y, a);", "b = READ_ONCE(*y); WRITE_ONCE(*z, b);",
        "d = READ_ONCE(*z); WRITE_ONCE(*x, d);", exists=r"0:c=1 /\ 1:b=1 /\ 2:d=1",
    ),
    "a branch in both threads": shape(
        f"a = 0; {READ} if (c) a = 1; WRITE_ONCE(*y, a);", "d = 0; b = READ_ONCE(*y); if (b) d = 1; WRITE_ONCE(*x, d);",
    ),
    "an address": shape(f"int *p; p = u; {READ} if (c == 1) p = y; WRITE_ONCE(*p, 1);", COPY),
    "a pointer that is read": shape(
        f"int *p; p = u; {READ} if (c) p = y; WRITE_ONCE(*z, p);",
        "int *q; q = READ_ONCE(*z); WRITE_ONCE(*q, 1); b = READ_ONCE(*y); WRITE_ONCE(*x, b);", start="int *z = u;",
        exists=r"0:c=1 /\ 1:b=1",
    ),
    "an exchange": shape(f"a = 0; {READ} if (c) a = 1; d = xchg_relaxed(y, a);", COPY),
    "a counter": shape(f"a = 0; {READ} if (c) a = 1; WRITE_ONCE(*y, a);", "b = READ_ONCE(*y); atomic_add(b, x);"),
    "with an idle writer elsewhere": shape(
        f"a = 0; {READ} if (c) a = 1; WRITE_ONCE(*y, a);", COPY, "d = READ_ONCE(*z); if (d == 7) WRITE_ONCE(*u, 1);",
    ),
}  # fmt: skip
FORBIDDEN = {
    "data all the way": shape(f"{READ} WRITE_ONCE(*y, c);", COPY),
    "writes in branches": shape(f"{READ} if (c) WRITE_ONCE(*y, 1);", "b = READ_ONCE(*y); if (b) WRITE_ONCE(*x, 1);"),
    "a barrier behind the arms": shape(f"a = 0; {READ} if (c) a = 1; smp_mb(); WRITE_ONCE(*y, a);", COPY),
    "a release behind the arms": shape(f"a = 0; {READ} if (c) a = 1; smp_store_release(y, a);", COPY),
    "the value is nobody's": shape(f"a = 0; {READ} if (c == 2) a = 1; WRITE_ONCE(*y, a);", COPY),
}  # fmt: skip
NO_DATA = {
    "a value set in an arm": shape(f"a = 2; {READ} if (c == 1) a = 1; WRITE_ONCE(*y, a);", FENCED),
    "a value set in both arms": shape(f"{READ} if (c == 1) {{ a = 1; }} else {{ a = 2; }} WRITE_ONCE(*y, a);", FENCED),
    "passed on": shape(f"a = 0; {READ} if (c == 1) a = 1; d = a; WRITE_ONCE(*y, d);", FENCED),
    "an address set in an arm": shape(f"int *p; p = u; {READ} if (c == 1) p = y; WRITE_ONCE(*p, 1);", FENCED),
    "an address that is read": shape(
        f"int *p; p = u; {READ} if (c == 1) p = y; d = READ_ONCE(*p);",
        "WRITE_ONCE(*y, 1); smp_wmb(); WRITE_ONCE(*x, 1);",
        exists=r"0:c=1 /\ 0:d=0",
    ),
    "the other arm sets the condition": shape(f"d = 1; {READ} if (c == 0) d = 1; if (d) WRITE_ONCE(*y, 1);", FENCED),
    "behind the arms": shape(f"{READ} if (c == 1) WRITE_ONCE(*z, 1); WRITE_ONCE(*y, 1);", FENCED),
}  # fmt: skip
CONTROL = {
    "set to what it was": shape(f"d = 1; {READ} if (c == 1) d = 1; if (d == 1) WRITE_ONCE(*y, 1);", FENCED),
    "set to itself": shape(f"d = 1; {READ} if (c == 1) d = d; if (d == 1) WRITE_ONCE(*y, 1);", FENCED),
    "set in both arms": shape(
        f"d = 0; {READ} if (c == 1) {{ d = 1; }} else {{ d = 1; }} if (d == 1) WRITE_ONCE(*y, 1);", FENCED,
    ),
    "passed on": shape(f"d = 1; {READ} if (c == 1) d = 1; e = d; if (e == 1) WRITE_ONCE(*y, 1);", FENCED),
    "by two arms": shape(f"d = 1; e = 1; {READ} if (c) d = 1; if (d) e = 1; if (e) WRITE_ONCE(*y, 1);", FENCED),
    "in an arm of an arm": shape(f"d = 1; {READ} if (c) {{ if (d) d = 1; }} if (d) WRITE_ONCE(*y, 1);", FENCED),
    "read in the arm": shape(f"d = 0; {READ} if (c) d = READ_ONCE(*z); if (d == 0) WRITE_ONCE(*y, 1);", FENCED),
}  # fmt: skip
CASES = {
    **{f"a circle: {name}": (text, "Sometimes") for name, text in CIRCLES.items()},
    **{f"no circle: {name}": (text, "Never") for name, text in FORBIDDEN.items()},
    **{f"no dependency: {name}": (text, "Sometimes") for name, text in NO_DATA.items()},
    **{f"control: {name}": (text, "Never") for name, text in CONTROL.items()},
}


@pytest.mark.parametrize("case", CASES)
def test_case(ask: Ask, reader: LitmusReader, case: str) -> None:
    text, result = CASES[case]
    assert decided(reader.read("t.litmus", text), LKMM, 5000) == (result, ())
    assert ask(text).result == result
    assert [ask(text, model).result for model in ("sc", "tso")] == ["Never", "Never"]


def test_a_circle_through_a_plain_store_races(ask: Ask, reader: LitmusReader) -> None:
    circle = shape("c = READ_ONCE(*x); if (c) *y = 1;", "b = smp_load_acquire(y); WRITE_ONCE(*x, b);")
    marked = circle.replace("*y = 1", "WRITE_ONCE(*y, 1)")
    for text, answer in ((circle, ("Sometimes", ("data-race",))), (marked, ("Never", ()))):
        assert decided(reader.read("t.litmus", text), LKMM, 5000) == answer
        verdict = ask(text)
        assert (verdict.result, verdict.flags) == answer


def test_what_only_equals_itself_is_no_number(ask: Ask, reader: LitmusReader) -> None:
    """herd7 solves the equations of the values: a plain copy of a copy may be anything that the test does not name."""
    anything = shape("c = *x; *y = c;", "b = *y; *x = b;", exists="~0:c=0")
    for text, result in ((anything, "Sometimes"), (anything.replace("~0:c=0", "0:c=1"), "Never")):
        assert decided(reader.read("t.litmus", text), LKMM, 5000) == (result, ("data-race",))
        verdict = ask(text)
        assert (verdict.result, verdict.flags) == (result, ("data-race",))
