"""Reports made by hand, one a kind of verdict and of drawing."""

from dataclasses import replace

from encoder.base.result import (
    Check,
    Checks,
    Proved,
    Question,
    Refuted,
    Report,
    ScheduleStep,
    Timing,
    Unknown,
    Unreached,
    Vacuous,
    Verdict,
    Witness,
)

QUESTION = Question(scenario="gup-vs-reclaim", variant="baseline", property="mapped-while-pinned", platform="sc")


def step(number: int, cpu: int, procedure: str, label: str, event: str, **given: object) -> ScheduleStep:
    """A step of thread `cpuN`; `location`, `value`, `racing`, `stale` as given."""
    told: dict[str, object] = {"location": "", "value": "", "source": "mm/gup.c", "index": number - 1, **given}
    thread = told.pop("thread", f"cpu{cpu}")
    return ScheduleStep(
        step=number, cpu=cpu, thread=thread, procedure=procedure, label=label, path=("pin", label), event=event, **told
    )


def witness(*schedule: ScheduleStep) -> Witness:
    return Witness(
        symbols=(("others", 0), ("in_swap_cache", 0)),
        initial=(
            ("p.PG_locked", "0"),
            ("p._mapcount", "1"),
            ("p._refcount", "2"),
            ("slot.pte", "{page=p present writable}"),
        ),
        schedule=schedule,
        final=(("p.PG_locked", "0"), ("p._mapcount", "1"), ("p._refcount", "1026"), ("slot.pte", "{swap}")),
        violated="t = cpu0, i = 0: page p is pinned and slot.pte does not map it",
        broken=(
            ("cpu0.held[0]", "", "p"),
            ("slot.pte", "{page=p present writable}", "{swap}"),
            ("p._refcount", "2", "1026"),
        ),
    )


TWO = witness(
    step(1, 0, "gup_fast", "seq_begin", "READ_ONCE(mm->write_protect_seq)", location="mm.write_protect_seq", value="0"),
    step(2, 0, "gup_fast", "irq_off", "local_irq_save()"),
    step(3, 0, "gup_fast", "read_pte", "READ_ONCE(slot->pte)", location="slot.pte", value="{page=p present writable}"),
    step(4, 1, "reclaim", "lock", "trylock_page(p)", location="p.PG_locked", value="0 -> 1"),
    step(5, 1, "reclaim", "test_pinned", "atomic_read(p->_refcount)", location="p._refcount", value="2", racing=True),
    step(6, 0, "gup_fast", "grab", "atomic_add_unless(p->_refcount, 1, 0)", location="p._refcount", value="2 -> 3"),
    step(
        7,
        0,
        "gup_fast",
        "bias",
        "atomic_add(1023, p->_refcount)",
        location="p._refcount",
        value="3 -> 1026",
        racing=True,
    ),
    step(8, 1, "try_to_unmap_one", "lock_table", "spin_lock(table->ptl)", location="table.ptl", value="0 -> 1"),
    step(
        9,
        1,
        "try_to_unmap_one",
        "clear",
        "xchg(slot->pte, 0)",
        location="slot.pte",
        value="{page=p present writable} -> {}",
    ),
    step(10, 1, "reclaim", "unlock", "clear_bit_unlock(PG_locked)", location="p.PG_locked", value="1 -> 0"),
    step(11, 0, "", "holding", "holding", location="", value=""),
)

THREE = witness(
    step(1, 0, "gup_fast", "seq_begin", "READ_ONCE(mm->write_protect_seq)", location="mm.write_protect_seq", value="0"),
    step(2, 1, "reclaim", "lock", "trylock_page(p)", location="p.PG_locked", value="0 -> 1"),
    step(3, 2, "reclaim", "lock", "trylock_page(p)", thread="kswapd", location="p.PG_locked", value="0 -> 0"),
    step(
        4,
        2,
        "try_to_unmap_one_of_a_page_in_the_swap_cache",
        "a_label_longer_than_any_column_that_a_third_cpu_could_have",
        "atomic_cmpxchg(p->_refcount, old_value_that_was_read_before, new_value)",
        thread="kswapd",
        location="p._refcount",
        value="3 -> 0",
    ),
)

PTE = {"location": "slot.pte", "reads_from": 0}
COUNT = {"location": "p._refcount", "reads_from": 0}
MAPPED = "{page=p present writable}"
BUFFERED = replace(
    witness(
        step(1, 0, "gup_fast", "read_pte", "READ_ONCE(slot->pte)", value=MAPPED, **PTE),
        step(2, 1, "reclaim", "test_pinned", "atomic_read(p->_refcount)", value="2", **COUNT),
        step(3, 1, "try_to_unmap_one", "clear", "xchg(slot->pte, 0)", value=f"{MAPPED} -> {{}}", **PTE),
        step(4, 0, "gup_fast", "grab", "atomic_add(1024, p->_refcount)", value="2 -> 1026", index=2, **COUNT),
        step(5, 0, "gup_fast", "recheck_pte", "READ_ONCE(slot->pte)", value=MAPPED, index=1, stale=3, **PTE),
        step(
            6, 1, "reclaim", "put", "put_page_testzero(p)", location="p._refcount", value="1026 -> 1025", reads_from=4
        ),
        step(7, 1, "reclaim", "count", "page_count(p)", location="p._refcount", value="1025", reads_from=6),
    ),
    coherence=(("p._refcount", (4, 6)),),
    cycle=(
        "step 2 (reclaim test_pinned) -fr-> step 4 (gup_fast grab)",
        "step 4 (gup_fast grab) -rf-> step 6 (reclaim put)",
        "step 6 (a_procedure_with_a_name_of_some_length put) -po-> step 7 (reclaim count)",
    ),
)


