"""Events as the memory model counts them: a read-modify-write is a read and a write, with the fences that it
implies."""

from dataclasses import dataclass, field

from encoder.graph.events import Event, EventKind, Graph, GraphStep
from encoder.graph.term import Term, Terms
from encoder.graph.value_sets import lock_words
from encoder.program.core import CellName
from encoder.smt.text.clauses import ALWAYS, Clauses, Cond, both
from encoder.smt.text.selectors import Topic

READ_ORDER = {"acquire": "Acquire", "noreturn": "Noreturn", "srcu-lock": "Srcu-lock", "plain": ""}
WRITE_ORDER = {"release": "Release", "srcu-unlock": "Srcu-unlock", "plain": ""}
ORDERING_TAGS = frozenset(
    {
        "Acquire", "Release", "Mb", "Rmb", "Wmb", "Barrier", "Before-atomic", "After-atomic", "After-spinlock",
        "After-unlock-lock", "After-srcu-read-unlock", "LKR", "UL", "Locked",
        "A", "Q", "L", "DMB ISH", "DMB ISHLD", "DMB ISHST", "DSB ISH", "DSB ISHLD", "DSB ISHST",
    }
)  # fmt: skip
FENCES = frozenset(
    {
        "Mb", "Rmb", "Wmb", "Before-atomic", "After-atomic", "After-spinlock", "After-unlock-lock",
        "After-srcu-read-unlock", "DMB ISH", "DMB ISHLD", "DMB ISHST", "DSB ISH", "DSB ISHLD", "DSB ISHST",
    }
)  # fmt: skip
ORDERS = frozenset({"Acquire", "Release", "A", "Q", "L"})
IMPLIED_BARRIERS = {
    EventKind.RMW: "full",
    EventKind.FLUSH_BEGIN: "flush",
    EventKind.FLUSH_END: "flush",
}  # full barriers that are part of another event, with the `detail` of their fact
CANDIDATE_FENCES = ("Wmb", "Rmb", "Mb")
REGION_TAGS = {
    EventKind.REGION_BEGIN: {"rcu": "Rcu-lock", "irq": "Irq-begin"},
    EventKind.REGION_END: {"rcu": "Rcu-unlock", "irq": "Irq-end"},
}


@dataclass(frozen=True, slots=True, eq=False)
class EventNode:
    """One event of the memory model; `half` is R, W or F.

    - `guard`: the condition under which it happens. `path`: the condition under which control flow includes it; then it
      happens before anything later in its thread does.
    - `tags`: what it is, each tag under a condition. `values`: what it reads or writes.
    - `barred`: the literals of which none holds where control flow includes it.
    - `number`: nodes of a thread are numbered in program order. `ordered`: the facts under which it is in program
      order.
    """

    number: int
    event: Event
    half: str
    cell: CellName | None
    guard: Cond
    path: Cond
    tags: dict[str, Cond]
    values: tuple[Term, ...] = ()
    ordered: Cond = ALWAYS

    barred: Cond = field(init=False)
    thread: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "barred", frozenset(-x for x in self.path))
        object.__setattr__(self, "thread", self.event.thread)


