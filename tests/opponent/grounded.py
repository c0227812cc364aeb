"""Whether the values of an execution are made from constants, or some only equal themselves, as herd7 counts.

herd7 chooses the ways of the branches and solves the equations of the values: a value that comes from itself by
nothing but reads, written values and addresses has no solution there. The model's axioms say nothing of it, and the
kernel's developers do not rule it out for plain accesses.
"""

from encoder.concrete.cycles import is_acyclic
from encoder.concrete.happened import Happened


def grounded(found: Happened) -> bool:
    """No value comes from itself by reads, data and addresses."""
    steps = {(done.thread, done.index): done.step for done in found.done}
    edges = [(done.source, done.step) for done in found.done if done.source]
    for done in found.done:
        edges += [
            (steps[done.thread, read], done.step)
            for read in done.deed.data | done.deed.address
            if read != done.index and done.deed.cell is not None
        ]
    return is_acyclic(edges)
