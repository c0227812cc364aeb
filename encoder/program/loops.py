"""Loops: `while`, and `for` over numbers, lists and arrays.

A loop is tested before its first iteration and at the end of each, so that a bound equal to the number of iterations,
where that is known, suffices.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from encoder.base.source import Span
from encoder.program import fold
from encoder.program.assignment import local_variable
from encoder.program.coerce import require_number
from encoder.program.core import INT, UNSIGNED, Assign, Const, Exit, Expr, If, Loop, Op, Scalar, Var
from encoder.program.evaluate import evaluate, evaluate_constant, evaluate_scalar, evaluate_truth
from encoder.program.frame import Binding, count_assignments
from encoder.program.index import element_at
from encoder.program.lowering import Lowering
from encoder.program.naming import head_text
from encoder.program.simplify import close_block, terminates
from encoder.program.values import Array, ObjectList, RecordValue, describe, type_of
from encoder.spec.syntax import Expression, ForHead, Name, Step, WhileHead

MOST_ITERATIONS = 1000
"""Of a loop whose number is known: each is unrolled, with events of its own."""
Emit = Callable[[], None]
LoopTest = Callable[[], Expr]


def lower_while(low: Lowering, head: WhileHead, step: Step, body: Emit) -> None:
    """`while (condition)`. Raises Rejected."""

    def test() -> Expr:
        return evaluate_truth(low, head.condition)

    _lower_repeat(low, test(), test, body, lambda: None, _loop_bound(low, step), head)


def lower_for(low: Lowering, head: ForHead, step: Step, body: Emit) -> None:
    """`for name in first .. last`, or in a list or array. Raises Rejected."""
    if count_assignments(step.body)[head.name]:
        raise low.problems.reject("S227", f"the loop changes its own variable `{head.name}`", head.span)
    if head.last is None:
        _lower_for_each(low, head, body)
    else:
        _lower_for_range(low, head, head.last, step, body)


def _lower_for_range(low: Lowering, head: ForHead, last: Expression, step: Step, body: Emit) -> None:
    first = require_number(low, evaluate_scalar(low, head.first), head.first.span)
    end = _evaluate_end(low, last)
    type = UNSIGNED if UNSIGNED in (type_of(first), type_of(end)) else INT
    variable = _loop_variable(low, head, type)
    first = fold.convert(first, variable.type)
    iterations = end.value - first.value if isinstance(first, Const) and isinstance(end, Const) else None
    _check_iterations(low, iterations, last.span)
    low.emit(Assign(variable=variable.name, value=first))

    def advance() -> None:
        low.emit(Assign(variable=variable.name, value=fold.arith(Op.ADD, variable, Const(1, variable.type))))

    if iterations == 1:
        with _loop_variable_fixed(low, head.name, first, variable):
            _lower_single_iteration(low, body, advance)
        return
    if iterations is not None and isinstance(first, Const) and isinstance(end, Const):
        low.frame.ranges[head.name] = (first.value, end.value)
    start = fold.arith(Op.LT, first, end)
    bound = _loop_bound(low, step) if iterations is None else max(iterations, 0)
    try:
        _lower_repeat(
            low, start, lambda: fold.arith(Op.LT, variable, _evaluate_end(low, last)), body, advance, bound, head
        )
    finally:
        low.frame.ranges.pop(head.name, None)


def _lower_for_each(low: Lowering, head: ForHead, body: Emit) -> None:
    items = evaluate(low, head.first)
    if not isinstance(items, Array | ObjectList):
        message = f"{describe(items)} is no list or array"
        raise low.problems.reject("S223", message, head.first.span, expected="`first .. last`")
    length = len(items.items)
    zero = Const(0, INT)
    item = element_at(items, zero)
    if isinstance(item, RecordValue):
        expected = "`i in 0 .. len(…)`"
        raise low.problems.reject("S223", "a loop over records needs an index", head.first.span, expected=expected)
    variable = _loop_variable(low, head, type_of(item))
    if length == 1:
        low.emit(Assign(variable=variable.name, value=item))
        with _loop_variable_fixed(low, head.name, item if isinstance(item, Const) else variable, variable):
            _lower_single_iteration(low, body, lambda: None)
        return
    index = Var(low.fresh_name(low.frame.prefix + head.name), INT)
    low.variables[index.name] = INT
    low.emit(Assign(variable=index.name, value=zero))

    def iteration() -> None:
        current = element_at(items, index)
        assert isinstance(current, Expr)
        low.emit(Assign(variable=variable.name, value=current))
        body()

    def advance() -> None:
        low.emit(Assign(variable=index.name, value=fold.arith(Op.ADD, index, Const(1, INT))))

    end = Const(length, INT)
    start = fold.arith(Op.LT, zero, end)
    _lower_repeat(low, start, lambda: fold.arith(Op.LT, index, end), iteration, advance, length, head)


def _lower_repeat(
    low: Lowering, start: Expr, test: LoopTest, body: Emit, advance: Emit, bound: int | None, head: ForHead | WhileHead
) -> None:
    if start == fold.FALSE:
        with low.unreachable():
            _lower_single_iteration(low, body, advance)
        return
    id = low.block()
    low.loops += 1
    try:
        with low.conditional() as code:
            _lower_iteration(low, id, body, advance)
            if not terminates(code):
                again = test()
                if again == fold.FALSE:
                    low.emit(Exit(id=id))
                elif again != fold.TRUE:
                    low.emit(If(condition=fold.negation(again), then=(Exit(id=id),), otherwise=(), site=low.site("")))
    finally:
        low.loops -= 1
    loop = Loop(id=id, body=tuple(code), bound=bound, site=low.site(head_text(low.table, low.frame, head)))
    low.emit(loop if start == fold.TRUE else If(condition=start, then=(loop,), otherwise=(), site=loop.site))


def _lower_single_iteration(low: Lowering, body: Emit, advance: Emit) -> None:
    """A loop of exactly one iteration."""
    id = low.block()
    with low.conditional() as code:
        _lower_iteration(low, id, body, advance)
    low.emit(*close_block(id, code))


def _lower_iteration(low: Lowering, id: int, body: Emit, advance: Emit) -> None:
    next_iteration = low.block()
    low.frame.loops.append((id, next_iteration))
    try:
        with low.buffer() as inner:
            body()
    finally:
        low.frame.loops.pop()
    low.emit(*close_block(next_iteration, inner))
    if not terminates(low.buffers[-1]):
        advance()


@contextmanager
def _loop_variable_fixed(low: Lowering, name: str, value: Expr, variable: Var) -> Iterator[None]:
    """In this context the loop variable has its value in the only iteration."""
    low.frame.names[name] = Binding(value, variable)
    try:
        yield
    finally:
        low.frame.names[name] = Binding(variable, variable)


def _loop_variable(low: Lowering, head: ForHead, type: Scalar) -> Var:
    """The loop's variable, which other loops may use too. Raises Rejected."""
    storage = local_variable(low, Name(name=head.name, span=head.span), type)
    if not isinstance(storage, Var) or (storage.type != type and "pointer" in (storage.type.kind, type.kind)):
        message = f"the loop variable `{head.name}` is already {describe(storage)}"
        raise low.problems.reject("S223", message, head.span, expected=describe(type))
    return storage


def _evaluate_end(low: Lowering, last: Expression) -> Expr:
    return require_number(low, evaluate_scalar(low, last), last.span)


def _loop_bound(low: Lowering, step: Step) -> int | None:
    """The loop's own bound, None if it has none. Raises Rejected."""
    if step.bound is None:
        return None
    iterations = evaluate_constant(low, step.bound)
    if iterations is None or iterations < 0:
        raise low.problems.reject("S229", "the bound of a loop is a constant number, 0 or more", step.bound.span)
    _check_iterations(low, iterations, step.bound.span)
    return iterations


def _check_iterations(low: Lowering, iterations: int | None, span: Span) -> None:
    """Raises Rejected for too many."""
    if iterations is not None and iterations > MOST_ITERATIONS:
        message = f"a loop of {iterations} iterations cannot be unrolled"
        raise low.problems.reject("S229", message, span, expected=f"at most {MOST_ITERATIONS}")
