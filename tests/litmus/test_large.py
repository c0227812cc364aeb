"""Tests of many events: what is asked of the solver grows with them, not with their pairs."""

import time

import pytest

from encoder.graph.build import build
from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from encoder.memory import MODELS
from encoder.smt.axiomatic.litmus_encoding import LitmusEncoding, encode_litmus
from encoder.smt.encode import graph_for
from tests.litmus.conftest import Ask


def sections(number: int) -> str:
    """Message passing in so many critical sections: who sees the flag set sees the data."""
    writer = "spin_lock(l); WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1); spin_unlock(l);" * number
    reader = "spin_lock(l); r0 = READ_ONCE(*y); r1 = READ_ONCE(*x); spin_unlock(l);" * number
    heads = ("int *x, int *y, spinlock_t *l",) * 2
    return f"C many\n{{}}\nP0({heads[0]}) {{ {writer} }}\nP1({heads[1]}) {{ {reader} }}\nexists (1:r0=1 /\\ 1:r1=0)\n"


def encoded(reader: LitmusReader, text: str, deadline: float = float("inf")) -> LitmusEncoding:
    model, test = MODELS["lkmm"], reader.read("t.litmus", text)
    graph = graph_for(build(test.program, 1), model, 1)
    return encode_litmus(graph, model, {"holds": test.proposition}, test.filter, deadline)


def test_acyclicity_of_a_large_order_is_left_to_the_solver(reader: LitmusReader, ask: Ask) -> None:
    order = encoded(reader, sections(12)).formula.order
    assert order is not None and len(order.edges) > 2000
    assert ask(sections(12)).result == "Never"
    assert ask(sections(12).replace("spin_lock(l); r0 = READ_ONCE(*y);", "r0 = READ_ONCE(*y);", 1)).flags
    assert encoded(reader, sections(1)).formula.order is None


def test_flags_cost_what_raises_them(reader: LitmusReader) -> None:
    """Those of plain accesses and of sleeping need no pairs where there is none of these."""
    section = "r0 = READ_ONCE(*x); if (r0) { spin_lock(l); WRITE_ONCE(*y, 1); spin_unlock(l); }"
    threads = f"P0(int *x, int *y, spinlock_t *l) {{ {section * 12} }}\nP1(int *x) {{ WRITE_ONCE(*x, 1); }}"
    found = encoded(reader, f"C branches\n{{}}\n{threads}\nexists (x=1)\n")
    assert found.goals["unmatched-unlock"] != "false" == found.goals["mixed-accesses"]
    assert len(found.flag_text) < 10_000


@pytest.mark.parametrize("number", [1, 12])
def test_building_ends_at_the_deadline(reader: LitmusReader, number: int) -> None:
    with pytest.raises(TimeoutError):
        encoded(reader, sections(number), time.monotonic())
    found = decide(reader, "t.litmus", sections(number), "lkmm", 1e-9)
    assert found.result == "Unknown" and found.reason.startswith("no answer within 1e-09 s")
