"""What patches to our own tree mean: the draft of the variant, or what is not understood."""

from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.kernel.configuration import configuration
from encoder.kernel.tree import Tree
from encoder.review.patch import read_patch
from encoder.review.review import Review, review
from encoder.review.revisions import Source
from encoder.spec.load import load_library
from tests.kernel.specs import small_library
from tests.kernel.trees import TREE, diff, edited

GUP, MEMORY, TASK = "mm/gup.c", "mm/memory.c", "fs/proc/task_mmu.c"
SHARED = Path(__file__).parents[3] / "shared" / "patches"


def read(text: str, *, tree: bool = True) -> Review:
    patch = read_patch(text.encode(), "x.diff")
    source = Source(Tree(TREE, configuration("x86-64"))) if tree else None
    return review(small_library(), patch, source, None, None)


def edits(found: Review) -> str:
    """The edits of the draft, as YAML."""
    return found.draft.partition("edits:\n")[2]


PIN = "\tsmp_mb__after_atomic();\n"
HEAD = "static struct folio *try_grab_folio_fast("
RECHECK = """\
\t\tif (unlikely(pmd_val(pmd) != pmd_val(*pmdp)) ||
\t\t    unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))) {
\t\t\tgup_put_folio(folio, 1, flags);
\t\t\tgoto pte_unmap;
\t\t}
"""
RESTORE = "\tlocal_irq_restore(flags);\n"
BEGIN = "\t\traw_write_seqcount_begin(&src_mm->write_protect_seq);\n"
ODD = "\t\tif (seq & 1)\n\t\t\treturn 0;\n"
LOCKED = """\
\tfor (i = 0; i < nr_pinned; i++) {
\t\tif (folio_test_locked(page_folio(pages[i]))) {
\t\t\tgup_fast_unpin_user_pages(pages, nr_pinned);
\t\t\tnr_pinned = 0;
\t\t\tbreak;
\t\t}
\t}
"""
VARIANTS = {
    "a barrier goes": (GUP, [(PIN, "")], "  - in: try_grab_folio_fast\n    delete: bias_mb\n"),
    "another barrier": (
        GUP,
        [(PIN, "\tsmp_rmb();\n")],
        "  - in: try_grab_folio_fast\n    replace: bias_mb\n    with:\n      - bias_mb: smp_rmb()\n",
    ),
    "a new barrier": (
        MEMORY,
        [(BEGIN, BEGIN + "\t\tsmp_mb();\n")],
        "  - in: fork\n    after: seq_begin\n    insert:\n      - mb: smp_mb()\n",
    ),
    "a check goes": (GUP, [(RECHECK, "")], "  - in: gup_fast\n    delete: recheck_pte\n"),
    "a part of a check goes": (
        GUP,
        [(" ||\n\t\t    unlikely(pte_val(pte) != pte_val(ptep_get(ptep)))) {", ") {")],
        "  - in: gup_fast\n    replace: recheck_pte\n    with:\n"
        "      - recheck_pte: if (slots[i]->pmd != NULL && pmd_none(slots[i]->pmd))\n        then:\n"
        "          - undo: gup_put_folio(pte.page)\n            source: mm/gup.c gup_fast_pte_range()\n"
        "          - changed: break\n            source: mm/gup.c gup_fast_pte_range()\n",
    ),
    "the other part of it goes": (
        GUP,
        [("unlikely(pmd_val(pmd) != pmd_val(*pmdp)) ||\n\t\t    ", "")],
        "  - in: gup_fast\n    replace: recheck_pte\n    with:\n"
        "      - recheck_pte: if (!pte_same(pte, ptep_get(slots[i])))\n        then:\n"
        "          - undo: gup_put_folio(pte.page)\n            source: mm/gup.c gup_fast_pte_range()\n"
        "          - changed: break\n            source: mm/gup.c gup_fast_pte_range()\n",
    ),
    "a check": (
        GUP,
        [(ODD, ODD + "\t\tif (!test_bit(MMF_HAS_PINNED, &current->mm->flags))\n\t\t\treturn 0;\n")],
        "  - in: gup_fast\n    after: seq_odd\n    insert:\n"
        "      - test_bit: if (!test_bit(mm->has_pinned)) return 0\n",
    ),
    "a call moves": (
        GUP,
        [
            ("\tlocal_irq_save(flags);\n", ""),
            (
                "\tint nr_pinned = 0;\n\tunsigned seq;\n\n",
                "\tint nr_pinned = 0;\n\tunsigned seq;\n\n\tlocal_irq_save(flags);\n",
            ),
        ],
        "  - in: gup_fast\n    before: seq_begin\n    insert:\n      - irq_off: local_irq_save()\n"
        "        source: mm/gup.c gup_fast()\n"
        "  - in: gup_fast\n    delete: irq_off\n",
    ),
    "another atomic": (
        GUP,
        [("\tif (!folio_ref_try_add(folio, refs))\n\t\treturn NULL;\n", "\tfolio_ref_add(folio, refs);\n")],
        "  - in: try_grab_folio_fast\n    replace: get\n    with:\n      - get: folio_ref_add(page, 1)\n",
    ),
    "an early return goes": (GUP, [(ODD, "")], "  - in: gup_fast\n    delete: seq_odd\n"),
    "a loop round them": (
        GUP,
        [
            (
                "\t\tseq = raw_read_seqcount(&current->mm->write_protect_seq);\n" + ODD,
                "\t\tdo {\n\t\t\tseq = raw_read_seqcount(&current->mm->write_protect_seq);\n\t\t} while (seq & 1);\n",
            )
        ],
        "  - in: gup_fast\n    replace: seq_begin\n    with:\n"
        "      - seq_begin: seq = seqprop_sequence(&mm->write_protect_seq)\n"
        "        source: mm/gup.c gup_fast()\n"
        "      - again: while (seq & 1)\n        bound: 2\n        do:\n"
        "          - seqprop_sequence: seq = seqprop_sequence(&mm->write_protect_seq)\n"
        "  - in: gup_fast\n    delete: seq_odd\n",
    ),
    "a section, with its ghosts": (
        TASK,
        [
            (
                "\twalk_page_range(mm, 0, -1, &clear_refs_walk_ops, NULL);\n",
                "\traw_write_seqcount_begin(&mm->write_protect_seq);\n"
                "\twalk_page_range(mm, 0, -1, &clear_refs_walk_ops, NULL);\n"
                "\traw_write_seqcount_end(&mm->write_protect_seq);\n",
            )
        ],
        "  - in: clear_soft_dirty\n    before: walk\n    insert:\n"
        "      - write_seqcount_begin: raw_write_seqcount_begin(&mm->write_protect_seq)\n"
        "        source: fs/proc/task_mmu.c clear_refs_write()\n"
        "        ghost_first: seq_section = mm\n"
        "  - in: clear_soft_dirty\n    after: walk\n    insert:\n"
        "      - write_seqcount_end: raw_write_seqcount_end(&mm->write_protect_seq)\n"
        "        source: fs/proc/task_mmu.c clear_refs_write()\n"
        "        ghost_last: seq_section = NULL\n",
    ),
    "a check under another": (
        GUP,
        [(RECHECK, f"\t\tif (pte_write(pte)) {{\n{RECHECK}\t\t}}\n")],
        "  - in: gup_fast\n    replace: recheck_pte\n    with:\n"
        "      - test: if (pte.writable)\n        then:\n"
        "          - recheck_pte: if ((slots[i]->pmd != NULL && pmd_none(slots[i]->pmd)) || "
        "!pte_same(pte, ptep_get(slots[i])))\n"
        "            source: mm/gup.c gup_fast_pte_range()\n            then:\n"
        "              - undo: gup_put_folio(pte.page)\n                source: mm/gup.c gup_fast_pte_range()\n"
        "              - changed: break\n                source: mm/gup.c gup_fast_pte_range()\n",
    ),
    "another amount under a test that stays": (
        GUP,
        [("refs * (GUP_PIN_COUNTING_BIAS - 1)", "refs * GUP_PIN_COUNTING_BIAS")],
        "  - in: try_grab_folio_fast\n    replace: bias\n    with:\n"
        "      - bias: if (!folio_test_large(page)) folio_ref_add(page, 1 * GUP_PIN_COUNTING_BIAS)\n",
    ),
    "what a function of its own tests": (
        TASK,
        [("\t\tif (pte_is_pinned(vma, addr, ptent))\n\t\t\treturn;\n", "")],
        "  - in: clear_soft_dirty\n    replace: not_pinned\n    with:\n"
        "      - clear: pte = ptep_get_and_clear(slot)\n"
        "        source: fs/proc/task_mmu.c clear_soft_dirty(), ptep_modify_prot_start()\n"
        "      - wrprotect: pte.writable = 0\n        source: fs/proc/task_mmu.c clear_soft_dirty()\n"
        "      - clean: pte.soft_dirty = 0\n        source: fs/proc/task_mmu.c clear_soft_dirty()\n"
        "      - commit: set_pte_at(slot, pte)\n"
        "        source: fs/proc/task_mmu.c clear_soft_dirty(), ptep_modify_prot_commit()\n",
    ),
    "another lock whose failure is not modelled": (
        TASK,
        [
            ("mmap_write_lock_killable", "mmap_read_lock_killable"),
            ("\tmmap_write_unlock(mm);\n", "\tmmap_read_unlock(mm);\n"),
        ],
        "  - in: clear_soft_dirty\n    replace: lock_mm\n    with:\n      - lock_mm: mmap_read_lock(mm)\n"
        "  - in: clear_soft_dirty\n    replace: unlock_mm\n    with:\n      - unlock_mm: mmap_read_unlock(mm)\n",
    ),
    "the contrary": (
        GUP,
        [("\t\tif (seq & 1)\n", "\t\tif (!(seq & 1))\n")],
        "  - in: gup_fast\n    replace: seq_odd\n    with:\n      - seq_odd: if (!(seq & 1)) return 0\n",
    ),
    "a barrier in a function of its own that is another": (
        GUP,
        [(PIN, "\tgup_fence();\n"), (HEAD, f"#define gup_fence()\tsmp_wmb()\n\n{HEAD}")],
        "  - in: try_grab_folio_fast\n    replace: bias_mb\n    with:\n      - bias_mb: smp_wmb()\n",
    ),
    "a setter goes": (
        TASK,
        [("\t\tptent = pte_wrprotect(old_pte);\n", "\t\tptent = old_pte;\n")],
        "  - in: clear_soft_dirty\n    delete: wrprotect\n",
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if n % 2 else []) for n, name in enumerate(VARIANTS)]
)
def test_variant_is_drafted(name: str) -> None:
    file, changes, expected = VARIANTS[name]
    found = read(diff(file, *changes))
    assert found.reading.unclear == ()
    assert found.problems == ()
    assert edits(found) == expected
    assert found.answer == "a variant"
    assert found.reading.base.name == "v6.12"


