"""Lowers a thread of a scenario: its script with every call inlined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from encoder.program.assignment import declare_local, declare_storage
from encoder.program.calls import inline_call
from encoder.program.core import Ended, Expr, Scalar, Thread, ThreadVar, Var
from encoder.program.frame import CallFrame, count_assignments
from encoder.program.lowering import AssertionCheck, Lowering, Visit
from encoder.program.problems import Rejected
from encoder.program.simplify import close_block, used_variables
from encoder.program.steps import lower_steps
from encoder.program.symbol_table import SymbolTable
from encoder.program.traverse import events
from encoder.program.values import Value, map_scalars, variable_names
from encoder.spec.model import FlushBody, ThreadDecl, TypeName
from encoder.spec.syntax import Expression, Member, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class InlinedThread:
    """A thread, with what properties may refer to: its locals and ghosts by name, and the labels of its events.
    `visits` are its steps that the variant inserts, `called_procedures` the procedures that it calls."""

    thread: Thread
    members: Mapping[str, Value]
    labels: frozenset[str]
    checks: tuple[AssertionCheck, ...]
    visits: tuple[Visit, ...]
    called_procedures: frozenset[str]


def inline_thread(table: SymbolTable, declaration: ThreadDecl) -> InlinedThread:
    """The thread. Mistakes are noted."""
    low = Lowering(thread=declaration.name, table=table, inline=inline_call)
    frame = CallFrame(
        procedure="",
        kernel="",
        prefix="",
        path=(),
        steps=declaration.steps,
        assignment_counts=count_assignments(declaration.steps),
    )
    for ghost in table.ghosts.values():
        try:
            low.ghosts[ghost.name] = declare_storage(low, ghost.name, ghost.type)
        except Rejected:
            continue
    with low.in_call(frame, ""):
        for local in declaration.locals:
            declare_local(low, local)
        frame.block = low.block()
        lower_steps(low, declaration.steps)
    body = close_block(frame.block, low.buffers[0])
    return InlinedThread(
        thread=Thread(
            name=declaration.name,
            role=declaration.role,
            procedure=low.first_call,
            runs=_mm_of(table, declaration),
            variables=_variables(low, frame, tuple(used_variables(body))),
            body=body,
        ),
        members=_members(low, frame, declaration.name),
        labels=frozenset(label for event in events(body) for label in event.site.path),
        checks=tuple(low.checks),
        visits=tuple(low.visits),
        called_procedures=frozenset(low.called_procedures),
    )


def _mm_of(table: SymbolTable, declaration: ThreadDecl) -> int:
    if declaration.runs is None:
        return 0
    mms = _flushed_structs(table)
    if declaration.runs not in table.objects:
        _reject_runs(table, declaration, f"there is no object `{declaration.runs}` to run", mms)
        return 0
    mm = table.objects[declaration.runs]
    if mms and mm.type.struct not in mms:
        _reject_runs(table, declaration, f"`{declaration.runs}` is a `{mm.type.struct}`, which no CPU runs", mms)
        return 0
    return mm.value


def _reject_runs(table: SymbolTable, declaration: ThreadDecl, message: str, mms: frozenset[str]) -> None:
    known = [name for name, object in table.objects.items() if not mms or object.type.struct in mms]
    kinds = " or ".join(f"`{struct}`" for struct in sorted(mms))
    has = f": {', '.join(f'`{name}`' for name in known)}" if known else ", which the scenario does not have"
    expected = f"an object of type {kinds}{has}" if mms else ""
    word, span = declaration.runs or "", declaration.runs_span
    table.problems.note("S302", message, span, expected=expected, word=word, known=known)


def _flushed_structs(table: SymbolTable) -> frozenset[str]:
    """The structs that some primitive flushes: those with TLB entries. If there is none, `runs` has no meaning."""
    found = set()
    for primitive in table.primitives.values():
        types = {each.name: each.type for each in primitive.parameters}
        for _, body in primitive.bodies:
            if isinstance(body, FlushBody) and (struct := _pointed_to(table, types, body.mm)):
                found.add(struct)
    return frozenset(found)


def _pointed_to(table: SymbolTable, types: Mapping[str, TypeName | None], pointer: Expression) -> str:
    """The struct that a parameter, or a field reached from one, points to; "" where the expression is neither."""
    type: TypeName | None = None
    match pointer:
        case Name():
            type = types.get(pointer.name)
        case Member(arrow=True):
            struct = table.structs.get(_pointed_to(table, types, pointer.base))
            type = next((each.type for each in struct.fields if each.name == pointer.name), None) if struct else None
        case _:
            pass
    return type.name if type is not None and type.pointer else ""


def _variables(low: Lowering, frame: CallFrame, used: Iterable[str]) -> tuple[tuple[str, Scalar], ...]:
    """The variables that the thread uses and those that properties may read, in order of creation."""
    kept = set(used)
    for storage in (*low.ghosts.values(), *(binding.storage for binding in frame.names.values())):
        kept.update(variable_names(storage))
    kept.update(check.variable for check in low.checks)
    return tuple((name, type) for name, type in low.variables.items() if name in kept)


def _members(low: Lowering, frame: CallFrame, thread: str) -> dict[str, Value]:
    def seen(expr: Expr) -> Expr:
        return ThreadVar(thread, expr.name, expr.type) if isinstance(expr, Var) else expr

    members: dict[str, Value] = {name: map_scalars(storage, seen) for name, storage in low.ghosts.items()}
    for name, binding in frame.names.items():
        value = binding.value if binding.storage is None else binding.storage
        if value is not None:
            members[name] = map_scalars(value, seen)
    members["ended"] = Ended(thread)
    return members
