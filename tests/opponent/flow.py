"""A thread as a control flow graph without circles: loops are unrolled, every way leads to the end or beyond a bound.

The arms of an `if` meet at the first place outside of them that every way to the end comes to: its immediate
post-dominator. Ways beyond a bound do not count, as there is nothing behind them; where all ways lead there, they
meet on the way. Before they meet, an arm counts where every way has taken it (it dominates): an arm in an arm that
leaves a block decides what follows in the block too, on some ways only, and that is left out. So more is allowed than
the text would justify, and less proved; herd7 has no such code.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    EventStatement,
    Exit,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    Thread,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where a thread can stand: before a `statement`, or at its end (None), or `stopped` beyond a bound.

    `next` follows it; an `if` has one place for each arm: `next` where its condition holds, `other` where not. `meets`
    is the immediate post-dominator. Numbers grow from the end to the start.
    """

    number: int
    statement: EventStatement | Assign | If | None = None
    next: "Place | None" = None
    other: "Place | None" = None
    meets: "Place | None" = None
    stopped: Site | None = None
    lost: bool = False
    """No way leads to the thread's end."""


def flow(thread: Thread, rounds: int) -> Place:
    """The place where the thread begins; `rounds` are those of loops without a bound of their own."""
    made = _Flow(rounds)
    return made.body(thread.body, made.place(), {})


class _Flow:
    """Makes places, from the end to the start."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.made = 0

    def place(self, **parts: object) -> Place:
        self.made += 1
        return Place(number=self.made, **parts)

    def body(self, statements: Sequence[Statement], end: Place, exits: Mapping[int, Place]) -> Place:
        for statement in reversed(statements):
            end = self.statement(statement, end, exits)
        return end

    def statement(self, statement: Statement, end: Place, exits: Mapping[int, Place]) -> Place:
        match statement:
            case Exit(id=ident):
                return exits[ident]
            case Block(id=ident, body=body):
                return self.body(body, end, {**exits, ident: end})
            case Loop():
                return self.loop(statement, end, {**exits, statement.id: end})
            case If():
                return self.branch(statement, end, exits)
            case Assign() | Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Grace() | Region() | Flush():
                return self.place(statement=statement, next=end, meets=end, lost=end.lost)
            case never:
                assert_never(never)

    def loop(self, loop: Loop, end: Place, exits: Mapping[int, Place]) -> Place:
        start = self.body(loop.tests, self.place(stopped=loop.site, lost=True), exits)
        for _ in range(self.rounds if loop.bound is None else loop.bound):
            start = self.body(loop.body, start, exits)
        return start

    def branch(self, branch: If, end: Place, exits: Mapping[int, Place]) -> Place:
        outside = self.made
        arms = [self.body(arm, end, exits) for arm in (branch.then, branch.otherwise)]
        counted = [arm for arm in arms if not arm.lost] or arms
        meets = met(counted[0], counted[-1])
        while meets is not None and meets.number > outside:
            meets = meets.meets
        return self.place(
            statement=branch, next=arms[0], other=arms[1], meets=meets, lost=all(arm.lost for arm in arms)
        )


def met(one: Place | None, other: Place | None) -> Place | None:
    """The first place that every way from both comes to."""
    while one is not None and other is not None and one is not other:
        if one.number > other.number:
            one = one.meets
        else:
            other = other.meets
    return one if other is not None else None


Sides = frozenset[tuple[Place, Place]]
"""An `if` and the place that one of its arms begins with, which is not that of the other."""


def taken(start: Place) -> dict[Place, Sides]:
    """For every place the arms that all ways there have taken."""
    found: dict[Place, Sides] = {start: frozenset()}
    for place in sorted(places(start), key=lambda each: -each.number):
        for to in (place.next, place.other):
            if to is not None:
                sides = found[place]
                if place.other is not None and place.next is not place.other:
                    sides |= {(place, to)}
                found[to] = found[to] & sides if to in found else sides
    return found


def places(start: Place) -> Iterator[Place]:
    """All places, each once."""
    seen: set[Place] = set()
    todo: list[Place | None] = [start]
    while todo:
        place = todo.pop()
        if place is not None and place not in seen:
            seen.add(place)
            yield place
            todo += [place.next, place.other]
