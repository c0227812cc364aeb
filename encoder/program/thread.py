"""A thread of a scenario: its script with every call inlined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from encoder.program.assignment import declare, declared
from encoder.program.calls import inline
from encoder.program.core import Ended, Expr, Scalar, Thread, ThreadVar, Var
from encoder.program.frame import CallFrame, assigned
from encoder.program.lowering import AssertionCheck, Lowering, Visit
from encoder.program.problems import Rejected
from encoder.program.simplify import close, mentioned
from encoder.program.steps import lower_steps
from encoder.program.symbol_table import SymbolTable
from encoder.program.traverse import events
from encoder.program.values import Value, mapped, names_of
from encoder.spec.model import FlushBody, ThreadDecl, TypeName
from encoder.spec.syntax import Expression, Member, Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlined:
    """A thread with what properties may say of it: its locals and ghosts by name, and the labels of its events.
    `visits` are its steps that the variant puts in, `ran` the procedures that it calls."""

    thread: Thread
    members: Mapping[str, Value]
    labels: frozenset[str]
    checks: tuple[AssertionCheck, ...]
    visits: tuple[Visit, ...]
    ran: frozenset[str]


def inlined(world: SymbolTable, declaration: ThreadDecl) -> Inlined:
    """The thread. What is wrong with it is noted."""
    low = Lowering(thread=declaration.name, world=world, inline=inline)
    frame = CallFrame(
        procedure="",
        kernel="",
        prefix="",
        path=(),
        steps=declaration.steps,
        counts=assigned(declaration.steps),
    )
    for ghost in world.ghosts.values():
        try:
            low.ghosts[ghost.name] = declared(low, ghost.name, ghost.type)
        except Rejected:
            continue
    with low.called(frame, ""):
        for local in declaration.locals:
            declare(low, local)
        frame.block = low.block()
        lower_steps(low, declaration.steps)
    body = close(frame.block, low.buffers[0])
    return Inlined(
        thread=Thread(
            name=declaration.name,
            role=declaration.role,
            procedure=low.first_call,
            runs=_runs(world, declaration),
            variables=_variables(low, frame, tuple(mentioned(body))),
            body=body,
        ),
        members=_members(low, frame, declaration.name),
        labels=frozenset(label for event in events(body) for label in event.site.path),
        checks=tuple(low.checks),
        visits=tuple(low.visits),
        ran=frozenset(low.ran),
    )


def _runs(world: SymbolTable, declaration: ThreadDecl) -> int:
    if declaration.runs is None:
        return 0
    mms = _mms(world)
    if declaration.runs not in world.objects:
        _refuse_runs(world, declaration, f"there is no object `{declaration.runs}` to run", mms)
        return 0
    mm = world.objects[declaration.runs]
    if mms and mm.type.struct not in mms:
        _refuse_runs(world, declaration, f"`{declaration.runs}` is a `{mm.type.struct}`, which no CPU runs", mms)
        return 0
    return mm.value


def _refuse_runs(world: SymbolTable, declaration: ThreadDecl, message: str, mms: frozenset[str]) -> None:
    known = [name for name, object in world.objects.items() if not mms or object.type.struct in mms]
    kinds = " or ".join(f"`{struct}`" for struct in sorted(mms))
    has = f": {', '.join(f'`{name}`' for name in known)}" if known else ", which the scenario does not have"
    expected = f"an object of type {kinds}{has}" if mms else ""
    word, span = declaration.runs or "", declaration.runs_span
    world.problems.note("S302", message, span, expected=expected, word=word, known=known)


def _mms(world: SymbolTable) -> frozenset[str]:
    """The structs whose objects have TLB entries: those that flushes are of. Without a flush `runs` says nothing."""
    found = set()
    for primitive in world.primitives.values():
        types = {each.name: each.type for each in primitive.parameters}
        for _, body in primitive.bodies:
            if isinstance(body, FlushBody) and (struct := _pointed_to(world, types, body.mm)):
                found.add(struct)
    return frozenset(found)


def _pointed_to(world: SymbolTable, types: Mapping[str, TypeName | None], pointer: Expression) -> str:
    """The struct that a parameter or a field of one points to, "" where it is neither."""
    type: TypeName | None = None
    match pointer:
        case Name():
            type = types.get(pointer.name)
        case Member(arrow=True):
            struct = world.structs.get(_pointed_to(world, types, pointer.base))
            type = next((each.type for each in struct.fields if each.name == pointer.name), None) if struct else None
        case _:
            pass
    return type.name if type is not None and type.pointer else ""


def _variables(low: Lowering, frame: CallFrame, used: Iterable[str]) -> tuple[tuple[str, Scalar], ...]:
    """The variables that the thread uses and those that properties may read, as they came up."""
    kept = set(used)
    for storage in (*low.ghosts.values(), *(binding.storage for binding in frame.names.values())):
        kept.update(names_of(storage))
    kept.update(check.variable for check in low.checks)
    return tuple((name, type) for name, type in low.variables.items() if name in kept)


def _members(low: Lowering, frame: CallFrame, thread: str) -> dict[str, Value]:
    def seen(expr: Expr) -> Expr:
        return ThreadVar(thread, expr.name, expr.type) if isinstance(expr, Var) else expr

    members: dict[str, Value] = {name: mapped(storage, seen) for name, storage in low.ghosts.items()}
    for name, binding in frame.names.items():
        value = binding.value if binding.storage is None else binding.storage
        if value is not None:
            members[name] = mapped(value, seen)
    members["ended"] = Ended(thread)
    return members
