"""Identical threads, and conditions that differ only in which identical threads they name.

Two threads are identical if they have the same role, run the same mm, have the same variables of the same types, and
equal code. Code is compared with its blocks renumbered in order of occurrence and with sites reduced to their path of
labels, which `t at LABEL` can observe. A thread's own name does not occur in what is compared.

Exchanging two identical threads, in name and position, yields the same program. The rest of a program (locations,
initial state and assumptions, the order of objects) names no thread; a thread's locals and ghosts are its own
variables; and what a flush waits for depends on the mm that a thread runs. (What `graph.interference` adds to counters
is the same for all threads except those that it adds itself, which no condition names. The modifications of
`smt.axiomatic.encode` apply to a step of the specs in every thread that has it.) So if E is an execution, then E with
the two threads exchanged is one too, under every model, since no axiom refers to the identity of a thread; it has as
many steps and the same last values, with the positions and variables of the two threads exchanged. A condition C holds
in E exactly if C with the names exchanged holds in the exchanged execution. So of several conditions that permutations
of identical threads turn into each other, either all are reachable or none is, within any number of steps, and it
suffices to query one.

`representative` finds such a permutation. It renames the threads of a class in the order in which the condition
mentions them: the class's first name for the thread mentioned first, and so on. Different threads get different names
of their class, so the renaming extends to a permutation within the classes. Conditions with the same representative are
thus turned into each other by permutations, whether they name one thread or several. Equivalent conditions that mention
threads in another order may have different representatives; then both are queried.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
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
"""For each thread name the names of the threads identical to it, itself included, in program order."""


def identical_threads(threads: Sequence[Thread]) -> Classes:
    """The classes of identical threads."""
    return _classes(tuple(threads))


@lru_cache(maxsize=4)
def _classes(threads: tuple[Thread, ...]) -> Classes:
    members: dict[object, list[str]] = {}
    for thread in threads:
        members.setdefault(_structure(thread), []).append(thread.name)
    return {name: names for names in members.values() for name in names}


def representative(conditions: Sequence[Expr], classes: Classes) -> tuple[Expr, ...]:
    """The conditions, which belong together, with identical threads renamed in the order in which they are
    mentioned."""
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
