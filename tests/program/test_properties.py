"""Properties: their instances, and properties that speak of nothing."""

import pytest

from encoder.base.errors import InputError
from encoder.program.core import Arith, At, Choose, Const, Ended, Final, Not, Op, ThreadVar
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from tests.program.specs import folder, problems, program

SCRIPT = """
- take: held[0] = p
- add: atomic_add(1, &p->count)
  ghost_last: section = m
"""
PARTS = {"locals": 'held: "page *[2]", row: page *list', "second": "- other: atomic_add(1, &q->count)"}


def instances(path, text, script=SCRIPT):
    made = program(path, script, properties={"asked": text}, **PARTS)
    return made.properties[0].instances


def test_one_instance_for_each_thread_of_a_role_and_each_index(tmp_path):
    found = instances(tmp_path, "each: {t: one, i: t.held}\nwhen: t.held[i] != NULL\nnever: t.held[i]->flag")
    assert [instance.binding for instance in found] == [(("t", "cpu0"), ("i", "0")), (("t", "cpu0"), ("i", "1"))]
    situation = found[1].situation
    assert isinstance(situation, Arith) and situation.op is Op.NE
    assert isinstance(situation.left, ThreadVar) and (situation.left.thread, situation.left.name) == ("cpu0", "held.1")
    assert found[1].text == "cpu0.held[1] != NULL, and cpu0.held[1]->flag"


def test_two_names_never_bind_one_thread(tmp_path):
    found = instances(tmp_path, "each: {t: any, u: any}\nwhen: t.section != NULL\nnever: u.section == t.section")
    assert [dict(instance.binding) for instance in found] == [{"t": "cpu0", "u": "cpu1"}, {"t": "cpu1", "u": "cpu0"}]


def test_memory_through_a_local_is_the_last_value_of_the_object_it_points_to(tmp_path):
    (first, _) = instances(tmp_path, "each: {t: one, i: t.held}\nwhen: p->flag\nnever: t.held[i]->count == 1")
    assert isinstance(first.situation, Final) and str(first.situation.cell) == "p.flag"
    violation = first.violation
    assert isinstance(violation, Arith) and isinstance(violation.left, Choose)
    finals = violation.left.then, violation.left.otherwise.then
    assert [str(final.cell) for final in finals] == ["p.count", "q.count"]


def test_finally_speaks_of_the_states_in_which_all_have_ended(tmp_path):
    (found,) = instances(tmp_path, "finally: p->count == 1")
    assert found.situation == Arith(Op.LAND, Ended("cpu0"), Ended("cpu1"), found.situation.type)
    assert isinstance(found.violation, Not)
    assert found.text == "every thread has ended, but (p->count == 1) is false"


def test_places_and_ends_of_threads(tmp_path):
    (found,) = instances(tmp_path, "each: {t: one, u: two}\nwhen: t at add\nnever: u.ended")
    assert (found.situation, found.violation) == (At("cpu0", "add"), Ended("cpu1"))


def test_counting_objects_at_the_end(tmp_path):
    (found,) = instances(tmp_path, "finally: count(page, it->count == 1) == 2")
    texts = str(found.violation)
    assert "object='p'" in texts and "object='q'" in texts


def test_ghosts_are_there_on_every_thread_and_start_at_0(tmp_path):
    (_, found) = instances(tmp_path, "each: {t: any}\nwhen: t.seen == NULL\nnever: t.section == m")
    assert found.binding == (("t", "cpu1"),)
    made = program(tmp_path / "again", SCRIPT, **PARTS)
    assert all({"seen", "section"} <= {name for name, _ in thread.variables} for thread in made.threads)


@pytest.mark.parametrize(
    "text, code, near",
    [
        ("each: {t: onne}\nfinally: t.ended", "S305", "one"),
        ("each: {t: one, u: one}\nfinally: t.ended", "S305", ""),
        ("each: {t: one, i: t.n}\nfinally: t.ended", "S222", ""),
        ("each: {t: one}\nfinally: t.hled[0] == NULL", "S222", "held"),
        ("each: {t: two}\nfinally: t.held[0] == NULL", "S222", ""),
        ("each: {t: one}\nfinally: t.row[0] == p", "S222", ""),
        ("each: {t: one}\nfinally: t.held[2] == NULL", "S306", ""),
        ("each: {t: one}\nfinally: t.held[0]->cuont == 1", "S222", "count"),
        ("finally: r->count == 1", "S306", ""),
        ("each: {t: one}\nwhen: t at ad\nnever: t.ended", "S306", "add"),
        ("each: {t: one}\nwhen: t at take\nnever: t.ended", "S306", ""),
        ("when: p at add\nnever: p->flag", "S306", ""),
        ("finally: positive(p)", "S227", ""),
        ("finally: p == s", "S223", ""),
        ("finally: count(pgae, it->flag) == 0", "S221", "page"),
        ("finally: count(page) == 0", "S226", ""),
    ],
)
def test_a_property_that_names_nothing(tmp_path, text, code, near):
    found = problems(tmp_path, SCRIPT, properties={"asked": text}, **PARTS)
    assert [(problem.code, problem.nearest) for problem in found] == [(code, near)]
    assert found[0].span is not None


def test_a_property_that_is_not_there_is_told_beside_other_mistakes(tmp_path):
    asked = {"asked": "each: {t: one}\nfinally: t.n == 0"}
    root = folder(tmp_path, "- n: n = nothing", properties=asked)
    (root / "properties/asked.yaml").rename(root / "properties/askde.yaml")
    text = (root / "properties/askde.yaml").read_text("utf-8")
    (root / "properties/askde.yaml").write_text(text.replace("asked", "askde"), "utf-8")
    with pytest.raises(InputError) as caught:
        resolve(load_library(root), "tiny", "base")
    found = sorted((problem.code, problem.nearest) for problem in caught.value.problems)
    assert found == [("S220", ""), ("S304", "askde")]


def test_earlier_kernels_are_not_asked_for_what_later_ones_promise(tmp_path):
    asked = {"always": "finally: p->count == 1", "later": "kernel: v2\nfinally: p->bit == 1"}
    later = "kernel: v2\nfields: {page: {bit: bool}}"
    root = folder(tmp_path, SCRIPT, properties=asked, variants={"later": later}, **PARTS)
    made = {name: resolve(load_library(root), "tiny", name) for name in ("base", "later")}
    assert [each.name for each in made["base"].properties] == ["always"]
    assert [each.name for each in made["later"].properties] == ["always", "later"]
    with pytest.raises(InputError, match="scenario tiny has no property 'later' of v1"):
        property_of(made["base"], "later")


def test_a_constant_situation(tmp_path):
    (found,) = instances(tmp_path, "when: true\nnever: p->flag")
    assert found.situation == Const(1, found.situation.type)