class EventNodeBuilder:
    """Builds the nodes of a graph. `done` gives the condition under which each step happens, `instructions` is the
    model's: of arm64, or "" for the kernel's accesses and fences."""

    def __init__(self, clauses: Clauses, graph: Graph, done: dict[GraphStep, Term], instructions: str = "") -> None:
        self.instructions = instructions
        self.clauses = clauses
        self.terms = graph.terms
        self.graph = graph
        self.done = done
        self.nodes: list[EventNode] = []
        self.rmw: list[tuple[EventNode, EventNode]] = []
        self.rules: list[tuple[Term, Term]] = []
        read_locked = {e.cell for e in graph.events if e.mode == "read"}
        self.shared_locks = frozenset(c for c in read_locked if c is not None)
        self.locks = frozenset(c.name for c in graph.program.cells if c.lock)

    def make_all(self) -> None:
        """Build the nodes of all events, in their order. To be called once."""
        for event in self.graph.events:
            self._event(event)

    def _node(
        self, event: Event, half: str, under: Term, tags: dict[str, Term], values: tuple[Term, ...] = ()
    ) -> EventNode | None:
        """A new node that happens with the event if `under` holds; None if it cannot."""
        guard = self.clauses.condition(self.terms.and_(self.done[event.step], event.target, under))
        path = self.clauses.condition(self.terms.and_(event.step.guard, event.target, under))
        if guard is None or path is None:
            return None
        cell = event.domain if half == "F" else event.cell
        conditions = {half: ALWAYS} if half == "F" else {half: ALWAYS, "M": ALWAYS}
        for name, when in self._tags(event, half, tags).items():
            condition = self.clauses.condition(when)
            if name and condition is not None:
                conditions[name] = condition - guard
        self._add_selectors(event, half, conditions)
        self._add_candidate_order(event, half, conditions)
        ordered = ALWAYS if half == "F" else self.clauses.selector(Topic.ORDER, event.step.site)
        node = EventNode(len(self.nodes), event, half, cell, guard, path, conditions, values, ordered)
        self.nodes.append(node)
        return node

    def _tags(self, event: Event, half: str, tags: dict[str, Term]) -> dict[str, Term]:
        """The tags of a node, in place of those that the kernel's model gives it."""
        return tags

    def _detail(self, event: Event, name: str) -> str:
        """How the fact is called that the event has this tag."""
        return IMPLIED_BARRIERS.get(event.kind, name) if name == "Mb" else name

    def _is_marked(self, event: Event, conditions: dict[str, Cond]) -> bool:
        """Whether an access with these tags is one that the kernel could mark as acquire or release."""
        return "Once" in conditions

    def _named(self, candidate: str) -> str:
        """The tag that a candidate barrier gives."""
        return candidate

    def _full_fence(self, event: Event) -> None:
        """Add the full barrier on one side of a read-modify-write that succeeds."""
        self._node(event, "F", event.succeeds, {"Mb": self.terms.true})

    def _add_selectors(self, event: Event, half: str, conditions: dict[str, Cond]) -> None:
        """Make the tags that order depend on the selectors of their facts; a marked access stays marked."""
        for name in sorted(conditions.keys() & ORDERING_TAGS):
            detail = self._detail(event, name)
            if fact := self.clauses.selector(Topic.BARRIER, event.step.site, detail):
                conditions[name] |= fact
                if half != "F":
                    conditions["Once"] = ALWAYS

    def _has_candidates(self, event: Event) -> bool:
        """Whether there are candidate barriers at the event's step."""
        candidate_barriers = self.clauses.script.candidate_barriers
        return candidate_barriers is not None and candidate_barriers.covers(event.step.site)

    def _candidate_condition(self, event: Event, tag: str) -> Cond:
        """The condition that a candidate barrier is present."""
        candidate_barriers = self.clauses.script.candidate_barriers
        assert candidate_barriers is not None
        return frozenset((self.clauses.boolean(candidate_barriers.selector(Topic.BARRIER, event.step.site, tag)),))

    def _add_candidate_order(self, event: Event, half: str, conditions: dict[str, Cond]) -> None:
        """Let a marked access be an acquire or a release, if there are candidate barriers. The kernel has no such form
        of the read-modify-writes that return nothing."""
        tag = {"R": "Acquire", "W": "Release"}.get(half, "")
        if not self._has_candidates(event) or not tag or self._named(tag) in conditions:
            return
        if (
            event.kind in (EventKind.READ, EventKind.WRITE, EventKind.RMW)
            and self._is_marked(event, conditions)
            and "noreturn" not in event.tags
        ):
            conditions[self._named(tag)] = self._candidate_condition(event, tag)

    def _add_candidate_fences(self, event: Event) -> None:
        """Add fences before the step, if there are candidate barriers."""
        last = self.nodes[-1].event if self.nodes else None
        same = last is not None and last.thread == event.thread and last.step.site.path == event.step.site.path
        if not self._has_candidates(event) or same:
            return
        guard, path = self.clauses.condition(self.done[event.step]), self.clauses.condition(event.step.guard)
        if guard is not None and path is not None:
            tags = {
                "F": ALWAYS,
                **{self._named(tag): self._candidate_condition(event, tag) for tag in CANDIDATE_FENCES},
            }
            self.nodes.append(EventNode(len(self.nodes), event, "F", None, guard, path, tags))

    def _event(self, event: Event) -> None:
        """Add the nodes of an event."""
        true = self.terms.true
        self._add_candidate_fences(event)
        match event.kind:
            case EventKind.READ:
                name = "RL" if event.cell in self.locks else READ_ORDER.get(event.tags[0], "Once")
                self._node(event, "R", true, {name: true}, event.reads)
            case EventKind.WRITE:
                assert event.writes is not None
                self._node(event, "W", true, {WRITE_ORDER.get(event.tags[0], "Once"): true}, event.writes)
            case EventKind.RMW:
                self._rmw(event)
            case EventKind.ACQUIRE:
                self._acquire(event)
            case EventKind.RELEASE:
                self._release(event)
            case EventKind.FENCE:
                self._node(event, "F", true, {event.tags[0].capitalize(): true})
            case EventKind.REGION_BEGIN | EventKind.REGION_END:
                self._node(event, "F", true, {REGION_TAGS[event.kind][event.region]: true})
            case EventKind.FLUSH_BEGIN:
                self._node(event, "F", true, {"Flush-begin": true, "Mb": true})
            case EventKind.FLUSH_END:
                self._node(event, "F", true, {"Flush-end": true, "Mb": true})
            case EventKind.GRACE_BEGIN:
                pass  # GRACE_END orders and waits; a grace period that has not ended constrains nothing
            case EventKind.GRACE_END:
                self._node(event, "F", true, {f"Sync-{event.region}": true})

    def _rmw(self, event: Event) -> None:
        """Add the nodes of a read-modify-write. `mb` is a full fence on both sides. Every order requires success."""
        assert event.writes is not None
        true, (before, after) = self.terms.true, event.tags
        full = "mb" in event.tags
        if full:
            self._full_fence(event)
        tags = {"RMW": true, "Once": true}
        if before in READ_ORDER:
            tags[READ_ORDER[before]] = true if before == "noreturn" else event.succeeds
        if event.fails_locked:
            tags["Locked"] = true
        read = self._node(event, "R", true, tags, event.reads)
        tags = {"RMW": true, "Once": true, WRITE_ORDER.get(after, "Once"): true}
        write = self._node(event, "W", event.succeeds, tags, event.writes)
        if read is not None and write is not None:
            self.rmw.append((read, write))
        if full:
            self._full_fence(event)

    def _acquire(self, event: Event) -> None:
        """Add the nodes of an acquisition: it reads that the lock is free and takes it; a failed attempt reads that it
        is held."""
        terms, taken = self.terms, event.succeeds
        value = terms.const(0)
        if event.cell in self.shared_locks:
            value = self._lock_value(event)
            unlocked = terms.eq(value, terms.const(0))
            free = terms.not_(terms.eq(value, terms.const(1))) if event.mode == "read" else unlocked
            agree = terms.and_(terms.implies(taken, free), terms.implies(free, taken))
            self.rules.append((self._happens(event), agree))
        elif taken is not terms.true:
            value = terms.choose(taken, value, terms.const(1))
        read = self._node(event, "R", terms.true, {"LKR": taken, "LF": terms.not_(taken), "Once": terms.true}, (value,))
        new = terms.const(1)
        if event.mode == "read":
            new = terms.choose(terms.eq(value, terms.const(0)), terms.const(2), terms.arith("+", value, terms.const(1)))
        write = self._node(event, "W", taken, {"LKW": terms.true}, (new,))
        if read is not None and write is not None:
            self.rmw.append((read, write))

    def _release(self, event: Event) -> None:
        """Add the nodes of a release: it writes that the lock is free; the release of a reader decrements the count."""
        terms = self.terms
        if event.mode != "read":
            self._node(event, "W", terms.true, {"UL": terms.true}, (terms.const(0),))
            return
        value = self._lock_value(event)
        read = self._node(event, "R", terms.true, {"Once": terms.true}, (value,))
        left = terms.choose(terms.eq(value, terms.const(2)), terms.const(0), terms.arith("-", value, terms.const(1)))
        write = self._node(event, "W", terms.true, {"UL": terms.true}, (left,))
        if read is not None and write is not None:
            self.rmw.append((read, write))

    def _happens(self, event: Event) -> Term:
        """The event happens."""
        return self.terms.and_(self.done[event.step], event.target)

    def _lock_value(self, event: Event) -> Term:
        """A variable for the value of the lock that the event reads."""
        assert event.cell is not None
        return self.terms.var(f"lock.{event.thread}.{event.uid}", lock_words(event.cell, self.graph.events))


def both_happen(a: EventNode, b: EventNode) -> Cond | None:
    """The condition that both happen; None if that is impossible."""
    if a.thread == b.thread:
        if a.number > b.number:
            a, b = b, a
        if a.path <= b.path:
            return b.guard
    return both(a.guard, b.guard)


def covers(earlier: EventNode, later: EventNode, *others: EventNode) -> bool:
    """Whether the earlier event of a thread happens whenever the later one and the others do."""
    return earlier.path <= later.path.union(*(o.path for o in others))


def exclusive(terms: Terms, a: EventNode, b: EventNode) -> bool:
    """Whether no path contains both."""
    return not a.barred.isdisjoint(b.path) or terms.contradict(a.event.step.guard, b.event.step.guard)
