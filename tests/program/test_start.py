"""The start: what is given, equations, defaults, and starts that cannot be."""

import pytest

from encoder.program.core import Assumption, Const, Op, Var
from tests.program.specs import TYPES, always_ends_with, problems, program

COUNTED = TYPES.replace(
    "struct: {count: int, flag: bool, next: page *, owner: const mm *, slots: const slot *list}",
    """struct: {count: int, flag: bool, next: page *, owner: const mm *, slots: const slot *list, extras: int}
    equations:
      count: count(slot, it->pte.present && it->pte.page == self) + self->flag + self->extra
    defaults:
      flag: 1
      extras: self->extra + 1""",
)


def start(made):
    return {str(cell.name): cell.init for cell in made.cells}


def test_everything_starts_at_0_unless_it_is_said(tmp_path):
    made = program(tmp_path, "- n: n = 1", init=["p->count = 4", "q->next = p", "s->pte = (pte_t){.page = q}"])
    assert start(made)["p.count"] == (Const(4),)
    assert start(made)["q.count"] == (Const(0),)
    assert start(made)["q.next"][0].value == 1
    assert [part.value for part in start(made)["s.pte"]] == [2, 0, 0]
    assert [cell.lock for cell in made.cells if str(cell.name) == "m.lock"] == [True]


def test_const_fields_and_parameters_are_no_memory(tmp_path):
    names = {str(cell.name) for cell in program(tmp_path, "- n: n = 1").cells}
    assert names == {
        "m.seq", "m.lock", "p.count", "p.flag", "p.next", "q.count", "q.flag", "q.next", "s.pte", "s2.pte",
    }  # fmt: skip


def test_equations_count_objects_and_defaults_fill_in(tmp_path):
    init = ["s->pte = (pte_t){.present = 1, .page = q}", "s2->pte = (pte_t){.present = 1, .page = q}", "p->flag = 0"]
    made = start(program(tmp_path, "- n: n = 1", types=COUNTED, init=init))
    assert made["q.count"] == (Const(2 + 1 + 7),)
    assert made["p.count"] == (Const(0),)
    assert made["q.extras"] == (Const(8),)
    assert made["p.flag"][0].value == 0 and made["q.flag"][0].value == 1


def test_symbols_are_chosen_by_the_solver(tmp_path):
    made = program(
        tmp_path,
        "- n: n = READ_ONCE(p->count)",
        symbols="{n: 2..3, f: any}",
        init=["p->count = n + 1", "p->flag = f"],
        assume=["n > 2 || f", "n < 9"],
    )
    assert [(s.name, s.first, s.last) for s in made.symbols] == [("n", 2, 3), ("f", 0, 1)]
    assert start(made)["p.count"][0].left == Var("n")
    assert [a.text for a in made.assumptions] == ["n > 2 || f", "n < 9"]
    text = "(t.n == 3 && n == 2 && f) || (t.n == 4 && n == 3)"
    assert always_ends_with(
        tmp_path / "run",
        "- n: n = READ_ONCE(p->count)",
        text,
        symbols="{n: 2..3, f: any}",
        init=["p->count = n + 1", "p->flag = f"],
        assume=["n > 2 || f"],
    )


def test_a_given_start_has_to_satisfy_its_equation(tmp_path):
    made = program(tmp_path, "- n: n = 1", types=COUNTED, symbols="{n: 0..9}", init=["p->count = n"])
    (assumption,) = made.assumptions
    assert isinstance(assumption, Assumption)
    assert start(made)["p.count"] == (Var("n"),)
    assert (assumption.condition.op, assumption.condition.left) == (Op.EQ, Var("n"))


@pytest.mark.parametrize(
    "parts, message",
    [
        ({"init": ["q->count = 3"]}, "contradictory start: q->count = 3, its equation gives 8"),
        ({"assume": ["1 == 2"]}, "contradictory start: nothing satisfies 1 == 2"),
        ({"init": ["p->flag = 1", "p->flag = 1"]}, "p.flag is given twice"),
        ({"init": ["m->lock = 1"]}, "a lock is free at the start"),
        ({"init": ["p->extras = p->extras"]}, "a start that depends on itself: p.extras -> p.extras"),
        ({"init": ["r->flag = 1"]}, "`r` is no object, symbol or constant"),
        ({"init": ["p->falg = 1"]}, "struct `page` has no field `falg`"),
        ({"init": ["p->owner = m"]}, "`owner` of `page` is no memory location: the scenario fixes it"),
        ({"init": ["p->next = s"]}, "`slot *` where `page *` is wanted"),
        ({"assume": ["READ_ONCE(p->count) == 1"]}, "`READ_ONCE` cannot be called before the start"),
        ({"objects": "m: mm\np: paeg"}, "unknown struct `paeg`"),
        ({"objects": "m: mm\np: {type: page, onwer: m}"}, "`page` has no const field or parameter `onwer`"),
        ({"objects": "m: mm\np: {type: page, flag: 1}"}, "`page` has no const field or parameter `flag`"),
        ({"objects": "m: mm\np: {type: page, owner: 5}"}, "`int` where `mm *` is wanted"),
        ({"objects": "m: mm\nWRITE: page"}, "`WRITE` is a constant too"),
        ({"objects": "p: page"}, "there is no object `m` to run"),
    ],
)
def test_starts_that_cannot_be(tmp_path, parts, message):
    found = problems(tmp_path, "- n: n = 1", types=COUNTED, **parts)
    assert [problem.message for problem in found] == [message]
    assert found[0].span is not None
