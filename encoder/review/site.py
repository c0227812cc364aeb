"""A function of the kernel with the steps of one procedure that stand in it."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from encoder.kernel.c import CStatement, walk
from encoder.kernel.placing import PlacedProcedure, PlacedStep, Sight
from encoder.kernel.sources import SourcePlace
from encoder.review.differences import CodeChange
from encoder.spec.syntax import IfHead, Step
from encoder.spec.walk import all_steps, blocks

FEW_LOST = 0.25  # of a function's steps


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where new steps go: `action` at the step `label`; where the step is a test on one line they go into its block,
    which is to be made, with `inside`."""

    action: str
    label: str
    inside: bool = False


class StepSite:
    """The steps of `placed` in the function at `place`, or in a `part` of it."""

    def __init__(self, placed: PlacedProcedure, place: SourcePlace, *, part: bool) -> None:
        self.placed = placed
        self.place = place
        self.part = part
        self.sights: list[tuple[PlacedStep, Sight]] = [
            (each, sight) for each, sight in placed.sights() if sight.place == place
        ]
        self.order = {step.label: number for number, step in enumerate(all_steps(placed.procedure.steps))}

    def lost(self, words: Set[str]) -> tuple[str, ...]:
        """The steps that should stand in the whole function and do not: those that look for one of these words, or all
        where they are so many that the function is not as the base has it."""
        own = [each for each in self.placed.steps if each.places[:1] == (self.place,) and not self.part]
        missing = [each for each in own if each.missing]
        if len(missing) <= FEW_LOST * len(own):
            missing = [each for each in missing if words & _looked_for(each)]
        return tuple(f"`{each.step.label}`" for each in missing)

    def shares_lines(self, labels: Set[str], others: Sequence["StepSite"]) -> bool:
        """Whether all lines of these steps have steps at other sites as well."""
        lines = {id(spot.statement) for other in others for _, sight in other.sights for spot in sight.spots}
        own = [sight for each, sight in self.sights if each.step.label in labels]
        return bool(others) and all(sight.touches(lines) for sight in own)

    def is_other(self, label: str, others: Sequence["StepSite"]) -> bool:
        """Whether the line of a step is another step at another site, or below another: hunks alone do not say which it
        is."""
        lines = {id(sight.spot.statement) for each, sight in self.sights if each.step.label == label}
        there = {
            (each.step.label, other.above(each.step.label))
            for other in others
            for each, sight in other.sights
            if sight.touches(lines)
        }
        return bool(there) and (label, self.above(label)) not in there

    def above(self, label: str) -> str:
        """The label of the step that a step is directly below, "" if there is none."""
        return self.parents[label][0].label if label in self.parents else ""

    @cached_property
    def parents(self) -> dict[str, tuple[Step, int]]:
        """For each label the step that it is directly below, and in which of its blocks."""
        return {
            below.label: (step, number)
            for step in all_steps(self.placed.procedure.steps)
            for number, block in enumerate(blocks(step))
            for below in block
        }

    def step(self, label: str) -> Step:
        return next(step for step in all_steps(self.placed.procedure.steps) if step.label == label)

    def ancestors(self, label: str) -> Iterator[Step]:
        """The steps that a step is below, innermost first."""
        while label in self.parents:
            parent, _ = self.parents[label]
            yield parent
            label = parent.label

    def steps_in(self, statements: Sequence[CStatement]) -> list[PlacedStep]:
        """The steps of which something stands in these statements or below them, in the order of the procedure."""
        inside = {id(each) for each in walk(statements)}
        found = {each.step.label: each for each, sight in self.sights if sight.touches(inside)}
        return sorted(found.values(), key=lambda each: self.order[each.step.label])

    def is_unsure(self, label: str) -> bool:
        """Whether what was found of a step, all of it, could as well be another's."""
        own = [sight.unsure for each, sight in self.sights if each.step.label == label]
        return bool(own) and all(own)

    def is_whole(self, step: PlacedStep, statements: Sequence[CStatement]) -> bool:
        """Whether all that was found of a step, wherever, stands in these statements; values that it is given aside."""
        inside = {id(each) for each in walk(statements)}
        events = [sight for sight in step.sights if sight.needle.kind != "value"] or step.sights
        return all(
            sight.place == self.place and all(id(spot.statement) in inside for spot in sight.spots) for sight in events
        )

    def outermost(self, steps: Sequence[PlacedStep]) -> list[Step]:
        """Those that are below none of the others."""
        labels = {each.step.label for each in steps}
        return [
            each.step for each in steps if not any(above.label in labels for above in self.ancestors(each.step.label))
        ]

    def anchor(self, change: CodeChange) -> Anchor | None:
        """Where what is added goes; None where that cannot be told."""
        before = self._nearest(change.before, -1)
        behind = self._nearest(change.behind, 0)
        if before is None and behind is None:
            return self._in_block(change)
        if before is None or behind is None:
            return self._beside_one(change, before, behind)
        if not self._between(before[1], behind[1]):
            after = before[0] <= behind[0]
        elif 0 in (
            before[0],
            behind[0],
        ):  # steps of another function: before this one is called, or in a call further off
            after = behind[0] > 0
        else:
            return None
        return Anchor("after", before[1].label) if after else Anchor("before", behind[1].label)

    def _beside_one(
        self, change: CodeChange, before: tuple[int, Step] | None, behind: tuple[int, Step] | None
    ) -> Anchor | None:
        """Where there are steps on one side only."""
        if before is not None:
            return Anchor("after", before[1].label)
        assert behind is not None
        return None if behind[0] > 0 and change.inside else Anchor("before", behind[1].label)

    def _nearest(self, statements: Sequence[CStatement], end: int) -> tuple[int, Step] | None:
        """The first of these statements that has a step, as that step, with the number of calls that come first; of
        several steps in it the one at this `end`."""
        calls = 0
        for each in statements:
            if found := self.steps_in((each,)):
                return calls, self._standing_for(each, found, end)
            calls += any(token.text == "(" for inner in walk((each,)) for token in inner.tokens)
        return None

    def _standing_for(self, statement: CStatement, found: Sequence[PlacedStep], end: int) -> Step:
        """The step that a whole statement is: where it is a block whose test has no step, the step that all in it is
        below, if nothing else of that is anywhere."""
        step = self.outermost(found)[end]
        parent = self.parents.get(step.label)
        if statement.then and parent is not None:
            above = next(each for each in self.placed.steps if each.step is parent[0])
            heads = {each.step.label for each, sight in self.sights if sight.spot.statement is statement}
            unseen = isinstance(above.step.statement, IfHead) and not above.sights
            if step.label not in heads and unseen:
                return above.step
        return step

    def _between(self, first: Step, last: Step) -> bool:
        """Whether there are steps between two that are not below the first."""
        one, other = self.order[first.label], self.order[last.label]
        below = {step.label for step in all_steps((first,))}
        above = {step.label for step in self.ancestors(last.label)}
        return any(one < number < other and label not in below | above for label, number in self.order.items())

    def _in_block(self, change: CodeChange) -> Anchor | None:
        """In a block without a step, below a test that is one."""
        for statement, otherwise in reversed(change.inside):
            heads = [each.step for each, sight in self.sights if sight.spot.statement is statement]
            if not heads:
                if statement.kind != "case":
                    return None
                continue
            step = heads[-1]
            block = step.otherwise if otherwise else step.then or step.body
            if block:
                return Anchor("before", block[0].label)
            one_line = isinstance(step.statement, IfHead) and step.statement.statement is not None
            return Anchor("replace", step.label, inside=True) if one_line and not otherwise else None
        return None


def _looked_for(step: PlacedStep) -> set[str]:
    """The words of what was looked for and not found."""
    return {
        token
        for needle in step.missing
        if needle.kind != "jump"
        for row in needle.rows
        for token in row
        if token.isidentifier()
    }
