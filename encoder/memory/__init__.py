"""The memory models, strongest first."""

from encoder.memory.relation import MemoryModel
from encoder.memory.sc import SC

MODELS: dict[str, MemoryModel] = {SC.name: SC}
