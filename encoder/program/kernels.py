"""Kernel versions: which is earlier, and what a scenario's threads run in one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from encoder.spec.model import Scenario, ThreadDecl
from encoder.spec.syntax import Later, Step
from encoder.spec.walk import with_blocks

VERSION = re.compile(r"v(\d+(?:\.\d+)*)")


def earlier(one: str, other: str) -> bool:
    """Whether kernel version `one` is older than `other`; names that are no versions are not comparable."""
    found = VERSION.fullmatch(one), VERSION.fullmatch(other)
    if found[0] is None or found[1] is None:
        return False
    first, second = ([int(part) for part in match[1].split(".")] for match in (found[0], found[1]))
    return first < second


def reached(version: str, kernel: str) -> bool:
    """Whether what is so from `version` on is so in `kernel`."""
    return version == kernel or earlier(version, kernel)


def threads(scenario: Scenario, kernel: str) -> tuple[ThreadDecl, ...]:
    """The threads of a scenario, each step with the statement that holds for a kernel version."""
    return tuple(replace(each, steps=_steps(each.steps, kernel)) for each in scenario.threads)


def _steps(steps: Iterable[Step], kernel: str) -> tuple[Step, ...]:
    return tuple(_step(step, kernel) for step in steps)


def _step(step: Step, kernel: str) -> Step:
    """The latest statement that the kernel version has reached, there and in what hangs below."""
    chosen: Later | None = None
    for later in step.later:
        if reached(later.kernel, kernel) and (chosen is None or earlier(chosen.kernel, later.kernel)):
            chosen = later
    if chosen is not None:
        step = replace(step, statement=chosen.statement, text=chosen.text, span=chosen.span)
    return with_blocks(replace(step, later=()), partial(_steps, kernel=kernel))
