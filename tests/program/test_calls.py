"""Calls are inlined: by value and by reference, each with variables of its own."""

import pytest

from encoder.program.core import Assign, Const, If, Load
from encoder.program.traverse import statements
from tests.program.specs import all_events, always_ends_with, event_texts, problems, program

ADD = """
params: {a: int, b: int}
returns: int
steps:
  - sum: r = a + b
  - done: return r
"""
CLOBBER = """
params: {x: int}
returns: int
steps:
  - change: x = x + 1
  - n: n = 40
  - done: return x + n
"""
FILL = """
params: {pages: "page *[]", page: page *}
steps:
  - first: pages[0] = page
  - last: pages[1] = pages[0]
"""


def test_a_call_gives_its_value(tmp_path):
    script = """
    - x: x = add(1, add(2, 3))
    - y: y = add(x, x) - 2
    """
    assert always_ends_with(tmp_path, script, "t.x == 6 && t.y == 10", procedures={"add": ADD})


def test_parameters_are_by_value_and_names_are_the_calls_own(tmp_path):
    script = """
    - n: n = 5
    - x: x = 1
    - y: y = clobber(x)
    """
    assert always_ends_with(tmp_path, script, "t.n == 5 && t.x == 1 && t.y == 42", procedures={"clobber": CLOBBER})


def test_arrays_are_by_reference(tmp_path):
    assert always_ends_with(
        tmp_path,
        "- fill: fill(mine, q)",
        "t.mine[0] == q && t.mine[1] == q",
        locals='mine: "page *[2]"',
        procedures={"fill": FILL},
    )


def test_an_array_element_by_value_keeps_its_value_while_the_array_changes(tmp_path):
    swap = """
    params: {old: page *, pages: "page *[]"}
    returns: page *
    steps:
      - clear: pages[0] = NULL
      - done: return old
    """
    script = """
    - set: mine[0] = p
    - got: got = swap(mine[0], mine)
    """
    assert always_ends_with(
        tmp_path, script, "t.got == p && t.mine[0] == NULL", locals='mine: "page *[1]"', procedures={"swap": swap}
    )


def test_locals_of_a_call_in_a_loop_start_at_0_each_time(tmp_path):
    once = """
    params: {i: int}
    returns: int
    locals: {kept: int}
    steps:
      - first: if (i == 0) kept = 5
      - inferred: if (i == 0) other = 7
      - done: return kept + other
    """
    script = """
    - loop: for i in 0 .. 3
      do:
        - got: got = once(i)
    """
    assert always_ends_with(tmp_path, script, "t.got == 0 && t.i == 3", procedures={"once": once})


def test_names_of_variables_tell_where_they_come_from(tmp_path):
    got = program(tmp_path, "- one: n = add(READ_ONCE(p->count), 1)\n- two: n = add(n, n)", procedures={"add": ADD})
    names = [name for name, _ in got.threads[0].variables]
    assert "n" in names
    assert {"one/add/r", "two/add/r"} <= set(names)
    assert len(names) == len(set(names))


def test_two_calls_at_one_label_have_variables_of_their_own(tmp_path):
    script = "- both: n = add(READ_ONCE(p->count), 1) * add(READ_ONCE(q->count), 2)"
    got = program(tmp_path, script, procedures={"add": ADD})
    assert {"both/add/r", "both/add#2/r"} <= {name for name, _ in got.threads[0].variables}
    init = ["p->count = 1", "q->count = 2"]
    assert always_ends_with(tmp_path, script, "t.n == 8", procedures={"add": ADD}, init=init)


