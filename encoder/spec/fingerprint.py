"""What the specs say of a scenario and variant, as one number: the same as long as no word that decides anything
changes. It is worked out on the YAML alone, whatever reads it later."""

import hashlib
import re
from pathlib import Path

from encoder.base.catalog import Entry
from encoder.base.errors import InputError, Problem
from encoder.spec.fields import NodeReader
from encoder.spec.load import entries_of
from encoder.spec.yamltree import Mapping, Sequence, YamlNode, YamlScalar, compose

ASIDE = {"note", "source", "title", "author", "link", "reading", "scope"}
"""Keys whose values are for people; at the beginning of a mapping such a word is the label of a step."""
WORD = re.compile(r"\w+")
LENGTH = 16

SpecTree = tuple["SpecTree", ...] | str


class Fingerprints:
    """Of the specs that come with Pinproof, or of those in the folder `root`. Raises InputError for a file that is no
    YAML."""

    def __init__(self, root: Path | None = None) -> None:
        self._problems: list[Problem] = []
        self._reader = NodeReader(self._problems)
        found = entries_of(root)
        self._files = {kind: [(each, self._read(each)) for each in found[kind]] for kind in found}
        if self._problems:
            raise InputError(self._problems)
        self._functions: dict[str, list[SpecTree]] = {}
        self._common: list[SpecTree] = [told for _, told in self._files["types"]]
        for entry, told in self._files["procedures"]:
            self._functions.setdefault(entry.parent, []).append((entry.stem, told))
        for _, told in self._files["primitives"]:
            self._vocabulary(told)
        self._calls = {name: _words(tuple(told)) & self._functions.keys() for name, told in self._functions.items()}

    def of(self, scenario: str, variant: str) -> str:
        """Of the scenario, the variant and its bases, the scenario's properties, all types, and all that these run."""
        told = self._asked(scenario, variant)
        reached = self.functions(scenario, variant)
        parts = (told, self._common, [(name, self._functions[name]) for name in sorted(reached)])
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:LENGTH]

    def functions(self, scenario: str, variant: str) -> set[str]:
        """The procedures (in all versions) and primitives that these name, and those that are named by those."""
        reached: set[str] = set()
        wanted = set().union(*map(_words, self._asked(scenario, variant))) & self._functions.keys()
        while wanted:
            reached |= wanted
            wanted = set().union(*map(self._calls.__getitem__, wanted)) - reached
        return reached

    def _asked(self, scenario: str, variant: str) -> list[SpecTree]:
        own = self._named("scenarios", scenario)
        properties = [self._named("properties", str(name)) for name in _value(own, "properties")]
        return [own, *self._chain(variant), *properties]

    def _read(self, entry: Entry) -> SpecTree:
        text = self._reader.file(entry)
        node = None if text is None else compose(text, entry.path, self._problems)
        return "" if node is None else _told(node)

    def _named(self, kind: str, name: str) -> SpecTree:
        return next((told for entry, told in self._files[kind] if entry.stem == name), "")

    def _chain(self, variant: str) -> list[SpecTree]:
        """The variant and what it is based on."""
        chain: list[SpecTree] = []
        name = variant
        while name:
            told = self._named("variants", name)
            if told in chain:
                break
            chain.append(told)
            base = _value(told, "base")
            name = base if isinstance(base, str) else ""
        return chain

    def _vocabulary(self, told: SpecTree) -> None:
        """The primitives of a file by name; what flushes, and what the file says beside, concerns everybody."""
        forms = _value(told, "primitives")
        self._common.append(tuple(pair for pair in told if pair[1:] != (forms,)))
        for pair in forms:
            self._functions.setdefault(str(pair[0]), []).append(pair)
            if "flush" in _words(pair):
                self._common.append(pair)


def _told(node: YamlNode) -> SpecTree:
    """What the node says, without places and without what is for people."""
    match node:
        case YamlScalar(text=text):
            return " ".join(text.split())
        case Sequence(items=items):
            return tuple(map(_told, items))
        case Mapping(entries=entries):
            kept = (each for place, each in enumerate(entries) if not place or each[0].text not in ASIDE)
            return tuple((key.text, _told(value)) for key, value in kept)


def _value(told: SpecTree, key: str) -> SpecTree:
    """The value of a key of what was a mapping, "" if it has none."""
    pairs = () if isinstance(told, str) else told
    return next((pair[1] for pair in pairs if len(pair) == 2 and pair[0] == key), "")


def _words(told: SpecTree) -> set[str]:
    return set(WORD.findall(told)) if isinstance(told, str) else set().union(*map(_words, told))
