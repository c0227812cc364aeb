"""Mutants of the specs' steps: a step removed, a test never or always taken, two steps swapped."""

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
"""The label, and the local variable, of a step that only records that an execution reaches it. No name in a spec
contains a blank."""


@dataclass(frozen=True, slots=True)
class StepEffects:
    """What a procedure's steps do in the program: in `events` the labels of the steps with an event of their own, in
    `effects` those of the steps that write, lock or wait. `fences` are the steps that only fence, whose removal is a
    mutant of the fence; `procedures` are the functions whose calls count as events and effects."""

    events: frozenset[str]
    fences: frozenset[str]
    effects: frozenset[str]
    procedures: frozenset[str]

    def has_events(self, step: Step) -> bool:
        return any(inner.label in self.events for inner in all_steps((step,))) or self._calls(step)

    def has_effects(self, step: Step) -> bool:
        """Whether the step's own statement writes, locks, waits or calls a procedure."""
        return step.label in self.effects or self._calls(step.statement)

    def _calls(self, node: object) -> bool:
        return any(isinstance(call, Call) and call.function in self.procedures for call in walk(node))


def step_mutants(procedure: Procedure, effects_of: StepEffects) -> Iterator[Mutant]:
    """The mutants of a procedure's steps, by step."""
    targets = {each.label for each in walk(procedure.steps) if isinstance(each, Goto)}
    every = (procedure.steps, *(block for step in all_steps(procedure.steps) for block in blocks(step)))
    followers = {first.label: second for block in every for first, second in pairwise(block)}
    for step in all_steps(procedure.steps):
        if isinstance(step.statement, IfHead):
            yield from _test_mutants(procedure, step)
        if _is_worth_deleting(step, effects_of):
            yield _removal(procedure, step, targets)
        following = followers.get(step.label)
        if following is not None and _may_swap(step, following, effects_of, targets):
            yield _swap(procedure, step, following)


def _test_mutants(procedure: Procedure, step: Step) -> Iterator[Mutant]:
    """A test that is evaluated and then ignored. A test that leaves its block is not made always true: always leaving
    is no mistake that a proof could notice."""
    head = step.statement
    assert isinstance(head, IfHead)
    never = replace(step, statement=replace(head, condition=_with_operand(head.condition, "&&", 0)))
    taken = replace(step, statement=replace(head, statement=None), then=(_probe(step), *_arm_steps(step, head)))
    yield _mutant_of(procedure, step, "test never taken", "test", "replace", (never,), probes=(taken,))
    if not _may_leave_block(step):
        always = replace(step, statement=replace(head, condition=_with_operand(head.condition, "||", 1)))
        missed = replace(step, otherwise=(_probe(step), *step.otherwise))
        yield _mutant_of(procedure, step, "test always taken", "test", "replace", (always,), probes=(missed,))


def _arm_steps(step: Step, head: IfHead) -> tuple[Step, ...]:
    """The statements of an `if` as steps below it."""
    if head.statement is None:
        return step.then
    return (replace(_probe(step), label=_probed(step), statement=head.statement, text=step.text),)


def _probed(step: Step) -> str:
    """The label of what a step becomes where its own label is at its probe."""
    return f"{step.label}_{PROBE}"


def _with_operand(condition: Expression, op: str, value: int) -> Expression:
    return Binary(op=op, left=condition, right=Number(value=value, span=condition.span), span=condition.span)


def _is_worth_deleting(step: Step, effects_of: StepEffects) -> bool:
    """Whether removing the step is a mutant of its own: neither the same as a test never taken, nor without effect."""
    if step.label in effects_of.fences or isinstance(step.statement, Empty):
        return False
    return not isinstance(step.statement, IfHead) or effects_of.has_effects(step)


def _removal(procedure: Procedure, step: Step, targets: set[str]) -> Mutant:
    """The mutant without the step; the label of a step that is a goto's target stays, before the probe too."""
    if step.label not in targets:
        return _mutant_of(procedure, step, "step removed", "step", "delete", ())
    nothing = replace(
        step, statement=Empty(span=step.span), text=";", then=(), otherwise=(), body=(), ghost_first=(), ghost_last=()
    )
    reached = (nothing, _probe(step), replace(step, label=_probed(step)))
    return _mutant_of(procedure, step, "step removed", "step", "replace", (nothing,), probes=reached)


def _may_swap(first: Step, second: Step, effects_of: StepEffects, targets: set[str]) -> bool:
    """Whether both orders of the steps make sense and differ."""
    for step in (first, second):
        if step.label in targets or isinstance(step.statement, Return | Break | Continue | Goto | Empty):
            return False
        if isinstance(step.statement, ForHead | WhileHead) or not effects_of.has_events(step):
            return False
    if not any(
        effects_of.has_effects(inner) or inner.label in effects_of.fences for inner in all_steps((first, second))
    ):
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


def _mutant_of(
    procedure: Procedure, step: Step, what: str, kind: MutantKind, action: str, steps: tuple[Step, ...],
    probes: tuple[Step, ...] = (),
) -> Mutant:  # fmt: skip
    """The mutant by this edit of a step; `probes` stand in place of the step in the program that records whether an
    execution reaches what the mutant changes, none: a probe before the step."""
    probing = ("replace", probes) if probes else ("before", (_probe(step),))
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


def _may_leave_block(step: Step) -> bool:
    """Whether the step may leave its block."""
    return any(isinstance(each, Return | Break | Continue | Goto) for each in walk(step))
