"""Loops: `while`, and `for` over numbers, lists and arrays.

A loop tests before its first round and at the end of each, so that `bound` rounds are all that is needed where the
number of rounds is known.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from encoder.program import fold
from encoder.program.assignment import local
from encoder.program.coerce import number
from encoder.program.core import INT, UNSIGNED, Assign, Const, Exit, Expr, If, Loop, Op, Scalar, Var
from encoder.program.evaluate import constant, evaluate, scalar, truth
from encoder.program.frame import Binding, assigned
from encoder.program.index import element
from encoder.program.lowering import Lowering
from encoder.program.naming import head_text
from encoder.program.simplify import close, terminates
from encoder.program.values import Array, ObjectList, RecordValue, describe, type_of
from encoder.spec.syntax import Expression, ForHead, Name, Step, WhileHead

Emit = Callable[[], None]
LoopTest = Callable[[], Expr]


def lower_while(low: Lowering, head: WhileHead, step: Step, body: Emit) -> None:
    """`while (condition)`. Raises Rejected."""

    def test() -> Expr:
        return truth(low, head.condition)

    _repeat(low, test(), test, body, lambda: None, _bound(low, step), head)


def lower_for(low: Lowering, head: ForHead, step: Step, body: Emit) -> None:
    """`for name in first .. last`, or in a list or array. Raises Rejected."""
    if assigned(step.body)[head.name]:
        raise low.problems.reject("S227", f"the loop changes its own variable `{head.name}`", head.span)
    if head.last is None:
        _for_each(low, head, body)
    else:
        _for_range(low, head, head.last, step, body)


def _for_range(low: Lowering, head: ForHead, last: Expression, step: Step, body: Emit) -> None:
    first = number(low, scalar(low, head.first), head.first.span)
    end = _end(low, last)
    type = UNSIGNED if UNSIGNED in (type_of(first), type_of(end)) else INT
    variable = _variable(low, head, type)
    first = fold.convert(first, variable.type)
    rounds = end.value - first.value if isinstance(first, Const) and isinstance(end, Const) else None
    low.emit(Assign(variable=variable.name, value=first))

    def advance() -> None:
        low.emit(Assign(variable=variable.name, value=fold.arith(Op.ADD, variable, Const(1, variable.type))))

    if rounds == 1:
        with _fixed(low, head.name, first, variable):
            _once(low, body, advance)
        return
    if rounds is not None and isinstance(first, Const) and isinstance(end, Const):
        low.frame.ranges[head.name] = (first.value, end.value)
    start = fold.arith(Op.LT, first, end)
    bound = _bound(low, step) if rounds is None else max(rounds, 0)
    try:
        _repeat(low, start, lambda: fold.arith(Op.LT, variable, _end(low, last)), body, advance, bound, head)
    finally:
        low.frame.ranges.pop(head.name, None)


def _for_each(low: Lowering, head: ForHead, body: Emit) -> None:
    items = evaluate(low, head.first)
    if not isinstance(items, Array | ObjectList):
        message = f"{describe(items)} is no list or array"
        raise low.problems.reject("S223", message, head.first.span, expected="`first .. last`")
    length = len(items.items)
    zero = Const(0, INT)
    item = element(items, zero)
    if isinstance(item, RecordValue):
        expected = "`i in 0 .. len(…)`"
        raise low.problems.reject("S223", "a loop over records needs an index", head.first.span, expected=expected)
    variable = _variable(low, head, type_of(item))
    if length == 1:
        low.emit(Assign(variable=variable.name, value=item))
        with _fixed(low, head.name, item if isinstance(item, Const) else variable, variable):
            _once(low, body, lambda: None)
        return
    index = Var(low.numbered(low.frame.prefix + head.name), INT)
    low.variables[index.name] = INT
    low.emit(Assign(variable=index.name, value=zero))

    def round() -> None:
        current = element(items, index)
        assert isinstance(current, Expr)
        low.emit(Assign(variable=variable.name, value=current))
        body()

    def advance() -> None:
        low.emit(Assign(variable=index.name, value=fold.arith(Op.ADD, index, Const(1, INT))))

    end = Const(length, INT)
    start = fold.arith(Op.LT, zero, end)
    _repeat(low, start, lambda: fold.arith(Op.LT, index, end), round, advance, length, head)


def _repeat(
    low: Lowering, start: Expr, test: LoopTest, body: Emit, advance: Emit, bound: int | None, head: ForHead | WhileHead
) -> None:
    if start == fold.FALSE:
        with low.unreachable():
            _once(low, body, advance)
        return
    id = low.block()
    low.loops += 1
    try:
        with low.conditional() as code:
            _round(low, id, body, advance)
            if not terminates(code):
                again = test()
                if again == fold.FALSE:
                    low.emit(Exit(id=id))
                elif again != fold.TRUE:
                    low.emit(If(condition=fold.negation(again), then=(Exit(id=id),), otherwise=(), site=low.site("")))
    finally:
        low.loops -= 1
    loop = Loop(id=id, body=tuple(code), bound=bound, site=low.site(head_text(low.world, low.frame, head)))
    low.emit(loop if start == fold.TRUE else If(condition=start, then=(loop,), otherwise=(), site=loop.site))


def _once(low: Lowering, body: Emit, advance: Emit) -> None:
    """A loop of exactly one round."""
    id = low.block()
    with low.conditional() as code:
        _round(low, id, body, advance)
    low.emit(*close(id, code))


def _round(low: Lowering, id: int, body: Emit, advance: Emit) -> None:
    next_round = low.block()
    low.frame.loops.append((id, next_round))
    try:
        with low.buffer() as inner:
            body()
    finally:
        low.frame.loops.pop()
    low.emit(*close(next_round, inner))
    if not terminates(low.buffers[-1]):
        advance()


@contextmanager
def _fixed(low: Lowering, name: str, value: Expr, variable: Var) -> Iterator[None]:
    """While it is open the loop variable is what it is in the only round."""
    low.frame.names[name] = Binding(value, variable)
    try:
        yield
    finally:
        low.frame.names[name] = Binding(variable, variable)


def _variable(low: Lowering, head: ForHead, type: Scalar) -> Var:
    """The loop's variable, which other loops may use too. Raises Rejected."""
    storage = local(low, Name(name=head.name, span=head.span), type)
    if not isinstance(storage, Var) or (storage.type != type and "pointer" in (storage.type.kind, type.kind)):
        message = f"the loop variable `{head.name}` is already {describe(storage)}"
        raise low.problems.reject("S223", message, head.span, expected=describe(type))
    return storage


def _end(low: Lowering, last: Expression) -> Expr:
    return number(low, scalar(low, last), last.span)


def _bound(low: Lowering, step: Step) -> int | None:
    """The step's own bound. Raises Rejected."""
    if step.bound is None:
        return None
    rounds = constant(low, step.bound)
    if rounds is None or rounds < 0:
        raise low.problems.reject("S229", "the bound of a loop is a constant number, 0 or more", step.bound.span)
    return rounds
