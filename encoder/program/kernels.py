"""Kernel versions: their order, and the steps that a scenario's threads run in one."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from encoder.spec.model import Platform, Scenario, ThreadDecl
from encoder.spec.syntax import Later, Step
from encoder.spec.walk import with_blocks

VERSION = re.compile(r"v(\d+(?:\.\d+)*)")


def is_earlier(one: str, other: str) -> bool:
    """Whether kernel version `one` is older than `other`; names that are no versions are not comparable."""
    found = VERSION.fullmatch(one), VERSION.fullmatch(other)
    if found[0] is None or found[1] is None:
        return False
    first, second = ([int(part) for part in match[1].split(".")] for match in (found[0], found[1]))
    return first < second


def is_reached(version: str, kernel: str) -> bool:
    """Whether what holds from `version` on holds in `kernel`."""
    return version == kernel or is_earlier(version, kernel)


def flush_in(platform: Platform, kernel: str) -> str:
    """What a platform's TLB flushes do in a kernel version."""
    (_, found), *later = platform.flushes
    latest = ""
    for version, flush in later:
        if is_reached(version, kernel) and (not latest or is_earlier(latest, version)):
            latest, found = version, flush
    return found


def threads_for_kernel(scenario: Scenario, kernel: str) -> tuple[ThreadDecl, ...]:
    """The threads of a scenario, each step with the statement that holds for a kernel version."""
    return tuple(replace(each, steps=_steps(each.steps, kernel)) for each in scenario.threads)


def _steps(steps: Iterable[Step], kernel: str) -> tuple[Step, ...]:
    return tuple(_step(step, kernel) for step in steps)


def _step(step: Step, kernel: str) -> Step:
    """The step, and those below it, with the statement of the latest version that the kernel has reached."""
    chosen: Later | None = None
    for later in step.later:
        if is_reached(later.kernel, kernel) and (chosen is None or is_earlier(chosen.kernel, later.kernel)):
            chosen = later
    if chosen is not None:
        step = replace(step, statement=chosen.statement, text=chosen.text, span=chosen.span)
    return with_blocks(replace(step, later=()), partial(_steps, kernel=kernel))
