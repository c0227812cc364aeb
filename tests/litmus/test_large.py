"""Tests of many events: what is asked of the solver grows with them, not with their pairs."""

import time

import pytest

from encoder.graph.build import build
from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from encoder.memory import MODELS
from encoder.smt.axiomatic.executions import assert_communication
from encoder.smt.axiomatic.litmus_encoding import LitmusEncoding, encode_litmus
from encoder.smt.axiomatic.order_graph import OrderGraph
from encoder.smt.encode import graph_for
from encoder.smt.end_state import EndState
from encoder.smt.text.script import Script
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("fence", "threads"), [("", 0), ("smp_rmb();", 0), ("smp_wmb();", 2), ("smp_mb();", 2), ("spin_lock(l);", 2)]
)
def test_paths_leave_a_thread_only_where_a_fence_leads_on(reader: LitmusReader, fence: str, threads: int) -> None:
    """Of two threads that overwrite something, and a third that does not."""
    first = f"P0(int *x, int *y, spinlock_t *l) {{ WRITE_ONCE(*x, 1); {fence} r0 = READ_ONCE(*y); }}"
    second = "P1(int *x, int *y) { WRITE_ONCE(*y, 1); WRITE_ONCE(*x, 2); }"
    text = f"C p\n{{}}\n{first}\n{second}\nP2(int *z) {{ WRITE_ONCE(*z, 1); }}\nexists (x=1)\n"
    graph = build(reader.read("t.litmus", text).program, 1)
    model, happens = MODELS["lkmm"], {step: step.guard for step in graph.steps}
    made = assert_communication(Script(), graph, happens, EndState(graph), model=model)
    assert model.prop_path is not None
    assert len(OrderGraph(made.relations).prop_paths(model.prop_path)) == threads


@pytest.mark.parametrize("number", [1, 12])
def test_building_ends_at_the_deadline(reader: LitmusReader, number: int) -> None:
    with pytest.raises(TimeoutError):
        encoded(reader, sections(number), time.monotonic())
    found = decide(reader, "t.litmus", sections(number), "lkmm", 1e-9)
    assert found.result == "Unknown" and found.reason.startswith("no answer within 1e-09 s")
