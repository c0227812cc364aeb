"""What an editor says of a key of a spec file: what it means, and an example."""

from typing import Any

SchemaPart = dict[str, Any]
KeyWords = dict[str, tuple[str, Any]]
"""By key: what it means, and an example of its value."""

STEP: KeyWords = {
    "source": ("the kernel file and function in which this stands", "mm/gup.c gup_pte_range()"),
    "note": ("what a reader must know", "Page tables above the PTEs do not change in this model."),
    "bound": ("the rounds of a loop that are explored; a proof is complete only if no schedule goes beyond", "3"),
    "then": ("the steps of an `if` whose condition holds", [{"give_up": "n = 0"}]),
    "else": ("the steps of an `if` whose condition does not hold", [{"keep": "n = 1"}]),
    "do": ("the steps of a loop", [{"read_pte": "pte = ptep_get_lockless(slots[i])"}]),
    "ghost_first": ("a ghost, set with the first event of the step", "held[i] = NULL"),
    "ghost_last": ("a ghost, set when the step is done", "seq_section = mm"),
    "from": ("in a scenario: the statement from a kernel version on", {"v6.12": "n = pin_user_pages_fast(mm, slots)"}),
    "stands for": ("calls in the kernel's source that mean this", "set_ptes(_, _, slot, pte, _)"),
    "stands in": ("another kernel function than its `source` names, in which this stands", "mm/gup.c gup_pte_range()"),
    "not in source": ("why the kernel's source has nothing for this step", "the fault is taken by hardware"),
    "left out": ("what the kernel's function does beside the steps, and why it has none", {"cond_resched": "no event"}),
}
WORDS: dict[str, KeyWords] = {
    "types": {
        "types": ("words and structs, by name", {"page": {"struct": {"_refcount": "int"}}}),
        "constants": ("numbers with a name", {"GUP_PIN_COUNTING_BIAS": "1024"}),
        "ghosts": ("variables that every thread has for properties to read", {"seq_section": "mm_struct *"}),
        "word": ("the fields of a record that is read and written at once", {"present": "bool", "page": "page *"}),
        "struct": ("the fields; each that is not `const` is one memory location", {"_refcount": "int"}),
        "parameters": ("numbers that a scenario gives per object, 0 if it does not", {"other_refs": "int"}),
        "equations": ("what a start must not contradict", {"_refcount": "self->isolated + self->other_refs"}),
        "locks": ("numbers that the kernel uses as locks, and the memory model does not", ["PG_locked"]),
        "defaults": ("what a field starts with where the scenario says nothing", {"PG_dirty": "1"}),
    },
    "primitives": {
        "primitives": ("kernel macros in events and ordering, by name", {"smp_mb": {"fence": "mb"}}),
        "rcu readers": ("regions that a grace period of RCU waits for, from a kernel on", {"irq": "v5.0"}),
        "irq": ("the first kernel in which a grace period waits for sections with interrupts off", "v5.0"),
        "params": ("`&`: a pointer to a memory location; `lvalue`: the location itself", {"v": "int &"}),
        "load": ("a read of this place; the call's value is what was read", "*p"),
        "store": ("a write to this place", "*p"),
        "value": ("what is written", "value"),
        "rmw": ("one atomic read-modify-write of this place; `old` is what it read", "*v"),
        "new": ("what it writes", "old + i"),
        "when": ("it writes only if this holds", "old != u"),
        "result": ("the call's value", "old + i"),
        "await": ("it cannot happen until this holds of `old`", "old == 0"),
        "order": ("the kernel memory model's word", "acquire"),
        "read": ("the order of the read half", "acquire"),
        "write": ("the order of the write half", "once"),
        "fails": ("locked: on x86 an attempt that writes nothing is a locked operation too", "locked"),
        "acquire": ("takes this lock, and waits for it", "*lock"),
        "try_acquire": ("takes this lock if it is free; value: whether it did", "*lock"),
        "release": ("gives this lock back", "*lock"),
        "mode": ("for reading, or for writing as without it", "read"),
        "fence": ("orders as the memory model says; nothing under SC", "mb"),
        "region": ("a section of this kind", "irq"),
        "edge": ("its begin or its end", "begin"),
        "flush": ("a TLB flush; its end waits for sections with interrupts off on CPUs that run the mm", "begin"),
        "mm": ("the mm whose translations are flushed", "mm"),
        "grace": ("a grace period; its end waits for the sections that were open at its begin", "rcu"),
        "place": ("the srcu_struct of a grace period of SRCU", "*ss"),
        "steps": ("statements without labels over other primitives", ["smp_rmb()", "return READ_ONCE(*s)"]),
        "by flush": (
            "a form for each kind of TLB flush",
            {kind: {"fence": "mb"} for kind in ("ipi", "deferred", "broadcast", "deferred-broadcast")},
        ),
        "ipi": ("each flush interrupts the CPUs that run the mm and waits for them", {"fence": "mb"}),
        "deferred": ("the same, but reclaim's walk only notes the flush and does it later", {"fence": "mb"}),
        "broadcast": ("the CPU that flushes waits for no other", {"fence": "mb"}),
        "deferred-broadcast": ("batched, and it waits for no other", {"fence": "mb"}),
        "arm64": ("what it compiles to on arm64", {"lse": "LDADDAL"}),
        "lse": ("with the atomic instructions of Armv8.1", "LDADDAL"),
        "llsc": ("with loops of load- and store-exclusive", "LDXR; STLXR; DMB ISH"),
        "else": ("the statements of an `if` whose condition does not hold", ["return 0"]),
    },
    "procedure": {
        "procedure": ("the function's name, and its folder's", "gup_fast"),
        "kernel": ("the kernel version, and the file's name", "v5.15"),
        "gone": ("the version from which on the kernel no longer has it", "v6.12"),
        "abridges": ("the procedure that has the function in full; patches are read against that", "gup_fast"),
        "names in source": ("what things are called in the kernel's source, and in the steps", {"vma->vm_mm": "mm"}),
        "returns": ("the type of its value", "int"),
        "params": ("its parameters; arrays and lists are passed by reference", {"mm": "mm_struct *"}),
        "locals": ("locals that are arrays or records", {"tried": "page *[2]"}),
        "steps": ("a label and a statement each; labels are unique", [{"none_yet": "n = 0"}]),
    },
    "variant": {
        "variant": ("the name, and the file's", "kara-rmap-seq"),
        "title": ("the patch's subject", "mm/rmap: test for pins in the walk"),
        "author": ("who wrote it", "Jan Kara"),
        "link": ("the mail or commit", "mail to linux-mm of 30 Sep 2021"),
        "base": ("the variant that it is a patch to", "baseline"),
        "kernel": ("of a kernel as released, in place of `base`", "v5.15"),
        "reading": ("what the mail leaves open, and how it is read", "It does not say on which side of the lock."),
        "fields": ("fields that the patch adds to structs", {"mm_struct": {"wp_lock": "lock"}}),
        "defaults": ("what added fields start with; 0 without it", {"mm_struct": {"wp_lock": "0"}}),
        "edits": ("changes to procedures, each at a label", [{"in": "gup_fast", "delete": "recheck_pte"}]),
        "in": ("the procedure", "gup_fast"),
        "before": ("new steps stand before the step of this label", "unlock"),
        "after": ("new steps stand behind the step of this label", "seq_retry"),
        "replace": ("the step of this label, and all below it, goes", "bias"),
        "delete": ("the step of this label, and all below it, goes", "recheck_pte"),
        "insert": ("the new steps", [{"mb": "smp_mb()"}]),
        "with": ("the steps in its place", [{"mb": "smp_mb()"}]),
    },
    "scenario": {
        "scenario": ("the name, and the file's", "gup-vs-fork"),
        "title": ("what meets what", "a fast pin for writing against fork"),
        "scope": ("what a verdict speaks of, and what is left out", "One anonymous base page, mapped by one mm."),
        "objects": ("a struct's name, or `type` with const fields and parameters", {"mm": "mm_struct"}),
        "type": ("the object's struct", "page"),
        "symbols": ("numbers that the solver chooses; `any` is 0..1", {"others": "0..2000"}),
        "init": ("what memory holds at the start; 0 where nothing says otherwise", ["mm->has_pinned = had_pinned"]),
        "assume": ("what the symbols must fulfil", ["others > 0 || in_swap_cache"]),
        "threads": ("the CPUs, each with the steps that it runs", {"cpu0": {"steps": [{"range": "slots = [slot]"}]}}),
        "role": ("what properties call such threads", "pinner"),
        "runs": ("the mm whose translations the CPU may hold", "mm"),
        "locals": ("locals that are arrays, lists or records", {"slots": "pte_slot *list"}),
        "steps": ("a label and a statement each", [{"range": "slots = [slot]"}]),
        "properties": ("what is asked, the first if nothing else is named", ["mapped-while-pinned"]),
    },
    "property": {
        "property": ("the name, and the file's", "mapped-while-pinned"),
        "title": ("what holds, as a sentence", "a pinned page stays mapped where it was pinned"),
        "source": ("who says that it must", "Jan Kara, 30 Sep 2021"),
        "kernel": ("the version from which on kernels are asked for it", "v5.19"),
        "each": ("a role, `any`, or the indices of a thread's array or list", {"t": "pinner", "i": "t.held"}),
        "when": ("the situation that it speaks of", "t.held[i] != NULL"),
        "never": ("what must not hold in it, in any state", "t.slots[i]->pte.swap"),
        "finally": ("what must hold when every thread has ended", "mm->write_protect_seq == 0"),
    },
    "platform": {
        "platform": ("the name, and the file's", "arm64"),
        "title": ("what it is", "arm64 with the atomic instructions of Armv8.1 (LSE)"),
        "machine": ("what people run; without it it is none", "arm64"),
        "model": ("the memory model: sc, tso, arm64, arm64-llsc or lkmm", "arm64"),
        "flush": ("what its TLB flushes do", "broadcast"),
        "from": ("from which kernel on they do something else", {"v6.6": "deferred-broadcast"}),
        "source": ("where the kernel says so", "arch/arm64/include/asm/tlbflush.h"),
        "note": ("what a reader must know", "A VM's flushes are broadcast too."),
    },
}


def explained(kind: str, schema: SchemaPart) -> SchemaPart:
    """The schema with what its keys mean."""
    found: SchemaPart = _part(kind, schema)
    return found


def words_of(kind: str, key: str) -> tuple[str, Any]:
    """What a key of this kind of document means, and an example. Raises KeyError for a key without words."""
    own = WORDS[kind]
    return own[key] if key in own else STEP[key]


def _part(kind: str, value: Any) -> Any:
    match value:
        case {"properties": dict(properties), **rest}:
            told = {key: _key(kind, key, part) for key, part in properties.items()}
            return {**{key: _part(kind, part) for key, part in rest.items()}, "properties": told}
        case dict():
            return {key: _part(kind, part) for key, part in value.items()}
        case list():
            return [_part(kind, part) for part in value]
        case _:
            return value


def _key(kind: str, key: str, part: Any) -> SchemaPart:
    meaning, example = words_of(kind, key)
    inner = {"allOf": [part]} if "$ref" in part else _part(kind, part)
    return {"description": meaning, "examples": [example], **inner}
