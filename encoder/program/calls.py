"""Calls: procedures are inlined, macros too, and the other primitives become events."""

from collections.abc import Callable

from encoder.program.arguments import bind, generic, written
from encoder.program.assignment import declare
from encoder.program.core import Expr, Fence, Grace
from encoder.program.events import lower_event
from encoder.program.frame import CallFrame, assigned
from encoder.program.lowering import Lowering
from encoder.program.simplify import close, renamed, terminates
from encoder.program.steps import lower_steps
from encoder.program.traverse import events
from encoder.program.values import Array, RecordValue, Value, kind_of, zero
from encoder.spec.model import Body, MacroBody, Primitive, Procedure
from encoder.spec.syntax import Call
from encoder.spec.walk import alike

DEFERRED = "deferred"


def inline(low: Lowering, call: Call) -> Value | None:
    """The value of a call, its statements emitted. Raises Rejected."""
    world = low.world
    if call.function in world.procedures:
        return _procedure(low, world.procedures[call.function], call)
    if call.function in world.primitives:
        return _primitive(low, world.primitives[call.function], call)
    if call.function == "count":
        raise low.problems.reject("S227", "`count` is for starts and properties only", call.span)
    if call.function in world.gone:
        message = f"Linux {world.kernel} has no `{call.function}` any more"
        expected = f"what that kernel calls instead; in a scenario under `from: {{{world.kernel}: STATEMENT}}`"
        raise low.problems.reject("S220", message, call.span, expected=expected)
    known = [*world.procedures, *world.primitives]
    message = f"there is no primitive or procedure `{call.function}`"
    raise low.problems.reject("S220", message, call.span, word=call.function, known=known)


def _procedure(low: Lowering, procedure: Procedure, call: Call) -> Value | None:
    caller = low.frame
    _refuse_recursion(low, procedure.name, call)
    low.first_call = low.first_call or procedure.name
    if not low.dead:
        low.ran.add(procedure.name)
    frame = CallFrame(
        procedure=procedure.name,
        kernel=procedure.kernel,
        prefix=_prefix(low, procedure.name),
        path=(*caller.path, caller.step.label) if caller.step else caller.path,
        steps=procedure.steps,
        file=procedure.span.file,
        returns=low.world.type(procedure.returns) if procedure.returns else None,
        counts=assigned(procedure.steps),
        call=call.span,
        arguments=written(procedure.parameters, call),
        generic=generic(procedure.parameters),
    )
    frame.names.update(bind(low, procedure.parameters, frame, call))

    def body() -> None:
        for local in procedure.locals:
            declare(low, local)
        lower_steps(low, procedure.steps)

    before = low.problems.notes
    value = _run(low, frame, body, procedure.name)
    if frame.returns is not None and (value is None or frame.falls):
        if low.problems.notes == before:
            message = f"`{procedure.name}` can end without a value"
            low.problems.note("S225", message, procedure.span, expected="`return VALUE` as its last step")
        raise low.problems.give_up()
    return value


def _primitive(low: Lowering, primitive: Primitive, call: Call) -> Value | None:
    caller = low.frame
    body = _body(low, primitive)
    _refuse_recursion(low, primitive.name, call)
    frame = CallFrame(
        procedure=caller.procedure,
        kernel=caller.kernel,
        prefix=_prefix(low, primitive.name),
        path=caller.path,
        steps=body.steps if isinstance(body, MacroBody) else (),
        file=caller.file,
        macro=True,
        step=caller.step,
        counts=assigned(body.steps) if isinstance(body, MacroBody) else assigned(()),
        call=call.span,
        arguments=written(primitive.parameters, call),
        generic=generic(primitive.parameters),
    )
    frame.names.update(bind(low, primitive.parameters, frame, call))
    text = low.text(call)
    if not isinstance(body, MacroBody):
        with low.called(frame, primitive.name):
            return lower_event(low, body, text)
    before = low.problems.notes
    with low.buffer() as code:
        value = _run(low, frame, lambda: lower_steps(low, body.steps), primitive.name)
    if value is None and low.problems.notes != before:
        raise low.problems.give_up()
    accesses = [event for event in events(code) if not isinstance(event, Fence | Grace)]
    low.emit(*(renamed(code, accesses[0], text) if len(accesses) == 1 else code))
    return value


def _run(low: Lowering, frame: CallFrame, body: Callable[[], None], name: str) -> Expr | RecordValue | None:
    """Emit a body as a block that `return` leaves, its variables reset where it is run again."""
    with low.called(frame, name):
        frame.block = low.block()
        with low.buffer() as code:
            body()
        frame.falls = not terminates(code)
        block = close(frame.block, code)
    if low.loops:
        for storage in frame.late:
            for item in storage.items if isinstance(storage, Array) else (storage,):
                low.assign(item, zero(kind_of(item)))
    low.emit(*block)
    return frame.result if frame.direct is None else frame.direct


def _body(low: Lowering, primitive: Primitive) -> Body:
    """What the primitive is on this platform. Where it is something else with deferred flushes, that is noted."""
    bodies = dict(primitive.bodies)
    if "" in bodies:
        return bodies[""]
    body = bodies[low.world.flush]
    if not alike(body, bodies[DEFERRED]):
        low.world.differing.add(primitive.name)
    return body


def _refuse_recursion(low: Lowering, name: str, call: Call) -> None:
    if name in low.calls:
        cycle = " -> ".join((*low.calls[low.calls.index(name) :], name))
        raise low.problems.reject("S224", f"recursion: {cycle}", call.span)


def _prefix(low: Lowering, name: str) -> str:
    step = low.frame.step
    stem = f"{low.frame.prefix}{step.label}/{name}" if step and not low.frame.macro else f"{low.frame.prefix}{name}"
    return f"{low.unique(stem)}/"
