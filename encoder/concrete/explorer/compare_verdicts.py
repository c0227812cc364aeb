"""The explorer's opinion of what the solver has found: the same questions, asked of every state.

Verdicts of one program are compared together. Refutations under SC are looked for level by level, so that the fewest
steps are compared too; other questions are put to a reduced search, which has fewer states.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

from encoder.base.result import Opinion, Proved, Refuted, Unknown, Vacuous, Verdict
from encoder.concrete.explorer.explore import Exploration, explore_all
from encoder.memory.model import StateMachine
from encoder.program.core import BOOL, Const, Program, Property

FoundVerdict = tuple[Property, Verdict]
TOGETHER = 8
"""All properties together get this fraction of the states that one alone gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """What may be spent on one program: states of each search, seconds for all."""

    states: int
    seconds: float


def compare_verdicts(
    program: Program,
    found: Sequence[FoundVerdict],
    *,
    machine: StateMachine,
    loops: int,
    depth: int | None,
    limits: SearchLimits,
) -> tuple[Opinion, ...]:
    """One opinion for each verdict. `loops` and `depth` are those of the question.

    A refutation is taken to show an interleaving with the fewest steps, not so where stores wait in buffers. Raises
    ValueError when the assumptions admit no start.
    """
    deadline = time.monotonic() + limits.seconds
    explored: dict[str, Exploration] = {}
    for level, part in _searches(found, exact=machine == "interleavings", depth=depth):
        asked = [_situation(prop) if isinstance(verdict, Vacuous) else prop for prop, verdict in part]
        search = partial(
            explore_all, program, loops=loops, depth=level, symmetry=True, machine=machine, reduce=level is None,
            deadline=deadline,
        )  # fmt: skip
        explored |= _together_or_apart(search, asked, limits.states)
    return tuple(
        Opinion(by="explorer", word="gave up", detail="the solver decided nothing")
        if isinstance(verdict, Unknown)
        else _opinion(verdict, explored[prop.name], exact=machine == "interleavings")
        for prop, verdict in found
    )


def _together_or_apart(
    search: Callable[..., tuple[Exploration, ...]], asked: Sequence[Property], states: int
) -> dict[str, Exploration]:
    """What is found of each property: of all at once if that does not take many states, else of one after the other,
    for each of which fewer steps matter."""
    few = states if len(asked) == 1 else states // TOGETHER
    found = {prop.name: result for prop, result in zip(asked, search(props=asked, max_states=few), strict=True)}
    for prop in asked:
        if len(asked) > 1 and found[prop.name].outcome == "gave up":
            (found[prop.name],) = search(props=[prop], max_states=states)
    return found


def _searches(
    found: Sequence[FoundVerdict], *, exact: bool, depth: int | None
) -> Iterator[tuple[int | None, list[FoundVerdict]]]:
    """The searches to make: how deep, and what is asked in each."""
    refuted = {
        prop.name: len(verdict.witness.schedule) for prop, verdict in found if exact and isinstance(verdict, Refuted)
    }
    if refuted:
        yield max(refuted.values()), [each for each in found if each[0].name in refuted]
    rest = [each for each in found if each[0].name not in refuted and not isinstance(each[1], Unknown)]
    if rest:
        yield depth, rest


def _situation(prop: Property) -> Property:
    """A property that breaks where the situation is reached."""
    instances = tuple(replace(instance, violation=Const(1, BOOL)) for instance in prop.instances)
    return replace(prop, instances=instances)


def _opinion(verdict: Proved | Refuted | Vacuous, seen: Exploration, *, exact: bool) -> Opinion:
    if seen.outcome == "gave up":
        return Opinion(by="explorer", word="gave up", detail=f"after {_looked_at(seen)}")
    contrary = _contrary(verdict, seen, exact=exact)
    if contrary is None:
        return Opinion(by="explorer", word="agrees", detail=_looked_at(seen))
    return Opinion(by="explorer", word="disagrees", detail=contrary)


def _contrary(verdict: Proved | Refuted | Vacuous, seen: Exploration, *, exact: bool) -> str | None:
    """What the explorer found that cannot be where the verdict is right, with its own story; None: nothing."""
    match verdict:
        case Refuted(witness=witness):
            steps = len(witness.schedule)
            if seen.outcome == "safe":
                limit = f" of at most {steps} steps" if exact else ""
                return f"no schedule{limit} breaks it; {_looked_at(seen)}"
            if exact and len(seen.schedule) != steps:
                return f"a shortest schedule that breaks it is another, {_story(seen)}"
            return None
        case Proved():
            if seen.outcome == "violated":
                return f"it breaks, {_story(seen)}"
            if not seen.situation:
                return f"its situation is never reached; {_looked_at(seen)}"
            return _unsound(
                seen,
                open_loops=bool(verdict.open_loops + verdict.idle_loops + verdict.searched_loops),
                steps=verdict.steps,
            )
        case Vacuous():
            if seen.outcome == "violated":
                return f"its situation is reached, {_story(seen)}"
            return _unsound(
                seen, open_loops=bool(verdict.idle_loops) if verdict.complete else None, steps=verdict.steps
            )
        case never:
            assert_never(never)


def _unsound(seen: Exploration, *, open_loops: bool | None, steps: int) -> str | None:
    """What a verdict that covers every schedule does not allow: a fault, loops that go on, longer schedules.

    `open_loops`: whether some loop is said to go on beyond its bound; None: nothing is said.
    """
    if seen.fault is not None:
        return f"{seen.fault.message}; {_where(seen.fault.symbols)}; {', '.join(seen.fault.schedule)}"
    if open_loops is not None and open_loops != bool(seen.beyond):
        return f"loops that go on beyond their bound: {', '.join(seen.beyond) or 'none'}; {_looked_at(seen)}"
    if seen.longest is not None and seen.longest > steps:
        return f"some schedule has {seen.longest} steps; {_looked_at(seen)}"
    return None


def _story(seen: Exploration) -> str:
    """`23 steps; others = 3; cpu0: read_pte, cpu1: …`."""
    return f"{len(seen.schedule)} steps; {_where(seen.symbols)}; {', '.join(seen.story) or 'at the start'}"


def _where(symbols: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in symbols) or "no symbols"


def _looked_at(seen: Exploration) -> str:
    """`41353 states, 14 ranges of others`."""
    return ", ".join([f"{seen.states} states", *(f"{many} ranges of {name}" for name, many in seen.ranges)])
