"""RCU as specs say it: procedures in YAML over the shipped primitives, on kernels old and new."""

import shutil
from pathlib import Path

import pytest

from encoder.base.catalog import shipped
from encoder.base.result import Question, Refuted, Report, word
from encoder.memory import MODELS, SC
from encoder.mutation.fingerprint import digest, without_ignored_orders
from encoder.mutation.make import MutantSource, apply_mutant, mutants
from encoder.mutation.slice import slice_program
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.verify.engine import ask

FILES = {
    "types/kernel.yaml": """
types:
  mm_struct:
    source: tests
    struct: {present: int, dead: int, ss: int, other: int}
""",
    "procedures/free_pgtables/v4.19.yaml": """
procedure: free_pgtables
kernel: v4.19
source: mm/memory.c free_pgtables()
params: {mm: mm_struct *}
steps:
  - clear: WRITE_ONCE(mm->present, 0)
  - wait: synchronize_rcu()
  - free: WRITE_ONCE(mm->dead, 1)
""",
    "procedures/walk/v4.19.yaml": """
procedure: walk
kernel: v4.19
source: mm/gup.c gup_pgd_range()
params: {mm: mm_struct *}
returns: int
steps:
  - irq_off: local_irq_save()
  - seen: present = READ_ONCE(mm->present)
  - use: used = look(mm, present)
  - irq_on: local_irq_restore()
  - done: return used
""",
    "procedures/look/v4.19.yaml": """
procedure: look
kernel: v4.19
source: tests
params: {mm: mm_struct *, present: int}
returns: int
steps:
  - gone: if (!present) return 0
  - table: return READ_ONCE(mm->dead)
""",
    "procedures/srcu_leave/v4.19.yaml": """
procedure: srcu_leave
kernel: v4.19
source: tests
params: {mm: mm_struct *, idx: int}
steps:
  - unlock: srcu_read_unlock(&mm->ss, idx)
""",
    "properties/nothing-dead-is-used.yaml": """
property: nothing-dead-is-used
title: who found it there does not use it after it is freed
source: tests
each: {t: walker}
when: t.ended
never: t.used
""",
    "scenarios/walk-vs-free.yaml": """
scenario: walk-vs-free
title: a walk against the free of the tables
objects: {mm: mm_struct}
init: [mm->present = 1]
threads:
  cpu0:
    role: walker
    steps:
      - walk: used = walk(mm)
  cpu1:
    steps:
      - free: free_pgtables(mm)
properties: [nothing-dead-is-used]
""",
    "variants/new.yaml": "variant: new\ntitle: as released\nkernel: v5.15\n",
    "variants/first.yaml": "variant: first\ntitle: as released\nkernel: v5.0\n",
    "variants/old.yaml": "variant: old\ntitle: as released\nkernel: v4.19\n",
    "variants/reader.yaml": """
variant: reader
title: the walk is a reader of RCU
base: old
edits:
  - {in: walk, replace: irq_off, with: [lock: rcu_read_lock()]}
  - {in: walk, replace: irq_on, with: [unlock: rcu_read_unlock()]}
""",
    "variants/expedited.yaml": """
variant: expedited
title: in a hurry
base: reader
edits:
  - {in: free_pgtables, replace: wait, with: [hurry: synchronize_rcu_expedited()]}
""",
    "variants/srcu.yaml": """
variant: srcu
title: the walk is a reader of SRCU
base: old
edits:
  - {in: walk, replace: irq_off, with: [lock: idx = srcu_read_lock(&mm->ss)]}
  - {in: walk, replace: irq_on, with: [leave: "srcu_leave(mm, idx)"]}
  - {in: free_pgtables, replace: wait, with: [sync: synchronize_srcu(&mm->ss)]}
""",
    "variants/other-srcu.yaml": """
variant: other-srcu
title: the walk is a reader of one srcu_struct, another is waited for
base: srcu
edits:
  - {in: free_pgtables, replace: sync, with: [sync_other: synchronize_srcu(&mm->other)]}
""",
    "variants/early.yaml": """
variant: early
title: the section ends before the use
base: reader
edits:
  - {in: walk, delete: unlock}
  - {in: walk, after: seen, insert: [unlock_early: rcu_read_unlock()]}
""",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("specs")
    shutil.copytree(str(shipped("specs") / "primitives"), folder / "primitives")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def report(root: Path, variant: str, model: str) -> Report:
    return ask(Question(scenario="walk-vs-free", variant=variant, property="", model=model), root)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("new", "proved"), ("first", "proved"), ("old", "refuted"), ("reader", "proved"), ("expedited", "proved"),
        ("early", "refuted"), ("srcu", "proved"), ("other-srcu", "refuted"),
    ],
)  # fmt: skip
def test_a_walk_against_the_free_of_the_tables(root: Path, variant: str, expected: str, model: str) -> None:
    assert word(report(root, variant, model).verdict) == expected


def test_since_when_irq_regions_are_readers_is_what_the_specs_say(root: Path, tmp_path: Path) -> None:
    def readers(folder: Path, variant: str) -> bool:
        return resolve(
            load_library(folder, scenario="walk-vs-free", variant=variant), "walk-vs-free", variant
        ).irq_readers

    assert [readers(root, name) for name in ("old", "first", "new")] == [False, True, True]
    silent = tmp_path / "specs"
    shutil.copytree(root, silent)
    irq = silent / "primitives" / "irq.yaml"
    irq.write_text(irq.read_text("utf-8").partition("\nrcu readers:")[0], "utf-8")
    assert not readers(silent, "new")


def test_a_grace_period_is_drawn_where_it_begins_and_where_it_ends(root: Path) -> None:
    """The reader comes between, and is not waited for."""
    for model in MODELS:
        verdict = report(root, "old", model).verdict
        assert isinstance(verdict, Refuted)
        drawn = [(step.thread, step.event) for step in verdict.witness.schedule]
        begin, end = (drawn.index(("cpu1", f"synchronize_rcu() {what}")) for what in ("begins", "ends"))
        assert begin < end
        assert verdict.witness.schedule[begin].label == verdict.witness.schedule[end].label == "wait"


@pytest.mark.parametrize(
    ("variant", "names"),
    [
        ("reader", {"walk/rcu: section removed", "free_pgtables/wait: step removed", "walk/unlock: step removed"}),
        ("srcu", {"free_pgtables/sync: step removed", "srcu_leave/unlock: step removed"}),
    ],
)
def test_mutants_of_sections_and_grace_periods_are_other_programs(root: Path, variant: str, names: set[str]) -> None:
    """Under SC too, where fences and orders of accesses are none."""
    library = load_library(root, scenario="walk-vs-free", variant=variant)
    source = MutantSource(library=library, scenario="walk-vs-free", variant=variant, flush="ipi")
    original = source.program()
    made = {each.name: each for each in mutants(source, original)}
    assert names <= made.keys()
    for name in names:
        changed = apply_mutant(source, original, made[name])
        assert digest(slice_program(without_ignored_orders(changed, SC))) != digest(
            slice_program(without_ignored_orders(original, SC))
        )
