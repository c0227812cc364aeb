"""Branches, loops, exits and ghosts."""

import pytest

from encoder.program.core import Assign, Block, Exit, If, Loop, Rmw
from encoder.program.traverse import statements
from tests.program.specs import all_events, always_ends_with, event_texts, problems, program, searched

GOTO = """
params: {n: int}
returns: int
steps:
  - start: r = 0
  - far: if (n == 1) goto out
  - near: if (n == 2) goto undo
  - deep: if (n > 2)
    then:
      - deeper: if (n == 3) goto out
      - also: r = r + 1
  - straight: r = r + 10
  - undo: r = r + 100
  - out: r = r + 1000
  - done: return r
"""


@pytest.mark.parametrize("n, result", [(0, 1110), (1, 1000), (2, 1100), (3, 1000), (4, 1111)])
def test_goto_goes_forward(tmp_path, n, result):
    script = "- r: r = go(READ_ONCE(p->count))"
    init = [f"p->count = {n}"]
    assert always_ends_with(tmp_path / "run", script, f"t.r == {result}", procedures={"go": GOTO}, init=init)
    assert always_ends_with(tmp_path / "fold", f"- r: r = go({n})", f"t.r == {result}", procedures={"go": GOTO})


@pytest.mark.parametrize(
    "body",
    [
        "- up: n = 1\n- down: goto up",
        "- self: goto self",
        "- into: goto inner\n- maybe: if (READ_ONCE(p->flag))\n  then:\n  - inner: n = 1",
        "- nowhere: goto nowher",
        "- out: break",
        "- out: continue",
    ],
)
def test_exits_that_lead_nowhere(tmp_path, body):
    found = problems(tmp_path, body)
    assert [problem.code for problem in found] == ["S226"]


def test_a_label_that_is_not_there_has_its_nearest(tmp_path):
    (found,) = problems(tmp_path, "- one: goto lsat\n- last: ;")
    assert found.nearest == "last"


def test_loops_over_numbers_lists_and_arrays(tmp_path):
    script = """
    - row: row = [p, q, p]
    - numbers: for i in 2 .. 5
      do:
        - sum: n = n + i
    - objects: for page in row
      do:
        - add: atomic_add(1, &page->count)
    - store: mine[1] = q
    - elements: for each in mine
      do:
        - found: if (each != NULL) got = each
    - none: for j in 3 .. 1
      do:
        - never: n = 99
    """
    assert always_ends_with(
        tmp_path,
        script,
        "t.n == 9 && p->count == 2 && q->count == 1 && t.got == q && t.i == 5",
        locals='mine: "page *[2]", row: page *list, got: page *, n: int',
    )


def test_the_rounds_of_a_loop_are_its_bound_where_they_are_known(tmp_path):
    script = """
    - three: for i in 0 .. 3
      do:
        - read: n = READ_ONCE(p->count)
    - unknown: for j in 0 .. n
      do:
        - again: k = READ_ONCE(p->count)
    - bounded: while (READ_ONCE(p->flag))
      bound: 7
      do:
        - more: k = READ_ONCE(p->count)
    """
    loops = [s for s in statements(program(tmp_path, script).threads[0].body) if isinstance(s, Loop)]
    assert [loop.bound for loop in loops] == [3, None, 7]


def test_a_loop_of_one_round_is_no_loop_and_its_variable_is_known(tmp_path):
    script = """
    - row: row = [q]
    - one: for i in 0 .. 1
      do:
        - read: n = READ_ONCE(row[i]->count)
        - leave: if (n == 0) break
        - not: k = 5
    - each: for page in row
      do:
        - add: atomic_add(1, &page->count)
    """
    made = program(tmp_path, script, locals="row: page *list")
    assert not [s for s in statements(made.threads[0].body) if isinstance(s, Loop)]
    assert event_texts(made) == ["READ_ONCE(q->count)", "atomic_add(1, &q->count)"]
    assert always_ends_with(tmp_path / "run", script, "t.i == 0 && t.k == 0 && q->count == 1", locals="row: page *list")


def test_a_bound_that_is_just_enough_leaves_nothing_open(tmp_path):
    script = """
    - again: while (atomic_add_return(1, &p->count) <= 3)
      bound: {0}
      do:
        - n: n = n + 1
    """
    enough = searched(tmp_path / "3", script.format(3), "t.n == 3", locals="n: int")
    short = searched(tmp_path / "2", script.format(2), "t.n == 3", locals="n: int")
    assert (enough.outcome, enough.beyond, enough.situation) == ("safe", (), True)
    assert short.beyond != () and not short.situation


def test_break_and_continue(tmp_path):
    script = """
    - loop: for i in 0 .. 6
      do:
        - skip: if (i == 1) continue
        - inner: for j in 0 .. 3
          do:
            - only: if (j == 1) break
            - inner_sum: k = k + 1
        - stop: if (i == 4) break
        - sum: n = n + i
    """
    assert always_ends_with(tmp_path, script, "t.n == 5 && t.k == 4 && t.i == 4", locals="n: int, k: int")


def test_a_while_loop_tests_before_each_round(tmp_path):
    script = """
    - rounds: while (READ_ONCE(p->count) < 3)
      bound: 5
      do:
        - add: atomic_add(1, &p->count)
    - never: while (READ_ONCE(p->count) < 3)
      do:
        - more: atomic_add(100, &p->count)
    """
    assert always_ends_with(tmp_path, script, "p->count == 3")


