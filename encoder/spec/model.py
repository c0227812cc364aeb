"""The content of the spec files, one class for each kind of document, names not yet bound."""

from dataclasses import dataclass
from typing import Literal

from encoder.base.source import Span
from encoder.spec.syntax import Assignment, Expression, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeName:
    """A type as written: `int`, `pte_t`, `page *`; `page *[2]` (array; no length in parameters), `pte_slot *list`.

    `shape` "place" is a parameter of a primitive that denotes memory: `int &` (a pointer to a location of type `name`;
    of any type if that is "any") or `lvalue` (the location itself, `name` ""). `of` is the parameter that denotes the
    memory whose type is meant: `typeof(*v)` after `v: any &`, `typeof(x)` after `x: lvalue`.
    """

    name: str
    pointer: bool
    shape: Literal["scalar", "array", "list", "place"]
    length: int | None
    span: Span
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a struct or a word. `const` fields are fixed by the scenario and are not memory locations.

    In the kernel's source macros of the names in `stands_for` read or change it. `initially` is the initial value where
    the scenario gives none; it may use `self`, the struct's parameters, other fields of the same object and
    `count(STRUCT, condition on it)`. `equation` is true when a scenario may not contradict it.
    """

    name: str
    type: TypeName
    const: bool
    initially: Expression | None
    equation: bool
    span: Span
    stands_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDecl:
    """A record that is read and written as one word (`pte_t`)."""

    name: str
    fields: tuple[Field, ...]
    source: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class StructType:
    """An object with one memory location for each field that is not const.

    `parameters` are numbers that a scenario gives (`other_refs`). `locks` are the fields that are locks to the kernel
    and numbers to the memory model.
    """

    name: str
    parameters: tuple[Field, ...]
    fields: tuple[Field, ...]
    source: str
    span: Span
    locks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghost:
    """A variable that every thread has for properties to read; assigning it is no event."""

    name: str
    type: TypeName
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Types:
    """All type documents together."""

    words: tuple[WordDecl, ...]
    structs: tuple[StructType, ...]
    constants: tuple[tuple[str, int], ...]
    ghosts: tuple[Ghost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    type: TypeName | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm64Body:
    """`arm64: {lse: CODE, llsc: CODE}`: what the event compiles to on arm64 with the atomic instructions of Armv8.1 and
    without them, as a list of accesses, barriers and branches. `source` is the file of the kernel that says so."""

    lse: tuple[str, ...]
    llsc: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBody:
    """`load: PLACE`; the call's value is what was read."""

    place: Expression
    order: str
    arm64: Arm64Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreBody:
    """`store: PLACE` with `value: EXPRESSION`."""

    place: Expression
    value: Expression
    order: str
    arm64: Arm64Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RmwBody:
    """`rmw: PLACE`; expressions may use `old`. It writes if `when` holds, and blocks until `await_` holds.

    `fails_locked`: on x86 an attempt that writes nothing is a locked operation too.
    """

    place: Expression
    when: Expression | None
    new: Expression
    result: Expression | None
    await_: Expression | None
    read_order: str
    write_order: str
    fails_locked: bool = False
    arm64: Arm64Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockBody:
    """`acquire: PLACE`, `try_acquire: PLACE` (value: 1 when taken) or `release: PLACE`; `mode` is read or write."""

    action: Literal["acquire", "try_acquire", "release"]
    place: Expression
    mode: Literal["read", "write"]
    arm64: Arm64Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FenceBody:
    """`fence: KIND`: mb, rmb, wmb, before-atomic, after-atomic, …; it orders as the memory model says, nothing under
    SC."""

    kind: str
    arm64: Arm64Body | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionBody:
    """`region: irq` or `rcu`, with `edge: begin` or `end`."""

    kind: str
    begin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlushBody:
    """`flush: begin` or `flush: end` with `mm: EXPRESSION`.

    The end waits for each IRQ-off region, on a CPU that runs the mm, that was open at the begin.
    """

    begin: bool
    mm: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class GraceBody:
    """`grace: rcu`, or `grace: srcu` with `place: PLACE`, its srcu_struct: a grace period, which begins and ends.

    The end waits for the sections that were open at the begin.
    """

    kind: Literal["rcu", "srcu"]
    place: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroBody:
    """`steps`: a list of statements over other primitives, inlined under the caller's label."""

    steps: tuple[Step, ...]


