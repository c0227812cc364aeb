"""What workers do in tests: functions that another process can import."""

import ctypes
import faulthandler
import os
import signal
import time

from encoder.base.errors import InputError, Problem, SelfCheckError
from encoder.base.result import Progress, Report
from encoder.base.source import Span
from encoder.base.worker import WorkerPipe
from encoder.smt.formula import Formula
from encoder.smt.solvers.z3_solver import Session
from tests.render.samples import REPORTS
from tests.smt.test_interrupt import pigeons

PROBLEM = Problem(
    code="S999",
    message="contradiction",
    span=Span("specs/x.yaml", 3, 1, 2),
    expected="sense",
    nearest="contraction",
    related=(("first here", Span("specs/y.yaml", 4, 2, 3)),),
)


def so_far(reached: str) -> Progress:
    return Progress(reached=reached, timing=REPORTS["unknown"].timing)


def tells_and_proves(line: WorkerPipe) -> Report:
    line.so_far(so_far("half"))
    line.write("(check-sat)\n")
    return REPORTS["complete"]


def takes_memory_without_end(line: WorkerPipe) -> Report:
    line.so_far(so_far("3 events were built"))
    take_memory()
    raise AssertionError


def take_memory() -> None:
    taken = []
    while True:
        taken.append(b"x" * 2**23)
        time.sleep(0.002)


def takes_all_memory_at_once(line: WorkerPipe) -> Report:
    line.so_far(so_far("4 events were built"))
    return REPORTS["complete"] if b"x" * 2**42 else REPORTS["vacuous"]


def sleeps(line: WorkerPipe) -> Report:
    line.so_far(so_far("1 event was built"))
    line.so_far(so_far("2 events were built"))
    line.write("(check-sat)\n")
    time.sleep(600)
    raise AssertionError


def decides_and_sleeps(line: WorkerPipe) -> Report:
    line.so_far(REPORTS["complete"])
    time.sleep(600)
    raise AssertionError


def solves_without_end(line: WorkerPipe) -> Report:
    """z3 is in its own code all the time, and told to take as long as it likes."""
    session = Session(Formula(pigeons(14)), time.monotonic() + 1e6)
    line.so_far(so_far("the pigeons came"))
    session.check()
    raise AssertionError


def crashes(line: WorkerPipe) -> Report:
    line.so_far(so_far("5 events were built"))
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def runs_into_nothing(line: WorkerPipe) -> Report:
    line.so_far(so_far("5 events were built"))
    faulthandler.disable()  # pytest's would tell of it
    ctypes.string_at(0)
    raise AssertionError


def is_wrong(line: WorkerPipe) -> Report:
    raise InputError([PROBLEM])


def disagrees(line: WorkerPipe) -> Report:
    raise SelfCheckError("step 3 reads 1, the replay 0")


def fails(line: WorkerPipe) -> Report:
    raise RuntimeError("out of order")


def obeys(what: str, line: WorkerPipe) -> tuple[str, int]:
    """What it is told, and the process that does it."""
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "fail":
        raise RuntimeError("out of order")
    if what == "hang":
        time.sleep(600)
    return what, os.getpid()
