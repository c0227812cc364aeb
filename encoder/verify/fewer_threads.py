"""A proof about many identical threads from a proof about few of them and any number of others.

Let a class of identical threads (`smt.thread_symmetry`) have more members than any instance of the property names. Take
a schedule of the program that violates some instance, dereferences NULL, or releases a lock that is not held.
Exchanging identical threads makes it one that violates the instance's representative, or in which the first member of
its class does wrong. All other members are then further threads like the first one: a schedule of the program without
them, under the interference of any number of them (`graph.interference`), violates the same. If that program has none,
neither has the whole one, whatever the number of members. Programs with loops that may go on beyond their bounds are
left to the direct proof.

The situation of the property is reached in the whole program if it is in the one with fewer threads: the others need
take no step.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.base.limits import part_of
from encoder.base.result import Proved, Unlimited
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.graph.interference import Effects, effects_of, joint_effects
from encoder.program.core import At, Ended, Expr, Instance, Keeps, Program, Property, ThreadVar, Waits
from encoder.program.traverse import leaves
from encoder.smt.end_state import representatives
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers.z3_solver import GoalSolver
from encoder.smt.thread_symmetry import identical_threads, representative
from encoder.verify.case import Case, Clock, schedule_bound
from encoder.verify.parametric_proof import ParametricQuestion, names_more_threads

SHARE = 0.5
"""The part of the time left that may be spent before the direct proof begins."""


@dataclass(frozen=True, slots=True)
class FewerThreads:
    """The verdict, that it holds for any number of threads where that was asked, and a sentence about how it was
    found."""

    verdict: Proved
    unlimited: Unlimited | None
    note: str


@dataclass(frozen=True, slots=True)
class _Reduced:
    """The program with as few members of a class as an instance may name. `repeated` has for the first member of each
    such class all its members."""

    program: Program
    repeated: Mapping[str, Sequence[str]]


def prove_by_fewer_threads(case: Case, graph: Graph) -> FewerThreads | None:
    """The proof; None if there is none of this kind, which says nothing about the property."""
    if graph.open_loops or not case.model.allows_interleavings:
        return None
    reduced = _reduced(graph, case.property)
    if reduced is None:
        return None
    prop, deadline = reduced.program.properties[0], part_of(case.deadline, SHARE)
    small = build(reduced.program, case.question.loops)
    names = [thread.name for thread in reduced.program.threads]
    numbers = tuple(names.index(first) for first in reduced.repeated)
    reached = f"{len(small.events)} events of fewer threads were built; whether any number of them break the property"
    case.tell(Clock(start=time.monotonic()).progress(case, small, f"{reached} was not decided"))
    effects = [found for number in numbers if isinstance(found := effects_of(small, number), Effects)]
    if len(effects) < len(numbers):
        return None
    question = ParametricQuestion(small, numbers, joint_effects(effects), case.question, prop, deadline)
    try:
        if question.why_not() or not _reaches_situation(small, prop, deadline):
            return None
    except TimeoutError:
        return None
    verdict = Proved(complete=True, steps=schedule_bound(graph))
    return FewerThreads(verdict, _unlimited(case, graph, reduced.repeated), _note(reduced.repeated))


def _reduced(graph: Graph, prop: Property) -> _Reduced | None:
    """The program without the members of its classes that no instance needs; None if it needs all."""
    program = graph.program
    classes = identical_threads(program.threads)
    instances = [_representative(each, classes) for each in representatives(graph, prop)]
    named = [_threads(each) for each in instances]
    repeated: dict[str, Sequence[str]] = {}
    removed: set[str] = set()
    for number, thread in enumerate(program.threads):
        members = classes[thread.name]
        needed = max(1, max((len(each.intersection(members)) for each in named), default=0))
        if members[0] == thread.name and len(members) > needed and isinstance(effects_of(graph, number), Effects):
            repeated[thread.name] = members
            removed |= set(members[needed:])
    if not removed or any(not each.isdisjoint(removed) for each in named):
        return None
    threads = tuple(each for each in program.threads if each.name not in removed)
    fewer = replace(prop, instances=tuple(instances))
    return _Reduced(replace(program, threads=threads, properties=(fewer,)), repeated)


def _representative(instance: Instance, classes: Mapping[str, Sequence[str]]) -> Instance:
    """The instance with identical threads named in the order of their mention: by the first members of their class."""
    situation, violation = representative((instance.situation, instance.violation), classes)
    return replace(instance, situation=situation, violation=violation)


def _threads(instance: Instance) -> frozenset[str]:
    """The threads that an instance names."""
    found = (_thread(leaf) for leaf in leaves(instance.situation, instance.violation))
    return frozenset(name for name in found if name)


def _thread(leaf: Expr) -> str:
    return leaf.thread if isinstance(leaf, ThreadVar | At | Ended | Waits | Keeps) else ""


def _reaches_situation(graph: Graph, prop: Property, deadline: float) -> bool:
    """Whether some interleaving reaches the property's situation."""
    encoding = encode_interleavings(graph, prop, None)
    solver = GoalSolver(encoding.formula, deadline, fresh_context=True)
    return solver.decide(encoding.goals["situation"]).word == "sat"


def _unlimited(case: Case, graph: Graph, repeated: Mapping[str, Sequence[str]]) -> Unlimited | None:
    """That the proof holds for any number of the first threads that may be repeated, if that was asked and shown."""
    usable = (n for n in range(len(graph.threads)) if isinstance(effects_of(graph, n), Effects))
    thread = case.program.threads[next(usable)]
    if not case.question.unlimited or thread.name not in repeated:
        return None
    if names_more_threads(case.program, case.property, thread.name):
        return None
    return Unlimited(thread=thread.name, procedure=thread.procedure, holds=True, why="")


def _note(repeated: Mapping[str, Sequence[str]]) -> str:
    counts = ", ".join(f"{len(members)} like {first}" for first, members in repeated.items())
    return f"decided for any number of identical threads at once, of which there are {counts} here"
