"""Assignments to locals, ghosts and shared memory."""

from collections.abc import Container, Iterator

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.coerce import coerce, require_number
from encoder.program.core import INT, PLAIN_STORE, Arm64Code, Const, Expr, Op, Scalar, Store, Var
from encoder.program.evaluate import LITERALS, evaluate, evaluate_location, evaluate_scalar
from encoder.program.frame import Binding, root_name
from encoder.program.lowering import Lowering
from encoder.program.problems import Rejected
from encoder.program.traverse import events
from encoder.program.values import (
    Array,
    Location,
    ObjectList,
    RecordValue,
    Storage,
    Type,
    Value,
    describe,
    parts_of,
    type_of,
    value_type,
)
from encoder.spec.model import Parameter, TypeName
from encoder.spec.reserved_names import MEMBERS
from encoder.spec.syntax import Assignment, Expression, Member, Name, Subscript

Target = tuple[Expr, Expr | RecordValue]
"""(the condition under which an assignment means them, variables)."""
LONGEST = 1000
"""Elements of an array of a thread's own; the specs have at most two."""


def assign(low: Lowering, assignment: Assignment) -> None:
    """`target = value`: a plain store if the target is shared memory. Raises Rejected."""
    name = root_name(assignment.target)
    binding = low.frame.names.get(name) if name else None
    if name in low.frame.broken_names:
        evaluate(low, assignment.value)
        raise low.problems.give_up()
    if isinstance(assignment.target, Name) and not (binding and isinstance(binding.value, Location)):
        _assign_name(low, assignment.target, evaluate(low, assignment.value), assignment.value.span)
    elif binding is not None and not isinstance(binding.value, Location) and binding.storage is not None:
        value = evaluate(low, assignment.value)
        _assign_parts(low, assignment.target, value, assignment.value.span)
    else:
        _store(low, assignment)


def assign_ghost(low: Lowering, assignment: Assignment) -> None:
    """An assignment to a ghost, or to a local that is kept for properties; no event. Raises Rejected."""
    name = root_name(assignment.target)
    if name in low.frame.broken_names:
        raise low.problems.give_up()
    known = name in low.ghosts or name in low.frame.names
    if not known:
        message = f"`{name or low.text(assignment.target)}` is neither a ghost nor a local"
        span = assignment.target.span
        raise low.problems.reject("S228", message, span, word=name, known=[*low.ghosts, *low.frame.names])
    low.reading_ghosts = True
    try:
        with low.buffer() as code:
            value = evaluate(low, assignment.value)
        if any(True for _ in events(code)):
            raise low.problems.reject("S228", "a ghost cannot read memory", assignment.value.span)
        low.emit(*code)
        _assign_parts(low, assignment.target, value, assignment.value.span)
    finally:
        low.reading_ghosts = False


def declare_local(low: Lowering, local: Parameter) -> None:
    """Declare a local. A wrong declaration is noted, and uses of the local are not reported again."""
    try:
        _declare(low, local)
    except Rejected:
        low.frame.broken_names.add(local.name)


def _declare(low: Lowering, local: Parameter) -> None:
    assert local.type is not None
    reject_taken_name(low, local.name, local.span)
    if local.type.shape == "list":
        low.table.type(local.type)
        low.frame.names[local.name] = Binding(None)
        return
    storage = declare_storage(low, low.frame.prefix + local.name, local.type)
    low.frame.names[local.name] = Binding(storage, storage)
    low.frame.reset_on_reentry.append(storage)


def declare_storage(low: Lowering, name: str, type: TypeName) -> Storage:
    """The variables of a declaration. Raises Rejected."""
    element = low.table.type(type)
    match type.shape:
        case "scalar":
            return low.variable(name, element)
        case "array" if type.length is not None and type.length > LONGEST:
            message = f"an array of {type.length} elements is too long"
            raise low.problems.reject("S229", message, type.span, expected=f"at most {LONGEST}: each is a variable")
        case "array" if type.length is not None:
            return Array(element, tuple(low.variable(f"{name}.{i}", element) for i in range(type.length)))
        case "array":
            raise low.problems.reject("S229", "a local array has a length", type.span, expected="`page *[2]`")
        case _:
            raise low.problems.reject("S223", "a variable cannot have this type", type.span)


def reject_taken_name(low: Lowering, name: str, span: Span) -> None:
    """Raises Rejected for a local that would hide a ghost, a constant or a literal or, in a script, an object or a
    member of every thread."""
    kinds: list[tuple[str, Container[str]]] = [
        ("a value", LITERALS), ("a ghost", low.ghosts), ("a constant", low.table.constants)
    ]  # fmt: skip
    if low.frame.script:
        kinds += [("an object", low.table.objects), ("a thread's end", MEMBERS)]
    for kind, known in kinds:
        if name in known:
            expected = "`ghost_first` or `ghost_last` on the step" if kind == "a ghost" else "another name"
            raise low.problems.reject("S227", f"`{name}` is the name of {kind}", span, expected=expected)


def local_variable(low: Lowering, name: Name, type: Type) -> Expr | RecordValue:
    """The variable of this name; a new one of this type if there is none yet. Raises Rejected."""
    binding = low.frame.names.get(name.name)
    if binding is not None:
        if not isinstance(binding.storage, Expr | RecordValue):
            what = "an array" if isinstance(binding.storage, Array) else "a list or an argument by reference"
            raise low.problems.reject("S227", f"`{name.name}` is {what} and cannot be assigned", name.span)
        return binding.storage
    reject_taken_name(low, name.name, name.span)
    storage = low.variable(low.frame.prefix + name.name, type)
    low.frame.names[name.name] = Binding(storage, storage)
    if low.frame.depth:
        low.frame.reset_on_reentry.append(storage)
    return storage