@pytest.mark.parametrize("name", ["a barrier goes", "another barrier", "a new barrier", "a check goes", "a check"])
def test_variant_is_drafted_from_the_hunks_alone(name: str) -> None:
    file, changes, expected = VARIANTS[name]
    found = read(diff(file, *changes), tree=False)
    assert edits(found) == expected


def test_check_of_locked_pages_before_interrupts_are_on_again() -> None:
    found = read(diff(GUP, (RESTORE, LOCKED + RESTORE), ("\tunsigned seq;\n", "\tunsigned seq;\n\tint i;\n")))
    assert edits(found) == (
        "  - in: gup_fast\n    before: irq_on\n    insert:\n"
        "      - each: for i in 0 .. n\n        bound: len(pages)\n        do:\n"
        "          - page_locked: if (PageLocked(pages[i]))\n            then:\n"
        "              - gup_fast_unpin_user_pages: gup_fast_unpin_user_pages(pages, n)\n"
        "              - set_n: n = 0\n"
        "              - leave: break\n"
    )


def test_procedures_that_abridge_what_changes_change_too() -> None:
    """They are read where they can be, and never keep a patch from being read in full."""
    library = load_library()
    source = Source(Tree(TREE, configuration("x86-64")))
    found = review(library, read_patch(diff(GUP, (PIN, "")).encode(), "x.diff"), source, None, None)
    assert found.answer == "a variant"
    assert found.reading.touched[0] == ("try_grab_folio_fast", "bias_mb")
    abridged = {each.name for each in library.procedures if each.abridges}
    assert {procedure for procedure, _ in found.reading.touched[1:]} <= abridged


