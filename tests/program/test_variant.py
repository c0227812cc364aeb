"""Variants: edits anchored on labels."""

from dataclasses import replace

import pytest

from encoder.base.errors import InputError
from encoder.program.variant import apply_variant
from encoder.spec.load import load_library
from encoder.spec.walk import all_steps
from tests.program.specs import all_events, event_texts, folder, problems, program

WORK = """
params: {page: page *}
steps:
  - first: atomic_add(1, &page->count)
  - test: if (READ_ONCE(page->flag))
    source: include/tests.h test()
    then:
      - inner: atomic_add(2, &page->count)
      - leave: goto out
    else:
      - other: atomic_add(3, &page->count)
  - loop: for i in 0 .. 2
    do:
      - round: atomic_add(4, &page->count)
  - out: atomic_add(5, &page->count)
"""


def labels(path, **variants):
    name = next(iter(variants))
    library = load_library(folder(path, "- go: work(p)", procedures={"work": WORK}, variants=variants))
    (work,) = apply_variant(library, name).procedures
    return [step.label for step in all_steps(work.steps)]


def wrong(path, edits, base="base"):
    return problems(
        path,
        "- go: work(p)",
        procedures={"work": WORK},
        variants={"patch": f"base: {base}\nedits:\n{edits}"},
        variant="patch",
    )


ALL = ["first", "test", "inner", "leave", "other", "loop", "round", "out"]


def test_the_kernel_as_released_has_its_own_steps(tmp_path):
    assert labels(tmp_path, kernel="kernel: v1") == ALL


@pytest.mark.parametrize(
    "edit, after",
    [
        ("before: first, insert: [new: ;]", ["new", *ALL]),
        ("after: inner, insert: [new: ;, more: ;]", ["first", "test", "inner", "new", "more", *ALL[3:]]),
        ("before: round, insert: [new: ;]", [*ALL[:6], "new", "round", "out"]),
        ("after: test, insert: [new: ;]", [*ALL[:5], "new", *ALL[5:]]),
        ("replace: test, with: [new: ;, test: ;]", ["first", "new", "test", *ALL[5:]]),
        ("replace: other, with: [other: page = NULL]", ALL),
        ("delete: loop", [*ALL[:5], "out"]),
        ("delete: other", [*ALL[:4], *ALL[5:]]),
    ],
)
def test_edits(tmp_path, edit, after):
    assert labels(tmp_path, patch=f"base: base\nedits:\n  - {{in: work, {edit}}}") == after


def test_edits_at_one_anchor_keep_their_order(tmp_path):
    edits = """
    base: base
    edits:
      - {in: work, after: first, insert: [a: ;]}
      - {in: work, after: first, insert: [b: ;]}
      - {in: work, before: first, insert: [c: ;]}
      - {in: work, before: first, insert: [d: ;]}
      - {in: work, delete: first}
    """
    assert labels(tmp_path, patch=edits) == ["c", "d", "a", "b", *ALL[1:]]


def test_a_variant_builds_on_its_base(tmp_path):
    second = "base: one\nedits:\n  - {in: work, after: new, insert: [newer: ;]}\n  - {in: work, delete: first}"
    one = "base: base\nedits:\n  - {in: work, before: first, insert: [new: ;]}"
    assert labels(tmp_path, two=second, one=one) == ["new", "newer", *ALL[1:]]


def test_a_new_step_stands_where_its_anchor_stands(tmp_path):
    edit = {"patch": "base: base\nedits:\n- {in: work, after: inner, insert: [new: 'WRITE_ONCE(page->count, 1)']}"}
    made = program(tmp_path, "- go: work(p)", procedures={"work": WORK}, variants=edit, variant="patch")
    source = {event.site.label: event.site.source for event in all_events(made)}
    assert source["inner"] == "include/tests.h test() v1"
    assert source["new"] == "include/tests.h test() v1, patched"


def test_fields_that_a_patch_adds(tmp_path):
    patch = """
    base: base
    fields: {mm: {guard: lock, users: int}}
    edits:
      - {in: work, after: first, insert: [take: spin_lock(&page->owner->guard)]}
    """
    parts = {"procedures": {"work": WORK}, "variants": {"patch": patch}}
    made = program(tmp_path, "- go: work(p)", variant="patch", **parts)
    assert {"m.guard", "m.users"} <= {str(cell.name) for cell in made.cells}
    assert not {"m.guard"} & {str(cell.name) for cell in program(tmp_path, "- go: work(p)", **parts).cells}


def test_a_patch_that_changes_nothing_is_the_same_program(tmp_path):
    parts = {"procedures": {"work": WORK}, "variants": {"same": "base: base\n"}}
    base = program(tmp_path, "- go: work(p)", **parts)
    same = program(tmp_path, "- go: work(p)", variant="same", **parts)
    assert replace(same, variant="base", variant_title="base") == base


def test_resolving_twice_gives_one_program(tmp_path):
    parts = {"procedures": {"work": WORK}}
    assert program(tmp_path, "- go: work(p)", **parts) == program(tmp_path, "- go: work(p)", **parts)


