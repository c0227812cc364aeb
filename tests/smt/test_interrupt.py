"""An interrupt while the solver runs is no verdict."""

import os
import signal
import threading
import time

import pytest
import z3

from encoder.smt.formula import Formula
from encoder.smt.solvers.z3_solver import Session, add_text, check_until


def pigeons(count: int) -> str:
    """As many pigeons in one hole fewer: no answer in any time that a test has."""
    lines = [f"(declare-const p.{i}.{j} Bool)" for i in range(count) for j in range(count - 1)]
    lines += [f"(assert (or {' '.join(f'p.{i}.{j}' for j in range(count - 1))}))" for i in range(count)]
    lines += [
        f"(assert (not (and p.{i}.{j} p.{k}.{j})))" for j in range(count - 1) for i in range(count) for k in range(i)
    ]
    return "\n".join(lines)


def test_an_interrupt_while_the_solver_runs_ends_the_question() -> None:
    session = Session(Formula(pigeons(14)), time.monotonic() + 60)
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        session.check()
    assert time.monotonic() - start < 30


def test_time_that_is_up_is_unknown() -> None:
    answer = Session(Formula(pigeons(14)), time.monotonic() + 0.5).check()
    assert (answer.word, answer.model) == ("unknown", None)


class Short(z3.Solver):
    """Short of memory, as z3 says it."""

    def from_string(self, s: str) -> None:
        raise z3.Z3Exception(b"out of memory")

    def check(self, *assumptions: object) -> None:
        raise z3.Z3Exception(b"out of memory")


def test_a_solver_without_memory_is_asked_no_more() -> None:
    with pytest.raises(MemoryError):
        add_text(Short(), "(assert true)")
    with pytest.raises(MemoryError):
        check_until(Short(), time.monotonic() + 10)


def test_wrong_text_is_no_lack_of_memory() -> None:
    with pytest.raises(z3.Z3Exception):
        add_text(z3.Solver(), "(assert nothing)")
