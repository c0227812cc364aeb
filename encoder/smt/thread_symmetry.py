"""Threads that are identical but for their names, and conditions that differ only in which of them they name.

Two threads are identical when they have the same role, run the same mm, have the same variables of the same types, and
their code is equal: compared as it is built, the numbers of its blocks counted as they come, and of where a step stands
only the path of labels, which `t at LABEL` can tell. A thread's own name is nowhere in what is compared.

Exchanging identical threads, in their names and places in the program, gives the same program again: what else a
program has (locations, the start and what is assumed of it, the order of objects) names no thread; a thread's locals
and ghosts are its own variables; and what a flush waits for depends on the mm that a thread runs. (What
`graph.interference` adds is the same for all threads but its own, which no condition names. What `smt.axiomatic.encode`
leaves out, puts in or holds together is said of steps of the specs, in every thread that has them.) So where E is an
execution, the one with the two exchanged is an execution too, under every model, since no axiom knows who a thread is:
with as many steps, with the same last values, and with the other one's position and variables in the place of the
first's. A condition C holds in E exactly where C with the names exchanged holds in the other one. So of several
conditions that some permutation of identical threads turns into each other either all can be reached or none, within
any number of steps: it is enough to ask of one.

`representative` finds such a permutation. It names the threads of a class anew, the class's first for whichever the
condition mentions first, and so on. Different threads get different names of their class, which a permutation
within the classes extends; so conditions with one representative are turned into each other by permutations, whether
they name one thread or several. Conditions that only a cleverer order would show to be the same are both asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from encoder.program.core import (
    NOWHERE,
    Arith,
    At,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Final,
    Keeps,
    Not,
    Thread,
    ThreadVar,
    Var,
    Waits,
)
from encoder.program.traverse import map_expression, without_positions

Classes = Mapping[str, Sequence[str]]
"""For each thread the threads that are identical to it, itself among them, in the order of the program."""


def identical_threads(threads: Sequence[Thread]) -> Classes:
    """The classes of identical threads."""
    members: dict[object, list[str]] = {}
    for thread in threads:
        members.setdefault(_structure(thread), []).append(thread.name)
    return {name: names for names in members.values() for name in names}


def representative(conditions: Sequence[Expr], classes: Classes) -> tuple[Expr, ...]:
    """The conditions, which are asked together, with identical threads named in the order of their mention."""
    names: dict[str, str] = {}

    def named(part: Expr) -> Expr:
        match part:
            case ThreadVar() | At() | Ended() | Waits() | Keeps():
                thread = part.thread
                if thread not in names:
                    mentioned = sum(other in classes[thread] for other in names)
                    names[thread] = classes[thread][mentioned]
                return replace(part, thread=names[thread])
            case Const() | Var() | Final() | Not() | Convert() | Arith() | Choose():
                return part
            case _:
                assert_never(part)

    return tuple(map_expression(each, named) for each in conditions)


def _structure(thread: Thread) -> object:
    """What two threads have in common exactly if they are identical."""
    body = without_positions(thread.body, lambda site: replace(NOWHERE, path=site.path))
    return thread.role, thread.runs, thread.variables, body
