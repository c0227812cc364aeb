"""What a shell may complete: the names of what there is."""

from collections.abc import Callable, Iterable

from encoder.memory import MODELS
from encoder.spec.load import document_names, load_library
from encoder.spec.model import Library

Complete = Callable[[str], list[str]]
"""The names that begin so."""


def names_in(folder: str) -> Complete:
    """Of the documents in a folder of `specs`."""

    def names(incomplete: str) -> list[str]:
        return _beginning(document_names(folder), incomplete)

    return names


def models(incomplete: str) -> list[str]:
    return _beginning(MODELS, incomplete)


def subjects(incomplete: str) -> list[str]:
    """What `show` shows."""
    return _beginning(known_subjects(load_library()), incomplete)


def known_subjects(library: Library) -> set[str]:
    """The names of all that can be shown."""
    names = {each.name for each in library.procedures} | {each.name for each in library.primitives}
    return names.union(*map(document_names, ("scenarios", "variants", "properties", "platforms")))


def _beginning(names: Iterable[str], begun: str) -> list[str]:
    return sorted(name for name in names if name.startswith(begun))
