"""The memory models, strongest first."""

from encoder.memory.lkmm import LKMM
from encoder.memory.model import MemoryModel
from encoder.memory.sc import SC
from encoder.memory.tso import TSO

MODELS: dict[str, MemoryModel] = {each.name: each for each in (SC, TSO, LKMM)}


def of_interleavings() -> MemoryModel:
    """The model whose executions are exactly the interleavings."""
    return next(each for each in MODELS.values() if each.total)
