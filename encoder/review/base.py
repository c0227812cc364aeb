"""A kernel as released, as a patch is read against it: where its steps stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from encoder.kernel.released import released
from encoder.kernel.sources import SourcePlace, places_of
from encoder.kernel.vocabulary import KernelWords, vocabulary
from encoder.program.variant import PatchedKernel, apply_variant
from encoder.spec.model import Library, Primitive, Procedure
from encoder.spec.walk import all_steps


@dataclass(frozen=True)
class Base:
    """The variant `name`, with what its kernel has."""

    library: Library
    name: str

    @cached_property
    def kernel(self) -> PatchedKernel:
        return apply_variant(self.library, self.name)

    @cached_property
    def words(self) -> KernelWords:
        return vocabulary(self.library, self.kernel)

    @cached_property
    def procedures(self) -> Mapping[SourcePlace, tuple[Procedure, ...]]:
        """The procedures that have steps in a function, those that abridge others last."""
        found: dict[SourcePlace, dict[str, Procedure]] = {}
        for procedure in sorted(self.kernel, key=lambda each: bool(each.abridges)):
            sources = {procedure.source, *(step.stands_in or step.source for step in all_steps(procedure.steps))}
            for place in (place for source in sorted(sources) for place in places_of(source)):
                found.setdefault(place, {})[procedure.name] = procedure
        return {place: tuple(procedures.values()) for place, procedures in found.items()}

    @cached_property
    def primitives(self) -> Mapping[SourcePlace, tuple[Primitive, ...]]:
        """The primitives that are what a function does."""
        found: dict[SourcePlace, list[Primitive]] = {}
        for primitive in self.library.primitives:
            for place in places_of(primitive.source):
                found.setdefault(place, []).append(primitive)
        return {place: tuple(primitives) for place, primitives in found.items()}

    @cached_property
    def files(self) -> frozenset[str]:
        """The files in which something of the model stands."""
        return frozenset(place.file for place in (*self.procedures, *self.primitives))


def all_bases(library: Library) -> tuple[Base, ...]:
    """The kernels as released, newest first."""
    return tuple(Base(library, name) for name in released(library))


def touched_files(files: Iterable[str], bases: Iterable[Base]) -> frozenset[str]:
    """Those of the files in which some base has something."""
    known = frozenset(file for base in bases for file in base.files)
    return frozenset(files) & known