def _assign_name(low: Lowering, name: Name, value: Value, span: Span) -> None:
    frame = low.frame
    if isinstance(value, ObjectList):
        _assign_list(low, name, value, span)
        return
    if not isinstance(value, Expr | RecordValue):
        raise low.problems.reject("S223", f"{describe(value)} cannot be kept in a local", span)
    if isinstance(value, Expr) and type_of(value) == Scalar(kind="pointer") and name.name not in frame.names:
        expected = f"`locals: {{{name.name}: STRUCT *}}`"
        raise low.problems.reject("S223", f"NULL does not say what `{name.name}` points to", span, expected=expected)
    storage = local_variable(low, name, value_type(value))
    fitting = _fit(low, value, storage, span)
    low.assign(storage, fitting)
    if isinstance(fitting, Const) and frame.assignment_counts[name.name] == 1 and frame.depth == 0:
        frame.names[name.name] = Binding(fitting, storage)


def _assign_list(low: Lowering, name: Name, value: ObjectList, span: Span) -> None:
    frame = low.frame
    known = frame.names.get(name.name)
    if (known is not None and known.value is not None) or frame.depth or frame.assignment_counts[name.name] != 1:
        raise low.problems.reject("S229", f"the list `{name.name}` has to be given once, outside of blocks", span)
    if known is None:
        reject_taken_name(low, name.name, name.span)
    frame.names[name.name] = Binding(value)


def _fit(low: Lowering, value: Value, storage: Expr | RecordValue, span: Span) -> Expr | RecordValue:
    type = value_type(storage)
    if isinstance(type, Scalar) and type.kind == "bool" and isinstance(value, Expr):
        reject_lossy_bool(low, value, span)
    return coerce(low, value, type, span)


def reject_lossy_bool(low: Lowering, value: Expr, span: Span) -> None:
    """Raises Rejected where a number is assigned to a bool local: in C the local would be an int."""
    found = type_of(value)
    if found.kind in ("int", "unsigned") and not (isinstance(value, Const) and value.value in (0, 1)):
        expected = "a declared local, or `!= 0`"
        raise low.problems.reject("S223", f"{describe(found)} where `bool` is wanted", span, expected=expected)


def _assign_parts(low: Lowering, target: Expression, value: Value, span: Span) -> None:
    """Assign to all variables that a local target may denote."""
    pairs: list[tuple[Var, Expr]] = []
    for condition, storage in _targets(low, target):
        fitting = dict(parts_of(_fit(low, value, storage, span)))
        for name, old in parts_of(storage):
            assert isinstance(old, Var)
            pairs.append((old, fold.choose(condition, fitting[name], old)))
    low.assign_all(pairs)


def _targets(low: Lowering, target: Expression) -> Iterator[Target]:
    """The variables that a local target may denote, each with its condition. Raises Rejected."""
    match target:
        case Member(arrow=False):
            for condition, storage in _targets(low, target.base):
                parts = dict(storage.parts) if isinstance(storage, RecordValue) else {}
                if target.name not in parts:
                    message = f"{describe(storage)} has no `{target.name}`"
                    raise low.problems.reject("S222", message, target.span, word=target.name, known=parts)
                yield condition, parts[target.name]
        case Subscript():
            array = _array(low, target.base)
            index = require_number(low, evaluate_scalar(low, target.index), target.index.span)
            low.index(index, len(array.items), target)
            for position, item in enumerate(array.items):
                here = fold.arith(Op.EQ, index, Const(position, INT))
                if here != fold.FALSE:
                    yield here, item
        case Name():
            known = _storage(low, target)
            if not isinstance(known, Expr | RecordValue):
                raise low.problems.reject("S227", f"`{target.name}` cannot be assigned", target.span)
            yield fold.TRUE, known
        case _:
            raise low.problems.reject("S227", "this cannot be assigned", target.span)


def _array(low: Lowering, expression: Expression) -> Array:
    storage = _storage(low, expression) if isinstance(expression, Name) else None
    if isinstance(storage, Array):
        return storage
    raise low.problems.reject("S227", f"`{low.text(expression)}` is no array of this thread", expression.span)


def _storage(low: Lowering, name: Name) -> Storage | None:
    binding = low.frame.names.get(name.name)
    return binding.storage if binding else low.ghosts.get(name.name)


def _store(low: Lowering, assignment: Assignment) -> None:
    value = evaluate(low, assignment.value)
    location = evaluate_location(low, assignment.target)
    text = f"{low.text(assignment.target)} = {low.text(assignment.value)}"
    emit_store(low, location, value, ("plain", PLAIN_STORE), text, assignment.target, assignment.value.span)


def emit_store(
    low: Lowering, location: Location, value: Value, order: tuple[str, Arm64Code | None], event: str,
    target: Expression, span: Span,
) -> None:  # fmt: skip
    """Emit an event that writes the location that `target` names: `order` is its ordering and what it compiles to on
    arm64, `span` that of the value. Raises Rejected."""
    if location.lock:
        raise low.problems.reject("S224", "a lock is taken and released, not written", span)
    fitting = coerce(low, value, location.type, span)
    place = low.place(location, target)
    low.emit(Store(place=place, values=parts_of(fitting), order=order[0], site=low.site(event), arm64=order[1]))
