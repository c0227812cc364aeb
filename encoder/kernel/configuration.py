"""What a kernel is configured for: which lines the preprocessor keeps."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from encoder.base.catalog import Entry, listing, shipped
from encoder.base.errors import InputError, Problem, nearest
from encoder.kernel.parse import Condition, condition_of

DIRECTIVE = re.compile(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)")
SET = re.compile(r"(CONFIG_\w+)=[ym]\s*")
PREFIX = "CONFIG_"
FOLDER, SUFFIX = "configurations", ".config"
"""Below `specs`: those that have a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """`options` are the CONFIG_ names that are set; all others are not. `name` is what people call it."""

    name: str
    options: frozenset[str]

    def active(self, text: str) -> str:
        """The text with the lines blanked that the preprocessor drops, and those that tell it so. Where a condition is
        not about the configuration alone, all its branches stay."""
        return _LineFilter(self.holds).read(text)

    def holds(self, condition: Condition) -> bool | None:
        """Whether a condition is true; None where that is not for the configuration to say."""
        match condition:
            case ("name", name):
                return name in self.options if name.startswith(PREFIX) else None
            case ("number", value):
                return bool(int(value, 0)) if value.isdigit() else None
            case ("not", one):
                found = self.holds(one)
                return None if found is None else not found
            case ("and", one, other):
                return _and(self.holds(one), self.holds(other))
            case ("or", one, other):
                known = _and(_negated(self.holds(one)), _negated(self.holds(other)))
                return _negated(known)
            case _:
                return None


def configuration_names() -> tuple[str, ...]:
    return tuple(entry.path.rpartition("/")[2].removesuffix(SUFFIX) for entry in _shipped())


def configuration(word: str) -> Configuration:
    """By its name, or read from a file as the kernel's `.config` is. Raises InputError for what is neither."""
    known = {entry.path: entry.file for entry in _shipped()}
    try:
        file: Traversable = known.get(f"{FOLDER}/{word}{SUFFIX}", Path(word))
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        names = configuration_names()
        raise InputError(
            [
                Problem(
                    code="K101", message=f"there is no configuration `{word}`", span=None, nearest=nearest(word, names),
                    expected=f"{', '.join(names)}, or the path of a `.config`",
                )
            ]
        ) from None  # fmt: skip
    found = (SET.fullmatch(line) for line in lines)
    return Configuration(name=word, options=frozenset(match[1] for match in found if match))


def _shipped() -> tuple[Entry, ...]:
    return listing(shipped("specs") / FOLDER, FOLDER, SUFFIX)


def _and(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


def _negated(known: bool | None) -> bool | None:
    return None if known is None else not known


@dataclass(slots=True)
class _OpenConditional:
    """An `#if` that is open: whether lines are kept now, and whether an earlier branch was surely taken."""

    kept: bool
    taken: bool


class _LineFilter:
    """Goes through the lines of a file with the conditions that are open."""

    def __init__(self, holds: Callable[[Condition], bool | None]) -> None:
        self._holds = holds
        self._open: list[_OpenConditional] = []

    def read(self, text: str) -> str:
        lines, continued, result = text.split("\n"), "", []
        for line in lines:
            directive = DIRECTIVE.match(continued + line) if continued or line.lstrip().startswith("#") else None
            if directive and line.endswith("\\"):
                continued += line[:-1]
                result.append("")
                continue
            continued = ""
            if directive:
                self._directive(directive[1], directive[2])
            kept = directive is None and all(branch.kept for branch in self._open)
            result.append(line if kept else "")
        return "\n".join(result)

    def _directive(self, word: str, condition: str) -> None:
        match word:
            case "if" | "ifdef" | "ifndef":
                known = self._known(word, condition)
                self._open.append(_OpenConditional(kept=known is not False, taken=known is True))
            case "elif" | "else" if self._open:
                branch = self._open[-1]
                known = True if word == "else" else self._known("if", condition)
                branch.kept = not branch.taken and known is not False
                branch.taken = branch.taken or known is True
            case "endif" if self._open:
                self._open.pop()

    def _known(self, word: str, condition: str) -> bool | None:
        if word != "if":
            found = self._holds(("name", condition.split()[0])) if condition.split() else None
            return _negated(found) if word == "ifndef" else found
        read = condition_of(condition)
        return None if read is None else self._holds(read)
