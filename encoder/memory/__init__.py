"""The memory models, strongest first."""

from encoder.memory.lkmm import LKMM
from encoder.memory.relation import MemoryModel
from encoder.memory.sc import SC
from encoder.memory.tso import TSO

MODELS: dict[str, MemoryModel] = {SC.name: SC, TSO.name: TSO, LKMM.name: LKMM}
