"""Arguments of calls: values are passed by value; arrays, lists and places by reference."""

from encoder.program.coerce import coerce
from encoder.program.core import Assign, Const, Expr, Var
from encoder.program.evaluate import evaluate, evaluate_location
from encoder.program.frame import Binding, CallFrame
from encoder.program.lowering import Lowering
from encoder.program.values import (
    Array,
    Location,
    ObjectList,
    Pointer,
    RecordValue,
    Type,
    Value,
    describe,
    parts_of,
    type_of,
    value_type,
    with_parts,
)
from encoder.spec.model import Parameter, TypeName
from encoder.spec.syntax import Call, Expression


def bind_arguments(
    low: Lowering, parameters: tuple[Parameter, ...], frame: CallFrame, call: Call
) -> dict[str, Binding]:
    """The bindings of the parameters of `frame`; arguments are evaluated from left to right. Raises Rejected."""
    if len(parameters) != len(call.arguments):
        wanted = ", ".join(parameter.name for parameter in parameters)
        number = f"{len(parameters)} argument{'' if len(parameters) == 1 else 's'}"
        message = f"`{call.function}` takes {number}, not {len(call.arguments)}"
        raise low.problems.reject("S226", message, call.span, expected=f"`{call.function}({wanted})`")
    shares = any(parameter.type is not None and parameter.type.shape == "array" for parameter in parameters)
    shares = shares or (low.frame.step is not None and bool(low.frame.step.ghost_first))
    bindings: dict[str, Binding] = {}
    for parameter, argument in zip(parameters, call.arguments, strict=True):
        text = low.text(argument) if frame.macro else ""
        bindings[parameter.name] = _argument(low, parameter, bindings, argument, text, frame, shares)
    return bindings


def arguments_by_parameter(parameters: tuple[Parameter, ...], call: Call) -> dict[str, Expression]:
    """The argument that the caller wrote for each parameter."""
    return {parameter.name: argument for parameter, argument in zip(parameters, call.arguments, strict=False)}


def has_generic_parameter(parameters: tuple[Parameter, ...]) -> bool:
    """Whether some parameter takes arguments of several types."""
    return any(type is None or type.name == "any" or not type.name for type in (each.type for each in parameters))


def _argument(
    low: Lowering,
    parameter: Parameter,
    earlier: dict[str, Binding],
    argument: Expression,
    text: str,
    frame: CallFrame,
    shares: bool,
) -> Binding:
    type = parameter.type
    match "any" if type is None or (type.name, type.shape) == ("any", "scalar") else type.shape:
        case "any":
            value = evaluate(low, argument)
            if isinstance(value, Expr | RecordValue):
                return _copy(low, parameter, value, text, frame, shares)
        case "place":
            assert type is not None
            return Binding(_place(low, type, argument), text=text)
        case "array":
            assert type is not None
            value = evaluate(low, argument)
            if isinstance(value, Array) and value.element == low.table.type(type):
                return Binding(value, value, text)
        case "list":
            assert type is not None
            value = evaluate(low, argument)
            if isinstance(value, ObjectList) and value.struct in (type.name, ""):
                return Binding(value, text=text)
        case _:
            assert type is not None
            value = evaluate(low, argument)
            fitting = coerce(low, value, _type(low, type, earlier), argument.span)
            return _copy(low, parameter, fitting, text, frame, shares)
    message = f"{describe(value)} for parameter `{parameter.name}`"
    raise low.problems.reject("S223", message, argument.span, expected=type_text(type))


def _type(low: Lowering, type: TypeName, earlier: dict[str, Binding]) -> Type:
    """The type of a parameter passed by value; `typeof` is the type of the memory that an earlier parameter denotes."""
    if not type.of:
        return low.table.type(type)
    memory = earlier[type.of].value
    location = memory.location if isinstance(memory, Pointer) else memory
    assert isinstance(location, Location)
    return location.type


def type_text(type: TypeName | None) -> str:
    """A type as it is written in specs."""
    if type is None:
        return "a value"
    pointer = f"{type.name} *" if type.pointer else type.name
    match type.shape:
        case "array":
            return f"`{pointer}[{'' if type.length is None else type.length}]`"
        case "list":
            return f"`{pointer}list`"
        case "place":
            return f"`{pointer} &`" if type.name else "`lvalue`"
        case "scalar":
            return f"`{pointer}`"


def _place(low: Lowering, type: TypeName, argument: Expression) -> Value:
    """The value of an argument for a parameter `int &` or `lvalue`. Raises Rejected."""
    if not type.name:
        return evaluate_location(low, argument)
    value = evaluate(low, argument)
    if isinstance(value, Pointer) and _is(low, value.location, type):
        return value
    found = describe(value.location.type) if isinstance(value, Pointer) else describe(value)
    if isinstance(value, Pointer) and value.location.lock:
        found = "a lock"
    expected = "`&object->field` of any type but lock" if type.name == "any" else type_text(type)
    raise low.problems.reject("S223", f"{found} where a place is wanted", argument.span, expected=expected)


def _is(low: Lowering, location: Location, type: TypeName) -> bool:
    if type.name in ("lock", "any"):
        return location.lock == (type.name == "lock")
    return not location.lock and location.type == low.table.type(type)


def _copy(
    low: Lowering, parameter: Parameter, value: Expr | RecordValue, text: str, frame: CallFrame, shares: bool
) -> Binding:
    """The binding of a parameter passed by value. A value that cannot change during the call needs no variable."""
    name = frame.prefix + parameter.name
    changing = low.ghost_variables()
    if frame.assignment_counts[parameter.name]:
        storage = low.variable(name, value_type(value))
        low.assign(storage, value)
        return Binding(storage, storage, text)

    def part(component: str, expr: Expr) -> Expr:
        if isinstance(expr, Const) or (isinstance(expr, Var) and not shares and expr.name not in changing):
            return expr
        variable = Var(f"{name}.{component}" if component else name, type_of(expr))
        low.variables[variable.name] = variable.type
        low.emit(Assign(variable=variable.name, value=expr))
        return variable

    return Binding(with_parts(value, tuple((n, part(n, expr)) for n, expr in parts_of(value))), text=text)
