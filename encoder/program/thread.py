"""A thread of a scenario: its script with every call inlined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from encoder.program.assignment import declare, declared
from encoder.program.calls import inline
from encoder.program.core import Ended, Expr, Scalar, Thread, ThreadVar, Var
from encoder.program.frame import Frame, assigned
from encoder.program.lowering import Check, Lowering, Visit
from encoder.program.problems import Rejected
from encoder.program.simplify import close, events, mentioned
from encoder.program.steps import lower_steps
from encoder.program.values import Value, mapped, names_of
from encoder.program.world import World
from encoder.spec.model import ThreadDecl


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlined:
    """A thread with what properties may say of it: its locals and ghosts by name, and the labels of its events.
    `visits` are its steps that the variant puts in, `ran` the procedures that it calls."""

    thread: Thread
    members: Mapping[str, Value]
    labels: frozenset[str]
    checks: tuple[Check, ...]
    visits: tuple[Visit, ...]
    ran: frozenset[str]


def inlined(world: World, declaration: ThreadDecl) -> Inlined:
    """The thread. What is wrong with it is noted."""
    low = Lowering(thread=declaration.name, world=world, inline=inline)
    frame = Frame(
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


def _runs(world: World, declaration: ThreadDecl) -> int:
    if declaration.runs is None:
        return 0
    if declaration.runs not in world.objects:
        message = f"there is no object `{declaration.runs}` to run"
        world.problems.note("S302", message, declaration.span, word=declaration.runs, known=world.objects)
        return 0
    return world.objects[declaration.runs].value


def _variables(low: Lowering, frame: Frame, used: Iterable[str]) -> tuple[tuple[str, Scalar], ...]:
    """The variables that the thread uses and those that properties may read, as they came up."""
    kept = set(used)
    for storage in (*low.ghosts.values(), *(binding.storage for binding in frame.names.values())):
        kept.update(names_of(storage))
    kept.update(check.variable for check in low.checks)
    return tuple((name, type) for name, type in low.variables.items() if name in kept)


def _members(low: Lowering, frame: Frame, thread: str) -> dict[str, Value]:
    def seen(expr: Expr) -> Expr:
        return ThreadVar(thread, expr.name, expr.type) if isinstance(expr, Var) else expr

    members: dict[str, Value] = {name: mapped(storage, seen) for name, storage in low.ghosts.items()}
    for name, binding in frame.names.items():
        value = binding.value if binding.storage is None else binding.storage
        if value is not None:
            members[name] = mapped(value, seen)
    members["ended"] = Ended(thread)
    return members
