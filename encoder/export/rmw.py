"""Read-modify-writes as the operations that the kernel's memory model has."""

from collections.abc import Callable, Sequence

from encoder.export.layout import Part
from encoder.export.names import NO_VALUE, Unwritable, suffix_of
from encoder.program.core import Arith, Const, Convert, Expr, Not, Op, Rmw, Var
from encoder.program.traverse import variables

Word = Callable[[Rmw], str]
C = Callable[[Expr], str]


def modify_call(
    event: Rmw, target: str, parts: Sequence[Part], word: Word, c: C, *, only_zero: bool
) -> tuple[str, bool]:
    """The call, and whether it has a value, which is what was read; with `only_zero` it need only be 0 where that is.
    Raises Unwritable for what there is no operation for."""
    own = {variable: component for component, variable in event.into}
    always = isinstance(event.when, Const) and bool(event.when.value)
    if parts:
        return _record(event, target, parts, word, own, always=always)
    value = _bare(dict(event.values)[""])
    change = _change(value, own)
    if not always:
        return _conditional(event, target, value, change, own, c, only_zero=only_zero), True
    if (event.read_order, event.write_order) == NO_VALUE:
        return _without_value(event, target, value, change, own, c), False
    if change is not None:
        return f"atomic_fetch_add{suffix_of(event)}({c(change)}, {target})", True
    if own.keys().isdisjoint(variables(value)):
        return f"xchg{suffix_of(event)}({target}, {word(event)})", True
    raise Unwritable(f"a change that is no addition ({event.site.event})")


def _without_value(event: Rmw, target: str, value: Expr, change: Expr | None, own: dict[str, str], c: C) -> str:
    if change is not None:
        return f"atomic_add({c(change)}, {target})"
    match value:
        case Const(value=0):
            return f"atomic_and(0, {target})"
        case Const(value=bit) if bit == 1:
            return f"atomic_or(1, {target})"
        case _:
            raise Unwritable(f"an operation without a value that is no addition ({event.site.event})")


def _conditional(
    event: Rmw, target: str, value: Expr, change: Expr | None, own: dict[str, str], c: C, *, only_zero: bool
) -> str:
    """`cmpxchg` where one value is looked for, `atomic_add_unless` where all but 0, which tells only whether it was."""
    end = suffix_of(event)
    expected = _expected(event.when, own)
    if expected is not None and own.keys().isdisjoint(variables(value)):
        return f"cmpxchg{end}({target}, {c(expected)}, {c(value)})"
    unless = _unless(event.when, own)
    if isinstance(unless, Const) and unless.value == 0 and change is not None and not end and only_zero:
        return f"atomic_add_unless({target}, {c(change)}, 0)"
    raise Unwritable(f"a change under this condition ({event.site.event})")


def _record(
    event: Rmw, target: str, parts: Sequence[Part], word: Word, own: dict[str, str], *, always: bool
) -> tuple[str, bool]:
    """An exchange of the whole record, or some of its bits cleared."""
    values = {name: _bare(value) for name, value in event.values}
    if not always:
        raise Unwritable(f"a record that is changed under a condition ({event.site.event})")
    kept = {name for name, value in values.items() if isinstance(value, Var) and own.get(value.name) == name}
    rest = {name: value for name, value in values.items() if name not in kept}
    if all(own.keys().isdisjoint(variables(value)) for value in values.values()):
        return f"xchg{suffix_of(event)}({target}, {word(event)})", True
    if all(isinstance(value, Const) and not value.value for value in rest.values()):
        mask = sum(part.mask for part in parts if part.name in rest)
        return f"atomic_fetch_andnot{suffix_of(event)}({mask}, {target})", True
    raise Unwritable(f"this change of a record ({event.site.event})")


def _bare(expr: Expr) -> Expr:
    """Without conversions, which change no value that a test can have."""
    match expr:
        case Convert(operand=operand):
            return _bare(operand)
        case _:
            return expr


def _is_old(expr: Expr, own: dict[str, str]) -> bool:
    bare = _bare(expr)
    return isinstance(bare, Var) and bare.name in own


def _change(value: Expr, own: dict[str, str]) -> Expr | None:
    """What is added to the old value, None where something else is written."""
    match value:
        case Arith(op=Op.ADD, left=left, right=right) if _is_old(left, own):
            found = right
        case Arith(op=Op.SUB, left=left, right=Const(value=number)) if _is_old(left, own):
            found = Const(-number)
        case Arith(op=Op.SUB, left=left, right=right, type=type) if _is_old(left, own):
            found = Arith(Op.SUB, Const(0), right, type)
        case _:
            return None
    return found if own.keys().isdisjoint(variables(found)) else None


def _expected(when: Expr, own: dict[str, str]) -> Expr | None:
    """The one value that the old one has to be. Of a bit that is looked at it is 1 or 0."""
    match _bare(when):
        case Not(operand=operand) if _is_old(operand, own):
            return Const(0)
        case Arith(op=Op.EQ, left=left, right=right) if _is_old(left, own):
            return right
        case Var(name=name) if name in own:
            return Const(1)
        case _:
            return None


def _unless(when: Expr, own: dict[str, str]) -> Expr | None:
    match _bare(when):
        case Arith(op=Op.NE, left=left, right=right) if _is_old(left, own):
            return right
        case _:
            return None
