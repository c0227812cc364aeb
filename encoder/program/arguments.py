"""Arguments of calls: values are copied, arrays, lists and places are shared."""

from encoder.program.coerce import coerce
from encoder.program.core import Assign, Const, Expr, Var
from encoder.program.evaluate import evaluate, place_of
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
    kind_of,
    parts_of,
    type_of,
    with_parts,
)
from encoder.spec.model import Parameter, TypeName
from encoder.spec.syntax import Call, Expression


def bind(low: Lowering, parameters: tuple[Parameter, ...], frame: CallFrame, call: Call) -> dict[str, Binding]:
    """What the parameters of `frame` stand for, the arguments evaluated from left to right. Raises Rejected."""
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


def written(parameters: tuple[Parameter, ...], call: Call) -> dict[str, Expression]:
    """What the caller wrote for each parameter."""
    return {parameter.name: argument for parameter, argument in zip(parameters, call.arguments, strict=False)}


def generic(parameters: tuple[Parameter, ...]) -> bool:
    """Whether some argument may be of any type."""
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
            if isinstance(value, Array) and value.element == low.world.type(type):
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
    raise low.problems.reject("S223", message, argument.span, expected=declaration(type))


def _type(low: Lowering, type: TypeName, earlier: dict[str, Binding]) -> Type:
    """The type of a parameter by value; `typeof` is that of the memory which an earlier one stands for."""
    if not type.of:
        return low.world.type(type)
    memory = earlier[type.of].value
    location = memory.location if isinstance(memory, Pointer) else memory
    assert isinstance(location, Location)
    return location.type


def declaration(type: TypeName | None) -> str:
    """A type as people write it."""
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
    """Memory for an `int &` or an `lvalue`. Raises Rejected."""
    if not type.name:
        return place_of(low, argument)
    value = evaluate(low, argument)
    if isinstance(value, Pointer) and _is(low, value.location, type):
        return value
    found = describe(value.location.type) if isinstance(value, Pointer) else describe(value)
    if isinstance(value, Pointer) and value.location.lock:
        found = "a lock"
    expected = "`&object->field` of any type but lock" if type.name == "any" else declaration(type)
    raise low.problems.reject("S223", f"{found} where a place is wanted", argument.span, expected=expected)


def _is(low: Lowering, location: Location, type: TypeName) -> bool:
    if type.name in ("lock", "any"):
        return location.lock == (type.name == "lock")
    return not location.lock and location.type == low.world.type(type)


def _copy(
    low: Lowering, parameter: Parameter, value: Expr | RecordValue, text: str, frame: CallFrame, shares: bool
) -> Binding:
    """A parameter by value. What cannot change while the call runs needs no variable."""
    name = frame.prefix + parameter.name
    changing = low.changing()
    if frame.counts[parameter.name]:
        storage = low.variable(name, kind_of(value))
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