RENAMED = [
    ("\tint nr_pinned = 0;\n", "\tint nr = 0;\n"),
    ("gup_flags, pages, &nr_pinned);", "gup_flags, pages, &nr);"),
    ("(pages, nr_pinned);\n", "(pages, nr);\n"),
    ("\t}\n\treturn nr_pinned;\n}", "\t}\n\treturn nr;\n}"),
]
BESIDE = {
    "another name": (GUP, RENAMED),
    "a count in a test": (
        GUP,
        [("\t\tif (seq & 1)\n\t\t\treturn 0;\n", "\t\tif (seq & 1) {\n\t\t\tstat->odd++;\n\t\t\treturn 0;\n\t\t}\n")],
    ),
    "a comment": (GUP, [("\tlocal_irq_save(flags);\n", "\t/* no interrupts */\n\tlocal_irq_save(flags);\n")]),
    "a type": (GUP, [("\tunsigned seq;\n", "\tunsigned int seq;\n")]),
    "an empty statement": (GUP, [(PIN, PIN + "\t;\n")]),
    "statistics": (GUP, [(PIN, PIN + "\tcount_vm_event(PGPIN);\n")]),
    "a function of its own": (
        GUP,
        [
            (PIN, "\tgup_fence(folio);\n"),
            (HEAD, f"static void gup_fence(struct folio *page)\n{{\n\tsmp_mb__after_atomic();\n}}\n\n{HEAD}"),
        ],
    ),
    "a function of its own that returns something": (
        TASK,
        [
            (
                "folio_maybe_dma_pinned(vm_normal_folio(vma, addr, pte))",
                "maybe_pinned(vm_normal_folio(vma, addr, pte))",
            ),
            (
                "static bool pte_is_pinned(",
                "static bool maybe_pinned(struct folio *f)\n{\n\treturn folio_maybe_dma_pinned(f);\n}\n\n"
                "static bool pte_is_pinned(",
            ),
        ],
    ),
    "an assertion": (GUP, [(PIN, PIN + "\tVM_WARN_ON_ONCE(folio_ref_count(folio) < 0);\n")]),
    "another order of what is not modelled": (
        MEMORY,
        [("\tint ret = 0;\n\n\tif (is_cow) {", "\tint ret = 0;\n\n\tflush_something();\n\tif (is_cow) {")],
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_beside_the_steps(name: str) -> None:
    file, changes = BESIDE[name]
    found = read(diff(file, *changes))
    assert (found.answer, found.draft) in (("beside the steps", ""), ("outside the model", ""))


NEEDS_YOU = {
    "an unknown call with a page": (GUP, [(PIN, PIN + "\tfrobnicate(folio);\n")], "`frobnicate()` is no primitive"),
    "an unknown test": (
        GUP,
        [(PIN, "\tif (something)\n\t\tsmp_mb__after_atomic();\n")],
        "`something` is nothing that the steps speak of",
    ),
    "a part of a step": (TASK, [("\tif (!pte_write(pte))\n\t\treturn false;\n", "")], "what is left of it?"),
    "a function that goes": (
        GUP,
        [("static void gup_fast_unpin_user_pages(", "static void other(")],
        "gup_fast_unpin_user_pages() is gone",
    ),
    "a barrier that is not known": (GUP, [(PIN, "\tsmp_mb__after_pin();\n")], "`smp_mb__after_pin()` is no primitive"),
    "a call in the place of a step": (GUP, [(PIN, "\tdrain_it();\n")], "stands where there was a step"),
    "a part of a step that calls nothing": (
        GUP,
        [("\telse\n\t\trefs *= GUP_PIN_COUNTING_BIAS;\n", "")],
        "`put` also stands in lines that stay",
    ),
    "a variable that decides": (
        MEMORY,
        [("\tbool is_cow = is_cow_mapping(src_vma->vm_flags);\n", "\tbool is_cow = false;\n")],
        "`is_cow` decides in `if (is_cow)` whether steps happen",
    ),
    "an argument that the specs do not have": (
        GUP,
        [
            (
                "pte_val(ptep_get(ptep)))) {\n\t\t\tgup_put_folio(folio, 1, flags);\n",
                "pte_val(ptep_get(ptep)))) {\n\t\t\tgup_put_folio(folio, 2, flags);\n",
            )
        ],
        "`undo` says the same in the words of the specs",
    ),
    "a lock": (GUP, [(PIN, PIN + "\tmutex_lock(&gup_lock);\n")], "`mutex_lock()` is no primitive"),
    "values that change places": (
        GUP,
        [("\treturn 1;\npte_unmap:\n\treturn 0;", "\treturn false;\npte_unmap:\n\treturn true;")],
        "goes where no other step",
    ),
    "a function that is too much for its call": (
        GUP,
        [
            (PIN, "\tif (gup_fence(folio))\n\t\treturn NULL;\n"),
            (
                HEAD,
                f"static bool gup_fence(struct folio *f)\n{{\n\tsmp_mb__after_atomic();\n\treturn !f;\n}}\n\n{HEAD}",
            ),
        ],
        "`gup_fence()` is no primitive",
    ),
    "a jump nowhere": (GUP, [(PIN, PIN + "\tgoto elsewhere;\n")], "goes where no other step of this function goes"),
}


@pytest.mark.parametrize("name", NEEDS_YOU)
def test_what_is_not_understood_is_said(name: str) -> None:
    file, changes, why = NEEDS_YOU[name]
    found = read(diff(file, *changes))
    assert found.answer == "needs you"
    assert any(why in each.why for each in found.reading.unclear), found.reading.unclear
    assert found.variant is None
    assert "#   to be written: an edit" in found.draft
    assert f"# {file}" in found.draft


FENCED = ("\tif (gup_flags & FOLL_PIN) {\n\t\tseq =", "\tif (gup_flags & FOLL_PIN) {\n\t\tsmp_wmb();\n\t\tseq =")


def read_over(before: str, after: str, *left_out: tuple[str, str]) -> Review:
    """A patch of fast GUP from one text to the other, the procedure with this left out."""
    library = small_library()
    procedures = tuple(
        replace(each, left_out=left_out) if each.name == "gup_fast" else each for each in library.procedures
    )
    tree = Tree(TREE, configuration("x86-64"), {GUP: before})
    lines = unified_diff(before.splitlines(True), after.splitlines(True), f"a/{GUP}", f"b/{GUP}")
    patch = read_patch("".join(lines).encode(), "x.diff")
    return review(replace(library, procedures=procedures), patch, Source(tree), None, None)


@pytest.mark.parametrize(
    ("left_out", "why"),
    [
        ((), "`smp_wmb()` is no step, and not left out on purpose"),
        ((("smp_wmb()", "for the test"),), "`smp_wmb()` is left out (for the test): and now?"),
    ],
)
def test_what_is_known_and_no_step_needs_you_where_it_goes(left_out: tuple[tuple[str, str], ...], why: str) -> None:
    found = read_over(edited(TREE, GUP, FENCED), edited(TREE, GUP), *left_out)
    assert (found.answer, [each.why for each in found.reading.unclear]) == ("needs you", [why])


def test_what_is_left_out_and_stays_is_no_new_step() -> None:
    """Of a test that goes, which the model takes for granted, the statements below it stay."""
    before = edited(TREE, GUP, FENCED)
    block = before[before.index("\tif (gup_flags & FOLL_PIN) {\n") : before.index("\tlocal_irq_save(flags);\n")]
    inside = block.split("\n", 1)[1].removesuffix("\t}\n\n")
    found = read_over(before, before.replace(block, inside), ("smp_wmb()", "for the test"))
    assert (found.reading.unclear, edits(found)) == ((), "")


def test_kernel_of_the_tree_is_the_base() -> None:
    assert read(diff(GUP, (PIN, ""))).where.startswith("it is the kernel of the tree")


@pytest.mark.parametrize(
    ("file", "lines"),
    [
        ("include/linux/mm.h", "-#define GUP_PIN_COUNTING_BIAS (1U << 10)\n+#define GUP_PIN_COUNTING_BIAS (1U << 5)\n"),
        ("include/linux/mm_types.h", "-\tFOLL_WRITE = 1 << 0,\n+\tFOLL_WRITE = 1 << 1,\n"),
        ("include/asm-generic/barrier.h", "-#define smp_wmb()\t__smp_wmb()\n+#define smp_wmb()\tbarrier()\n"),
    ],
)
def test_definitions_that_change_need_you(file: str, lines: str) -> None:
    found = read(f"--- a/{file}\n+++ b/{file}\n@@ -10,3 +10,3 @@\n a\n{lines} b\n", tree=False)
    assert found.answer == "needs you"
    assert "for all steps that have it" in found.reading.unclear[0].why


def test_definitions_that_stay_do_not() -> None:
    lines = "-#define FOLL_WRITE 1\n+#define  FOLL_WRITE\t1\n"
    found = read(f"--- a/x.h\n+++ b/x.h\n@@ -10,3 +10,3 @@\n a\n{lines} b\n", tree=False)
    assert found.answer == "outside the model"


def test_step_that_moves_does_so_in_all_procedures_that_have_it() -> None:
    bias = "\t\tfolio_ref_add(folio, refs * (GUP_PIN_COUNTING_BIAS - 1));\n"
    moved = diff(
        GUP,
        (bias + PIN, bias),
        ("\tif (folio_test_large(folio))\n\t\tatomic_add", PIN + "\tif (folio_test_large(folio))\n\t\tatomic_add"),
    )
    source = Source(Tree(TREE, configuration("x86-64")))
    found = review(load_library(), read_patch(moved.encode(), "x.diff"), source, None, None)
    assert found.answer == "a variant"
    for procedure in ("try_grab_folio_fast", "fast_gup_tail"):
        actions = [edit.action for edit in found.reading.edits if edit.procedure == procedure]
        assert actions == ["before", "delete"]


def test_test_with_consequences_elsewhere_needs_you() -> None:
    """What follows from a test stands in the caller, and would be lost."""
    text = (
        "--- a/include/linux/rmap.h\n+++ b/include/linux/rmap.h\n"
        "@@ -10,4 +10,4 @@ static __always_inline int __folio_try_share_anon_rmap(struct folio *folio,\n"
        " \t\tsmp_mb();\n-\tif (folio_maybe_dma_pinned(folio))\n+\tif (!folio_maybe_dma_pinned(folio))\n"
        " \t\treturn -EBUSY;\n \tClearPageAnonExclusive(page);\n"
    )
    found = review(load_library(), read_patch(text.encode(), "x.diff"), None, None, None)
    assert [each.procedure for each in found.reading.edits] == ["folio_try_share_anon_rmap_pte"]
    assert [(each.procedure, each.why) for each in found.reading.unclear] == [
        ("try_to_migrate_one", "`restore` stands in lines that stay, below what changes")
    ]


def test_line_that_is_several_steps_of_what_abridges_is_read_in_full_alone() -> None:
    """`irq_on` of fast_gup_tail and `none`, where it gives up, are one line of fast GUP."""
    changes = (RESTORE, "\trcu_read_unlock();\n"), ("\tlocal_irq_save(flags);\n", "\trcu_read_lock();\n")
    source = Source(Tree(TREE, configuration("x86-64")))
    found = review(load_library(), read_patch(diff(GUP, *changes).encode(), "x.diff"), source, None, None)
    assert found.answer == "a variant"
    assert [(each.procedure, each.label) for each in found.reading.edits] == [
        ("gup_fast", "irq_off"), ("gup_fast", "irq_on"),
    ]  # fmt: skip


def test_primitive_that_is_small_may_not_change_at_all() -> None:
    text = (
        "--- a/include/linux/mm.h\n+++ b/include/linux/mm.h\n"
        "@@ -10,4 +10,4 @@ static inline bool folio_maybe_dma_pinned(struct folio *folio)\n"
        " \tif (folio_test_large(folio))\n-\t\treturn atomic_read(&folio->_pincount) > 0;\n"
        "+\t\treturn atomic_read(&folio->_pincount) > 1;\n \n }\n"
    )
    assert read(text, tree=False).answer == "needs you"


def test_primitive_that_changes_needs_you(tmp_path: Path) -> None:
    text = (
        "--- a/include/linux/seqlock.h\n+++ b/include/linux/seqlock.h\n"
        "@@ -10,5 +10,5 @@ static inline void do_raw_write_seqcount_begin(seqcount_t *s)\n {\n \ts->sequence++;\n"
        "-\tsmp_wmb();\n+\tsmp_mb();\n }\n \n"
    )
    found = read(text, tree=False)
    assert found.answer == "needs you"
    assert "primitive `raw_write_seqcount_begin`" in found.reading.unclear[0].why


def test_outside_names_the_nearest_steps() -> None:
    found = read("--- a/mm/madvise.c\n+++ b/mm/madvise.c\n@@ -1,2 +1,3 @@\n a\n+smp_mb();\n b\n")
    assert found.answer == "outside the model"
    assert all(source.startswith("mm/") for source in found.nearest.values())
    assert len(found.nearest) == 5


def test_code_that_the_configuration_drops_is_outside() -> None:
    found = read(diff(GUP, ("\treturn 0;\n}\n#endif", "\tsmp_mb();\n\treturn 0;\n}\n#endif")))
    assert found.answer == "outside the model"


def test_file_that_goes_is_no_reversed_patch() -> None:
    lines = (TREE / GUP).read_text("utf-8").splitlines(keepends=True)
    text = f"--- a/{GUP}\n+++ /dev/null\n@@ -1,{len(lines)} +0,0 @@\n" + "".join(f"-{line}" for line in lines)
    assert read(text).answer == "needs you"
    with pytest.raises(InputError, match="does not fit"):
        read(text.replace("-\treturn folio;", "-\treturn other;"))


@pytest.mark.parametrize("reverse", [False, True])
def test_patch_that_does_not_fit_the_tree(reverse: bool) -> None:
    text = diff(GUP, (PIN, "\tsmp_rmb();\n"))
    if reverse:
        swapped = {"-": "+", "+": "-"}
        lines = text.splitlines(keepends=True)
        text = "".join([*lines[:3], *(swapped.get(line[0], line[0]) + line[1:] for line in lines[3:])])
    else:
        text = text.replace(" \treturn folio;\n", " \treturn other;\n")
    with pytest.raises(InputError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert ("reversed" in problem.message) == reverse
    assert problem.span is not None and problem.span.file == "x.diff"


def test_hunks_may_have_moved() -> None:
    found = read(diff(GUP, (PIN, "")).replace("@@ -", "@@ -1", 1))
    assert edits(found) == VARIANTS["a barrier goes"][2]


def test_draft_is_the_variant_of_the_thread() -> None:
    if not (SHARED / "locked-pages.diff").is_file():
        pytest.skip("no ../shared/patches")
    found = read((SHARED / "locked-pages.diff").read_text(), tree=False)
    assert found.answer == "a variant"
    assert found.reading.base.name == "baseline"
    assert "    after: seq_retry\n" in found.draft
    for statement in ("if (PageLocked(pages[i]))", "unpin_user_pages(pages, i, n - i)", "n = i + 1", "break"):
        assert f": {statement}\n" in found.draft