@pytest.mark.parametrize(
    "edit, code, near",
    [
        ("{in: wrok, delete: first}", "S202", "work"),
        ("{in: work, delete: frist}", "S203", "first"),
        ("{in: work, after: test, insert: [first: ;]}", "S207", ""),
        ("{in: work, delete: out}", "S208", ""),
        ("{in: work, delete: test}\n  - {in: work, after: inner, insert: [new: ;]}", "S206", ""),
        ("{in: work, delete: loop}\n  - {in: work, replace: loop, with: [new: ;]}", "S206", ""),
        ("{in: work, after: first, insert: [new: ;]}\n  - {in: work, delete: new}", "S203", ""),
    ],
)
def test_edits_that_do_not_fit(tmp_path, edit, code, near):
    found = wrong(tmp_path, f"  - {edit}")
    assert [(problem.code, problem.nearest) for problem in found] == [(code, near)]
    assert found[0].span is not None


def test_all_wrong_edits_are_told_at_once(tmp_path):
    edits = "  - {in: work, delete: nothing}\n  - {in: nobody, delete: first}\n  - {in: work, delete: out}"
    assert [problem.code for problem in wrong(tmp_path, edits)] == ["S203", "S202"]


def test_a_label_that_is_gone_to_may_go_with_its_gotos(tmp_path):
    edits = "base: base\nedits:\n  - {in: work, delete: test}\n  - {in: work, delete: out}"
    assert labels(tmp_path, patch=edits) == ["first", "loop", "round"]


def test_variants_that_are_based_on_each_other(tmp_path):
    variants = {"one": "base: two", "two": "base: one"}
    found = problems(tmp_path, "- n: n = 1", variants=variants, variant="one")
    assert [(p.code, p.message) for p in found] == [("S205", "the variants are based on each other: one -> two -> one")]


def test_an_unknown_base(tmp_path):
    found = problems(tmp_path, "- n: n = 1", variants={"one": "base: bsae"}, variant="one")
    assert [(p.code, p.nearest) for p in found] == [("S201", "base")]


@pytest.mark.parametrize(
    "kernel, uses", [("v5.9", 1), ("v5.15", 1), ("v5.18", 1), ("v6.1", 3), ("v6.12", 3), ("v7.0", 4)]
)
def test_a_kernel_uses_the_latest_file_that_is_not_newer(tmp_path, kernel, uses):
    texts = {f"work@{k}": f"steps:\n  - step{n}: ;" for n, k in ((1, "v5.9"), (3, "v6.1"), (4, "v6.13"))}
    path = folder(tmp_path, "- n: n = 1", procedures=texts, variants={"k": f"kernel: {kernel}"})
    (work,) = apply_variant(load_library(path), "k").procedures
    assert work.steps[0].label == f"step{uses}"


def test_a_kernel_that_is_older_than_every_file(tmp_path):
    newer = {"work@v6.1": "steps:\n  - one: ;"}
    path = folder(tmp_path, "- n: n = 1", procedures=newer, variants={"k": "kernel: v5.15"})
    with pytest.raises(InputError) as caught:
        apply_variant(load_library(path), "k")
    assert [problem.code for problem in caught.value.problems] == ["S210"]


ADDS = "params: {page: page *}\nsteps:\n  - add: atomic_add(%s, &page->count)\n"
PER_KERNEL = {"one": ADDS % 1, "one@v3": ADDS % 3, "two": "gone: v4\n" + ADDS % 2, "three@v10": ADDS % 10}


def added(path, kernel, script):
    made = program(path, script, procedures=PER_KERNEL, variants={"later": f"kernel: {kernel}"}, variant="later")
    return event_texts(made)


@pytest.mark.parametrize(
    "kernel, expected",
    [("v1", 1), ("v2", 2), ("v3", 2), ("v4", 3), ("v9", 3), ("v10", 10), ("v10.2", 10)],
)
def test_a_script_says_what_each_kernel_calls(tmp_path, kernel, expected):
    """The latest statement that the kernel has reached, of which versions are numbers: v10 comes after v9."""
    script = """
    - go: one(p)
      from:
        v10: three(p)
        v2: two(p)
        v4: one(p)
    """
    assert added(tmp_path, kernel, script) == [f"atomic_add({expected}, &p->count)"]


@pytest.mark.parametrize("kernel, there", [("v1", True), ("v3.9", True), ("v4", False), ("v5", False)])
def test_what_a_kernel_no_longer_has_cannot_be_called(tmp_path, kernel, there):
    if there:
        assert added(tmp_path, kernel, "- go: two(p)") == ["atomic_add(2, &p->count)"]
        return
    (problem,) = problems(
        tmp_path, "- go: two(p)", procedures=PER_KERNEL, variants={"later": f"kernel: {kernel}"}, variant="later"
    )
    assert problem.message == f"Linux {kernel} has no `two` any more"
    assert problem.span is not None and problem.span.file.endswith("scenarios/tiny.yaml")


def test_what_a_kernel_no_longer_has_cannot_be_edited(tmp_path):
    variants = {"later": "kernel: v4", "patch": "base: later\nedits:\n  - {in: two, delete: add}"}
    (problem,) = problems(tmp_path, "- go: one(p)", procedures=PER_KERNEL, variants=variants, variant="patch")
    assert problem.message == "the kernel of `patch` has no procedure `two`"
