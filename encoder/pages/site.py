"""The templates, and what they use: sources as links, sentences from words, code with its changes marked."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from encoder.render.columns import value_words

SOURCE = re.compile(r"(?P<address>https?://[^\s;,)]+)|(?P<file>[a-z][\w/.-]*/[\w.-]+\.[chS])\b")
VERSION = re.compile(r"\bv(?:2\.6\.\d+|(?!2\.)\d+\.\d+)\b")
ARROWS = re.compile(r"([\w\])]+->)|(?<=\w\()(?!\))")
TREE = "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/{file}?h={version}"


@cache
def environment() -> Environment:
    """The templates of this package."""
    found = Environment(
        loader=PackageLoader("encoder.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= {
        "sources": sources,
        "diff": diff_lines,
        "flow": flow,
        "sentence": sentence,
        "code": code,
        "value": value_words,
    }
    return found


def static(name: str) -> str:
    """The text of a style sheet or script."""
    return files("encoder.pages").joinpath("static", name).read_text(encoding="utf-8")


def sources(text: str, version: str = "") -> Markup:
    """A step's `source`, or where something is from: addresses are links, and each file of the kernel is one to the
    version that the text names, or to `version` if that is one of a kernel."""
    found = VERSION.search(text) or VERSION.fullmatch(version)
    parts, end = [], 0
    for match in SOURCE.finditer(text):
        address = match["address"] or (TREE.format(file=match["file"], version=found[0]) if found else "")
        link = Markup('<a href="{}">{}</a>').format(address, match[0]) if address else escape(match[0])
        parts += [escape(text[end : match.start()]), link]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def code(text: str) -> Markup:
    """Code that may break behind a call's `(` and a `->`, which is kept whole."""
    end, parts = 0, []
    for found in ARROWS.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(Markup("<i>{}</i><wbr>").format(found[1]) if found[1] else Markup("<wbr>"))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def diff_lines(text: str) -> Iterable[tuple[str, str]]:
    """The lines of a unified diff, each with what it is: head, hunk, added, removed or same."""
    for line in text.splitlines():
        if line.startswith(("---", "+++")):
            yield "head", line
        elif line.startswith("@@"):
            yield "hunk", line
        else:
            yield {"+": "added", "-": "removed"}.get(line[:1], "same"), line


def flow(text: str) -> str:
    """A folded text on one line."""
    return " ".join(text.split())


def sentence(text: str) -> str:
    """A title as a sentence."""
    told = flow(text)
    plain = re.match(r"[a-z]+(?: |$)", told)
    return (told[:1].upper() if plain else told[:1]) + told[1:] + ("" if told.endswith((".", "?", "!")) else ".")
