"""Lowers steps to statements: sequences with forward gotos, branches, and the ghosts of a step."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from encoder.program import fold
from encoder.program.assignment import assign, assign_ghost
from encoder.program.core import Assign, Code, Const, If
from encoder.program.evaluate import evaluate, evaluate_truth
from encoder.program.exits import lower_break, lower_continue, lower_goto, lower_return
from encoder.program.frame import goto_labels, root_name
from encoder.program.ghosts import insert_after_first_event, is_read_after
from encoder.program.loops import lower_for, lower_while
from encoder.program.lowering import Lowering, Visit
from encoder.program.problems import Rejected
from encoder.program.simplify import close_block, terminates, with_step_site
from encoder.spec.syntax import (
    Assertion,
    Assignment,
    Break,
    Call,
    Continue,
    Empty,
    Evaluate,
    ForHead,
    Goto,
    IfHead,
    Return,
    Simple,
    Step,
    WhileHead,
)


def lower_steps(low: Lowering, steps: tuple[Step, ...]) -> None:
    """Lower steps in sequence; a step that is a goto's target follows a block that the goto leaves."""
    first = next(
        (i for i, step in enumerate(steps) if goto_labels(step) & {later.label for later in steps[i + 1 :]}), None
    )
    if first is None:
        _lower_sequence(low, steps)
        return
    _lower_sequence(low, steps[:first])
    if terminates(low.buffers[-1]):
        with low.unreachable():
            _lower_with_gotos(low, steps[first:])
    else:
        _lower_with_gotos(low, steps[first:])


def _lower_with_gotos(low: Lowering, steps: tuple[Step, ...]) -> None:
    """Steps of which the first goes to a later one."""
    targets = [i for i in range(1, len(steps)) if any(steps[i].label in goto_labels(step) for step in steps[:i])]
    last = targets[-1]
    label = steps[last].label
    id = low.block()
    low.frame.gotos[label] = id
    with low.conditional() as body:
        if len(targets) > 1:
            _lower_with_gotos(low, steps[:last])
        else:
            _lower_sequence(low, steps[:last])
    del low.frame.gotos[label]
    low.emit(*close_block(id, body))
    _lower_sequence(low, steps[last:])


def _lower_sequence(low: Lowering, steps: tuple[Step, ...]) -> None:
    for position, step in enumerate(steps):
        if terminates(low.buffers[-1]):
            with low.unreachable():
                _lower_sequence(low, steps[position:])
            return
        lower_step(low, step)


def lower_step(low: Lowering, step: Step) -> None:
    """Lower one step with all below it. Mistakes are noted, and uses of its variables are not reported again."""
    with _current_step(low, step):
        try:
            with low.buffer() as first:
                for ghost in step.ghost_first:
                    assign_ghost(low, ghost)
            with low.buffer() as code:
                _lower_statement(low, step)
                if not terminates(code):
                    for ghost in step.ghost_last:
                        assign_ghost(low, ghost)
            whole = _with_ghosts(low, step, tuple(code), tuple(first))
            edited = step.span in low.table.edited_steps and not low.frame.macro
            low.emit(*(with_step_site(whole, low.site("")) if edited else whole))
        except Rejected:
            low.frame.broken_names.update(_assigned_names(step))


@contextmanager
def _current_step(low: Lowering, step: Step) -> Iterator[None]:
    frame = low.frame
    outer = frame.step
    if not frame.macro:
        frame.step = step
        if step.span in low.table.edited_steps:
            low.visits.append(Visit(step.span, (*frame.path, step.label), low.unreachable_depth > 0))
    frame.pending_ghosts.append(step.ghost_last)
    try:
        yield
    finally:
        frame.pending_ghosts.pop()
        frame.step = outer


def _assigned_names(step: Step) -> set[str]:
    """The locals that the step itself would have assigned."""
    match step.statement:
        case Assignment(target=target) | IfHead(statement=Assignment(target=target)):
            return {root_name(target)} - {""}
        case ForHead(name=name):
            return {name}
        case _:
            return set()


def _with_ghosts(low: Lowering, step: Step, code: Code, ghosts: Code) -> Code:
    if not ghosts:
        return code
    found = insert_after_first_event(code, ghosts)
    if found is None and not low.unreachable_depth:
        span = step.ghost_first[0].span
        raise low.problems.reject("S228", "the first event of this step does not always happen", span)
    if found is not None:
        changed = {ghost.variable for ghost in ghosts if isinstance(ghost, Assign)}
        if is_read_after(found, ghosts, changed):
            span = step.ghost_first[0].span
            raise low.problems.reject(
                "S228", "after its first event this step reads what its `ghost_first` assigns", span
            )
    return found or code


def _lower_statement(low: Lowering, step: Step) -> None:
    match step.statement:
        case IfHead():
            _lower_if(low, step.statement, step)
        case WhileHead():
            lower_while(low, step.statement, step, lambda: lower_steps(low, step.body))
        case ForHead():
            lower_for(low, step.statement, step, lambda: lower_steps(low, step.body))
        case _:
            _lower_simple(low, step.statement)


def _lower_if(low: Lowering, head: IfHead, step: Step) -> None:
    condition = evaluate_truth(low, head.condition)

    def then() -> None:
        if head.statement is not None:
            _lower_simple(low, head.statement)
        lower_steps(low, step.then)

    def otherwise() -> None:
        lower_steps(low, step.otherwise)

    if isinstance(condition, Const):
        for lower, live in ((then, condition.value), (otherwise, not condition.value)):
            with nullcontext() if live else low.unreachable():
                lower()
        return
    arms = [_lower_arm(low, then), _lower_arm(low, otherwise)]
    if arms[0] or arms[1]:
        low.emit(If(condition=condition, then=arms[0], otherwise=arms[1], site=low.site("")))


def _lower_arm(low: Lowering, lower: Callable[[], None]) -> Code:
    with low.conditional() as code:
        lower()
    return tuple(code)


def _lower_simple(low: Lowering, statement: Simple) -> None:
    match statement:
        case Assignment():
            assign(low, statement)
        case Evaluate(value=Call() as call) if call.function != "len":
            low.call(call)
        case Evaluate():
            evaluate(low, statement.value)
        case Return():
            lower_return(low, statement)
        case Break():
            lower_break(low, statement)
        case Continue():
            lower_continue(low, statement)
        case Goto():
            lower_goto(low, statement)
        case Assertion():
            low.reading_ghosts = True
            try:
                holds = evaluate_truth(low, statement.condition)
            finally:
                low.reading_ghosts = False
            low.check(fold.truth(holds), f"assert({low.text(statement.condition)})")
        case Empty():
            pass
