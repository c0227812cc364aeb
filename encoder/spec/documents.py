"""The files of a spec folder, each read once and only when it is needed."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from encoder.base.catalog import Entry
from encoder.base.errors import Problem
from encoder.base.source import Span
from encoder.spec import yamltree
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.load_platforms import load_platform
from encoder.spec.load_primitives import load_primitive, load_readers
from encoder.spec.load_procedures import load_procedure, load_variant
from encoder.spec.load_scenarios import load_property, load_scenario
from encoder.spec.load_types import load_types, merge
from encoder.spec.model import Platform, Primitive, Procedure, PropertyDecl, Scenario, Types, Variant

T = TypeVar("T")
TYPE_KEYS = ("types", "constants", "ghosts")


class Documents:
    """`entries` lists the files of each folder. Mistakes in them are collected in `problems`."""

    def __init__(self, entries: Mapping[str, tuple[Entry, ...]]) -> None:
        self.problems: list[Problem] = []
        self._reader = NodeReader(self.problems)
        self._entries = entries
        self._functions: dict[str, tuple[Primitive | Procedure, ...]] = {}
        self._primitives: dict[str, tuple[yamltree.YamlScalar, yamltree.YamlNode]] | None = None
        self._readers: dict[str, str] = {}

    def names(self, folder: str) -> tuple[str, ...]:
        """The names of the documents in `variants`, `scenarios`, `properties` or `platforms`: those of their files."""
        return tuple(sorted({entry.stem for entry in self._entries[folder]}))

    def types(self) -> Types:
        load = partial(load_types, seen={})
        found = [self._load(entry, TYPE_KEYS, load) for entry in self._entries["types"]]
        return merge(tuple(types for types in found if types is not None))

    def primitive_names(self) -> tuple[str, ...]:
        return tuple(sorted(self._primitive_index()))

    def readers(self) -> tuple[tuple[str, str], ...]:
        """(kind of region, first kernel in which a grace period of RCU waits for it)."""
        self._primitive_index()
        return tuple(sorted(self._readers.items()))

    def flushes(self) -> set[str]:
        """The primitives that flush: they determine which objects are mms."""
        return {name for name, (_, node) in self._primitive_index().items() if _flushes(node)}

    def procedure_names(self) -> tuple[str, ...]:
        return tuple(sorted({entry.parent for entry in self._entries["procedures"]}))

    def function(self, name: str) -> tuple[Primitive | Procedure, ...]:
        """The primitive of this name, or the procedure in every kernel version; both, if the specs wrongly have
        both."""
        if name not in self._functions:
            primitives = (
                [load_primitive(self._reader, *self._primitive_index()[name])]
                if name in self._primitive_index()
                else []
            )
            entries = [entry for entry in self._entries["procedures"] if entry.parent == name]
            procedures = [found for entry in entries if (found := self._procedure(entry)) is not None]
            self._functions[name] = (*primitives, *procedures)
            if primitives and procedures:
                related = (("the primitive", primitives[0].span),)
                self._reader.refuse("S102", procedures[0].span, f"`{name}` is a primitive already", related=related)
        return self._functions[name]

    def _procedure(self, entry: Entry) -> Procedure | None:
        procedure = self._load(entry, ("procedure",), load_procedure)
        if procedure is not None and procedure.name and procedure.kernel:
            home = procedure.name, procedure.kernel
            if (entry.parent, entry.stem) != home:
                self._note_misplaced("procedures/{}/{}.yaml".format(*home), procedure.span)
        return procedure

    def variant(self, name: str) -> Variant | None:
        found = self._load_one("variants", name, "variant", load_variant)
        if found is not None and found.name != name:
            self._note_misplaced(f"/{found.name}.yaml", found.span)
        return found

    def scenario(self, name: str) -> Scenario | None:
        found = self._load_one("scenarios", name, "scenario", load_scenario)
        if found is not None and found.name != name:
            self._note_misplaced(f"/{found.name}.yaml", found.span)
        return found

    def property(self, name: str) -> PropertyDecl | None:
        found = self._load_one("properties", name, "property", load_property)
        if found is not None and found.name != name:
            self._note_misplaced(f"/{found.name}.yaml", found.span)
        return found

    def platform(self, name: str) -> Platform | None:
        found = self._load_one("platforms", name, "platform", load_platform)
        if found is not None and found.name != name:
            self._note_misplaced(f"/{found.name}.yaml", found.span)
        return found

    def _load_one(self, folder: str, name: str, key: str, load: Callable[[NodeReader, Fields], T]) -> T | None:
        first, *others = (entry for entry in self._entries[folder] if entry.stem == name)
        for other in others:
            message = f"there are two files for the {key} `{name}`"
            related = (("the first", Span(first.path, 1, 1, 2)),)
            self._reader.refuse("S117", Span(other.path, 1, 1, 2), message, related=related)
        return self._load(first, (key,), load)

    def _note_misplaced(self, home: str, span: Span) -> None:
        self._reader.refuse("S117", span, "the file is not named after what it holds", expected=f"…{home}")

    def _primitive_index(self) -> dict[str, tuple[yamltree.YamlScalar, yamltree.YamlNode]]:
        """Every primitive by name, its body not read yet."""
        if self._primitives is None:
            self._primitives = {}
            for entry in self._entries["primitives"]:
                for key, node in self._load(entry, ("primitives",), self._read_primitives) or ():
                    if key.text in self._primitives:
                        related = (("first here", self._primitives[key.text][0].span),)
                        self._reader.refuse("S102", key.span, f"duplicate primitive `{key.text}`", related=related)
                    self._primitives.setdefault(key.text, (key, node))
        return self._primitives

    def _read_primitives(
        self, reader: NodeReader, fields: Fields
    ) -> tuple[tuple[yamltree.YamlScalar, yamltree.YamlNode], ...]:
        """The primitives of a file; which regions are readers of RCU is noted."""
        self._readers |= dict(fields.optional("rcu readers", partial(load_readers, reader), ()))
        return fields.required("primitives", reader.named_entries)

    def _load(self, entry: Entry, first_keys: tuple[str, ...], load: Callable[[NodeReader, Fields], T]) -> T | None:
        """Read one file; None if it does not hold a document that begins with one of `first_keys`."""
        start = Span(entry.path, 1, 1, 2)
        text = self._reader.file(entry)
        if text is None:
            return None
        before = len(self.problems)
        node = yamltree.compose(text, entry.path, self.problems)
        if len(self.problems) > before:
            return None
        if isinstance(node, yamltree.Mapping) and node.entries and node.entries[0][0].text in first_keys:
            key = node.entries[0][0]
            fields = Fields(self._reader, self._reader.entries(node), f"this {key.text} file", key.span)
            found = load(self._reader, fields)
            fields.close()
            return found
        message = "the file begins with another key" if node else "the file is empty"
        expected = " or ".join(f"`{key}: …`" for key in first_keys)
        self._reader.refuse("S106", node.span if node else start, message, expected=expected)
        return None


def _flushes(form: yamltree.YamlNode) -> bool:
    """Whether a primitive is a flush on some platform."""
    entries = form.entries if isinstance(form, yamltree.Mapping) else ()
    return any(key.text == "flush" or _flushes(node) for key, node in entries)
