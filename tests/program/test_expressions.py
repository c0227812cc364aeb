"""Expressions: C's values and conversions, C's order of events, nothing that C would not evaluate."""

import pytest

from encoder.program.core import BOOL, INT, UNSIGNED, Assign, Choose, Const, Convert, If, Load, Store, Var
from encoder.program.traverse import statements
from tests.program.specs import all_events, always_ends_with, event_texts, problems, program


@pytest.mark.parametrize(
    "expression, value",
    [
        ("7 - 2 * 3", "1"),
        ("-1 < 1", "1"),
        ("u - 1 > 5", "1"),
        ("-1 == u - 1", "1"),
        ("(1 << 31) < 0", "1"),
        ("-8 >> 1", "-4"),
        ("(u - 1) >> 31", "1"),
        ("~0", "-1"),
        ("6 & 3 | 8 ^ 1", "11"),
        ("!5 || !0", "1"),
        ("0 ? 3 : 4", "4"),
        ("n ? 3 : 4", "3"),
        ("b + b", "2"),
        ("b == 1", "1"),
        ("!n", "0"),
        ("n >= 5 && n <= 5", "1"),
        ("BIG - 1", "1023"),
        ("0x10 + 1", "17"),
        ("2147483647 + n - 5 + 1 < 0", "1"),
        ("len(row) + len(mine)", "5"),
        ("row[1] == q", "1"),
        ("(n == 5 ? p : q) == p", "1"),
        ("(n == 6 ? p : NULL) == NULL", "1"),
        ("NULL == mine[0]", "1"),
    ],
)
def test_values_are_as_in_c(tmp_path, expression, value):
    script = f"""
    - n: n = READ_ONCE(p->count)
    - u: u = READ_ONCE(m->seq)
    - b: b = READ_ONCE(p->flag)
    - row: row = [p, q]
    - x: "x = {expression}"
    - constant: y = folded(5, 0, true, row, mine, p, q)
    """
    folded = f"""
    params: {{n: int, u: unsigned, b: bool, row: page *list, mine: "page *[]", p: page *, q: page *}}
    returns: int
    steps:
      - done: "return {expression}"
    """
    assert always_ends_with(
        tmp_path,
        script,
        f"t.x == {value} && t.y == {value}",
        locals='mine: "page *[3]", row: page *list, x: int, y: int',
        procedures={"folded": folded},
        init=["p->count = 5", "p->flag = 1"],
    )


def test_both_sides_get_one_type(tmp_path):
    script = """
    - u: u = READ_ONCE(m->seq)
    - b: b = READ_ONCE(p->flag)
    - sum: w = u + b
    - less: l = b < u
    """
    made = program(tmp_path, script)
    types = dict(made.threads[0].variables)
    assert (types["u"], types["b"], types["w"], types["l"]) == (UNSIGNED, BOOL, UNSIGNED, BOOL)
    value = next(s.value for s in statements(made.threads[0].body) if isinstance(s, Assign) and s.variable == "w")
    assert value.type == UNSIGNED
    assert value.right == Convert(Convert(Var("b", BOOL), INT), UNSIGNED)


def test_events_come_in_the_order_of_the_text(tmp_path):
    script = "- all: n = READ_ONCE(p->count) + q->count * atomic_add_return(READ_ONCE(q->count), &p->count)"
    assert event_texts(program(tmp_path, script)) == [
        "READ_ONCE(p->count)",
        "q->count",
        "READ_ONCE(q->count)",
        "atomic_add_return(READ_ONCE(q->count), &p->count)",
    ]


@pytest.mark.parametrize(
    "operator, condition", [("&&", "t.x == 0 && q->count == 0"), ("||", "t.x == 1 && q->count == 0")]
)
def test_the_right_side_does_not_happen_where_c_does_not_evaluate_it(tmp_path, operator, condition):
    flag = "0" if operator == "&&" else "1"
    script = f"""
    - x: "x = READ_ONCE(p->flag) {operator} atomic_add_return(1, &q->count) > 0"
    """
    assert always_ends_with(tmp_path / "1", script, condition, init=[f"p->flag = {flag}"])
    other = "1" if operator == "&&" else "0"
    assert always_ends_with(tmp_path / "2", script, "t.x == 1 && q->count == 1", init=[f"p->flag = {other}"])


def test_only_one_arm_of_a_conditional_happens(tmp_path):
    script = '- x: "x = READ_ONCE(p->flag) ? atomic_add_return(1, &q->count) : atomic_add_return(10, &p->count)"'
    assert always_ends_with(tmp_path / "1", script, "t.x == 1 && p->count == 0", init=["p->flag = 1"])
    assert always_ends_with(tmp_path / "0", script, "t.x == 10 && q->count == 0")


def test_what_has_no_event_is_no_branch(tmp_path):
    script = """
    - a: a = READ_ONCE(p->count)
    - x: "x = a > 1 && (a < 5 || a == 7) ? 3 : 4"
    """
    made = program(tmp_path, script)
    assert not [s for s in statements(made.threads[0].body) if isinstance(s, If)]
    last = [s for s in statements(made.threads[0].body) if isinstance(s, Assign)][-1]
    assert isinstance(last.value, Choose)


