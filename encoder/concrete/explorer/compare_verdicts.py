"""Compares verdicts of the solver with explicit-state search: the same questions, asked of every reachable state.

Verdicts of one program are compared together. Under SC, refuted properties are searched level by level, so that the
length of the shortest counterexample is compared too; all other properties are put to a search with partial-order
reduction, which has fewer states.
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

PropertyVerdict = tuple[Property, Verdict]
SHARED_FRACTION = 8
"""A search for several properties together may visit this fraction (1/8) of the states that a search for one may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """Limits for one program: states of each search, and seconds for all searches."""

    states: int
    seconds: float


def compare_verdicts(
    program: Program,
    found: Sequence[PropertyVerdict],
    *,
    machine: StateMachine,
    loops: int,
    depth: int | None,
    limits: SearchLimits,
) -> tuple[Opinion, ...]:
    """One opinion for each verdict. `loops` and `depth` are those of the question.

    With `machine` "interleavings" a refutation is taken to show a shortest counterexample; not so with "store buffers".
    Raises ValueError when no initial state satisfies the assumptions.
    """
    deadline = time.monotonic() + limits.seconds
    explored: dict[str, Exploration] = {}
    for level, part in _searches(found, exact=machine == "interleavings", depth=depth):
        asked = [_reaches_situation(prop) if isinstance(verdict, Vacuous) else prop for prop, verdict in part]
        search = partial(
            explore_all, program, loops=loops, depth=level, symmetry=True, machine=machine, reduce=level is None,
            deadline=deadline,
        )  # fmt: skip
        explored |= _explore_together_or_apart(search, asked, limits.states)
    return tuple(
        Opinion(by="explorer", word="gave up", detail="the solver decided nothing")
        if isinstance(verdict, Unknown)
        else _opinion(verdict, explored[prop.name], exact=machine == "interleavings")
        for prop, verdict in found
    )


def _explore_together_or_apart(
    search: Callable[..., tuple[Exploration, ...]], asked: Sequence[Property], states: int
) -> dict[str, Exploration]:
    """The result for each property: from one search for all if that does not take many states, else from a search for
    each, which needs fewer states."""
    few = states if len(asked) == 1 else states // SHARED_FRACTION
    found = {prop.name: result for prop, result in zip(asked, search(props=asked, max_states=few), strict=True)}
    for prop in asked:
        if len(asked) > 1 and found[prop.name].outcome == "gave up":
            (found[prop.name],) = search(props=[prop], max_states=states)
    return found


def _searches(
    found: Sequence[PropertyVerdict], *, exact: bool, depth: int | None
) -> Iterator[tuple[int | None, list[PropertyVerdict]]]:
    """The searches to make, each as the depth (None: unlimited) and the verdicts that it is to compare."""
    refuted = {
        prop.name: len(verdict.witness.schedule) for prop, verdict in found if exact and isinstance(verdict, Refuted)
    }
    if refuted:
        yield max(refuted.values()), [each for each in found if each[0].name in refuted]
    rest = [each for each in found if each[0].name not in refuted and not isinstance(each[1], Unknown)]
    if rest:
        yield depth, rest


def _reaches_situation(prop: Property) -> Property:
    """A property that is broken where the situation of `prop` is reached."""
    instances = tuple(replace(instance, violation=Const(1, BOOL)) for instance in prop.instances)
    return replace(prop, instances=instances)


def _opinion(verdict: Proved | Refuted | Vacuous, seen: Exploration, *, exact: bool) -> Opinion:
    if seen.outcome == "gave up":
        return Opinion(by="explorer", word="gave up", detail=f"after {_size(seen)}")
    contrary = _contradiction(verdict, seen, exact=exact)
    if contrary is None:
        return Opinion(by="explorer", word="agrees", detail=_size(seen))
    return Opinion(by="explorer", word="disagrees", detail=contrary)


def _contradiction(verdict: Proved | Refuted | Vacuous, seen: Exploration, *, exact: bool) -> str | None:
    """What the explorer found that contradicts the verdict, with the explorer's own counterexample; None if nothing
    does."""
    match verdict:
        case Refuted(witness=witness):
            steps = len(witness.schedule)
            if seen.outcome == "safe":
                limit = f" of at most {steps} steps" if exact else ""
                return f"no schedule{limit} breaks it; {_size(seen)}"
            if exact and len(seen.schedule) != steps:
                return f"a shortest schedule that breaks it is another, {_described(seen)}"
            return None
        case Proved():
            if seen.outcome == "violated":
                return f"it breaks, {_described(seen)}"
            if not seen.situation:
                return f"its situation is never reached; {_size(seen)}"
            return _coverage_contradiction(
                seen,
                open_loops=bool(verdict.open_loops + verdict.idle_loops + verdict.searched_loops),
                steps=verdict.steps,
            )
        case Vacuous():
            if seen.outcome == "violated":
                return f"its situation is reached, {_described(seen)}"
            return _coverage_contradiction(
                seen, open_loops=bool(verdict.idle_loops) if verdict.complete else None, steps=verdict.steps
            )
        case never:
            assert_never(never)


def _coverage_contradiction(seen: Exploration, *, open_loops: bool | None, steps: int) -> str | None:
    """What contradicts a verdict that covers every schedule: a fault, loops that go on beyond their bound, longer
    schedules.

    `open_loops`: whether the verdict says that some loop goes on beyond its bound; None: it does not say.
    """
    if seen.fault is not None:
        return f"{seen.fault.message}; {_symbol_values(seen.fault.symbols)}; {', '.join(seen.fault.schedule)}"
    if open_loops is not None and open_loops != bool(seen.beyond):
        return f"loops that go on beyond their bound: {', '.join(seen.beyond) or 'none'}; {_size(seen)}"
    if seen.longest is not None and seen.longest > steps:
        return f"some schedule has {seen.longest} steps; {_size(seen)}"
    return None


def _described(seen: Exploration) -> str:
    """`23 steps; others = 3; cpu0: read_pte, cpu1: …`."""
    return f"{len(seen.schedule)} steps; {_symbol_values(seen.symbols)}; {', '.join(seen.story) or 'at the start'}"


def _symbol_values(symbols: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in symbols) or "no symbols"


def _size(seen: Exploration) -> str:
    """The size of the search, as `41353 states, 14 ranges of others`."""
    return ", ".join([f"{seen.states} states", *(f"{many} ranges of {name}" for name, many in seen.ranges)])
