"""The part of the shipped specs that our own small tree was written for, whatever they model besides."""

from dataclasses import replace
from functools import cache

from encoder.base.errors import InputError
from encoder.kernel.released import released
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from encoder.spec.model import Library

PROCEDURES = {
    "clear_soft_dirty",
    "copy_present_pte",
    "copy_present_ptes",
    "copy_pte_range",
    "cpu_read",
    "cpu_write",
    "do_swap_page",
    "do_wp_page",
    "folio_try_dup_anon_rmap_pte",
    "folio_try_share_anon_rmap_pte",
    "fork",
    "free_swap_cache",
    "gup_fast",
    "gup_fast_unpin_user_pages",
    "gup_must_unshare",
    "gup_put_folio",
    "gup_slow",
    "handle_pte_fault",
    "pin_user_pages_fast",
    "pin_user_pages_fast_only",
    "pte_alloc",
    "put_compound_head",
    "reclaim",
    "rmap_walk",
    "try_get_compound_head",
    "try_grab_compound_head",
    "try_grab_folio",
    "try_grab_folio_fast",
    "try_grab_page",
    "try_to_unmap_flush",
    "set_tlb_flush_batched",
    "try_to_unmap_one",
    "unpin_user_page",
    "unpin_user_pages",
    "wp_can_reuse_anon_folio",
    "wp_page_copy",
}


@cache
def small_library() -> Library:
    """The kernels as released with these procedures, and the scenarios that do with them."""
    whole = load_library()
    found = replace(
        whole,
        procedures=tuple(each for each in whole.procedures if each.name in PROCEDURES),
        variants=tuple(each for each in whole.variants if each.name in released(whole)),
    )
    return replace(found, scenarios=tuple(each for each in whole.scenarios if _runs(found, each.name)))


def _runs(library: Library, scenario: str) -> bool:
    """Whether all that a scenario calls is there."""
    try:
        for base in released(library):
            resolve(library, scenario, base)
    except InputError:
        return False
    return True
