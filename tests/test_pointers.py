"""Pointers and words in marked accesses: published, taken and exchanged under each model, and drawn by their names."""

import re
from pathlib import Path

import pytest

from encoder.base.catalog import shipped
from encoder.base.errors import InputError
from encoder.base.result import Question, Refuted, Report, word
from encoder.memory import CHAIN
from encoder.program.core import BOOL, INT, UNSIGNED, Scalar
from encoder.program.resolve import resolve
from encoder.render.text import render
from encoder.spec.load import load_library
from encoder.verify.engine import ask
from tests.program.specs import block

TYPES = """
types:
  item:
    source: tests
    struct: {value: int}
  entry:
    source: tests
    word: {item: item *, present: bool}
  box:
    source: tests
    struct: {ptr: item *, entry: entry, number: int, count: unsigned, flag: bool}
"""
PROVED = ("proved", "proved", "proved")
LKMM_ONLY = ("proved", "proved", "refuted")
REFUTED = ("refuted", "refuted", "refuted")


def specs(path: Path, writer: str, reader: str, *, init: str = "", prop: str, second: str = "item *") -> Path:
    """A spec folder with the shipped primitives, an item `a` and `b` and a `box`, and two threads."""
    scenario = (
        "scenario: tiny\ntitle: tiny\nobjects: {a: item, b: item, box: box}\n"
        f"init: [{init}]\nthreads:\n  w:\n    role: writer\n    locals: {{q: {second}}}\n    steps:\n"
        f"{block(writer, 6)}  r:\n    role: reader\n    locals: {{q: {second}, r: int}}\n    steps:\n"
        f"{block(reader, 6)}properties: [holds]\n"
    )
    files = {
        "types/all.yaml": TYPES,
        "scenarios/tiny.yaml": scenario,
        "variants/base.yaml": "variant: base\ntitle: base\nkernel: v1\n",
        "properties/holds.yaml": f"property: holds\ntitle: holds\n{prop}",
        **{
            f"primitives/{name}.yaml": (shipped("specs") / "primitives" / f"{name}.yaml").read_text("utf-8")
            for name in ("atomic", "barrier")
        },
    }
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, "utf-8")
    return path


def answers(root: Path) -> tuple[Report, ...]:
    """Under SC, TSO and LKMM; the explorer is asked too where it can answer."""
    questions = (
        Question(scenario="tiny", variant="base", property="holds", model=model, opinions=("explorer",))
        for model in CHAIN
    )
    found = tuple(ask(question, root) for question in questions)
    assert [o.word for report in found for o in report.opinions if o.by == "explorer"] == ["agrees", "agrees"]
    return found


ITEM = Scalar(kind="pointer", struct="item")
FIELDS = {"ptr": {"": ITEM}, "entry": {".item": ITEM, ".present": BOOL}}
FIELDS |= {"number": {"": INT}, "count": {"": UNSIGNED}, "flag": {"": BOOL}}
PLAIN = ["READ_ONCE(x)", "WRITE_ONCE(x, v)", "rcu_dereference(x)", "rcu_assign_pointer(x, v)", "smp_store_mb(x, v)"]
PLAIN += ["smp_load_acquire(&x)", "smp_store_release(&x, v)"]
CHANGES = [f"{name}{order}" for order in ("", "_acquire", "_relaxed", "_release") for name in ("xchg", "cmpxchg")]
READS = re.compile("READ_ONCE|rcu_dereference|smp_load|(cmp)?xchg")
CALLS = PLAIN + [f"{name}(&x, {'v, ' if name.startswith('cmp') else ''}v)" for name in CHANGES]


