"""Tiny concurrent programs, and what each memory model says of them."""

import time
from collections.abc import Sequence
from dataclasses import replace

from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.memory import CHAIN, MODELS
from encoder.memory.model import MemoryModel
from encoder.program.core import Const, Expr, Fence, Load, Program, Region, Rmw, Store, Thread, Var
from encoder.smt.axiomatic.litmus_encoding import LitmusEncoding, encode_litmus
from encoder.smt.encode import graph_for
from encoder.smt.solvers.z3_solver import Session
from tests.concrete import build as made
from tests.concrete.build import TRUE, add, both, cell, equal, never, of, program, site

REGISTERS = ("r", "s", "q")


def read(at: str, into: str = "r", order: str = "once") -> Load:
    return replace(made.load(at, into), order=order)


def write(at: str, value: Expr | int = 1, order: str = "once") -> Store:
    return replace(made.store(at, value), order=order)


def fence(kind: str) -> Fence:
    return Fence(kind=kind, site=site(kind))


def rcu(begin: bool) -> Region:
    return Region(kind="rcu", begin=begin, site=site("rcu"))


def rmw(at: str, into: str, value: Expr, read_order: str, write_order: str, when: Expr = TRUE) -> Rmw:
    return replace(made.rmw(at, into, value, when=when), read_order=read_order, write_order=write_order)


def inc(at: str, into: str = "q", read_order: str = "noreturn", write_order: str = "once") -> Rmw:
    """`atomic_inc()`, or with other orders one of its value-returning relatives."""
    return rmw(at, into, add(Var(into), 1), read_order, write_order)


def xchg(at: str, value: int, into: str = "q", order: str = "mb") -> Rmw:
    return rmw(at, into, Const(value), order, order)


def thread(name: str, *body: made.Statement) -> Thread:
    return made.thread(name, *body, variables=REGISTERS)


def are(**values: int) -> Expr:
    """A condition on registers: `are(a_r=1)` says that register r of thread a is 1."""
    return both(*(equal(of(*name.split("_")), value) for name, value in values.items()))


def whole(cells: str, condition: Expr, threads: Sequence[Thread], locks: str = "") -> Program:
    every = [cell(c) for c in cells] + [cell(c, lock=True) for c in locks]
    return replace(program(every, *threads), properties=(never(condition),))


def unrolled(program: Program, model: MemoryModel) -> Graph:
    """The event graph that the model needs."""
    return graph_for(build(program, 2), model, 2)


def problems(
    model: MemoryModel, cells: str, condition: Expr, threads: Sequence[Thread], locks: str = ""
) -> LitmusEncoding:
    return encode_litmus(
        unrolled(whole(cells, condition, threads, locks), model),
        model,
        {"asked": condition},
        TRUE,
    )


def possible(found: LitmusEncoding, goal: str = "asked") -> bool:
    answer = Session(found.problem_for(goal), time.monotonic() + 60).check()
    assert answer.word != "unknown"
    return answer.word == "sat"


def allowed(cells: str, condition: Expr, *threads: Thread, locks: str = "") -> tuple[str, ...]:
    """The models of the chain that have an execution that ends so."""
    return tuple(n for n, model in CHAIN.items() if possible(problems(model, cells, condition, threads, locks)))


def raised(cells: str, condition: Expr, *threads: Thread, locks: str = "") -> tuple[str, ...]:
    """The flags that the kernel's model raises."""
    found = problems(MODELS["lkmm"], cells, condition, threads, locks)
    return tuple(flag for flag in found.flags if possible(found, flag))
