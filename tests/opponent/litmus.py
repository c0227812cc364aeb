"""What brute force says of a litmus test: as herd7 does it, every complete execution is tried."""

from encoder.concrete.interleaving.judgement import PropertyJudge
from encoder.concrete.interleaving.machine import Machine
from encoder.litmus.decide import observation
from encoder.litmus.read import LitmusTest
from encoder.memory.model import MemoryModel
from tests.concrete.build import never
from tests.concrete.enumerate import LOOPS, executions
from tests.fuzz.ends import flags
from tests.opponent.grounded import from_itself

UNDETERMINED = 0x5EED  # what only equals itself


def decided(test: LitmusTest, model: MemoryModel, most: int | None) -> tuple[str, tuple[str, ...]]:
    """The observation and the flags. Raises TooMany."""
    machine = Machine(test.program, LOOPS)
    counted, asked = PropertyJudge(machine, never(test.filter)), PropertyJudge(machine, never(test.proposition))
    seen: set[bool] = set()
    raised: set[str] = set()
    for candidate in executions(test.program, {}, complete=True, coherent=True, most=most, numbers=(UNDETERMINED,)):
        strange = from_itself(candidate.found)
        if any(
            done.effect.read not in (None, (UNDETERMINED,)) for done in candidate.found.done if done.step in strange
        ):
            continue
        found = flags(test.program, model, candidate) if counted.violations(candidate.end) else None
        if found is not None:
            seen.add(bool(asked.violations(candidate.end)))
            raised |= {*found}
    return observation(True in seen, False in seen), tuple(sorted(raised | ({*test.flags} if seen else set())))