@pytest.mark.parametrize("field", FIELDS)
def test_every_marked_access_takes_every_type_of_field(tmp_path: Path, field: str) -> None:
    """What it reads has the type of the field, and may be stored there again."""
    steps = [f"- first: v = READ_ONCE(box->{field})"]
    for number, call in enumerate(CALLS):
        value = f"got_{number} = " if READS.match(call) else ""
        name, _, rest = call.partition("(")
        steps.append(f"- call_{number}: {value}{name}({rest.replace('x', f'box->{field}')}")
    root = specs(tmp_path, "\n".join(steps), "- none: ;", prop="finally: true")
    found = dict(resolve(load_library(root), "tiny", "base").threads[0].variables)
    for number, call in enumerate(CALLS):
        if READS.match(call):
            assert {part: found[f"got_{number}{part}"] for part in FIELDS[field]} == FIELDS[field], call


PUBLISHED = """
each: {t: reader}
when: t.q != NULL && t.ended
never: t.r == 0
"""


@pytest.mark.parametrize(
    ("publish", "expected"),
    [
        ("rcu_assign_pointer(box->ptr, a)", PROVED),
        ("smp_store_release(&box->ptr, a)", PROVED),
        ("WRITE_ONCE(box->ptr, a)", LKMM_ONLY),
        ("smp_store_mb(box->ptr, a)", LKMM_ONLY),
        ("q = xchg(&box->ptr, a)", PROVED),
        ("q = xchg_release(&box->ptr, a)", PROVED),
        ("q = xchg_acquire(&box->ptr, a)", LKMM_ONLY),
        ("q = xchg_relaxed(&box->ptr, a)", LKMM_ONLY),
        ("q = cmpxchg(&box->ptr, NULL, a)", PROVED),
        ("q = cmpxchg_release(&box->ptr, NULL, a)", PROVED),
        ("q = cmpxchg_acquire(&box->ptr, NULL, a)", LKMM_ONLY),
        ("q = cmpxchg_relaxed(&box->ptr, NULL, a)", LKMM_ONLY),
        ("q = cmpxchg(&box->ptr, b, a)", ("vacuous", "vacuous", "vacuous")),
    ],
)
def test_what_a_reader_finds_behind_a_published_pointer(
    tmp_path: Path, publish: str, expected: tuple[str, ...]
) -> None:
    get = "smp_load_acquire(&box->ptr)" if "release" in publish else "rcu_dereference(box->ptr)"
    writer = f"- fill: WRITE_ONCE(a->value, 1)\n- publish: {publish}"
    reader = f"- get: q = {get}\n- none: if (q == NULL) return\n- look: r = READ_ONCE(q->value)"
    found = answers(specs(tmp_path, writer, reader, prop=PUBLISHED))
    assert tuple(word(each.verdict) for each in found) == expected
    if isinstance(found[-1].verdict, Refuted):
        witness = found[-1].verdict.witness
        published = next(step for step in witness.schedule if step.label == "publish" and step.location)
        assert published.value == ("NULL -> a" if "xchg" in publish else "a")
        assert [step.value for step in witness.schedule if step.label == "get"] == ["a"]
        assert ("box.ptr", "a") in witness.final
        assert "at the end, where it has changed:\n  a.value = 1" in render(found[-1])


def test_a_pointer_that_may_be_null_is_told_with_the_thread_and_its_calls(tmp_path: Path) -> None:
    look = "procedure: look\nkernel: v1\nsource: tests\nparams: {q: item *}\nsteps:\n  - first: READ_ONCE(q->value)\n"
    reader = "- get: q = READ_ONCE(box->ptr)\n- use: look(q)"
    prop = "each: {t: reader}\nwhen: t.ended\nnever: t.q == b"
    root = specs(tmp_path, "- put: WRITE_ONCE(box->ptr, a)", reader, prop=prop)
    (root / "procedures" / "look").mkdir(parents=True)
    (root / "procedures" / "look" / "v1.yaml").write_text(look, "utf-8")
    with pytest.raises(InputError) as error:
        ask(Question(scenario="tiny", variant="base", property="holds"), root)
    (problem,) = error.value.problems
    assert (problem.code, str(problem.span)) == ("Q102", f"{root}/procedures/look/v1.yaml:6:12")
    assert problem.message.endswith("NULL here: READ_ONCE(q->value), r at use / first")


