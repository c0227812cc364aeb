"""A proof about many threads from proofs about few of them and any number of others.

A thread can be repeatable if `graph.interference` says what any number of threads like it do to others. For each
instance of the property a part of the program is decided: the threads that are not repeatable and the repeatable ones
that the instance names, among any number of threads like any of the repeatable ones. Take a schedule of the whole
program that violates some instance. Exchanging identical threads (`smt.thread_symmetry`) makes it one that violates the
instance's representative, which names the first members of each class. All other repeatable threads are then further
threads: the part, among any number of them, violates the same. So if no part does, neither does the whole program. The
same holds of a schedule in which a thread dereferences NULL or releases a lock that is not held: that thread is not
repeatable, or after an exchange the first member of its class, which is in some part. Parts with the same threads are
decided at once. Programs with loops that may go on beyond their bounds are left to the direct proof.

The situation of the property is reached in the whole program if it is in a part: the other threads need take no step.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.base.limits import part_of
from encoder.base.result import Proved, Unlimited
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.graph.interference import Effects, effects_of
from encoder.program.core import At, Ended, Expr, Instance, Keeps, Program, Property, ThreadVar, Waits
from encoder.program.traverse import leaves
from encoder.smt.end_state import representatives
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers.z3_solver import GoalSolver
from encoder.smt.thread_symmetry import Classes, identical_threads, representative
from encoder.verify.case import Case, Clock, schedule_bound
from encoder.verify.parametric_proof import AnyNumber, cells_of, names_more_threads

SHARE = 0.5
"""The part of the time left that may be spent before the direct proof begins."""
FEW = 2
"""So many repeatable threads are not too many to ask of all at once, where that is encoded once for many questions."""


@dataclass(frozen=True, slots=True)
class FewerThreads:
    """The verdict, that it holds for any number of threads where that was asked, and a sentence about how it was
    found."""

    verdict: Proved
    unlimited: Unlimited | None
    note: str


def prove_by_fewer_threads(case: Case, graph: Graph) -> FewerThreads | None:
    """The proof; None if there is none of this kind, which says nothing about the property."""
    if graph.open_loops or not case.model.allows_interleavings:
        return None
    classes = identical_threads(graph.program.threads)
    repeated = _repeatable(graph, classes)
    if case.known.several and sum(map(len, repeated.values())) <= FEW:
        return None
    parts = _parts(graph, case.property, classes, repeated)
    if all(len(part.threads) == len(graph.threads) for part in parts):
        return None
    try:
        proved = _is_proved(case, graph.program, parts, repeated, part_of(case.deadline, SHARE))
    except TimeoutError:
        return None
    if not proved:
        return None
    verdict = Proved(complete=True, steps=schedule_bound(case.known.model_graph(case.model)))
    return FewerThreads(verdict, _unlimited(case, graph, repeated), _note(repeated))


def _repeatable(graph: Graph, classes: Classes) -> dict[str, Sequence[str]]:
    """For the first member of each class of threads that are taken as repeatable all its members. A thread that is
    alone in its class and in its role is not: without it little is saved, and any number of it often do more harm."""
    threads = graph.program.threads
    roles = [thread.role for thread in threads if thread.role]
    return {
        thread.name: members
        for number, thread in enumerate(threads)
        if (members := classes[thread.name])[0] == thread.name
        and (len(members) > 1 or roles.count(thread.role) > 1)
        and isinstance(effects_of(graph, number), Effects)
    }


def _parts(graph: Graph, prop: Property, classes: Classes, repeated: Mapping[str, Sequence[str]]) -> list[Program]:
    """The parts of the program that are to be decided, each with the instances of the property that it has. An instance
    that names no repeatable thread has a part with one of each class."""
    program = graph.program
    among = {name for members in repeated.values() for name in members}
    instances: dict[frozenset[str], list[Instance]] = {}
    for each in (_representative(i, classes) for i in representatives(graph, prop)):
        instances.setdefault((_threads(each) & among) or frozenset(repeated), []).append(each)
    for first in repeated:
        if not any(first in kept for kept in instances):
            instances[frozenset((first,))] = []
    return [
        replace(
            program,
            threads=tuple(t for t in program.threads if t.name in kept or t.name not in among),
            properties=(replace(prop, instances=tuple(own)),),
        )
        for kept, own in instances.items()
    ]


def _is_proved(
    case: Case, program: Program, parts: Sequence[Program], repeated: Mapping[str, Sequence[str]], deadline: float
) -> bool:
    """Whether all parts are proved, among any number of repeatable threads, and the situation is reached. Raises
    TimeoutError."""
    among = {name for members in repeated.values() for name in members[1:]}
    one_of_each = tuple(thread for thread in program.threads if thread.name not in among)
    names = [thread.name for thread in one_of_each]
    numbers = [names.index(first) for first in repeated]
    graph = build(replace(program, threads=one_of_each), case.question.loops)
    others = AnyNumber(graph, numbers, cells_of(case.property), case.question, deadline)
    reached = False
    for nth, part in enumerate(parts, 1):
        small, (prop,) = build(part, case.question.loops), part.properties
        told = f"{len(small.events)} events of fewer threads were built; whether any number of them break the property"
        case.tell(
            Clock(start=time.monotonic()).progress(case, small, f"{told} ({nth} of {len(parts)}) was not decided")
        )
        if others.why_not(small, prop):
            return False
        reached = reached or (bool(prop.instances) and _reaches_situation(small, prop, deadline))
    return reached


def _representative(instance: Instance, classes: Classes) -> Instance:
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