def test_constant_arguments_drop_the_branches_they_rule_out(tmp_path):
    pin = """
    params: {page: page *, write: bool}
    returns: int
    steps:
      - check: if (write && READ_ONCE(page->flag)) return 0
      - take: if (page == NULL) return READ_ONCE(page->count)
      - done: return 1
    """
    read = program(tmp_path / "r", "- pin: n = pin(p, 0)", procedures={"pin": pin})
    written = program(tmp_path / "w", "- pin: n = pin(p, WRITE)", procedures={"pin": pin})
    assert event_texts(read) == []
    assert event_texts(written) == ["READ_ONCE(p->flag)"]
    assert not [s for s in statements(read.threads[0].body) if isinstance(s, If)]


def test_a_pointer_that_is_known_names_one_cell(tmp_path):
    follow = """
    params: {slot: slot *}
    steps:
      - read: pte = READ_ONCE(slot->pte)
      - mm: mm = slot->mm
      - lock: spin_lock(&mm->lock)
      - next: n = READ_ONCE(pte.page->count)
    """
    got = all_events(program(tmp_path, "- go: follow(s2)", procedures={"follow": follow}))
    targets = [[str(cell) for _, cell in event.place.targets] for event in got]
    assert targets == [["s2.pte"], ["m.lock"], ["p.count", "q.count"]]
    assert got[0].place.base == Const(2, got[0].place.base.type)


def test_places_cancel(tmp_path):
    macro = """
    - direct: a = READ_ONCE(*&p->count)
    - passed: bump(&m->seq)
    - member: b = (*p).count
    """
    got = all_events(program(tmp_path, macro))
    assert [str(event.place.targets[0][1]) for event in got] == ["p.count", "m.seq", "m.seq", "p.count"]
    assert isinstance(got[-1], Load) and got[-1].order == "plain"


@pytest.mark.parametrize("flush, kept", [("ipi", "READ_ONCE(p->count)"), ("deferred", "READ_ONCE(q->count)")])
def test_a_primitive_is_what_the_platform_makes_it(tmp_path, flush, kept):
    script = """
    - ask: if (deferred())
      then:
        - later: n = READ_ONCE(q->count)
      else:
        - now: n = READ_ONCE(p->count)
    """
    assert event_texts(program(tmp_path, script, flush=flush)) == [kept]


def test_recursion_is_told_with_its_cycle(tmp_path):
    left = "params: {}\nsteps:\n  - go: right()\n"
    right = "params: {}\nsteps:\n  - go: left()\n"
    found = problems(tmp_path, "- start: left()", procedures={"left": left, "right": right})
    assert [problem.message for problem in found] == ["recursion: left -> right -> left"]


def test_a_procedure_that_may_end_without_its_value(tmp_path):
    odd = "params: {n: int}\nreturns: int\nsteps:\n  - some: if (n & 1) return 1\n"
    found = problems(tmp_path, "- n: n = READ_ONCE(p->count)\n- x: x = odd(n)", procedures={"odd": odd})
    assert [problem.code for problem in found] == ["S225"]


def test_an_argument_is_read_before_a_ghost_of_the_same_step_changes_it(tmp_path):
    put = """
    params: {page: page *}
    steps:
      - first: atomic_add(1, &page->count)
      - second: atomic_add(1, &page->count)
    """
    script = """
    - hold: held[0] = p
    - put: put(held[0])
      ghost_first: held[0] = NULL
    """
    assert always_ends_with(
        tmp_path, script, "p->count == 2 && t.held[0] == NULL", locals='held: "page *[1]"', procedures={"put": put}
    )


def test_values_go_straight_where_nothing_can_change_them(tmp_path):
    got = program(tmp_path, "- x: x = add(1, 2)", procedures={"add": ADD})
    assert [s.value for s in statements(got.threads[0].body) if isinstance(s, Assign)][-1] == Const(3)


def test_a_value_is_what_it_was_before_the_ghost_of_the_return(tmp_path):
    take = """
    params: {page: page *}
    returns: page *
    steps:
      - keep: kept = page
      - again: kept = kept
      - done: return kept
        ghost_last: kept = NULL
    """
    assert always_ends_with(tmp_path, "- got: got = take(q)", "t.got == q", procedures={"take": take})
