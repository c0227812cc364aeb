"""Steps that stand in a function, as a patch is held against them."""

from encoder.kernel.c import walk
from encoder.kernel.parse import functions_of
from encoder.kernel.placing import place_procedure
from encoder.kernel.sources import SourcePlace
from encoder.review.base import Base
from encoder.review.fragments import fragments_of
from encoder.review.patch import read_patch
from encoder.review.site import StepSite
from encoder.spec.load import load_library

PLACE = SourcePlace("mm/madvise.c", "madvise_free_pte_range")
SPLIT = """
static int madvise_free_pte_range(pmd_t *pmd, unsigned long addr)
{
	if (folio_test_large(folio)) {
		pte_unmap_unlock(start_pte, ptl);
		start_pte = NULL;
		split_folio(folio);
	}
}
"""


def test_step_that_is_several_statements_stands_in_each() -> None:
    """Of `pte_unmap_unlock(start_pte, ptl); start_pte = NULL`, which is one step, half may change."""
    base = Base(load_library(), "v6.12")
    (function,) = functions_of(SPLIT, PLACE.file)
    procedure = next(each for each in base.kernel if each.name == "madvise_free_single_vma")
    placed = place_procedure(procedure, base.words, lambda place: function if place == PLACE else None)
    site = StepSite(placed, PLACE, part=False)
    unlock, cleared = [each for each in walk(function.statements) if "start_pte" in each.head]
    step = next(each for each in placed.steps if each.step.label == "unlock_split")
    for statement in (unlock, cleared):
        assert step in site.steps_in((statement,))
        assert not site.is_whole(step, (statement,))
    assert site.is_whole(step, (unlock, cleared))


def test_hunk_of_a_system_call_says_its_name() -> None:
    text = (
        "--- a/mm/swapfile.c\n+++ b/mm/swapfile.c\n"
        "@@ -2830,3 +2830,2 @@ SYSCALL_DEFINE1(swapoff, const char __user *, specialfile)\n"
        " \tpercpu_ref_kill(&p->users);\n-\tsynchronize_rcu();\n \twait_for_completion(&p->comp);\n"
    )
    (file,) = read_patch(text.encode(), "x.diff").files
    assert [each.name for each in fragments_of(file, lambda _: True)] == ["swapoff"]
