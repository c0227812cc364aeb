"""The memory models: what each allows, those after it in `CHAIN` allow too."""

from encoder.memory.arm64 import ARM64, ARM64_LLSC
from encoder.memory.lkmm import LKMM
from encoder.memory.model import MemoryModel
from encoder.memory.sc import SC
from encoder.memory.tso import TSO

MODELS: dict[str, MemoryModel] = {each.name: each for each in (SC, TSO, ARM64, ARM64_LLSC, LKMM)}
"""All models by name, a stronger one before a weaker one where two can be compared: SC allows least and LKMM most, but
for reads that depend on others for LKMM and not for arm64: at an address that was picked by a comparison, or of what
the same thread has written as the outcome of one or by an atomic instruction. TSO, ARM64 and ARM64_LLSC cannot be
compared: x86 lets a load-acquire pass a store-release, and arm64 lets much else."""

CHAIN: dict[str, MemoryModel] = {each.name: each for each in (SC, TSO, LKMM)}
"""Those that are asked where an experiment names none, the strongest first."""


def is_stronger(one: str, other: str) -> bool:
    """Whether what the one model allows the other, another one, allows too: SC allows least; what arm64 allows LKMM
    allows but for some dependencies."""
    order = list(CHAIN)
    if one in order and other in order:
        return order.index(one) < order.index(other)
    return one == order[0]


def of_interleavings() -> MemoryModel:
    """The model whose executions are exactly the interleavings."""
    return next(each for each in MODELS.values() if each.total)
