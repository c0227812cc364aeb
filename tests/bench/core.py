"""The core of the protocol, as it was written for other tools too: G fast pinners with the seqcount, R reclaimers that
bump it around a pin test for each of the M mms. Nothing of the kernel is left but the count, the seqcount, one bit for
each entry and one for the page lock."""

import shutil
from pathlib import Path

NAME = "core"
TYPES = """\
types:
  cpage:
    source: none
    struct: {refs: int, lk: bool}
  cmm:
    source: none
    struct: {seq: unsigned, pte: bool}
"""
PIN = """\
procedure: core_pin
kernel: v5.15
source: none
params: {p: cpage *, mm: cmm *}
returns: int
steps:
  - begin: s = READ_ONCE(mm->seq)
  - odd: if (s & 1) return 0
  - look: v = READ_ONCE(mm->pte)
  - gone: if (!v) return 0
  - get: if (!atomic_add_unless(&p->refs, 1024, 0)) return 0
  - again: w = READ_ONCE(mm->pte)
  - differs: if (w != v)
    then:
      - undo1: atomic_add(-1024, &p->refs)
      - no1: return 0
  - retry: t = READ_ONCE(mm->seq)
  - moved: if (t != s)
    then:
      - undo2: atomic_add(-1024, &p->refs)
      - no2: return 0
  - yes: return 1
"""
RECLAIM = """\
procedure: core_reclaim
kernel: v5.15
source: none
params: {p: cpage *, mms: cmm *list}
steps:
  - lock: if (!core_trylock(&p->lk)) return
  - pinned: c = atomic_read(&p->refs)
  - busy: if (c >= 1024) goto out
  - each: for mm in mms
    do:
      - a: s = READ_ONCE(mm->seq)
      - b: WRITE_ONCE(mm->seq, s + 1)
      - test: d = atomic_read(&p->refs)
      - unpinned: if (d < 1024)
        then:
          - clear: o = core_clear(&mm->pte)
          - was: if (o)
            then:
              - drop: atomic_add(-1, &p->refs)
      - e: s = READ_ONCE(mm->seq)
      - f: WRITE_ONCE(mm->seq, s + 1)
  - freeze: z = atomic_cmpxchg(&p->refs, 1, 0)
  - out: core_unlock(&p->lk)
"""
PRIMITIVES = """\
primitives:
  core_trylock:
    params: {v: bool &}
    source: none
    rmw: "*v"
    new: "1"
    result: old == 0
    order: mb
  core_unlock:
    params: {v: bool &}
    source: none
    store: "*v"
    value: "0"
    order: release
  core_clear:
    params: {v: bool &}
    source: none
    rmw: "*v"
    new: "0"
    result: old
    order: mb
"""
PROPERTY = """\
property: core-held
title: a pinned page stays mapped
each: {t: pinner}
when: t.ok == 1
never: t.mine->pte == 0
"""
PINNER = """\
  {thread}:
    role: pinner
    locals: {{ok: int, mine: cmm *}}
    steps:
      - where: mine = mm{mm}
      - pin: ok = core_pin(p, mm{mm})
"""
RECLAIMER = """\
  {thread}:
    role: reclaimer
    locals: {{mms: cmm *list}}
    steps:
      - all: mms = [{mms}]
      - go: core_reclaim(p, mms)
"""


def specs_with_core(specs: Path, target: Path, pinners: int, reclaimers: int, mms: int) -> Path:
    """A copy of the folder `specs` below `target` that also holds the scenario `core`."""
    root = target / "specs"
    shutil.copytree(specs, root)
    written = {
        "types/core.yaml": TYPES,
        "procedures/core_pin/v5.15.yaml": PIN,
        "procedures/core_reclaim/v5.15.yaml": RECLAIM,
        "primitives/core.yaml": PRIMITIVES,
        "properties/core-held.yaml": PROPERTY,
        f"scenarios/{NAME}.yaml": scenario(pinners, reclaimers, mms),
    }
    for name, text in written.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def scenario(pinners: int, reclaimers: int, mms: int) -> str:
    """The scenario: pinner g pins through mm g modulo M, every reclaimer walks all mms."""
    names = [f"mm{m}" for m in range(mms)]
    threads = [PINNER.format(thread=f"g{g}", mm=g % mms) for g in range(pinners)]
    threads += [RECLAIMER.format(thread=f"r{r}", mms=", ".join(names)) for r in range(reclaimers)]
    return "\n".join(
        [
            f"scenario: {NAME}",
            f"title: the core, {pinners} pinners and {reclaimers} reclaimers of one page in {mms} mms",
            "scope: a scaling family",
            "objects:",
            "  p: {type: cpage}",
            *(f"  {name}: cmm" for name in names),
            "init:",
            f"  - p->refs = {mms}",
            *(f"  - {name}->pte = 1" for name in names),
            "threads:",
            "".join(threads) + "properties: [core-held]",
            "",
        ]
    )