def test_nothing_after_a_return_happens(tmp_path):
    leave = "params: {page: page *}\nsteps:\n  - one: return\n  - two: WRITE_ONCE(page->count, 1)\n"
    assert event_texts(program(tmp_path, "- go: leave(NULL)", procedures={"leave": leave})) == []


def test_a_script_may_return(tmp_path):
    script = "- leave: if (READ_ONCE(p->flag)) return\n- go: WRITE_ONCE(p->count, 1)"
    assert always_ends_with(tmp_path, script, "p->count == 0", init=["p->flag = 1"])


def test_exits_lead_out_of_blocks_that_are_there(tmp_path):
    made = program(tmp_path, "- r: r = go(READ_ONCE(p->count))", procedures={"go": GOTO})

    def check(code, around):
        for statement in code:
            match statement:
                case Exit():
                    assert statement.id in around
                case If():
                    check(statement.then, around)
                    check(statement.otherwise, around)
                case Block() | Loop():
                    check(statement.body, {*around, statement.id})

    check(made.threads[0].body, set())
    assert [s for s in statements(made.threads[0].body) if isinstance(s, Exit)]


# Ghosts


def test_ghosts_change_with_the_first_event_or_after_the_last(tmp_path):
    script = """
    - add: bump(&m->seq)
      ghost_first: section = m
    - end: bump(&m->seq)
      ghost_last: section = NULL
    """
    body = program(tmp_path, script).threads[0].body
    ghosts = [i for i, s in enumerate(body) if isinstance(s, Assign) and s.variable == "section"]
    accesses = [i for i, s in enumerate(body) if not isinstance(s, Assign)]
    assert ghosts[0] == accesses[0] + 1
    assert accesses[3] < ghosts[1]


def test_a_ghost_of_a_call_changes_with_the_first_event_inside(tmp_path):
    put = """
    params: {page: page *}
    returns: int
    steps:
      - n: n = 1
      - add: atomic_add(1, &page->count)
      - r: return n
    """
    body = program(tmp_path, "- put: x = put(q)\n  ghost_first: seen = q", procedures={"put": put}).threads[0].body
    event = next(i for i, s in enumerate(body) if isinstance(s, Rmw))
    assert body[event + 1].variable == "seen"


def test_a_ghost_changes_also_when_its_step_is_left(tmp_path):
    script = """
    - try: if (READ_ONCE(p->flag)) goto out
      ghost_last: seen = q
    - no: WRITE_ONCE(p->count, 1)
    - out: ;
    """
    assert always_ends_with(tmp_path, script, "t.seen == q && p->count == 0", init=["p->flag = 1"])
    assert always_ends_with(tmp_path / "0", script, "t.seen == q && p->count == 1")


def test_a_first_event_that_may_not_happen_cannot_carry_a_ghost(tmp_path):
    script = """
    - n: n = READ_ONCE(p->count)
    - odd: if (n) WRITE_ONCE(p->count, 1)
      ghost_first: seen = q
    """
    assert [problem.code for problem in problems(tmp_path, script)] == ["S228"]


@pytest.mark.parametrize("ghost", ["nothing = q", "seen = READ_ONCE(p->next)", "seen = 5", "p->next = q"])
def test_ghosts_that_are_none(tmp_path, ghost):
    script = f"- add: atomic_add(1, &p->count)\n  ghost_first: {ghost}"
    found = problems(tmp_path, script)
    assert [problem.code for problem in found] == ["S223" if ghost.endswith("5") else "S228"]


def test_ghosts_are_no_events(tmp_path):
    with_ghost = program(tmp_path / "1", "- add: atomic_add(1, &p->count)\n  ghost_last: seen = q")
    without = program(tmp_path / "2", "- add: atomic_add(1, &p->count)")
    assert [e.place for e in all_events(with_ghost)] == [e.place for e in all_events(without)]


# Assertions


def test_a_failed_assertion_is_seen_by_the_property_assertions(tmp_path):
    from encoder.concrete.explorer.explore import explore

    script = "- n: n = READ_ONCE(p->count)\n- low: assert(n < 2)"
    made = program(tmp_path, script, second="- set: WRITE_ONCE(p->count, 3)")
    assert [p.name for p in made.properties] == ["holds", "assertions"]
    found = explore(made, made.properties[1], loops=1, max_states=1000)
    assert found.outcome == "violated"
    assert found.violated is not None
    assert found.violated.text == "cpu0: assert(n < 2) at low fails"


def test_an_assertion_is_no_branch(tmp_path):
    made = program(tmp_path, "- n: n = READ_ONCE(p->count)\n- low: assert(n < 2)\n- true: assert(1)")
    assert not [s for s in statements(made.threads[0].body) if isinstance(s, If)]
    assert len(made.properties[1].instances) == 1


def test_an_index_that_may_be_out_of_range_is_an_assertion(tmp_path):
    from encoder.concrete.explorer.explore import explore

    script = """
    - n: n = READ_ONCE(p->count)
    - set: mine[n] = q
    - known: for i in 0 .. 2
      do:
        - fine: mine[i] = p
    """
    made = program(tmp_path, script, locals='mine: "page *[2]"', init=["p->count = 2"])
    assert len(made.properties[1].instances) == 1
    assert explore(made, made.properties[1], loops=1, max_states=1000).outcome == "violated"
