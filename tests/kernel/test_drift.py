"""Steps against a kernel's source."""

import json
from dataclasses import replace

import jsonschema
import pytest

from encoder.kernel.configuration import configuration
from encoder.kernel.drift import Drift, DriftedStep, best_base, drift
from encoder.kernel.tree import Tree
from encoder.render.drift import render, render_json, schema
from encoder.spec.load import load_library
from encoder.spec.model import Library
from tests.kernel.specs import small_library
from tests.kernel.trees import TREE, edited, package

GUP = "mm/gup.c"
PIN = "\tsmp_mb__after_atomic();\n"


@pytest.fixture(scope="module")
def library() -> Library:
    return small_library()


def drifted(library: Library, file: str = GUP, *changes: tuple[str, str], moved: str = "") -> Drift:
    """Of our own tree, with these changes to a file, which may have `moved` to another."""
    files = {file: edited(TREE, file, *changes)}
    if moved:
        files = {file: "", moved: files[file]}
    return drift(library, "v6.12", Tree(TREE, configuration("x86-64"), files))


def step(found: Drift, name: str) -> DriftedStep:
    return next(each for each in found.steps if f"{each.procedure}/{each.label}" == name)


def test_steps_are_there(library: Library) -> None:
    found = drifted(library)
    for name in ("gup_fast/seq_begin", "try_grab_folio_fast/bias_mb", "fork/seq_begin", "clear_soft_dirty/commit"):
        assert step(found, name).status == "there", name
    assert [line.text for line in step(found, "gup_fast/recheck_pte").found] == [
        "if (unlikely(pmd_val(pmd) != pmd_val(*pmdp)) || unlikely(pte_val(pte) != pte_val(ptep_get(ptep))))"
    ]
    assert step(found, "gup_fast/undo").found[0].line == step(found, "gup_fast/recheck_pte").found[0].line + 2
    assert step(found, "cpu_read/access").status == "explained"
    assert step(found, "gup_slow/count").status == "local"


def test_what_is_gone_from_a_function_is_changed(library: Library) -> None:
    found = step(drifted(library, GUP, (PIN, "\tsmp_rmb();\n")), "try_grab_folio_fast/bias_mb")
    assert found.status == "changed"
    assert found.missing == ("smp_mb__after_atomic",)
    assert [line.text for line in found.now] == ["smp_rmb();"]


def test_what_stands_elsewhere_has_moved(library: Library) -> None:
    found = step(drifted(library, moved="mm/gup_fast.c"), "try_grab_folio_fast/bias_mb")
    assert found.status == "gone"  # a file that no folder has is not looked into
    found = step(drifted(library, "mm/memory.c", moved=GUP), "fork/seq_begin")
    assert found.status == "moved"
    assert found.found[0].place.file == GUP


def test_function_that_is_nowhere_is_gone(library: Library) -> None:
    other = drifted(library, GUP, ("static void gup_fast_unpin_user_pages(", "static void other("))
    assert step(other, "gup_fast/unpin_all").status == "there"  # the call
    assert step(other, "gup_fast_unpin_user_pages/put_pin").status == "gone"
    assert step(drifted(library), "reclaim/lock").status == "gone"


def test_new_between_two_steps(library: Library) -> None:
    before = {(each.word, each.at.text) for each in drifted(library).new}
    found = drifted(library, GUP, ("\tlocal_irq_save(flags);\n", "\tlocal_irq_save(flags);\n\tsmp_mb();\n"))
    (new,) = [each for each in found.new if (each.word, each.at.text) not in before]
    assert (new.word, new.procedure, new.after, new.before) == ("smp_mb", "gup_fast", "irq_off", "per_slot")


def test_configuration_decides_which_code_is_read(library: Library) -> None:
    tree = Tree(TREE, configuration("x86-64"))
    bare = Tree(TREE, configuration(str(TREE / "Makefile")))
    assert step(drift(library, "v6.12", tree), "gup_fast/read_pte").status == "there"
    assert step(drift(library, "v6.12", bare), "gup_fast/read_pte").status == "changed"


def test_base_that_fits_best(library: Library) -> None:
    assert best_base(library, Tree(TREE, configuration("x86-64"))).base == "v6.12"


def test_json_fits_its_schema(library: Library) -> None:
    found = json.loads(render_json(drifted(library)))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(found, schema())
    assert found["version"] == "v6.12.3"
    assert sum(found["counts"].values()) == len(found["steps"])


def test_text_says_what_changed(library: Library) -> None:
    text = render(drifted(library, GUP, (PIN, "")))
    assert text.startswith("v6.12 against v6.12.3 (x86-64): of ")
    assert "changed   try_grab_folio_fast/bias_mb: smp_mb__after_atomic()" in text
    assert max(map(len, text.splitlines())) <= 72


def test_what_is_left_out_on_purpose_is_not_new(library: Library) -> None:
    procedures = tuple(
        replace(each, left_out=(("smp_mb()", "for the test"),)) if each.name == "gup_fast" else each
        for each in library.procedures
    )
    changes = ("\tlocal_irq_save(flags);\n", "\tlocal_irq_save(flags);\n\tsmp_mb();\n\tsmp_wmb();\n")
    words = {each.word for each in drifted(replace(library, procedures=procedures), GUP, changes).new}
    assert "smp_wmb" in words
    assert "smp_mb" not in words


@pytest.mark.slow
def test_every_step_of_v6_12_is_in_its_source_or_explained(library: Library) -> None:
    """And nothing that the model knows stands there that is no step and not left out on purpose."""
    found = drift(load_library(), "v6.12", Tree(package("6.12"), configuration("x86-64")))
    lost = [each for each in found.steps if each.status in ("moved", "changed", "gone")]
    assert [f"{each.procedure}/{each.label}" for each in lost] == []
    assert [f"{each.at.place} {each.word}" for each in found.new] == []
    assert found.count("explained") == 2
    assert best_base(library, Tree(package("6.12"), configuration("x86-64"))).base == "v6.12"


@pytest.mark.slow
def test_v6_1_differs(library: Library) -> None:
    found = best_base(library, Tree(package("6.1"), configuration("x86-64")))
    assert found.version.startswith("v6.1.")
    assert found.count("there") > found.count("changed") + found.count("gone") > 0
    grab = next(each for each in found.steps if each.label == "grab" and each.procedure == "gup_fast")
    assert grab.status == "changed"
