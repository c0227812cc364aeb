"""The resolved program: names bound, calls and primitives inlined, records flattened to scalars.

The event graph and the concrete interpreter both start from these types, traverse them by `traverse`, and share nothing
else. Expressions have no effects and range over a thread's variables; every access to shared memory is a statement of
its own. Values are integers: `bool` is 0 or 1, a pointer is the index of an object of its struct counted from 1, NULL
is 0.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from encoder.base.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """The type of one value. `struct` names what a pointer points to, "" for the type of NULL."""

    kind: Literal["int", "unsigned", "bool", "pointer"]
    struct: str = ""


INT = Scalar(kind="int")
UNSIGNED = Scalar(kind="unsigned")
BOOL = Scalar(kind="bool")


class Op(StrEnum):
    """Operators. Arithmetic wraps to 32 bits at the result type (`int` two's complement, `unsigned` modulo 2^32);
    comparisons are of the mathematical values, so conversions are `Convert` nodes in the tree. A shift count is read as
    unsigned; 32 or more shifts every bit out (a negative `int` shifted right gives -1)."""

    ADD = "+"
    SUB = "-"
    MUL = "*"
    AND = "&"
    OR = "|"
    XOR = "^"
    SHL = "<<"
    SHR = ">>"
    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    LAND = "&&"
    LOR = "||"


@dataclass(frozen=True, slots=True)
class Const:
    value: int
    type: Scalar = INT


@dataclass(frozen=True, slots=True)
class Var:
    """A thread's variable, or (in initial values and assumptions) a symbol of the scenario."""

    name: str
    type: Scalar = INT


@dataclass(frozen=True, slots=True)
class Not:
    """Logical negation: 1 when the operand is 0."""

    operand: "Expr"


@dataclass(frozen=True, slots=True)
class Convert:
    """The operand's value taken modulo 2^32 into `type` (int or unsigned), or `!= 0` for bool."""

    operand: "Expr"
    type: Scalar


@dataclass(frozen=True, slots=True)
class Arith:
    """A binary operation whose result has `type`; comparisons and logic give BOOL."""

    op: Op
    left: "Expr"
    right: "Expr"
    type: Scalar = INT


@dataclass(frozen=True, slots=True)
class Choose:
    """`then` where the condition is not 0, else `otherwise`."""

    condition: "Expr"
    then: "Expr"
    otherwise: "Expr"


@dataclass(frozen=True, slots=True)
class Final:
    """In properties: the last value of a cell's component in coherence order."""

    cell: "CellName"
    component: str
    type: Scalar = INT


@dataclass(frozen=True, slots=True)
class ThreadVar:
    """In properties: a thread's variable where the thread has stopped."""

    thread: str
    name: str
    type: Scalar = INT


@dataclass(frozen=True, slots=True)
class At:
    """In properties: the next event of the thread belongs to the step labelled `label` (at any call depth)."""

    thread: str
    label: str


@dataclass(frozen=True, slots=True)
class Ended:
    """In properties: the thread has no event left."""

    thread: str


@dataclass(frozen=True, slots=True)
class Waits:
    """In properties: the thread's next event cannot happen with the last values in coherence order, nor until another
    thread performs an event."""

    thread: str


@dataclass(frozen=True, slots=True)
class Keeps:
    """In properties: the thread has ended and not given back what it took: the lock in a cell, a section of the
    srcu_struct in a cell, or a region (no cell) of this kind."""

    thread: str
    kind: "Keepable"
    cell: "CellName | None"


Keepable = Literal["lock", "srcu", "irq", "rcu"]
Leaf = Var | Final | ThreadVar | At | Ended | Waits | Keeps
Expr = Const | Not | Convert | Arith | Choose | Leaf


@dataclass(frozen=True, slots=True, order=True)
class CellName:
    """A memory location: a field of an object, or a variable of its own (field ""). `str` gives `p._refcount`."""

    object: str
    field: str

    def __str__(self) -> str:
        return f"{self.object}.{self.field}" if self.field else self.object


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The location `base->field`. `targets` lists, for each value that `base` may have by its type, the cell that it
    denotes."""

    base: Expr
    struct: str
    field: str
    targets: tuple[tuple[int, CellName], ...]


PATCHED = ", patched"
"""The end of the `source` of a patched step, if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an event comes from.

    `path` has the labels from the thread's script down to the step; `procedure` is the innermost procedure ("" for the
    script), `text` the innermost statement as written, `event` the event in the kernel's words
    (`atomic_add_unless(p->_refcount, 1, 0)`); `patched` says that a variant has inserted the step.
    """

    thread: str
    path: tuple[str, ...]
    procedure: str
    text: str
    event: str
    source: str
    span: Span
    patched: bool = False

    @property
    def label(self) -> str:
        return self.path[-1]


NOWHERE = Site(thread="", path=(), procedure="", text="", event="", source="", span=Span("", 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Arm64Code:
    """What an event compiles to on arm64: its accesses, barriers and branches on what it has read, in program order.

    `lse` has the atomic instructions of Armv8.1, `llsc` the last round of the loops of load- and store-exclusive that
    do their work without them.
    """

    lse: tuple[str, ...]
    llsc: tuple[str, ...]


PLAIN_LOAD = Arm64Code(("LDR",), ("LDR",))
PLAIN_STORE = Arm64Code(("STR",), ("STR",))
"""What an access compiles to that is no primitive's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Read each component of the place into a variable: `into` pairs (component, variable); with () the value is
    discarded.

    `arm64` is None, here and below, where the primitive does not say what it compiles to.
    """

    place: Place
    into: tuple[tuple[str, str], ...]
    order: str
    site: Site
    arm64: Arm64Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Write the whole word: `values` gives every component of the place."""

    place: Place
    values: tuple[tuple[str, Expr], ...]
    order: str
    site: Site
    arm64: Arm64Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rmw:
    """Read every component into `into`; then, if `when` holds (over these and other variables), write `values`.

    The event blocks its thread until `await_` holds of what it reads. With `fails_locked` it is a locked operation on
    x86 even when it writes nothing.
    """

    place: Place
    into: tuple[tuple[str, str], ...]
    when: Expr
    values: tuple[tuple[str, Expr], ...]
    await_: Expr
    read_order: str
    write_order: str
    site: Site
    fails_locked: bool = False
    arm64: Arm64Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquire:
    """Take a lock. Its cell is 0 when free, 1 when held for writing, and 1 + the number of readers when held for
    reading.

    With `into` None the event blocks until the lock can be taken; otherwise the attempt never blocks and the variable
    is set to 1 if it succeeded, else 0. Two holders exclude each other unless both have mode "read".
    """

    place: Place
    mode: Literal["read", "write"]
    into: str | None
    site: Site
    arm64: Arm64Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    place: Place
    mode: Literal["read", "write"]
    site: Site
    arm64: Arm64Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    kind: str
    site: Site
    arm64: Arm64Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The begin or end of an IRQ-off (`irq`) or RCU (`rcu`) region of this thread. Regions of a kind nest: the
    outermost end counts."""

    kind: str
    begin: bool
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """The begin or end of a TLB flush of an mm (a pointer value) by IPI. The end blocks until every IRQ-off region that
    was open at this thread's latest begin, on a thread that runs the mm, has ended."""

    begin: bool
    mm: Expr
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """The begin or end of a grace period of RCU, or of SRCU for the srcu_struct at `place`. Other threads run between
    the two, which are successive events of the thread.

    The end blocks until every section of its kind (SRCU: of that srcu_struct) that was open at the begin has ended, on
    any thread, its own included, and the stores before that section's end are visible to all. Sections that begin later
    are not waited for. A single step that must not lie inside a section would exclude more than the kernel does, which
    allows two overlapping sections to lie across one end of a grace period each. Where the program says so (see
    `Program`), IRQ-off regions are sections of RCU.
    """

    kind: Literal["rcu", "srcu"]
    begin: bool
    site: Site
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """A local computation: no event; it is done as soon as the events before it are.

    `site` is set where it stands for a step that the variant inserts and that has no event or test of its own.
    """

    variable: str
    value: Expr
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class If:
    """`site` is the step whose test this is, where there is one."""

    condition: Expr
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...]
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Statements that an `Exit` with this id leaves: a call (return), a loop body (continue), or the span of a forward
    goto."""

    id: int
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """Continue after the enclosing `Block` or `Loop` with this id. `site` as in `Assign`."""

    id: int
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Repeat the body until an `Exit` leaves it, at most `bound` times; None means the question's loop bound.

    When the bound is reached a thread may still leave by `tests`, the leading tests of a further iteration; if none
    lets it leave, it is beyond the bound.
    """

    id: int
    body: tuple["Statement", ...]
    bound: int | None
    site: Site

    @property
    def tests(self) -> tuple["If", ...]:
        """The leading statements of an iteration that do nothing but leave the loop or an enclosing block."""
        leading = []
        for statement in self.body:
            arms = statement.then + statement.otherwise if isinstance(statement, If) else ()
            if not isinstance(statement, If) or not all(isinstance(inner, Exit) for inner in arms):
                break
            leading.append(statement)
        return tuple(leading)