STORES = """
procedure: pointer_store
kernel: v1
source: none
params: {box: box *, item: item *}
steps:
  - clear: WRITE_ONCE(box->ptr, NULL)
  - publish: smp_store_release(&box->ptr, item)
  - assign: rcu_assign_pointer(box->ptr, item)
  - swap: old = xchg(&box->ptr, item)
"""


def test_a_procedure_stores_the_pointers_that_it_is_given(tmp_path: Path) -> None:
    root = specs(tmp_path, "- store: pointer_store(box, b)", "- q: q = READ_ONCE(box->ptr)", prop=BEFORE)
    (root / "procedures" / "pointer_store").mkdir(parents=True)
    (root / "procedures" / "pointer_store" / "v1.yaml").write_text(STORES.lstrip(), "utf-8")
    found = answers(root)
    assert tuple(word(each.verdict) for each in found) == PROVED


BEFORE = """
each: {t: writer, u: reader}
when: u.ended
never: u.q == a || t.ended && box->ptr != b
"""
TAKEN_TWICE = """
each: {t: writer, u: reader}
when: t.ended && u.ended
never: t.q == u.q && t.q != NULL
"""


@pytest.mark.parametrize(
    ("take", "expected"),
    [
        ("q = xchg_relaxed(&box->ptr, NULL)", PROVED),
        ("q = cmpxchg_relaxed(&box->ptr, a, NULL)", PROVED),
        ("q = READ_ONCE(box->ptr)\n- away: WRITE_ONCE(box->ptr, NULL)", REFUTED),
    ],
)
def test_an_item_is_taken_once(tmp_path: Path, take: str, expected: tuple[str, ...]) -> None:
    root = specs(tmp_path, f"- take: {take}", f"- take: {take}", init="box->ptr = a", prop=TAKEN_TWICE)
    found = answers(root)
    assert tuple(word(each.verdict) for each in found) == expected


WON_TWICE = """
each: {t: writer, u: reader}
when: t.ended && u.ended
never: t.q == NULL && u.q == NULL
"""


def test_one_of_two_items_is_put_into_an_empty_box(tmp_path: Path) -> None:
    put = "- put: q = cmpxchg_relaxed(&box->ptr, NULL, {})"
    found = answers(specs(tmp_path, put.format("a"), put.format("b"), prop=WON_TWICE))
    assert tuple(word(each.verdict) for each in found) == PROVED


MIXED = """
each: {t: reader}
when: t.ended && t.q.present
never: t.q.item != a
"""


@pytest.mark.parametrize("put", ["xchg", "cmpxchg"])
def test_words_are_exchanged_whole(tmp_path: Path, put: str) -> None:
    """No half of an entry is seen without the other, and what was there comes back."""
    old = ", (entry){.present = 0}" if put == "cmpxchg" else ""
    entry = "(entry){.item = a, .present = 1}"
    writer = f"- put: q = {put}_relaxed(&box->entry{old}, {entry})"
    reader = "- get: q = READ_ONCE(box->entry)"
    found = answers(specs(tmp_path, writer, reader, prop=MIXED, second="entry"))
    assert tuple(word(each.verdict) for each in found) == PROVED
    empty = "each: {t: writer}\nwhen: t.ended\nnever: t.q.present || t.q.item != NULL"
    found = answers(specs(tmp_path / "empty", writer, reader, prop=empty, second="entry"))
    assert tuple(word(each.verdict) for each in found) == PROVED
    seen = "each: {t: reader}\nwhen: t.ended\nnever: t.q.present"
    found = answers(specs(tmp_path / "seen", writer, reader, prop=seen, second="entry"))
    assert tuple(word(each.verdict) for each in found) == REFUTED
    assert isinstance(found[0].verdict, Refuted)
    first = found[0].verdict.witness.schedule[0]
    assert (first.location, first.value) == ("box.entry", "{} -> {item=a present}")
