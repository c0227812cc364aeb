"""A family of scenarios that grows: G fast pinners and R reclaimers of one page that M mms map."""

PINNER = """
  cpu{cpu}:
    role: pinner
    runs: mm{mm}
    locals: {{slots: pte_slot *list, flags: int, pages: "page *[1]", held: "page *[1]"}}
    steps:
      - range: slots = [slot{mm}]
      - how: flags = {flags}
      - pin: n = pin_user_pages_fast_only(mm{mm}, slots, flags, pages)
      - hold: if (n > 0) held[0] = pages[0]
      - release: if (held[0] != NULL)
        then:
          - unpin: unpin_user_page(held[0])
            ghost_first: held[0] = NULL
"""

RECLAIMER = """
  cpu{cpu}:
    role: reclaimer
    locals: {{slots: pte_slot *list}}
    steps:
      - rmap: slots = [{slots}]
      - shrink: reclaim(p, slots)
"""


def name(pinners: int, reclaimers: int, mms: int) -> str:
    """The scenario's name."""
    return f"scaling-{pinners}-{reclaimers}-{mms}"


def scenario(pinners: int, reclaimers: int, mms: int) -> str:
    """The scenario's text. Every reclaimer holds a reference of its own, as if each had isolated the page."""
    each = range(mms)
    objects = [f"  p: {{type: page, isolated: {reclaimers}, other_refs: others}}"]
    for m in each:
        objects += [f"  mm{m}: mm_struct", f"  table{m}: page_table"]
        objects.append(f"  slot{m}: {{type: pte_slot, mm: mm{m}, table: table{m}}}")
    writable = int(mms == 1)
    pte = f"(pte_t){{.present = 1, .page = p, .writable = {writable}, .dirty = 1, .soft_dirty = 1}}"
    flags = "FOLL_WRITE" if mms == 1 else "0"
    threads = [PINNER.format(cpu=i, mm=i % mms, flags=flags) for i in range(pinners)]
    slots = ", ".join(f"slot{m}" for m in each)
    threads += [RECLAIMER.format(cpu=pinners + i, slots=slots) for i in range(reclaimers)]
    return "\n".join(
        [
            f"scenario: {name(pinners, reclaimers, mms)}",
            f"title: {pinners} fast pinners and {reclaimers} reclaimers of one page in {mms} mms",
            "scope: Linux v5.15; a page that every mm maps, read-only where there are several.",
            "objects:",
            *objects,
            "symbols: {others: 0..2000, in_swap_cache: any}",
            "init:",
            *(f'  - "slot{m}->pte = {pte}"' for m in each),
            "  - p->PG_swapcache = in_swap_cache",
            "  - p->PG_dirty = 1",
            "threads:" + "".join(threads).rstrip(),
            "properties: [mapped-while-pinned]",
            "",
        ]
    )