EventStatement = Load | Store | Rmw | Acquire | Release | Fence | Region | Flush | Grace
Statement = EventStatement | Assign | If | Block | Exit | Loop
Code = tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    name: str
    type: Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A memory location with its initial value; a scalar has one component, named "".

    `init` gives each component an expression over symbols. `lock` cells are accessed by Acquire, Release and Load. A
    `balanced` cell is a lock to the kernel, though not to the memory model: a thread holds it until it has taken away
    again what it has added to it. `text` is the initial value as written at `given`, in the scenario or as the type's
    equation; "" where neither has one.
    """

    name: CellName
    struct: str
    components: tuple[Component, ...]
    init: tuple[Expr, ...]
    lock: bool
    span: Span
    text: str = ""
    given: Span | None = None
    balanced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolRange:
    """A number that the solver chooses, `first` to `last` inclusive."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """An expression over symbols that must hold of the initial state; `text` as written, for messages."""

    condition: Expr
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`variables` gives each variable its type; all are 0 at the start. `runs` is the index of the mm that the thread's
    CPU runs, 0 for none."""

    name: str
    role: str
    procedure: str
    runs: int
    variables: tuple[tuple[str, Scalar], ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One binding of a property's `each`: `situation` and `violation` must not hold together in any state."""

    binding: tuple[tuple[str, str], ...]
    situation: Expr
    violation: Expr
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    name: str
    title: str
    text: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedStep:
    """A step that the variant itself inserts or removes (`span` is then the edit's).

    `runs`: some thread runs its procedure. `paths`: the threads that have it, each with the labels down to the step.
    `dead`: it is in unreachable code, as constants alone tell.
    """

    procedure: str
    label: str
    span: Span
    runs: bool
    paths: tuple[tuple[str, tuple[str, ...]], ...]
    dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A scenario with a variant applied, on a platform (`flush`). `objects` names a struct's objects by index - 1.

    `irq_readers`: a grace period of RCU waits for IRQ-off regions too, on every CPU, as the kernel does since its
    flavours of RCU were merged (v5.0). Regions of the two kinds are matched separately. Where an IRQ-off region and an
    RCU section overlap, the kernel cannot end a grace period before both, as one section, have ended; here the grace
    period waits for each that was open at its begin. This is weaker, so what is proved holds. `as_deferred`: the
    program is the same where flushes are deferred. `edits` are those of the variant itself, not of its bases.
    """

    scenario: str
    variant: str
    kernel: str
    flush: str
    scope: str
    objects: tuple[tuple[str, tuple[str, ...]], ...]
    cells: tuple[Cell, ...]
    symbols: tuple[SymbolRange, ...]
    assumptions: tuple[Assumption, ...]
    threads: tuple[Thread, ...]
    properties: tuple[Property, ...]
    variant_title: str = ""
    irq_readers: bool = True
    notes: tuple[str, ...] = field(default=())
    edits: tuple[EditedStep, ...] = ()
