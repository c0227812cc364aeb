"""What stands in for the engine: functions that a worker process can import."""

import os
import signal
import time
from dataclasses import replace

from encoder.base.errors import InputError, Problem, SelfCheckError
from encoder.base.result import Proved, Question, Report, Tell
from encoder.base.source import Span
from encoder.program.core import Program
from tests import jobs
from tests.render.samples import FINE, report


def proved(program: Program, question: Question, tell: Tell) -> Report:
    checks = FINE if question.checks else None
    return replace(report(Proved(complete=True, steps=41)), question=question, checks=checks)


def slow_when_first(program: Program, question: Question, tell: Tell) -> Report:
    if question.variant == "first":
        time.sleep(0.5)
    return proved(program, question, tell)


def never_returns(program: Program, question: Question, tell: Tell) -> Report:
    time.sleep(600)
    raise AssertionError


def killed(program: Program, question: Question, tell: Tell) -> Report:
    if question.variant == "first":
        os.kill(os.getpid(), signal.SIGKILL)
    return proved(program, question, tell)


def takes_memory_when_first(program: Program, question: Question, tell: Tell) -> Report:
    if question.variant != "first":
        return proved(program, question, tell)
    tell(jobs.so_far("3 events were built"))
    jobs.take_memory()
    raise AssertionError


def fails(program: Program, question: Question, tell: Tell) -> Report:
    raise RuntimeError("out of order")


def wrong_input(program: Program, question: Question, tell: Tell) -> Report:
    raise InputError([Problem(code="S999", message="contradiction", span=Span("specs/x.yaml", 3, 1, 2))])


def disagrees(program: Program, question: Question, tell: Tell) -> Report:
    raise SelfCheckError("step 3 reads 1, the replay 0")