def test_a_value_times_0_still_depends_on_what_was_read(tmp_path):
    made = program(tmp_path, "- x: x = READ_ONCE(p->count) * 0")
    last = [s for s in statements(made.threads[0].body) if isinstance(s, Assign)][-1]
    assert not isinstance(last.value, Const)


def test_plain_reads_and_writes_of_shared_memory(tmp_path):
    made = program(tmp_path, "- copy: p->count = q->count + 1")
    load, store = all_events(made)
    assert isinstance(load, Load) and isinstance(store, Store)
    assert (load.order, store.order) == ("plain", "plain")
    assert store.site.event == "p->count = q->count + 1"


def test_a_word_is_read_and_written_at_once(tmp_path):
    script = """
    - set: WRITE_ONCE(s->pte, (pte_t){.present = 1, .page = q})
    - get: pte = READ_ONCE(s->pte)
    - change: pte.writable = pte.present
    - again: WRITE_ONCE(s->pte, pte)
    - same: same = pte == READ_ONCE(s->pte)
    - differ: differ = pte != READ_ONCE(s2->pte)
    """
    condition = "s->pte.writable && s->pte.page == q && t.pte.present && t.same && t.differ"
    assert always_ends_with(tmp_path, script, condition)
    store = all_events(program(tmp_path / "x", script))[0]
    assert [name for name, _ in store.values] == ["page", "present", "writable"]


def test_the_parts_of_a_record_change_at_once(tmp_path):
    script = """
    - first: pte = (pte_t){.present = 1}
    - swap: pte = (pte_t){.present = pte.writable, .writable = pte.present}
    """
    assert always_ends_with(tmp_path, script, "!t.pte.present && t.pte.writable")


def test_array_elements_by_an_index_that_is_not_known(tmp_path):
    script = """
    - n: n = READ_ONCE(p->count)
    - mine: mine[n] = q
    - other: mine[n - 1] = p
    - got: got = mine[READ_ONCE(p->count)]
    """
    condition = "t.mine[0] == NULL && t.mine[1] == p && t.mine[2] == q && t.got == q"
    assert always_ends_with(tmp_path, script, condition, locals='mine: "page *[3]"', init=["p->count = 2"])


def test_a_pointer_that_was_read_may_be_any_object_of_its_struct(tmp_path):
    made = program(tmp_path, "- next: n = READ_ONCE(READ_ONCE(p->next)->count)")
    place = all_events(made)[1].place
    assert [(value, str(cell)) for value, cell in place.targets] == [(1, "p.count"), (2, "q.count")]
    assert isinstance(place.base, Var)


def test_const_fields_of_an_unknown_object(tmp_path):
    script = """
    - pte: pte = READ_ONCE(s->pte)
    - mm: mm = pte.page->owner
    - bump: bump(&mm->seq)
    """
    objects = """
    m: mm
    m2: mm
    p: {type: page, owner: m}
    q: {type: page, owner: m2}
    s: {type: slot, mm: m}
    """
    init = ["s->pte = (pte_t){.page = q}"]
    assert always_ends_with(tmp_path, script, "t.mm == m2 && m2->seq == 1", objects=objects, init=init)


@pytest.mark.parametrize(
    "step, code",
    [
        ("x = nothing", "S220"),
        ("x = nowhere(p)", "S220"),
        ("x = p->cuont", "S222"),
        ("x = p + 1", "S223"),
        ("x = p == 5", "S223"),
        ("x = p == s", "S223"),
        ("x = READ_ONCE(s->pte) == 1", "S223"),
        ("x = NULL", "S223"),
        ("x = atomic_read(&m->seq)", "S223"),
        ("x = atomic_read(p->count)", "S223"),
        ("p->next = s", "S223"),
        ("s->pte.present = 1", "S224"),
        ("p->owner = m", "S224"),
        ("m->lock = 1", "S224"),
        ("x = READ_ONCE(n)", "S224"),
        ("x = atomic_add(1, &p->count)", "S225"),
        ("x = atomic_read()", "S226"),
        ("x = atomic_read(&p->count, 1)", "S226"),
        ("p = q", "S227"),
        ("WRITE = 2", "S227"),
        ("seen = p", "S227"),
        ("x = seen", "S228"),
        ("x = p->extra", "S224"),
        ("x = mine[3]", "S231"),
        ("x = p->owner->nothing", "S222"),
        ("x = 4294967296", "S223"),
        ("x = (pte)", "S220"),
        ("x = (slot){.pte = 1}", "S221"),
        ("x = (pte_t){.present = p->next, .gone = 1}", "S222"),
        ("x = [p, s]", "S223"),
        ("x = count(page, 1)", "S227"),
        ("mine = p", "S227"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, step, code):
    found = problems(tmp_path, f"- n: n = 1\n- wrong: '{step}'", locals='mine: "page *[3]"')
    assert [problem.code for problem in found] == [code]
    assert found[0].span is not None


def test_a_mistake_is_told_once_and_hides_no_other(tmp_path):
    script = """
    - one: x = p->cuont
    - two: y = x + 1
    - three: z = nothing
    - four: if (x) w = q->flog
    - five: n = q->flog
    """
    found = [(p.code, p.span.line, p.nearest) for p in problems(tmp_path, script)]
    first = found[0][1]
    assert found == [("S222", first, "count"), ("S220", first + 2, ""), ("S222", first + 4, "flag")]
