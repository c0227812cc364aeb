"""Calls: procedures and macros are inlined, other primitives become events."""

from collections.abc import Callable

from encoder.program.arguments import arguments_by_parameter, bind_arguments, has_generic_parameter
from encoder.program.assignment import declare_local
from encoder.program.core import Expr, Fence, Grace
from encoder.program.events import lower_event
from encoder.program.frame import CallFrame, count_assignments
from encoder.program.lowering import Lowering
from encoder.program.simplify import close_block, rename_event, terminates
from encoder.program.steps import lower_steps
from encoder.program.traverse import events
from encoder.program.values import Array, RecordValue, Value, value_type, zero_value
from encoder.spec.model import Body, MacroBody, Primitive, Procedure
from encoder.spec.syntax import Call


def inline_call(low: Lowering, call: Call) -> Value | None:
    """Emit the statements of a call; returns its value, None if it has none. Raises Rejected."""
    table = low.table
    if call.function in table.procedures:
        return _inline_procedure(low, table.procedures[call.function], call)
    if call.function in table.primitives:
        return _inline_primitive(low, table.primitives[call.function], call)
    if call.function == "count":
        raise low.problems.reject("S227", "`count` is for starts and properties only", call.span)
    if call.function in table.gone:
        message = f"Linux {table.kernel} has no `{call.function}` any more"
        expected = f"what that kernel calls instead; in a scenario under `from: {{{table.kernel}: STATEMENT}}`"
        raise low.problems.reject("S220", message, call.span, expected=expected)
    known = [*table.procedures, *table.primitives]
    message = f"there is no primitive or procedure `{call.function}`"
    raise low.problems.reject("S220", message, call.span, word=call.function, known=known)


def _inline_procedure(low: Lowering, procedure: Procedure, call: Call) -> Value | None:
    caller = low.frame
    _reject_recursion(low, procedure.name, call)
    low.first_call = low.first_call or procedure.name
    if not low.unreachable_depth:
        low.called_procedures.add(procedure.name)
    frame = CallFrame(
        procedure=procedure.name,
        kernel=procedure.kernel,
        prefix=_prefix(low, procedure.name),
        path=(*caller.path, caller.step.label) if caller.step else caller.path,
        steps=procedure.steps,
        file=procedure.span.file,
        returns=low.table.type(procedure.returns) if procedure.returns else None,
        assignment_counts=count_assignments(procedure.steps),
        call=call.span,
        arguments=arguments_by_parameter(procedure.parameters, call),
        generic=has_generic_parameter(procedure.parameters),
    )
    frame.names.update(bind_arguments(low, procedure.parameters, frame, call))

    def body() -> None:
        for local in procedure.locals:
            declare_local(low, local)
        lower_steps(low, procedure.steps)

    before = low.problems.notes
    value = _lower_body(low, frame, body, procedure.name)
    if frame.returns is not None and (value is None or frame.may_fall_through):
        if low.problems.notes == before:
            message = f"`{procedure.name}` can end without a value"
            low.problems.note("S225", message, procedure.span, expected="`return VALUE` as its last step")
        raise low.problems.give_up()
    return value


def _inline_primitive(low: Lowering, primitive: Primitive, call: Call) -> Value | None:
    caller = low.frame
    body = _primitive_body(low, primitive)
    _reject_recursion(low, primitive.name, call)
    frame = CallFrame(
        procedure=caller.procedure,
        kernel=caller.kernel,
        prefix=_prefix(low, primitive.name),
        path=caller.path,
        steps=body.steps if isinstance(body, MacroBody) else (),
        file=caller.file,
        macro=True,
        step=caller.step,
        assignment_counts=count_assignments(body.steps) if isinstance(body, MacroBody) else count_assignments(()),
        call=call.span,
        arguments=arguments_by_parameter(primitive.parameters, call),
        generic=has_generic_parameter(primitive.parameters),
    )
    frame.names.update(bind_arguments(low, primitive.parameters, frame, call))
    text = low.text(call)
    if not isinstance(body, MacroBody):
        with low.in_call(frame, primitive.name):
            return lower_event(low, body, text)
    before = low.problems.notes
    with low.buffer() as code:
        value = _lower_body(low, frame, lambda: lower_steps(low, body.steps), primitive.name)
    if value is None and low.problems.notes != before:
        raise low.problems.give_up()
    accesses = [event for event in events(code) if not isinstance(event, Fence | Grace)]
    low.emit(*(rename_event(code, accesses[0], text) if len(accesses) == 1 else code))
    return value


def _lower_body(low: Lowering, frame: CallFrame, body: Callable[[], None], name: str) -> Expr | RecordValue | None:
    """Emit a body as a block that `return` leaves; in a loop, variables that need it are reset first."""
    with low.in_call(frame, name):
        frame.block = low.block()
        with low.buffer() as code:
            body()
        frame.may_fall_through = not terminates(code)
        block = close_block(frame.block, code)
    if low.loops:
        for storage in frame.reset_on_reentry:
            for item in storage.items if isinstance(storage, Array) else (storage,):
                low.assign(item, zero_value(value_type(item)))
    low.emit(*block)
    return frame.result if frame.direct_result is None else frame.direct_result


def _primitive_body(low: Lowering, primitive: Primitive) -> Body:
    """The primitive's body on this platform."""
    bodies = dict(primitive.bodies)
    if "" in bodies:
        return bodies[""]
    return bodies[low.table.flush]


def _reject_recursion(low: Lowering, name: str, call: Call) -> None:
    if name in low.calls:
        cycle = " -> ".join((*low.calls[low.calls.index(name) :], name))
        raise low.problems.reject("S224", f"recursion: {cycle}", call.span)


def _prefix(low: Lowering, name: str) -> str:
    step = low.frame.step
    stem = f"{low.frame.prefix}{step.label}/{name}" if step and not low.frame.macro else f"{low.frame.prefix}{name}"
    return f"{low.unique_name(stem)}/"
