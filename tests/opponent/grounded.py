"""Whether the values of an execution are made from constants, or some only equal themselves, as herd7 counts.

herd7 chooses the ways of the branches and solves the equations of the values: a value that comes from itself by
nothing but reads, written values and addresses has no solution there, and equals no number. The model's axioms say
nothing of it, and the kernel's developers do not rule it out for plain accesses.
"""

from collections.abc import Mapping

from encoder.concrete.axiomatic.thread_runs import ThreadRuns


def grounded(found: ThreadRuns) -> bool:
    """No value comes from itself by reads, data and addresses."""
    return not from_itself(found)


def from_itself(found: ThreadRuns) -> set[int]:
    """The steps whose values do."""
    steps = {(done.thread, done.index): done.step for done in found.done}
    before: dict[int, set[int]] = {}
    for done in found.done:
        reads = {steps[done.thread, read] for read in done.effect.data | done.effect.address} - {done.step}
        before[done.step] = reads | ({done.source} if done.source else set())
    return {step for step in before if step in _behind(before, step)}


def _behind(before: Mapping[int, set[int]], step: int) -> set[int]:
    seen: set[int] = set()
    todo = [step]
    while todo:
        for other in before[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen
