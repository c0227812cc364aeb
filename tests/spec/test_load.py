"""Every kind of document, and what is read for one scenario."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.spec.load import document_names, load_library
from encoder.spec.model import (
    FenceBody,
    FlushBody,
    Library,
    LoadBody,
    LockBody,
    MacroBody,
    Primitive,
    Procedure,
    RegionBody,
    RmwBody,
    StoreBody,
)
from encoder.spec.syntax import Step
from encoder.spec.walk import called_functions
from tests.spec.shapes import shape

SCENARIOS = document_names("scenarios")
VARIANTS = document_names("variants")


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load_library()


def library(folder: Path, **documents: str) -> Library:
    """The library of one file for each folder (`procedures` are `f`, version v1)."""
    for kind, text in documents.items():
        path = folder / kind / ("f/v1.yaml" if kind == "procedures" else "it.yaml")
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    return load_library(folder)


def test_types(tmp_path: Path) -> None:
    types = library(
        tmp_path,
        types="""
types:
  pte_t: {word: {present: bool, page: page *}, source: pgtable.h}
  page:
    parameters: {isolated: int}
    struct: {_refcount: int, PG_dirty: bool, memcg: const page *, flags: unsigned}
    equations: {_refcount: "count(pte_slot, it->pte.page == self) + self->isolated"}
    defaults: {PG_dirty: 1}
constants: {BIAS: 1024, FLAG: 0x40, LESS: -1}
ghosts: {seq_section: mm_struct *}
""",
    ).types
    (word,) = types.words
    assert [(field.name, field.type.name, field.type.pointer) for field in word.fields] == [
        ("present", "bool", False),
        ("page", "page", True),
    ]
    (page,) = types.structs
    assert [parameter.name for parameter in page.parameters] == ["isolated"]
    assert [
        (field.name, field.const, shape(field.initially) if field.initially else None, field.equation)
        for field in page.fields
    ] == [
        ("_refcount", False, "(count(pte_slot, (((it->pte).page) == self)) + (self->isolated))", True),
        ("PG_dirty", False, "1", False),
        ("memcg", True, None, False),
        ("flags", False, None, False),
    ]
    assert types.constants == (("BIAS", 1024), ("FLAG", 64), ("LESS", -1))
    assert [(ghost.name, ghost.type.name) for ghost in types.ghosts] == [("seq_section", "mm_struct")]


def primitive(folder: Path, text: str) -> Primitive:
    return library(folder, primitives=f"primitives:\n  it: {text}\n").primitives[0]


@pytest.mark.parametrize(
    ("written", "read", "write"),
    [
        ("", "relaxed", "relaxed"),
        ("order: mb", "mb", "mb"),
        ("order: noreturn", "noreturn", "noreturn"),
        ("order: acquire", "acquire", "once"),
        ("order: release", "once", "release"),
        ("order: {read: acquire, write: release}", "acquire", "release"),
    ],
)
def test_an_acquire_orders_the_read_and_a_release_the_write(
    tmp_path: Path, written: str, read: str, write: str
) -> None:
    ((key, body),) = primitive(tmp_path, f'{{rmw: "*v", new: old + 1, {written}}}').bodies
    assert key == ""
    assert isinstance(body, RmwBody)
    assert (body.read_order, body.write_order) == (read, write)
    assert (body.when, body.result, body.await_) == (None, None, None)


@pytest.mark.parametrize(("written", "locked"), [("fails: locked", True), ("order: mb", False)])
def test_a_failed_attempt_is_locked_where_the_spec_says_so(tmp_path: Path, written: str, locked: bool) -> None:
    ((_, body),) = primitive(tmp_path, f'{{rmw: "*v", when: old != 1, new: 1, {written}}}').bodies
    assert isinstance(body, RmwBody)
    assert body.fails_locked == locked


def test_a_read_modify_write(tmp_path: Path) -> None:
    text = '{params: {v: int &, n: int}, rmw: "*v", when: old != n, new: n, result: old, await: old > 0}'
    found = primitive(tmp_path, text)
    ((_, body),) = found.bodies
    assert isinstance(body, RmwBody)
    assert [shape(part) for part in (body.place, body.when, body.new, body.result, body.await_) if part] == [
        "(*v)", "(old != n)", "n", "old", "(old > 0)",
    ]  # fmt: skip
    assert [(parameter.name, parameter.type.shape) for parameter in found.parameters if parameter.type] == [
        ("v", "place"),
        ("n", "scalar"),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "attributes"),
    [
        ("{load: x}", LoadBody, {"order": "once"}),
        ("{load: x, order: acquire}", LoadBody, {"order": "acquire"}),
        ("{store: x, value: 1, order: plain}", StoreBody, {"order": "plain"}),
        ("{acquire: x}", LockBody, {"action": "acquire", "mode": "write"}),
        ("{try_acquire: x, mode: read}", LockBody, {"action": "try_acquire", "mode": "read"}),
        ("{release: x}", LockBody, {"action": "release", "mode": "write"}),
        ("{fence: before-atomic}", FenceBody, {"kind": "before-atomic"}),
        ("{region: irq, edge: begin}", RegionBody, {"kind": "irq", "begin": True}),
        ("{region: rcu, edge: end}", RegionBody, {"kind": "rcu", "begin": False}),
        ("{flush: begin, mm: mm}", FlushBody, {"begin": True}),
        ("{flush: end, mm: mm}", FlushBody, {"begin": False}),
    ],
)
def test_forms(tmp_path: Path, text: str, kind: type, attributes: dict[str, object]) -> None:
    ((_, body),) = primitive(tmp_path, text).bodies
    assert isinstance(body, kind)
    assert {name: getattr(body, name) for name in attributes} == attributes


def test_a_form_for_each_kind_of_flush(tmp_path: Path) -> None:
    text = (
        "{by flush: {ipi: {steps: [f()]}, broadcast: {fence: mb}, deferred: {steps: []}, "
        "deferred-broadcast: {fence: barrier}}}"
    )
    found = primitive(tmp_path, text)
    assert [(kind, type(body)) for kind, body in found.bodies] == [
        ("ipi", MacroBody),
        ("deferred", MacroBody),
        ("broadcast", FenceBody),
        ("deferred-broadcast", FenceBody),
    ]


def outline(steps: tuple[Step, ...]) -> list[object]:
    """Labels and texts, with the blocks below them."""
    return [
        (step.label, step.text, *(outline(block) for block in (step.then, step.otherwise, step.body) if block))
        for step in steps
    ]


def test_a_macro_has_blocks(tmp_path: Path) -> None:
    text = '{steps: [x = 1, {"if (x)": [f()], else: [g()]}, {"while (x)": [x = 0], bound: 3}]}'
    ((_, body),) = primitive(tmp_path, text).bodies
    assert isinstance(body, MacroBody)
    assert outline(body.steps) == [
        ("", "x = 1"),
        ("", "if (x)", [("", "f()")], [("", "g()")]),
        ("", "while (x)", [("", "x = 0")]),
    ]
    assert body.steps[2].bound is not None


def test_a_procedure(tmp_path: Path) -> None:
    (found,) = library(
        tmp_path,
        procedures="""
procedure: f
kernel: v1
source: mm/gup.c f()
params: {p: page *, pages: "page *[]"}
locals: {tried: "page *[2]"}
returns: int
steps:
  - start: n  =  0
    note: from nothing
  - loop: for i in 0 .. 2
    bound: 2
    source: mm/gup.c g()
    do:
      - look: if (p)
        then:
          - inner: n = 1
        else:
          - other: n = 2
            source: mm/gup.c h()
    ghost_last: [a = 1, "b[i] = 2"]
  - end: return n
    ghost_first: busy = NULL
""",
    ).procedures
    assert (found.name, found.kernel, found.returns.name if found.returns else None) == ("f", "v1", "int")
    assert [parameter.name for parameter in (*found.parameters, *found.locals)] == ["p", "pages", "tried"]
    assert outline(found.steps) == [
        ("start", "n = 0"),
        ("loop", "for i in 0 .. 2", [("look", "if (p)", [("inner", "n = 1")], [("other", "n = 2")])]),
        ("end", "return n"),
    ]
    start, loop, end = found.steps
    look = loop.body[0]
    assert (start.note, loop.bound is not None, start.bound) == ("from nothing", True, None)
    assert [step.source for step in (start, loop, look, look.then[0], look.otherwise[0])] == [
        "mm/gup.c f()", "mm/gup.c g()", "mm/gup.c g()", "mm/gup.c g()", "mm/gup.c h()",
    ]  # fmt: skip
    assert [shape(ghost.target) for ghost in (*loop.ghost_last, *end.ghost_first)] == ["a", "(b[i])", "busy"]
    assert (end.span.line, end.span.column, end.label_span.column) == (22, 10, 5)


def test_a_variant(tmp_path: Path) -> None:
    (found,) = library(
        tmp_path,
        variants="""
variant: it
title: "mm/gup: it"
author: A
link: https://example.org
base: other
reading: >-
  two
  lines
fields: {mm_struct: {wp_lock: lock, wp_seq: const int}}
edits:
  - {in: f, before: a, insert: [b: x = 1]}
  - {in: f, after: b, insert: [c: x = 2, d: x = 3]}
  - {in: g, replace: e, with: [e: x = 4]}
  - {in: g, delete: h}
""",
    ).variants
    assert (found.title, found.base, found.kernel, found.reading) == ("mm/gup: it", "other", "", "two lines")
    assert [(added.struct, added.field.name, added.field.const) for added in found.fields] == [
        ("mm_struct", "wp_lock", False),
        ("mm_struct", "wp_seq", True),
    ]
    assert [(edit.procedure, edit.action, edit.anchor, len(edit.steps)) for edit in found.edits] == [
        ("f", "before", "a", 1),
        ("f", "after", "b", 2),
        ("g", "replace", "e", 1),
        ("g", "delete", "h", 0),
    ]
    assert str(found.edits[0].anchor_span).endswith("it.yaml:12:21")


def test_a_scenario(tmp_path: Path) -> None:
    (found,) = library(
        tmp_path,
        scenarios="""
scenario: it
title: two CPUs
scope: one page
objects:
  mm: mm_struct
  p: {type: page, isolated: 1, other_refs: others}
symbols: {others: 0..2000, cached: any}
init: ["p->flags = cached"]
assume: [others > 0 || cached]
threads:
  cpu0:
    role: pinner
    runs: mm
    locals: {slots: pte_slot *list}
    steps: [pin: f(p)]
  cpu1: {steps: [drop: g(p)]}
properties: [a, b]
""",
    ).scenarios
    assert [
        (item.name, item.struct, [(name, shape(value)) for name, value in item.values]) for item in found.objects
    ] == [("mm", "mm_struct", []), ("p", "page", [("isolated", "1"), ("other_refs", "others")])]
    assert [(symbol.name, symbol.first, symbol.last) for symbol in found.symbols] == [
        ("others", 0, 2000),
        ("cached", 0, 1),
    ]
    assert [shape(item.target) for item in found.init] == ["(p->flags)"]
    assert [shape(item) for item in found.assume] == ["((others > 0) || cached)"]
    assert [(item.name, item.role, item.runs, len(item.locals)) for item in found.threads] == [
        ("cpu0", "pinner", "mm", 1),
        ("cpu1", "", None, 0),
    ]
    assert found.properties == ("a", "b")
    assert [span.column for span in found.property_spans] == [14, 17]


def test_a_property(tmp_path: Path) -> None:
    text = 'property: it\ntitle: T\neach: {t: pinner, i: t.held}\nwhen: t.held[i]\nnever: "!(t  at out)"\n'
    (found,) = library(tmp_path, properties=text).properties
    assert (found.kind, found.text) == ("never", "when t.held[i] never !(t at out)")
    assert found.situation is not None
    assert (shape(found.situation), shape(found.condition)) == ("((t.held)[i])", "(!(t at out))")
    assert [(name, shape(of)) for name, of in found.each] == [("t", "pinner"), ("i", "(t.held)")]


def test_a_property_of_the_end(tmp_path: Path) -> None:
    (found,) = library(tmp_path, properties="property: it\ntitle: T\nfinally: a == 1\n").properties
    assert (found.kind, found.situation, found.text, shape(found.condition)) == (
        "finally", None, "finally a == 1", "(a == 1)",
    )  # fmt: skip


def test_the_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        library(tmp_path, properties="property: it\n", variants="variant: it\n", primitives="primitives: {a: {}}\n")
    assert {problem.span.file.split("/")[-2] for problem in caught.value.problems if problem.span} == {
        "primitives", "properties", "variants",
    }  # fmt: skip


def test_the_shipped_specs_are_right_and_sorted(shipped: Library) -> None:
    for found in (
        [(item.name, "") for item in shipped.primitives],
        [(item.name, "") for item in shipped.variants],
        [(item.name, "") for item in shipped.scenarios],
        [(item.name, "") for item in shipped.properties],
        [(item.name, item.kernel) for item in shipped.procedures],
    ):
        assert found
        assert found == sorted(set(found))
    assert {scenario.name for scenario in shipped.scenarios} == set(SCENARIOS)


def parts() -> Iterator[object]:
    """Every scenario, and every variant of one of them; one in eight is enough to see what is forgotten."""
    pairs = (*product(SCENARIOS, VARIANTS[:1]), *product(SCENARIOS[:1], VARIANTS[1:]))
    for number, pair in enumerate(pairs):
        yield pytest.param(*pair, marks=[pytest.mark.slow] if number % 8 else [])


@pytest.mark.parametrize(("scenario", "variant"), list(parts()))
def test_what_one_scenario_needs_is_what_all_of_it_says(shipped: Library, scenario: str, variant: str) -> None:
    everything: tuple[Primitive | Procedure, ...] = (*shipped.primitives, *shipped.procedures)
    known = {item.name for item in everything}
    part = load_library(scenario=scenario, variant=variant)
    functions: tuple[Primitive | Procedure, ...] = (*part.primitives, *part.procedures)
    loaded = {item.name for item in functions}
    assert set(functions) <= set(everything)
    assert called_functions((functions, part.scenarios, part.variants)) & known <= loaded < known
    assert {edit.procedure for item in part.variants for edit in item.edits} <= loaded
    assert part.types == shipped.types
    assert [item.name for item in part.scenarios] == [scenario]
    assert set(part.scenarios[0].properties) == {item.name for item in part.properties}
    assert set(part.variants) <= set(shipped.variants)
    assert variant in {item.name for item in part.variants}
    assert {item.base for item in part.variants} - {None} < {item.name for item in part.variants}
