"""One call while it is inlined: its names, its labels, and where its exits lead."""

from collections import Counter
from dataclasses import dataclass, field

from encoder.base.source import Span
from encoder.program.core import PATCHED, Expr
from encoder.program.values import Array, RecordValue, Storage, Type, Value
from encoder.spec.syntax import (
    Assignment,
    Expression,
    ForHead,
    Goto,
    IfHead,
    Member,
    Name,
    SourceStatement,
    Step,
    Subscript,
)
from encoder.spec.walk import all_steps


@dataclass(frozen=True, slots=True)
class Binding:
    """A name: what reading it gives, and the variables behind it (None: it cannot be assigned).

    `value` None is a declared list that has not been given yet; `text` is how a macro's argument was written.
    """

    value: Value | None
    storage: Storage | None = None
    text: str = ""


@dataclass(slots=True, kw_only=True)
class CallFrame:
    """A thread's script (`procedure` ""), a procedure's or a macro's body. `file` is the procedure's own.

    `counts` says how often each name is assigned in it. `depth` is 0 where every statement is reached whenever the body
    is, `dead` how many unreachable blocks it is called in. `block` is left by `return`; `direct` is the value of a body
    that ends in its only return, otherwise `result` holds it, of type `returns`; `falls` says that the body can end
    without one. `gotos` gives each label that can be gone to its block, `loops` those of break and continue, `exits`
    each block the number of steps that were open when it began. `pending` is the open steps' ghosts, `late` the
    variables that a further run of the body may read before it assigns them, `ranges` what loop variables lie between.
    `call` is where it is called, `arguments` what was written there for each parameter; `generic` says that the type of
    some argument is the caller's to choose.
    """

    procedure: str
    kernel: str
    prefix: str
    path: tuple[str, ...]
    steps: tuple[Step, ...]
    file: str = ""
    macro: bool = False
    returns: Type | None = None
    names: dict[str, Binding] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    step: Step | None = None
    depth: int = 0
    dead: int = 0
    block: int = 0
    direct: Expr | RecordValue | None = None
    result: Expr | RecordValue | None = None
    falls: bool = False
    loops: list[tuple[int, int]] = field(default_factory=list)
    gotos: dict[str, int] = field(default_factory=dict)
    exits: dict[int, int] = field(default_factory=dict)
    pending: list[tuple[Assignment, ...]] = field(default_factory=list)
    late: list[Storage] = field(default_factory=list)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    call: Span | None = None
    arguments: dict[str, Expression] = field(default_factory=dict)
    generic: bool = False

    @property
    def script(self) -> bool:
        return not self.procedure and not self.macro

    def patched(self, step: Step) -> bool:
        """Whether a variant has put the step there."""
        return bool(self.file) and step.span.file != self.file

    def source(self, step: Step) -> str:
        """Where the step stands in the kernel, and whether a patch has put it there."""
        patched = PATCHED if self.patched(step) else ""
        return f"{step.source} {self.kernel}".strip() + patched if step.source else ""

    @property
    def by_reference(self) -> bool:
        """Whether the body shares an array with its caller."""
        return any(isinstance(binding.value, Array) for binding in self.names.values())


def assigned(steps: tuple[Step, ...]) -> Counter[str]:
    """How often each local name is assigned in the steps, ghosts and loop variables included."""
    counts: Counter[str] = Counter()
    for step in all_steps(steps):
        targets = [ghost.target for ghost in (*step.ghost_first, *step.ghost_last)]
        match step.statement:
            case ForHead(name=name):
                counts[name] += 2
            case Assignment(target=target) | IfHead(statement=Assignment(target=target)):
                targets.append(target)
            case _:
                pass
        counts.update(name for name in map(root, targets) if name)
    return counts


def root(target: Expression) -> str:
    """The local name at the bottom of `a`, `a.b` and `a[i]`, "" of anything else."""
    match target:
        case Name():
            return target.name
        case Member(arrow=False) | Subscript():
            return root(target.base)
        case _:
            return ""


def gotos(step: Step) -> set[str]:
    """The labels that the step, or one below it, goes to."""
    found: set[str] = set()
    for inner in all_steps((step,)):
        statement: SourceStatement | None = inner.statement
        if isinstance(statement, IfHead):
            statement = statement.statement
        if isinstance(statement, Goto):
            found.add(statement.label)
    return found
