"""The resolved program: names bound, calls and primitives inlined, records flattened to scalars.

Both readers of a program, the event graph and the concrete interpreter, start from these types, walk them by `traverse`
and share nothing else.
Expressions are pure and range over a thread's variables; every access to shared memory is a statement of its own.
Values are integers: `bool` is 0 or 1, a pointer is the index of an object of its struct counted from 1, NULL is 0.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from encoder.base.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """The type of one value. `struct` names what a pointer points to."""

    kind: Literal["int", "unsigned", "bool", "pointer"]
    struct: str = ""


INT = Scalar(kind="int")
UNSIGNED = Scalar(kind="unsigned")
BOOL = Scalar(kind="bool")


class Op(StrEnum):
    """Operators. Arithmetic wraps to 32 bits at the result type (`int` two's complement, `unsigned` modulo 2^32);
    comparisons are of the mathematical values, so conversions stand in the tree as CONVERT. A shift count is read as
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
    """In properties: the thread's next event cannot happen with the last values in coherence order, and will not unless
    another thread does something."""

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
    """The location `base->field`. `targets` lists, for each value `base` may have by its type, the cell it means."""

    base: Expr
    struct: str
    field: str
    targets: tuple[tuple[int, CellName], ...]


PATCHED = ", patched"
"""With this the `source` of a patched step ends, if it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where an event comes from.

    `path` is the labels from the thread's script down to the step, `procedure` the innermost procedure ("" for the
    script), `text` the innermost statement as written, `event` what the event is in the kernel's words
    (`atomic_add_unless(p->_refcount, 1, 0)`), `patched` that a variant has put the step there.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Read each component of the place into a variable: `into` pairs (component, variable); () reads and forgets."""

    place: Place
    into: tuple[tuple[str, str], ...]
    order: str
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Write the whole word: `values` gives every component of the place."""

    place: Place
    values: tuple[tuple[str, Expr], ...]
    order: str
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Rmw:
    """Read every component into `into`, then, when `when` holds (over these and other variables), write `values`.

    The event can happen only if `await_` holds of what it reads; until then it blocks its thread. With `fails_locked`
    it is a locked operation on x86 even when it writes nothing.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquire:
    """Take a lock. Its cell reads 0 when free, 1 when held for writing, and 1 + the number of readers when held for
    reading.

    `into` None blocks until the lock can be had; otherwise the attempt never blocks and the variable gets 1 if it
    succeeded. Modes conflict unless both are "read".
    """

    place: Place
    mode: Literal["read", "write"]
    into: str | None
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    place: Place
    mode: Literal["read", "write"]
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    kind: str
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The begin or end of an `irq` or `rcu` region of this thread. Regions of a kind nest: the outermost end counts."""

    kind: str
    begin: bool
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """TLB flush by IPI of the mm (a pointer value). The end blocks until every irq region that was open at this
    thread's latest begin, on a thread that runs the mm, has ended."""

    begin: bool
    mm: Expr
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """The begin or end of a grace period of RCU, or of SRCU for the srcu_struct at `place`. Other threads run between
    the two, which are neighbours among the thread's events: it does nothing else meanwhile.

    The end blocks until every section of its kind (SRCU: of that srcu_struct) that was open at the begin has ended, on
    any thread, its own included, and the stores before that section's end are seen by all. Sections that begin later
    are not waited for: a single step that may not lie inside a section would keep apart more than the kernel does,
    which lets two overlapping sections lie across one end of a grace period each. Where the program says so (see
    `Program`), irq regions are sections of RCU.
    """

    kind: Literal["rcu", "srcu"]
    begin: bool
    site: Site
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """A local computation: no event, done as soon as the events before it are done.

    `site` is given where it stands for a step that the variant puts in and that has no event or test of its own.
    """

    variable: str
    value: Expr
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class If:
    """`site` is the step whose test it is, where there is one to name."""

    condition: Expr
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...]
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Statements that an `Exit` with this id leaves: a call (return), a loop body (continue), a forward goto."""

    id: int
    body: tuple["Statement", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """Continue after the enclosing `Block` or `Loop` with this id. `site` as in `Assign`."""

    id: int
    site: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """Repeat the body until an `Exit` leaves it. `bound` rounds are explored; None takes the question's bound.

    When the rounds are used up a thread may still leave by `tests`, the leading tests of a further round; if none lets
    it go, it is beyond the bound.
    """

    id: int
    body: tuple["Statement", ...]
    bound: int | None
    site: Site

    @property
    def tests(self) -> tuple["If", ...]:
        """The statements with which a round begins that do nothing but leave."""
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
    """A memory location with its initial value; a scalar has one component named "".

    `init` gives each component an expression over symbols. `lock` cells are touched by Acquire, Release and Load. One
    that is `balanced` is a lock to the kernel, though not to the memory model: a thread holds it as long as what it has
    itself added to it is not taken away again.
    `text` is the start as written at `given`, by the scenario or as the type's equation; "" where neither says a thing.
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
    """A number the solver chooses, first..last inclusive."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """An expression over symbols that must hold of the start; `text` as written, for a contradiction's message."""

    condition: Expr
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """`variables` gives each variable its type; all start at 0. `runs` is the index of the mm it runs, 0 for none."""

    name: str
    role: str
    procedure: str
    runs: int
    variables: tuple[tuple[str, Scalar], ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One binding of a property's `each`: in no state may `situation` and `violation` hold together."""

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
class Edited:
    """A step that the variant itself puts in, or takes away (`span` is then the edit's).

    `runs` says that some thread runs its procedure, `paths` where: each thread with the labels down to the step.
    `dead`: it stands where no thread comes, as constants alone say.
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

    `irq_readers`: a grace period of RCU waits for irq regions too, on every CPU, as the kernel does since its flavours
    of RCU were made one (v5.0). Regions of the two kinds are matched each by itself: where an irq region and a section
    of RCU overlap, the kernel cannot end a grace period before both have ended that had begun by then as one, and here
    it waits for those that were open at its begin one by one. That is the weaker, so what is proved is proved.
    `as_deferred`: it is the same program where flushes are deferred. `edits` are those of the variant itself, not of
    what it is based on.
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
    as_deferred: bool = False
    edits: tuple[Edited, ...] = ()
