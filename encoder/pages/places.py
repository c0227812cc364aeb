"""The locations of a schedule, by name: what they are to the kernel, and so how they are shown."""

from functools import cached_property
from typing import Literal

from encoder.program.variant import apply_variant
from encoder.spec.model import Field, Library, StructType

PlaceKind = Literal["references", "pins", "mapped", "flag", "word", "sequence", "lock", "rwsem", "free", "number"]
KINDS: dict[tuple[str, str], PlaceKind] = {
    ("page", "_refcount"): "references",
    ("page", "_pincount"): "pins",
    ("page", "_mapcount"): "mapped",
    ("page", "buddy"): "free",
    ("mm_struct", "mmap_lock"): "rwsem",
    ("mm_struct", "write_protect_seq"): "sequence",
}
"""How a field is shown, by struct and field; of others their type decides."""
ORDER = ("_refcount", "_pincount", "_mapcount", "swap_map", "buddy", "pte")
"""What comes first of an object."""


class Places:
    """The locations of a scenario with a variant's fields."""

    def __init__(self, library: Library, scenario: str, variant: str) -> None:
        self.library = library
        self.scenario = next(each for each in library.scenarios if each.name == scenario)
        self.structs = {each.name: each for each in apply_variant(library, variant).structs}

    @property
    def bias(self) -> int:
        """What a pin of a small page counts in its references."""
        return dict(self.library.types.constants).get("GUP_PIN_COUNTING_BIAS", 1024)

    @cached_property
    def objects(self) -> dict[str, str]:
        return {each.name: each.struct for each in self.scenario.objects}

    def struct(self, name: str) -> str:
        """The struct of an object; "" for a variable of its own."""
        return self.objects.get(name.partition("[")[0], "")

    def _of(self, place: str) -> tuple[StructType | None, Field | None]:
        name, _, field = place.partition(".")
        struct = self.structs.get(self.struct(name))
        known = {} if struct is None else {each.name: each for each in struct.fields}
        return struct, known.get(field.partition("[")[0])

    def label(self, place: str) -> str:
        """The field of a location, or its whole name."""
        return place.partition(".")[2] or place

    def rank(self, place: str) -> int:
        field = self.label(place)
        return ORDER.index(field) if field in ORDER else len(ORDER)

    def kind(self, place: str) -> PlaceKind:
        """How a location is shown."""
        struct, field = self._of(place)
        if struct is None or field is None:
            return "number"
        if (known := KINDS.get((struct.name, field.name))) is not None:
            return known
        if field.type.name == "lock":
            return "lock"
        if any(word.name == field.type.name for word in self.library.types.words):
            return "word"
        return "flag" if field.type.name == "bool" else "number"

    def is_lock(self, place: str) -> bool:
        """Whether it is a lock to the kernel and a number to the memory model."""
        struct, field = self._of(place)
        return struct is not None and field is not None and field.name in struct.locks
