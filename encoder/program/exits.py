"""Statements that leave a block: return, break, continue and goto."""

from encoder.program.assignment import assign_ghost, reject_lossy_bool
from encoder.program.coerce import coerce
from encoder.program.core import Const, Exit, Expr, Scalar
from encoder.program.evaluate import evaluate
from encoder.program.lowering import Lowering
from encoder.program.values import RecordValue, describe, value_type
from encoder.spec.syntax import Break, Continue, Expression, Goto, Return
from encoder.spec.walk import all_steps


def lower_exit(low: Lowering, id: int) -> None:
    """Leave the block; the ghosts of the steps that this ends are assigned first."""
    frame = low.frame
    for ghosts in reversed(frame.pending_ghosts[frame.exits[id] :]):
        for ghost in ghosts:
            assign_ghost(low, ghost)
    low.emit(Exit(id=id))


def lower_return(low: Lowering, statement: Return) -> None:
    """`return`, with a value where the procedure has one. Raises Rejected."""
    frame = low.frame
    if statement.value is not None:
        _keep_result(low, statement.value)
    elif frame.returns is not None:
        raise low.problems.reject("S225", "a value is missing", statement.span, expected=describe(frame.returns))
    lower_exit(low, frame.block)


def _keep_result(low: Lowering, expression: Expression) -> None:
    """Keep the value that the call returns."""
    frame = low.frame
    value = evaluate(low, expression)
    if not isinstance(value, Expr | RecordValue):
        raise low.problems.reject("S223", f"{describe(value)} cannot be returned", expression.span)
    if frame.returns is None and frame.macro:
        frame.returns = value_type(value)
    if frame.returns is None:
        expected = "`returns: TYPE` in the procedure" if frame.procedure else ""
        raise low.problems.reject("S225", "no value can be returned here", expression.span, expected=expected)
    if frame.macro and frame.returns == Scalar(kind="bool") and isinstance(value, Expr):
        reject_lossy_bool(low, value, expression.span)
    fitting = coerce(low, value, frame.returns, expression.span)
    if low.unreachable_depth > frame.unreachable_depth:
        return
    stays = isinstance(fitting, Const) or not (frame.by_reference or any(frame.pending_ghosts))
    if frame.depth == 0 and frame.result is None and stays:
        frame.direct_result = fitting
        return
    if frame.result is None:
        frame.result = low.variable(f"{frame.prefix}return", frame.returns)
    low.assign(frame.result, fitting)


def lower_break(low: Lowering, statement: Break) -> None:
    """`break`. Raises Rejected."""
    if not low.frame.loops:
        raise low.problems.reject("S226", "`break` outside of a loop", statement.span)
    lower_exit(low, low.frame.loops[-1][0])


def lower_continue(low: Lowering, statement: Continue) -> None:
    """`continue`. Raises Rejected."""
    if not low.frame.loops:
        raise low.problems.reject("S226", "`continue` outside of a loop", statement.span)
    lower_exit(low, low.frame.loops[-1][1])


def lower_goto(low: Lowering, statement: Goto) -> None:
    """`goto` to a later step of this block or of one around it. Raises Rejected."""
    frame = low.frame
    if statement.label in frame.gotos:
        lower_exit(low, frame.gotos[statement.label])
        return
    labels = {step.label: step.label_span for step in all_steps(frame.steps)}
    if statement.label not in labels or frame.macro:
        message = f"there is no step `{statement.label}` here"
        raise low.problems.reject("S226", message, statement.span, word=statement.label, known=labels)
    raise low.problems.reject(
        "S226",
        f"`goto {statement.label}` leads back or into a block",
        statement.span,
        expected="a later step of the same block or of one around it",
        related=((f"`{statement.label}` is here", labels[statement.label]),),
    )
