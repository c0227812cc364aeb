"""The syntax tree of the statement language, for a YAML step or a line of a litmus test; names not yet bound."""

from dataclasses import dataclass

from encoder.base.source import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    value: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    name: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """`op` is one of ! ~ - & (address of) * (dereference)."""

    op: str
    operand: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """`op` is a C binary operator: || && | ^ & == != < <= > >= << >> + - *."""

    op: str
    left: "Expression"
    right: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """`condition ? then : otherwise`."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`base->name` (arrow) or `base.name`."""

    base: "Expression"
    name: str
    arrow: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscript:
    """`base[index]`."""

    base: "Expression"
    index: "Expression"
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`function(arguments…)`: a primitive, a procedure, or the built-in `len`, `count`."""

    function: str
    arguments: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """A compound literal `(type){.field = value, …}`; fields that are not named are 0."""

    type: str
    fields: tuple[tuple[str, "Expression"], ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """`[a, b]`: a list known when the spec is read, for example of PTE slots."""

    items: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`thread at label`, in properties only."""

    thread: str
    label: str
    span: Span


Expression = Number | Name | Unary | Binary | Conditional | Member | Subscript | Call | Compound | ListOf | Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """`target = value`; a target in shared memory (`page->x = 1`) is a plain store."""

    target: Expression
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """An expression evaluated for its effect: a call."""

    value: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    value: Expression | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue:
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Goto:
    """`goto label`, forward only."""

    label: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """`assert(condition)`."""

    condition: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """`;`, so that a label can stand alone (`out: ;`)."""

    span: Span


Simple = Assignment | Evaluate | Return | Break | Continue | Goto | Assertion | Empty


@dataclass(frozen=True, slots=True, kw_only=True)
class IfHead:
    """`if (condition)` with an optional simple statement on the same line."""

    condition: Expression
    statement: Simple | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class WhileHead:
    """`while (condition)`."""

    condition: Expression
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ForHead:
    """`for name in first .. last` (last excluded), or `for name in list`: then `last` is None."""

    name: str
    first: Expression
    last: Expression | None
    span: Span


SourceStatement = Simple | IfHead | WhileHead | ForHead


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """The statement of a scenario's step from a kernel version on."""

    kernel: str
    statement: "SourceStatement"
    text: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One labelled step of a procedure or a thread.

    `then` and `otherwise` belong to an `if` (keys `then`, `else`), `body` to a loop (key `do`); `bound` is the loop's
    own bound. `ghost_first` takes effect with the first event of the step, `ghost_last` after its last one. `source` is
    the kernel file and function, the procedure's where the step names none; `text` is the statement as written. `later`
    has the statements that replace it in later kernels (in scenarios only: a procedure has a file for each kernel
    version).

    In the kernel's source the step is what its statement calls, or these pieces of C one after the other where it
    `stands_for` them; `absent` says why the source has nothing of it. It `stands_in` these functions, or where that is
    "" in those of its `source`.
    """

    label: str
    statement: SourceStatement
    text: str
    source: str
    span: Span
    label_span: Span
    note: str = ""
    then: tuple["Step", ...] = ()
    otherwise: tuple["Step", ...] = ()
    body: tuple["Step", ...] = ()
    bound: Expression | None = None
    ghost_first: tuple[Assignment, ...] = ()
    ghost_last: tuple[Assignment, ...] = ()
    later: tuple[Later, ...] = ()
    stands_for: tuple[str, ...] = ()
    absent: str = ""
    stands_in: str = ""
