"""Loads the spec folder as a `Library`: all of it, or what one scenario and variant need."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from encoder.base.catalog import Entry, listing, shipped
from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Span
from encoder.spec.documents import Documents
from encoder.spec.fields import NodeReader
from encoder.spec.load_procedures import load_variant
from encoder.spec.model import Library, Platform, Primitive, Procedure, Scenario, Variant
from encoder.spec.reserved_names import BUILT_IN, hidden_names
from encoder.spec.walk import called_functions
from encoder.spec.yamltree import Mapping, compose

FOLDERS = ("types", "primitives", "procedures", "variants", "scenarios", "properties", "platforms")


def load_library(
    root: Path | None = None, *, scenario: str | None = None, variant: str | None = None, property: str = ""
) -> Library:
    """The shipped specs, or those in the folder `root`.

    With a scenario, only what it and the variant can reach is read: the primitives and procedures that are called, the
    primitives that flush, the variant and its bases, the scenario's properties. A `property` is then one of these, even
    if the scenario does not list it. Raises InputError with the problems of every file read.
    """
    documents = Documents(entries_of(root))
    library = _everything(documents) if scenario is None else _reachable(documents, scenario, variant, property)
    problems = documents.problems or list(hidden_names(library))
    if problems:
        raise InputError(problems)
    return library


def load_platforms(root: Path | None = None) -> tuple[Platform, ...]:
    """The platforms of the shipped specs, or of those in the folder `root`, by name. Raises InputError with the
    problems of every file read."""
    documents = Documents(entries_of(root))
    found = [documents.platform(name) for name in documents.names("platforms")]
    if documents.problems:
        raise InputError(documents.problems)
    return tuple(each for each in found if each is not None)


def read_variant(text: str, path: str) -> Variant:
    """The variant in the text of a file that is at `path`, or is to be. Raises InputError where it is wrong."""
    problems: list[Problem] = []
    reader = NodeReader(problems)
    node = compose(text, path, problems)
    found = None
    if isinstance(node, Mapping) and not problems:
        fields = reader.fields(node, "this variant file")
        found = load_variant(reader, fields)
        fields.close()
    if problems or found is None:
        span = Span(path, 1, 1, 2)
        raise InputError(problems or [Problem(code="S106", message="this is no variant", span=span)])
    return found


def kernel_of(variant: str, root: Path | None = None) -> str:
    """The kernel that a variant is a patch of. Raises InputError where the files of it and its bases are wrong."""
    documents = Documents(entries_of(root))
    chain = _bases(documents, variant)
    if documents.problems:
        raise InputError(documents.problems)
    return chain[-1].kernel


def base_of(variant: str, root: Path | None = None) -> str | None:
    """The variant that a variant is a patch of, None of a kernel as released. Raises InputError where its file is
    wrong."""
    documents = Documents(entries_of(root))
    (found, *_) = _bases(documents, variant) or (None,)
    if documents.problems:
        raise InputError(documents.problems)
    return None if found is None else found.base


def primitive_names() -> tuple[str, ...]:
    """The names of the shipped primitives; what they do is not read."""
    return Documents(entries_of(None)).primitive_names()


def document_names(kind: str, root: Path | None = None) -> tuple[str, ...]:
    """The names of all `scenarios`, `variants`, `properties` or `platforms`, without reading them."""
    return tuple(sorted(entry.stem for entry in entries_of(root)[kind]))


def properties_of_scenario(scenario: str, root: Path | None = None) -> tuple[str, ...]:
    """The properties that an existing scenario lists, () if its file is wrong; nothing else is read."""
    documents = Documents(entries_of(root))
    found = documents.scenario(scenario)
    return () if found is None or documents.problems else found.properties


def entries_of(root: Path | None) -> dict[str, tuple[Entry, ...]]:
    """The files of each folder of the shipped specs, or of those in `root`."""
    folder, logical = (shipped("specs"), "specs") if root is None else (root, root.as_posix())
    return {name: listing(folder / name, f"{logical}/{name}") for name in FOLDERS}


def _everything(documents: Documents) -> Library:
    functions = (*documents.primitive_names(), *documents.procedure_names())
    scenarios = [documents.scenario(name) for name in documents.names("scenarios")]
    variants = [documents.variant(name) for name in documents.names("variants")]
    return _library(documents, scenarios, variants, functions, documents.names("properties"))


def _reachable(documents: Documents, scenario: str, variant: str | None, asked: str) -> Library:
    chosen = documents.scenario(scenario) if _exists(documents, "scenarios", scenario) else None
    if chosen and asked in documents.names("properties") and asked not in chosen.properties:
        spans = (*chosen.property_spans, chosen.span)
        chosen = replace(chosen, properties=(*chosen.properties, asked), property_spans=spans)
    variants = _bases(documents, variant)
    edited = {edit.procedure for item in variants for edit in item.edits}
    wanted = edited | called_functions(chosen) | called_functions(tuple(variants)) | documents.flushes()
    if edited - set(documents.procedure_names()):  # which procedure was meant is for people to know: all are at hand
        wanted |= set(documents.procedure_names())
    properties = chosen.properties if chosen else ()
    if set(properties) - set(documents.names("properties")):
        properties = documents.names("properties")
    return _library(documents, [chosen], variants, _closure(documents, wanted), properties)


def _exists(documents: Documents, folder: str, name: str, span: Span | None = None) -> bool:
    known = documents.names(folder)
    if name not in known:
        message = f"there is no {folder.removesuffix('s')} `{name}`"
        problem = Problem(code="S118", message=message, span=span, nearest=nearest(name, known))
        documents.problems.append(problem)
    return name in known


def _bases(documents: Documents, variant: str | None) -> list[Variant]:
    """The variant and its bases, as far as they exist."""
    chain: list[Variant] = []
    name = variant
    while name is not None and name not in (item.name for item in chain):
        if not _exists(documents, "variants", name, chain[-1].base_span if chain else None):
            break
        found = documents.variant(name)
        if found is None:
            break
        chain.append(found)
        name = found.base
    return chain


def _closure(documents: Documents, start: set[str]) -> tuple[str, ...]:
    """The primitives and procedures in `start`, and those that they call, directly or indirectly; all there are if one
    is called that there is not: which was meant is for people to know."""
    known = {*documents.primitive_names(), *documents.procedure_names()}
    reached: set[str] = set()
    wanted, called = start & known, set(start)
    while wanted:
        reached |= wanted
        inner = {name for function in sorted(wanted) for name in called_functions(documents.function(function))}
        wanted, called = inner & known - reached, called | inner
    return tuple(sorted(known if called - known - BUILT_IN else reached))


def _library(
    documents: Documents,
    scenarios: Iterable[Scenario | None],
    variants: Iterable[Variant | None],
    functions: Iterable[str],
    properties: Iterable[str],
) -> Library:
    found = [item for name in functions for item in documents.function(name)]
    return Library(
        types=documents.types(),
        primitives=tuple(item for item in found if isinstance(item, Primitive)),
        procedures=tuple(item for item in found if isinstance(item, Procedure)),
        variants=tuple(sorted((item for item in variants if item), key=lambda item: item.name)),
        scenarios=tuple(item for item in scenarios if item),
        properties=tuple(item for name in properties if (item := documents.property(name))),
        readers=documents.readers(),
    )


class Vocabulary:
    """The primitives alone, each read when it is first needed."""

    def __init__(self, root: Path | None = None) -> None:
        self._documents = Documents(entries_of(root))

    def names(self) -> tuple[str, ...]:
        return self._documents.primitive_names()

    def find(self, name: str) -> Primitive | None:
        """The primitive of this name, None if there is none. Raises InputError for a wrong file."""
        if name not in self.names():
            return None
        found = [item for item in self._documents.function(name) if isinstance(item, Primitive)]
        if self._documents.problems:
            raise InputError(self._documents.problems)
        return found[0]
