"""The pages about one thing: a scenario, a variant, a procedure, a property, a platform, a memory model."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from encoder.ledger.place import platforms
from encoder.memory import MODELS
from encoder.pages.book import Book, ClaimEntry
from encoder.pages.explorer import variant_diffs
from encoder.pages.site import flow, sources
from encoder.program.unparse import unparse
from encoder.spec.model import ObjectDecl, Platform, Procedure, Scenario, Variant
from encoder.spec.syntax import Step

SubjectFact = tuple[str, str, str]
"""A key, a text, and the address of the page that it is a link to ("" for none)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A page about `name`. `changes` are diffs below a head, `codes` steps, `lists` names with their addresses;
    `showing` are the columns that say what the verdicts are about."""

    kind: str
    name: str
    title: str
    figures: str = ""
    told: tuple[SubjectFact, ...] = ()
    changes: tuple[tuple[str, list[tuple[str, str]]], ...] = ()
    codes: tuple[tuple[tuple[str, str, Markup | str], tuple[Step, ...]], ...] = ()
    lists: tuple[tuple[str, list[tuple[str, str]]], ...] = ()
    entries: tuple[ClaimEntry, ...] = ()
    showing: tuple[str, ...] = ("scenario", "variant", "property")

    @property
    def address(self) -> str:
        return f"{self.kind}/{self.name}.html"

    @property
    def text(self) -> str:
        """What a search looks through, beside name and title."""
        code = " ".join(f"{step.label} {step.text}" for _, steps in self.codes for step in _flat(steps))
        return " ".join([*(text for _, text, _ in self.told), code])

    def facts(self, root: str) -> list[tuple[str, Markup | str]]:
        """Key and text, the addresses from this root."""
        return [
            (key, Markup('<a href="{}">{}</a>').format(root + address, text) if address else sources(text))
            for key, text, address in self.told
            if text
        ]


def subjects(book: Book) -> tuple[Subject, ...]:
    """The pages, by kind and name; of a book about one variant those that it has to do with."""
    used = _Used(book)
    return (
        *(_scenario(book, each) for each in book.library.scenarios if each.name in used.scenarios),
        *(_variant(book, each, used) for each in book.library.variants if each.name in used.variants),
        *(_procedure(book, name, used) for name in used.procedures),
        *(_property(book, name) for name in used.properties),
        *(_platform(book, each) for each in platforms().values()),
        *(_model(book, name) for name in MODELS),
    )


class _Used:
    """The names of what the book is about."""

    def __init__(self, book: Book) -> None:
        known = {each.name: each for each in book.library.variants}
        self.scenarios = {each.scenario for each in book.entries} | (
            set() if book.only else {each.name for each in book.library.scenarios}
        )
        self.variants = {each.variant for each in book.entries}
        self.variants |= {book.only} if book.only else set(known)
        edited = {edit.procedure for name in self.variants for edit in known[name].edits}
        every = sorted({each.name for each in book.library.procedures})
        self.procedures = [name for name in every if not book.only or name in edited]
        asked = {each.property for each in book.entries}
        self.properties = [each.name for each in book.library.properties if not book.only or each.name in asked]


def _scenario(book: Book, each: Scenario) -> Subject:
    entries = book.of(lambda entry: entry.scenario == each.name)
    objects = ", ".join(_object(one) for one in each.objects)
    symbols = ", ".join(f"{one.name} from {one.first} to {one.last}" for one in each.symbols)
    start = "; ".join(f"{unparse(one.target)} = {unparse(one.value)}" for one in each.init)
    assumed = "; ".join(unparse(one) for one in each.assume)
    return Subject(
        kind="scenarios", name=each.name, title=each.title, figures=_figures(entries),
        told=(
            ("Scope", flow(each.scope), ""), ("Objects", objects, ""), ("Chosen by the solver", symbols, ""),
            ("Start", start, ""), ("Assumed", assumed, ""), ("Ask", f"pinproof prove {each.name} --variant V", ""),
        ),
        codes=tuple(
            ((f"{one.name}: {one.role or 'thread'}", one.name, f"runs {one.runs}" if one.runs else ""), one.steps)
            for one in each.threads
        ),
        lists=(("Properties", [(name, f"properties/{name}.html") for name in each.properties]),),
        entries=tuple(entries), showing=("variant", "property"),
    )  # fmt: skip


def _object(each: ObjectDecl) -> str:
    given = ", ".join(f"{name}: {unparse(value)}" for name, value in each.values)
    return f"{each.name} ({each.struct}{'; ' + given if given else ''})"


def _variant(book: Book, each: Variant, used: _Used) -> Subject:
    entries = book.of(lambda entry: entry.variant == each.name)
    patched = sorted({edit.procedure for edit in each.edits})
    return Subject(
        kind="variants", name=each.name, title=each.title, figures=_figures(entries),
        told=(
            ("By", each.author, ""), ("From", each.link, ""), ("Kernel", each.kernel, ""),
            ("On top of", each.base or "", f"variants/{each.base}.html" if each.base in used.variants else ""),
            ("Read as", flow(each.reading), ""), ("Show", f"pinproof show PROCEDURE --variant {each.name}", ""),
        ),
        changes=(("The patch", variant_diffs(book.library, each.name)),) if each.edits else (),
        lists=(("Procedures it edits", [(name, f"procedures/{name}.html") for name in patched]),) if patched else (),
        entries=tuple(entries), showing=("scenario", "property"),
    )  # fmt: skip


def _procedure(book: Book, name: str, used: _Used) -> Subject:
    own = [each for each in book.library.procedures if each.name == name]
    edited = [
        each.name
        for each in book.library.variants
        if each.name in used.variants and any(edit.procedure == name for edit in each.edits)
    ]
    every = ((each.name, step.text) for each in book.library.procedures for step in _flat(each.steps))
    callers = sorted({caller for caller, text in every if re.search(rf"\b{name}\(", text)} - {name})
    known = set(used.procedures)
    return Subject(
        kind="procedures", name=name, title="; ".join(dict.fromkeys(each.source for each in own)),
        figures=", ".join(each.kernel for each in own),
        codes=tuple(((f"{each.kernel}", each.kernel, _head(each)), each.steps) for each in own),
        lists=tuple(
            (head, [(each, f"{kind}/{each}.html" if kind == "variants" or each in known else "") for each in names])
            for head, kind, names in (
                ("Called by", "procedures", callers), ("Edited by these variants", "variants", edited),
            )
            if names
        ),
    )  # fmt: skip


def _head(each: Procedure) -> Markup | str:
    parameters = ", ".join(one.name for one in each.parameters)
    return Markup("<code>{}({})</code>{} {}").format(
        each.name, parameters, f", not in kernels from {each.gone} on." if each.gone else ".",
        sources(each.source, each.kernel),
    )  # fmt: skip


def _property(book: Book, name: str) -> Subject:
    (each,) = (one for one in book.library.properties if one.name == name)
    entries = book.of(lambda entry: entry.property == name)
    bound = ", ".join(f"{key}: {unparse(value)}" for key, value in each.each)
    return Subject(
        kind="properties", name=name, title=each.title, figures=_figures(entries),
        told=(
            ("Means", flow(each.text), ""), ("For each", bound, ""), ("From", each.source, ""),
            ("Asked of kernels from", each.kernel, ""),
        ),
        entries=tuple(entries), showing=("scenario", "variant"),
    )  # fmt: skip


def _platform(book: Book, each: Platform) -> Subject:
    entries = book.of(lambda entry: each.name in entry.cells)
    flushes = "; ".join(f"{kind} from {first}" if first else kind for first, kind in each.flushes)
    counts = book.tally()[each.name]
    return Subject(
        kind="platforms", name=each.name, title=each.title,
        figures=", ".join(f"{count} {word}" for word, count in sorted(counts.items())),
        told=(
            ("Machine", each.machine or "none", ""), ("Memory model", each.model, f"models/{each.model}.html"),
            ("TLB flushes", flushes, ""), ("Source", each.source, ""),
            ("IndexedPage", ", ".join(f"{count} {word}" for word, count in sorted(counts.items())), ""),
            ("All of it", "the claims, with filters", f"claims.html#place={each.name}"),
        ),
        lists=(),
        entries=tuple(_newsworthy(entries, each.name)), showing=("scenario", "variant", "property"),
    )  # fmt: skip


def _newsworthy(entries: Iterable[ClaimEntry], place: str) -> Iterator[ClaimEntry]:
    """Those of which this platform says something else than the one before it."""
    order = list(platforms())
    number = order.index(place)
    for entry in entries:
        before = entry.cells.get(order[number - 1]) if number else None
        word = entry.cells[place].word
        if (word == "refuted") if before is None else (before.word != word):
            yield entry


def _model(book: Book, name: str) -> Subject:
    model = MODELS[name]
    used = [(each.name, f"platforms/{each.name}.html") for each in platforms().values() if each.model == name]
    axioms = "; ".join(f"{axiom.name}: {axiom.kind}" for axiom in model.axioms)
    machine = f"its executions are those of a machine with {model.explorable}" if model.explorable else ""
    speaks = "of the kernel's accesses and fences"
    if model.instructions:
        speaks = f"of the instructions that primitives compile to, {model.instructions}"
    return Subject(
        kind="models", name=name, title=model.title,
        told=(
            ("Speaks", speaks, ""), ("Axioms", axioms, ""), ("Executions", machine, ""),
            ("Try", f"pinproof litmus --model {name} FILE", ""),
        ),
        lists=(("Platforms that have it", used),) if used else (),
    )  # fmt: skip


def _flat(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _flat(step.then + step.otherwise + step.body)


def _figures(entries: Iterable[ClaimEntry]) -> str:
    """`12 proved, 3 refuted`."""
    counts: dict[str, int] = {}
    for entry in entries:
        for cell in entry.cells.values():
            counts[cell.word] = counts.get(cell.word, 0) + 1
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