Body = LoadBody | StoreBody | RmwBody | LockBody | FenceBody | RegionBody | FlushBody | GraceBody | MacroBody


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """A kernel macro in events and ordering. `bodies` is keyed by the kind of flush, or has the single key "".

    `stands_for` are calls in the kernel's source that mean it, with its parameters where their arguments stand and `_`
    for all others, or names alone: `set_ptes(_, _, slot, pte, _)`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[tuple[str, Body], ...]
    source: str
    span: Span
    stands_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One kernel function as labelled steps, for one kernel version. `gone` is the version from which on the kernel no
    longer has it, "" if there is none. `stands_for` is as that of a primitive; `left_out` has what the kernel's
    functions do here beside the steps, (name of the macro or function, why it has no step), `called` what things are
    called there, (C, expression of the steps). `abridges` names the procedure that has the function in full, if this
    one has only what some scenarios need of it, so that patches are read against the other; "" if there is none."""

    name: str
    kernel: str
    gone: str
    parameters: tuple[Parameter, ...]
    locals: tuple[Parameter, ...]
    returns: TypeName | None
    source: str
    steps: tuple[Step, ...]
    span: Span
    stands_for: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    called: tuple[tuple[str, str], ...] = ()
    abridges: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One hunk of a variant: `action` at label `anchor` of `procedure`, with new steps (none for delete). `span` is
    that of the procedure's name."""

    procedure: str
    action: Literal["before", "after", "replace", "delete"]
    anchor: str
    steps: tuple[Step, ...]
    span: Span
    anchor_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedField:
    """A field that a variant adds to a struct (a new lock in mm_struct)."""

    struct: str
    field: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A patch: a base (None for a kernel as released) and edits anchored on labels.

    `reading` states how what the mail leaves open is understood. `base_span` is the span of the base's name.
    """

    name: str
    title: str
    author: str
    link: str
    kernel: str
    base: str | None
    reading: str
    fields: tuple[AddedField, ...]
    edits: tuple[Edit, ...]
    span: Span
    base_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A number the solver may choose, from `first` to `last` inclusive."""

    name: str
    first: int
    last: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectDecl:
    """`name: struct` or a mapping with the struct's type, const fields and parameters."""

    name: str
    struct: str
    values: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadDecl:
    """A CPU with the steps it runs. `runs` names the mm whose TLB entries it may hold, at `runs_span`."""

    name: str
    role: str
    runs: str | None
    locals: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    span: Span
    runs_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Objects, an initial state that may be symbolic, threads, and the properties asked of them (the first is the
    default)."""

    name: str
    title: str
    scope: str
    objects: tuple[ObjectDecl, ...]
    symbols: tuple[Symbol, ...]
    init: tuple[Assignment, ...]
    assume: tuple[Expression, ...]
    threads: tuple[ThreadDecl, ...]
    properties: tuple[str, ...]
    property_spans: tuple[Span, ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyDecl:
    """`each` binds names to threads of a role, `any` thread, or indices of a list or array; `when … never …`, or
    `finally …`.

    `situation` is None for `finally`, where it is that every thread has ended. `condition` must hold for `finally`, and
    must not hold for `never`. `kernel` is the version from which on kernels are asked for it, "" for all.
    """

    name: str
    title: str
    text: str
    each: tuple[tuple[str, Expression], ...]
    situation: Expression | None
    kind: Literal["never", "finally"]
    condition: Expression
    source: str
    kernel: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A machine: a memory model, and in `flushes` what its TLB flushes do, as (first kernel, kind of flush), the first
    for "", every earlier kernel. `machine` names what people run, "" where it is none (`lkmm`)."""

    name: str
    title: str
    machine: str
    model: str
    flushes: tuple[tuple[str, str], ...]
    source: str
    span: Span
    model_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Everything in the spec folder, each listing sorted by name. `readers` pairs kinds of regions with the first
    kernel in which a grace period of RCU waits for them."""

    types: Types
    primitives: tuple[Primitive, ...]
    procedures: tuple[Procedure, ...]
    variants: tuple[Variant, ...]
    scenarios: tuple[Scenario, ...]
    properties: tuple[PropertyDecl, ...]
    readers: tuple[tuple[str, str], ...] = ()
