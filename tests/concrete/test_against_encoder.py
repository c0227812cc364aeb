"""Random tiny programs: which ends a model allows, by the encoder and by brute force over the axioms."""

import random
import time
from dataclasses import replace

import pytest

from encoder.concrete.state import State
from encoder.memory import MODELS
from encoder.memory.relation import MemoryModel
from encoder.program.core import Ended, Expr, Final, Program
from encoder.smt.prefix import prefixes
from encoder.smt.solver import Session
from tests.concrete.build import both, equal, negate, never, of
from tests.concrete.enumerate import Candidate, allowed, executions
from tests.concrete.random_weak import REGISTERS, Weak
from tests.memory.weak import unrolled

MOST = 3000  # executions of one program
End = tuple[tuple[int, ...], tuple[tuple[tuple[int, ...], bool], ...]]


def end(program: Program, state: State) -> End:
    """What a property can tell of a state: last values, registers, who has ended."""
    memory = (word[0] for cell, word in zip(program.cells, state.memory, strict=True) if not cell.lock)
    return tuple(memory), tuple((local.values, local.ended) for local in state.locals)


def condition(program: Program, what: End) -> Expr:
    memory, threads = what
    cells = [cell for cell in program.cells if not cell.lock]
    parts: list[Expr] = [equal(Final(cell.name, ""), value) for cell, value in zip(cells, memory, strict=True)]
    for thread, (values, ended) in zip(program.threads, threads, strict=True):
        parts += [equal(of(thread.name, name), value) for name, value in zip(REGISTERS, values, strict=True)]
        parts.append(Ended(thread.name) if ended else negate(Ended(thread.name)))
    return both(*parts)


def encoded(program: Program, model: MemoryModel, what: End) -> bool:
    asked = never(condition(program, what))
    graph = unrolled(replace(program, properties=(asked,)), model)
    problems = prefixes(graph, model, asked, None)
    word = Session(problems.text, time.monotonic() + 60).check(problems.goals["violation"]).word
    assert word != "unknown"
    return word == "sat"


def ends(program: Program) -> dict[End, list[Candidate]]:
    """All executions whose values agree by their ends; empty where there are too many."""
    found: dict[End, list[Candidate]] = {}
    for number, candidate in enumerate(executions(program, {})):
        if number == MOST:
            return {}
        found.setdefault(end(program, candidate.end), []).append(candidate)
    return found


def disagreements(seed: int, *, plain: bool, each: int = 2) -> tuple[list[tuple[str, End]], set[bool]]:
    """Where the two differ on some ends that the model allows and some that it forbids; which of these there were."""
    made = Weak(seed, plain=plain).program()
    found = ends(made)
    picked = sorted(found)
    random.Random(seed).shuffle(picked)
    wrong, seen = [], set()
    for name, model in MODELS.items():
        asked = {True: 0, False: 0}
        for what in picked[: 6 * each]:
            possible = any(allowed(made, model, candidate) for candidate in found[what])
            if asked[possible] < each:
                asked[possible] += 1
                seen.add(possible)
                if encoded(made, model, what) != possible:
                    wrong.append((name, what))
    return wrong, seen


def agree(seeds: range, *, plain: bool) -> None:
    seen = set()
    for seed in seeds:
        wrong, which = disagreements(seed, plain=plain)
        assert wrong == [], seed
        seen |= which
    assert seen == {True, False}


@pytest.mark.parametrize("plain", [False, True])
def test_encoder_and_axioms_agree(plain: bool) -> None:
    agree(range(4), plain=plain)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
@pytest.mark.parametrize("plain", [False, True])
def test_encoder_and_axioms_agree_on_many(plain: bool, block: int) -> None:
    agree(range(100 + 10 * block, 110 + 10 * block), plain=plain)
