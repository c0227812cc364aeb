"""The classic shapes: what each model allows, found by brute force and judged by the axioms alone."""

from collections.abc import Sequence

import pytest

from encoder.concrete.interpreter import Machine
from encoder.concrete.judgement import violations
from encoder.memory import MODELS
from encoder.program.core import Expr, Thread
from tests.concrete.build import never
from tests.concrete.enumerate import LOOPS, allowed, executions
from tests.memory import test_classics as shapes
from tests.memory import test_rcu as rcu_shapes
from tests.memory.weak import whole


def by_hand(cells: str, condition: Expr, *threads: Thread, locks: str = "") -> tuple[str, ...]:
    """The models that have a complete execution that ends so."""
    made = whole(cells, condition, threads, locks)
    machine, asked = Machine(made, LOOPS), never(condition)
    ends = [c for c in executions(made, {}, complete=True) if violations(machine, asked, c.end)]
    return tuple(name for name, model in MODELS.items() if any(allowed(made, model, c) for c in ends))


def raise_nothing(*_: object, **__: object) -> None:
    raise AssertionError
