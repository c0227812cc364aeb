"""Events as Arm's memory model counts them: the accesses and barriers of the code that primitives compile to.

An attempt that fails has executed the code up to its first branch, all but the write if there is none. Where the code
looks at the location before it modifies it (`LDR; CBZ; CASAL`), the look is the read of an attempt that fails, and that
of one that succeeds is the read that belongs to its write: the look before it, which orders nothing, is left out.
"""

import re
from dataclasses import dataclass

from encoder.graph.events import Event, EventKind
from encoder.graph.term import Term
from encoder.smt.axiomatic.memory_events import FENCES, EventNodeBuilder
from encoder.smt.text.clauses import Cond

ATOMIC = re.compile(r"(SWP|CAS|LDADD|LDCLR|LDEOR|LDSET|STADD|STCLR|STEOR|STSET)(A?)(L?)")
READS = {"LDR": frozenset[str](), "LDXR": frozenset[str](), "LDAR": frozenset("A"), "LDAXR": frozenset("A"),
         "LDAPR": frozenset("Q")}  # fmt: skip
WRITES = {"STR": frozenset[str](), "STXR": frozenset[str](), "STLR": frozenset("L"), "STLXR": frozenset("L")}
BRANCHES = frozenset({"CBZ", "CBNZ"})
BRANCH = "CBNZ"
CANDIDATES = {"Mb": "DMB ISH", "Rmb": "DMB ISHLD", "Wmb": "DMB ISHST", "Acquire": "A", "Release": "L"}
LOCK_DETAILS = {(EventKind.ACQUIRE, "A"): "LKR", (EventKind.RELEASE, "L"): "UL"}
UNMARKED = frozenset({"plain", "srcu-lock", "srcu-unlock"})
SECTION_TAGS = frozenset({"Srcu-lock", "Srcu-unlock"})
CODED = frozenset(
    {EventKind.READ, EventKind.WRITE, EventKind.RMW, EventKind.ACQUIRE, EventKind.RELEASE, EventKind.FENCE}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm64Access:
    """The code of one event: the tags of its read, in an attempt that succeeds and in one that fails, and of its write;
    the barriers before and behind, each with whether only an attempt that succeeds has it."""

    read: frozenset[str]
    failed: frozenset[str]
    write: frozenset[str]
    before: tuple[tuple[str, bool], ...]
    behind: tuple[tuple[str, bool], ...]


def read_tags(instruction: str) -> frozenset[str] | None:
    """The tags of an instruction's read, None if it reads nothing."""
    if (atomic := ATOMIC.fullmatch(instruction)) is not None:
        unread = {"NoRet"} if atomic[1].startswith("ST") else set()
        return frozenset({"Amo", *unread, *atomic[2]})
    return READS.get(instruction)


def write_tags(instruction: str) -> frozenset[str] | None:
    """The tags of an instruction's write, None if it writes nothing."""
    if (atomic := ATOMIC.fullmatch(instruction)) is not None:
        return frozenset({"Amo", *atomic[3]})
    return WRITES.get(instruction)


def access_of(code: tuple[str, ...]) -> Arm64Access:
    """What a piece of code does."""
    nothing: frozenset[str] = frozenset()
    reads = [(place, tags) for place, each in enumerate(code) if (tags := read_tags(each)) is not None]
    writes = [(place, tags) for place, each in enumerate(code) if (tags := write_tags(each)) is not None]
    branches = [place for place, each in enumerate(code) if each in BRANCHES]
    read, failed = (reads[-1], reads[0] if branches else reads[-1]) if reads else ((-1, nothing), (-1, nothing))
    asked = {BRANCH} if branches and branches[-1] > read[0] >= 0 else set()
    access = min((place for place, _ in (*reads, *writes)), default=0)
    fences = [(place, each) for place, each in enumerate(code) if each.startswith(("DMB ", "DSB "))]
    guarded = [(place, (each, bool(branches) and place > branches[0])) for place, each in fences]
    return Arm64Access(
        read=read[1] | asked,
        failed=failed[1] | ({BRANCH} if branches else set()),
        write=writes[-1][1] if writes else nothing,
        before=tuple(each for place, each in guarded if place < access),
        behind=tuple(each for place, each in guarded if place >= access),
    )


class Arm64NodeBuilder(EventNodeBuilder):
    """Builds the nodes of a graph from the code of its events."""

    def _access(self, event: Event) -> Arm64Access:
        """What the event's code does. Raises ValueError if the event has none."""
        if event.arm64 is None:
            raise ValueError(f"{event.step.site.event} does not say what it compiles to on arm64")
        return access_of(event.arm64.lse if self.instructions == "lse" else event.arm64.llsc)

    def _event(self, event: Event) -> None:
        if event.kind not in CODED:
            super()._event(event)
            return
        self._add_candidate_fences(event)
        access = self._access(event)
        self._fences(event, access.before)
        if event.kind is not EventKind.FENCE:
            super()._event(event)
        self._fences(event, access.behind)

    def _fences(self, event: Event, fences: tuple[tuple[str, bool], ...]) -> None:
        true = self.terms.true
        for fence, guarded in fences:
            self._node(event, "F", event.succeeds if guarded else true, {fence: true})

    def _detail(self, event: Event, name: str) -> str:
        if name in FENCES and event.kind is EventKind.RMW:
            return "full"
        return LOCK_DETAILS.get((event.kind, name)) or super()._detail(event, name)

    def _is_marked(self, event: Event, conditions: dict[str, Cond]) -> bool:
        return event.tags[0] not in UNMARKED and event.cell not in self.locks

    def _named(self, candidate: str) -> str:
        return CANDIDATES[candidate]

    def _full_fence(self, event: Event) -> None:
        """None but those of the code."""

    def _tags(self, event: Event, half: str, tags: dict[str, Term]) -> dict[str, Term]:
        if half == "F":
            return tags
        kept = {name: when for name, when in tags.items() if name in SECTION_TAGS}
        access, true = self._access(event), self.terms.true
        if half == "W":
            return kept | dict.fromkeys(sorted(access.write), true)
        fails = self.terms.not_(event.succeeds)
        both = dict.fromkeys(sorted(access.read & access.failed), true)
        once = dict.fromkeys(sorted(access.read - access.failed), event.succeeds)
        return kept | both | once | dict.fromkeys(sorted(access.failed - access.read), fails)
