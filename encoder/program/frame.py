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
    """The value of a name, and the variables behind it (None: it cannot be assigned).

    `value` None is a declared list that has not been given yet; `text` is how a macro's argument was written.
    """

    value: Value | None
    storage: Storage | None = None
    text: str = ""


@dataclass(slots=True, kw_only=True)
class CallFrame:
    """A thread's script (`procedure` ""), or the body of a procedure or macro. `file` is the procedure's own file.

    `names` binds its names, `broken_names` are those whose definition was rejected; `assignment_counts` says how often
    each is assigned. `step` is the current step. `depth` is 0 where every statement is reached whenever the body is;
    `unreachable_depth` is the number of unreachable blocks around the call. `block` is left by `return`;
    `direct_result` is the value of a body that ends in its only return, otherwise `result` holds it, of type `returns`;
    `may_fall_through` says that the body can end without one. `gotos` gives each label that can be gone to its block,
    `loops` the blocks of break and continue, `exits` for each block the number of steps that were open when it began.
    `pending_ghosts` has the ghosts of open steps, `reset_on_reentry` the variables that a further run of the body may
    read before it assigns them, `ranges` the bounds of loop variables. `call` is the place of the call, `arguments`
    what is written there for each parameter; `generic` says that the caller chooses the type of some argument.
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
    broken_names: set[str] = field(default_factory=set)
    assignment_counts: Counter[str] = field(default_factory=Counter)
    step: Step | None = None
    depth: int = 0
    unreachable_depth: int = 0
    block: int = 0
    direct_result: Expr | RecordValue | None = None
    result: Expr | RecordValue | None = None
    may_fall_through: bool = False
    loops: list[tuple[int, int]] = field(default_factory=list)
    gotos: dict[str, int] = field(default_factory=dict)
    exits: dict[int, int] = field(default_factory=dict)
    pending_ghosts: list[tuple[Assignment, ...]] = field(default_factory=list)
    reset_on_reentry: list[Storage] = field(default_factory=list)
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    call: Span | None = None
    arguments: dict[str, Expression] = field(default_factory=dict)
    generic: bool = False

    @property
    def script(self) -> bool:
        return not self.procedure and not self.macro

    def patched(self, step: Step) -> bool:
        """Whether a variant has inserted the step."""
        return bool(self.file) and step.span.file != self.file

    def source(self, step: Step) -> str:
        """The kernel file, function and version of the step, and whether a patch has inserted it."""
        patched = PATCHED if self.patched(step) else ""
        return f"{step.source} {self.kernel}".strip() + patched if step.source else ""

    @property
    def by_reference(self) -> bool:
        """Whether the body shares an array with its caller."""
        return any(isinstance(binding.value, Array) for binding in self.names.values())


def count_assignments(steps: tuple[Step, ...]) -> Counter[str]:
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
        counts.update(name for name in map(root_name, targets) if name)
    return counts


def root_name(target: Expression) -> str:
    """The local name at the root of `a`, `a.b` or `a[i]`, "" for anything else."""
    match target:
        case Name():
            return target.name
        case Member(arrow=False) | Subscript():
            return root_name(target.base)
        case _:
            return ""


def goto_labels(step: Step) -> set[str]:
    """The labels that the step, or one below it, goes to."""
    found: set[str] = set()
    for inner in all_steps((step,)):
        statement: SourceStatement | None = inner.statement
        if isinstance(statement, IfHead):
            statement = statement.statement
        if isinstance(statement, Goto):
            found.add(statement.label)
    return found
