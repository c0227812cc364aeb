"""proofs/history: what became of the protocol in the kernel, a file for each commit or thread, with the claims about
the code before and after."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from encoder.base.catalog import listing
from encoder.base.errors import InputError, Problem, nearest
from encoder.base.source import Span
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import PROVED, Found
from encoder.spec.fields import NodeReader
from encoder.spec.yamltree import YamlNode

ClaimName = tuple[str, str, str]
"""Scenario, variant and property: what an entry of the obligations speaks of, on whatever platform."""
HistoryState = Literal["broken", "holds", ""]
HOLDS: tuple[Found, ...] = (*PROVED, "vacuous")
DATE = re.compile(r"\d{4}-\d{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """`commit` is a hash of the kernel's tree, or else `thread` names a mail; `subject` is that of either, `kernel` the
    first release that has it, "" where none has. `was` and `is_now` are the claims about the code before and after.
    `open` says why they are not claimed, "" where they are."""

    name: str
    date: str
    title: str
    commit: str
    thread: str
    subject: str
    kernel: str
    was: tuple[ClaimName, ...]
    is_now: tuple[ClaimName, ...]
    says: str
    open: str
    span: Span


def state_of(found: Sequence[Found | None]) -> HistoryState:
    """What was found of some claims on one platform, None where nothing is: `broken` if one is refuted, `holds` if all
    are proved, "" if neither is known."""
    if "refuted" in found:
        return "broken"
    return "holds" if found and all(each in HOLDS for each in found) else ""


def load_history(folder: Path, claimed: Iterable[Obligation]) -> tuple[HistoryEvent, ...]:
    """The events of all files in the folder `history` of `proofs`, the oldest first. Raises InputError with all
    problems, among them claims that are not in the ledger."""
    problems: list[Problem] = []
    reader = NodeReader(problems)
    known = {"/".join(each.entry) for each in claimed}
    found = []
    for entry in listing(folder, "proofs/history"):
        node = reader.document(entry)
        if node is not None:
            found.append(_event(reader, node, entry.stem, known))
    if problems:
        raise InputError(problems)
    return tuple(sorted(found, key=lambda each: (each.date, each.name)))


def _event(reader: NodeReader, node: YamlNode, name: str, known: set[str]) -> HistoryEvent:
    fields = reader.fields(node, "an event of the history")

    def claims(node: YamlNode) -> tuple[ClaimName, ...]:
        return tuple(_claim(reader, item, known) for item in reader.items(node))

    where = fields.one_of("commit", "thread")
    event = HistoryEvent(
        name=name,
        date=fields.required("date", _dated(reader, name)),
        title=fields.required("title", reader.text),
        commit=fields.required("commit", reader.text) if where == "commit" else "",
        thread=fields.required("thread", reader.text) if where == "thread" else "",
        subject=fields.optional("subject", reader.text, ""),
        kernel=fields.optional("kernel", reader.text, ""),
        was=fields.optional("was", claims, ()),
        is_now=fields.optional("is", claims, ()),
        says=fields.optional("says", reader.text, ""),
        open=fields.optional("open", reader.text, ""),
        span=fields.span,
    )
    fields.close()
    if bool(event.open) == bool(event.was or event.is_now):
        reader.refuse("H101", fields.span, "an event has claims, or says why not", expected="`was` and `is`, or `open`")
    return event


def _dated(reader: NodeReader, name: str) -> Callable[[YamlNode], str]:
    """Reads a year and month with which the file's name begins."""

    def read(node: YamlNode) -> str:
        date = reader.text(node)
        if date and not (DATE.match(date) and name.startswith(f"{date}-")):
            expected = f"a year and month, with which the file's name begins: `{name[:7]}`"
            reader.refuse("H102", node.span, f"`{date}` is not the date of `{name}`", expected=expected)
        return date

    return read


def _claim(reader: NodeReader, node: YamlNode, known: set[str]) -> ClaimName:
    word = reader.text(node)
    if word and word not in known:
        expected = "" if nearest(word, known) else "SCENARIO/VARIANT/PROPERTY as in proofs/obligations"
        near = nearest(word, known)
        reader.refuse("H103", node.span, f"nothing is claimed of `{word}`", expected=expected, nearest=near)
    scenario, variant, asked, *_ = [*word.split("/"), "", "", ""]
    return scenario, variant, asked