PLATFORMS = {
    "sc": ("sc", "ipi"), "x86": ("tso", "deferred"), "arm64": ("arm64", "broadcast"),
    "lkmm": ("lkmm", "deferred-broadcast"),
}  # fmt: skip
MACHINES = {"x86": "x86", "arm64": "arm64"}


def on(platform: str, question: Question = QUESTION) -> Question:
    """The question on a platform."""
    model, flush = PLATFORMS[platform]
    return replace(question, platform=platform, model=model, flush=flush)


def report(verdict: Verdict, question: Question = QUESTION) -> Report:
    return Report(
        question=question,
        verdict=verdict,
        kernel="v5.15",
        scope="one page, one mm, one fast pin for write against one reclaimer; no THP, no migration",
        variant_title="Linux v5.15 as released",
        property_title="a pinned page is still mapped where it was pinned",
        property_text="when t.held[i] != NULL never !(t.slots[i]->pte.present && t.slots[i]->pte.page == t.held[i])",
        longest=41,
        loops=(("gup_fast.per_slot", 1), ("pin.retry", 4)),
        flags=(),
        assumptions=("loads and stores that the kernel leaves unmarked are taken as marked",),
        solver="z3 5.4.1, seed 0",
        timing=Timing(load=0.1, build=0.2, solve=0.3, events=52, clauses=1000),
    )


STUCK = replace(TWO, broken=(), violated="cpu0 waits at lock: spin_lock(&table->ptl), cpu1 waits at lock: lock_page(p)")
LEFT = replace(TWO, broken=(), violated="cpu1 has ended with table.ptl held")
NONE = Check(status="none")
FINE = Checks(deadlock=NONE, held=NONE, unreached=Unreached())
CHECKS = {
    "fine": FINE,
    "deadlock": replace(FINE, deadlock=Check(status="found", witness=STUCK)),
    "held": replace(FINE, held=Check(status="found", witness=LEFT), open_loops=("pin.retry",)),
    "unreached": replace(FINE, unreached=Unreached(steps=("gup_fast/look", "gup_fast/give_back"))),
    "elsewhere": replace(FINE, unreached=Unreached(elsewhere=True)),
    "late": Checks(
        deadlock=Check(status="undecided", reason="not decided in time"), held=NONE,
        unreached=Unreached(undecided=("gup_fast/look",), reason="not decided in time"),
    ),
}  # fmt: skip
DEEP = replace(QUESTION, depth=30)
REPORTS = {
    "complete": report(Proved(complete=True, steps=41)),
    "bounded": report(Proved(complete=False, steps=30), DEEP),
    "open-loop": report(Proved(complete=False, steps=41, open_loops=("pin.retry",))),
    "open-loop-at-depth": report(Proved(complete=False, steps=30, open_loops=("pin.retry",)), DEEP),
    "two-cpus": report(Refuted(witness=TWO)),
    "three-cpus": report(Refuted(witness=THREE), replace(QUESTION, platform="", flush="broadcast")),
    "stale-read": report(Refuted(witness=BUFFERED), on("lkmm")),
    "interleaving": report(Refuted(witness=TWO), on("x86")),
    "vacuous": report(Vacuous(complete=True, steps=41)),
    "vacuous-to-depth": report(Vacuous(complete=False, steps=30), DEEP),
    "unknown": report(
        Unknown(reason="no answer in 60 s", reached="38 steps", advice="--depth 38, or a longer --timeout")
    ),
}


def beside(name: str, platform: str = "sc", *, untouched: bool = False) -> Report:
    """A proof with what was found beside it; "killed": nothing was."""
    question = replace(on(platform), checks=True)
    return replace(REPORTS["complete"], question=question, checks=CHECKS.get(name), untouched=untouched)


def answered(platform: str, name: str) -> Report:
    """A sample as an answer on this platform."""
    return replace(REPORTS[name], question=on(platform, REPORTS[name].question))


TOGETHER = {
    "proved-on-all": ("complete", "complete", "complete", "complete"),
    "refuted-on-lkmm": ("complete", "complete", "complete", "stale-read"),
    "refuted-on-arm64": ("complete", "complete", "stale-read", "stale-read"),
    "refuted-on-x86": ("complete", "stale-read", "complete", "stale-read"),
    "refuted-on-all": ("two-cpus", "two-cpus", "two-cpus", "two-cpus"),
    "unknown-on-lkmm": ("complete", "complete", "complete", "unknown"),
    "unknown-on-x86": ("complete", "unknown", "complete", "stale-read"),
    "vacuous-on-all": ("vacuous", "vacuous", "vacuous", "vacuous"),
}
ALL = {
    name: tuple(answered(platform, each) for platform, each in zip(PLATFORMS, given, strict=True))
    for name, given in TOGETHER.items()
}
