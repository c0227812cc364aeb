"""Mutants of the specs' steps: one left out, a test that is never or always taken, two that change places."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from encoder.mutation.mutant import Mutant, MutantKind
from encoder.spec.model import Edit, Procedure
from encoder.spec.syntax import (
    Assignment,
    Binary,
    Break,
    Call,
    Continue,
    Empty,
    Expression,
    ForHead,
    Goto,
    IfHead,
    Member,
    Name,
    Number,
    Return,
    Step,
    Subscript,
    WhileHead,
)
from encoder.spec.walk import all_steps, blocks, walk

PROBE = "mutant probe"
"""The label, and the local, of a step that only tells that an execution comes by. No name in a spec has a blank."""


@dataclass(frozen=True, slots=True)
class Acts:
    """What is known of a procedure's steps in the program: the labels of steps with an event of their own, and of
    those that write, lock or wait; `fences` are the steps that do nothing but order, whose removal is the fence's;
    `procedures` are the functions whose calls count as events and effects."""

    events: frozenset[str]
    fences: frozenset[str]
    effects: frozenset[str]
    procedures: frozenset[str]

    def has_events(self, step: Step) -> bool:
        return any(inner.label in self.events for inner in all_steps((step,))) or self._calls(step)

    def has_effects(self, step: Step) -> bool:
        """Whether what the step's own statement does would be missed."""
        return step.label in self.effects or self._calls(step.statement)

    def _calls(self, node: object) -> bool:
        return any(isinstance(call, Call) and call.function in self.procedures for call in walk(node))


def of_steps(procedure: Procedure, acts: Acts) -> Iterator[Mutant]:
    """The mutants of a procedure's steps, by step."""
    targets = {each.label for each in walk(procedure.steps) if isinstance(each, Goto)}
    every = (procedure.steps, *(block for step in all_steps(procedure.steps) for block in blocks(step)))
    followers = {first.label: second for block in every for first, second in pairwise(block)}
    for step in all_steps(procedure.steps):
        if isinstance(step.statement, IfHead):
            yield from _tests(procedure, step)
        if _is_worth_deleting(step, acts):
            yield _removed(procedure, step, targets)
        following = followers.get(step.label)
        if following is not None and _may_swap(step, following, acts, targets):
            yield _swap(procedure, step, following)


def _tests(procedure: Procedure, step: Step) -> Iterator[Mutant]:
    """A test that is made and does not count. Always to leave is no mistake that a proof could notice."""
    head = step.statement
    assert isinstance(head, IfHead)
    never = replace(step, statement=replace(head, condition=_with(head.condition, "&&", 0)))
    taken = replace(step, statement=replace(head, statement=None), then=(_probe(step), *_arm(step, head)))
    yield _change(procedure, step, "test never taken", "test", "replace", (never,), probe=taken)
    if not _leaves(step):
        always = replace(step, statement=replace(head, condition=_with(head.condition, "||", 1)))
        missed = replace(step, otherwise=(_probe(step), *step.otherwise))
        yield _change(procedure, step, "test always taken", "test", "replace", (always,), probe=missed)


def _arm(step: Step, head: IfHead) -> tuple[Step, ...]:
    """What an `if` does, as steps below it."""
    if head.statement is None:
        return step.then
    label = f"{step.label}_{PROBE}"
    return (replace(_probe(step), label=label, statement=head.statement, text=step.text),)


def _with(condition: Expression, op: str, value: int) -> Expression:
    return Binary(op=op, left=condition, right=Number(value=value, span=condition.span), span=condition.span)


def _is_worth_deleting(step: Step, acts: Acts) -> bool:
    """Not where a test that is never taken is the same, nor where nothing is done."""
    if step.label in acts.fences or isinstance(step.statement, Empty):
        return False
    return not isinstance(step.statement, IfHead) or acts.has_effects(step)


def _removed(procedure: Procedure, step: Step, targets: set[str]) -> Mutant:
    """Of a step that is gone to the label stays."""
    if step.label not in targets:
        return _change(procedure, step, "step removed", "step", "delete", ())
    nothing = replace(
        step, statement=Empty(span=step.span), text=";", then=(), otherwise=(), body=(), ghost_first=(), ghost_last=()
    )
    return _change(procedure, step, "step removed", "step", "replace", (nothing,))


def _may_swap(first: Step, second: Step, acts: Acts, targets: set[str]) -> bool:
    """Whether both orders make sense and differ."""
    for step in (first, second):
        if step.label in targets or isinstance(step.statement, Return | Break | Continue | Goto | Empty):
            return False
        if isinstance(step.statement, ForHead | WhileHead) or not acts.has_events(step):
            return False
    if not any(acts.has_effects(inner) or inner.label in acts.fences for inner in all_steps((first, second))):
        return False
    assigned = _assigned(first), _assigned(second)
    return not (assigned[0] & (_named(second) | assigned[1]) or assigned[1] & _named(first))


def _assigned(step: Step) -> set[str]:
    """The locals that a step assigns."""
    return {_root(each.target) for each in walk(step) if isinstance(each, Assignment)}


def _root(target: Expression) -> str:
    while isinstance(target, Member | Subscript):
        target = target.base
    return target.name if isinstance(target, Name) else ""


def _named(step: Step) -> set[str]:
    return {each.name for each in walk(step) if isinstance(each, Name)}


def _swap(procedure: Procedure, first: Step, second: Step) -> Mutant:
    edits = (_edit(procedure, first, "before", (second,)), _edit(procedure, second, "delete", ()))
    return Mutant(
        procedure=procedure.name,
        label=first.label,
        step=first.label,
        what=f"swapped with {second.label}",
        kind="swap",
        edits=edits,
        probe=_edit(procedure, first, "before", (_probe(first),)),
    )


def _change(
    procedure: Procedure, step: Step, what: str, kind: MutantKind, action: str, steps: tuple[Step, ...],
    probe: Step | None = None,
) -> Mutant:  # fmt: skip
    probing = ("before", (_probe(step),)) if probe is None else ("replace", (probe,))
    return Mutant(
        procedure=procedure.name,
        label=step.label,
        step=step.label,
        what=what,
        kind=kind,
        edits=(_edit(procedure, step, action, steps),),
        probe=_edit(procedure, step, *probing),
    )


def _edit(procedure: Procedure, step: Step, action: str, steps: tuple[Step, ...]) -> Edit:
    assert action in ("before", "replace", "delete")
    return Edit(
        procedure=procedure.name,
        action=action,  # type: ignore[arg-type]
        anchor=step.label,
        steps=steps,
        span=step.span,
        anchor_span=step.label_span,
    )


def _probe(step: Step) -> Step:
    target = Name(name=PROBE, span=step.span)
    seen = Assignment(target=target, value=Number(value=1, span=step.span), span=step.span)
    return Step(label=PROBE, statement=seen, text="", source=step.source, span=step.span, label_span=step.label_span)


def _leaves(step: Step) -> bool:
    """Whether the step may leave the block it stands in."""
    return any(isinstance(each, Return | Break | Continue | Goto) for each in walk(step))
