"""A digest of what the specs say about a scenario and variant: unchanged as long as nothing changes that affects
verdicts. It is computed from the YAML alone, whatever reads it later."""

import hashlib
import re
from pathlib import Path

from encoder.base.catalog import Entry
from encoder.base.errors import InputError, Problem
from encoder.spec.fields import NodeReader
from encoder.spec.load import entries_of
from encoder.spec.yamltree import Mapping, Sequence, YamlNode, YamlScalar, compose

PROSE_KEYS = {"note", "source", "title", "author", "link", "reading", "scope"} | {
    *("stands for", "stands in", "not in source", "names in source", "left out", "abridges"),
}
"""Keys whose values are text for people, or speak of the kernel's source alone; as the first key of a mapping such a
word is the label of a step."""
WORD = re.compile(r"\w+")
LENGTH = 16

SpecTree = tuple["SpecTree", ...] | str


class Fingerprints:
    """Fingerprints of the shipped specs, or of those in the folder `root`. Raises InputError for a file that is not
    YAML."""

    def __init__(self, root: Path | None = None) -> None:
        self._problems: list[Problem] = []
        self._reader = NodeReader(self._problems)
        found = entries_of(root)
        self._files = {kind: [(each, self._read(each)) for each in found[kind]] for kind in found}
        if self._problems:
            raise InputError(self._problems)
        self._functions: dict[str, list[SpecTree]] = {}
        self._common: list[SpecTree] = [content for kind in ("types", "platforms") for _, content in self._files[kind]]
        for entry, content in self._files["procedures"]:
            self._functions.setdefault(entry.parent, []).append((entry.stem, content))
        for _, content in self._files["primitives"]:
            self._add_primitives(content)
        self._calls = {
            name: _words_in(tuple(content)) & self._functions.keys() for name, content in self._functions.items()
        }

    def of(self, scenario: str, variant: str) -> str:
        """The fingerprint of the scenario, the variant and its bases, the scenario's properties, all types and
        platforms, and all functions that these use."""
        content = self._contents(scenario, variant)
        reached = self.functions(scenario, variant)
        parts = (content, self._common, [(name, self._functions[name]) for name in sorted(reached)])
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:LENGTH]

    def functions(self, scenario: str, variant: str) -> set[str]:
        """The procedures (in all versions) and primitives that these name, directly or through others."""
        reached: set[str] = set()
        wanted = set().union(*map(_words_in, self._contents(scenario, variant))) & self._functions.keys()
        while wanted:
            reached |= wanted
            wanted = set().union(*map(self._calls.__getitem__, wanted)) - reached
        return reached

    def _contents(self, scenario: str, variant: str) -> list[SpecTree]:
        own = self._document("scenarios", scenario)
        properties = [self._document("properties", str(name)) for name in _value_of(own, "properties")]
        return [own, *self._chain(variant), *properties]

    def _read(self, entry: Entry) -> SpecTree:
        text = self._reader.file(entry)
        node = None if text is None else compose(text, entry.path, self._problems)
        return "" if node is None else _content_of(node)

    def _document(self, kind: str, name: str) -> SpecTree:
        return next((content for entry, content in self._files[kind] if entry.stem == name), "")

    def _chain(self, variant: str) -> list[SpecTree]:
        """The variant and its bases."""
        chain: list[SpecTree] = []
        name = variant
        while name:
            content = self._document("variants", name)
            if content in chain:
                break
            chain.append(content)
            base = _value_of(content, "base")
            name = base if isinstance(base, str) else ""
        return chain

    def _add_primitives(self, content: SpecTree) -> None:
        """Add the primitives of a file by name; those that flush, and what else the file says, belong to every
        fingerprint."""
        forms = _value_of(content, "primitives")
        self._common.append(tuple(pair for pair in content if pair[1:] != (forms,)))
        for pair in forms:
            self._functions.setdefault(str(pair[0]), []).append(pair)
            if "flush" in _words_in(pair):
                self._common.append(pair)


def _content_of(node: YamlNode) -> SpecTree:
    """The node's content, without positions and without text for people."""
    match node:
        case YamlScalar(text=text):
            return " ".join(text.split())
        case Sequence(items=items):
            return tuple(map(_content_of, items))
        case Mapping(entries=entries):
            kept = (each for place, each in enumerate(entries) if not place or each[0].text not in PROSE_KEYS)
            return tuple((key.text, _content_of(value)) for key, value in kept)


def _value_of(content: SpecTree, key: str) -> SpecTree:
    """The value of a key of what was a mapping, "" if it has none."""
    pairs = () if isinstance(content, str) else content
    return next((pair[1] for pair in pairs if len(pair) == 2 and pair[0] == key), "")


def _words_in(content: SpecTree) -> set[str]:
    return set(WORD.findall(content)) if isinstance(content, str) else set().union(*map(_words_in, content))
