"""Scenarios of any size: G fast pinners and R reclaimers of one page that M mms map."""

import shutil
from pathlib import Path

NAME = "family"
PINNER = """\
  {thread}:
    role: pinner
    runs: mm{mm}
    locals: {{slots: "pte_slot *list", pages_used: "page *list", flags: int, pages: "page *[1]", held: "page *[1]"}}
    steps:
      - range: slots = [slot{mm}]
      - used: pages_used = [p]
      - how: flags = {flags}
      - pin: n = pin_user_pages_fast_only(mm{mm}, slots, flags, pages)
      - take: if (n == 1) held[0] = pages[0]
      - release: if (held[0] != NULL)
        then:
          - unpin: unpin_user_page(held[0])
            ghost_first: held[0] = NULL
"""
RECLAIMER = """\
  {thread}:
    role: reclaimer
    locals: {{slots: "pte_slot *list"}}
    steps:
      - rmap: slots = [{slots}]
      - shrink: reclaim(p, slots)
"""


def specs_with_family(specs: Path, target: Path, pinners: int, reclaimers: int, mms: int) -> Path:
    """A copy of the folder `specs` below `target` that also holds the scenario `family`."""
    root = target / "specs"
    shutil.copytree(specs, root)
    (root / "scenarios" / f"{NAME}.yaml").write_text(scenario(pinners, reclaimers, mms), "utf-8")
    return root


def scenario(pinners: int, reclaimers: int, mms: int) -> str:
    """The scenario: each reclaimer holds a reference, the start is symbolic as in gup-vs-reclaim."""
    numbers = range(mms)
    entry = ".writable = 1, .dirty" if mms == 1 else ".dirty"
    objects = [f"  p: {{type: page, isolated: {reclaimers}, other_refs: others}}"]
    objects += [f"  mm{m}: mm_struct\n  table{m}: page_table" for m in numbers]
    objects += [f"  slot{m}: {{type: pte_slot, mm: mm{m}, table: table{m}}}" for m in numbers]
    init = [
        f"  - slot{m}->pte = (pte_t){{.present = 1, .page = p, {entry} = pte_dirty, .soft_dirty = 1}}" for m in numbers
    ]
    init += ["  - p->PG_swapcache = in_swap_cache", "  - p->PG_dirty = page_dirty"]
    flags = "FOLL_WRITE" if mms == 1 else "0"
    threads = [PINNER.format(thread=f"cpu{g}", mm=g % mms, flags=flags) for g in range(pinners)]
    slots = ", ".join(f"slot{m}" for m in numbers)
    threads += [RECLAIMER.format(thread=f"cpu{pinners + r}", slots=slots) for r in range(reclaimers)]
    return "\n".join(
        [
            f"scenario: {NAME}",
            f"title: {pinners} fast pinners and {reclaimers} reclaimers of one page in {mms} mms",
            "scope: a scaling family",
            "objects:",
            *objects,
            "symbols: {others: 0..2000, in_swap_cache: any, page_dirty: any, pte_dirty: any}",
            "init:",
            *init,
            "threads:",
            "".join(threads) + "properties: [mapped-while-pinned]",
            "",
        ]
    )
