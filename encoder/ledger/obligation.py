"""What the ledger claims: one obligation per scenario, variant, property, memory model and platform."""

import builtins
from dataclasses import dataclass
from typing import Literal, get_args

from encoder.catalog import Entry
from encoder.errors import InputError, Problem, nearest
from encoder.result import Question
from encoder.source import Span
from encoder.spec.fields import Fields, Reader
from encoder.spec.model import Library
from encoder.spec.yamltree import Mapping, Node, compose

Expected = Literal["complete", "bounded", "refuted", "vacuous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """`expect` bounded means proved to `depth` steps, though longer schedules exist. `why` names the kernel code."""

    scenario: str
    variant: str
    property: str
    model: str
    flush: str
    depth: int | None
    expect: Expected
    why: str
    span: Span

    @builtins.property
    def id(self) -> str:
        return "/".join((self.scenario, self.variant, self.property, self.model, self.flush))

    def question(self, timeout: float) -> Question:
        """The question that decides this obligation; `timeout` in seconds."""
        return Question(
            scenario=self.scenario,
            variant=self.variant,
            property=self.property,
            model=self.model,
            flush=self.flush,
            depth=self.depth,
            timeout=timeout,
        )


def load_obligations(entries: tuple[Entry, ...]) -> tuple[Obligation, ...]:
    """The obligations of all files, in the order in which they are written. Raises InputError with all problems."""
    problems: list[Problem] = []
    reader = Reader(problems)
    found = [obligation for entry in entries for obligation in _file(reader, entry)]
    first: dict[str, Obligation] = {}
    for obligation in found:
        if obligation.id in first:
            related = (("first here", first[obligation.id].span),)
            reader.refuse("L101", obligation.span, f"`{obligation.id}` is claimed twice", related=related)
        first.setdefault(obligation.id, obligation)
    if problems:
        raise InputError(problems)
    return tuple(found)


def dangling(library: Library, obligations: tuple[Obligation, ...]) -> list[Problem]:
    """The problems of obligations that speak of what there is not."""
    variants = {each.name for each in library.variants}
    properties = {each.name: each.properties for each in library.scenarios}
    problems = []
    for each in obligations:
        words = [("scenario", each.scenario, set(properties)), ("variant", each.variant, variants)]
        if each.scenario in properties:
            words.append(("property of the scenario", each.property, set(properties[each.scenario])))
        problems += [
            Problem(code="L105", message=f"there is no {kind} `{word}`", span=each.span, nearest=nearest(word, known))
            for kind, word, known in words
            if word not in known
        ]
    return problems


def _file(reader: Reader, entry: Entry) -> tuple[Obligation, ...]:
    node = compose(entry.file.read_text("utf-8"), entry.path, reader.problems)
    if node is None:
        return ()
    fields = reader.fields(node, "an obligations file")
    scenario = fields.required("scenario", reader.text)
    if scenario and scenario != entry.stem:
        reader.refuse("L102", fields.span, f"the file holds obligations of `{scenario}`", expected=f"{scenario}.yaml")
    items = fields.required("obligations", reader.items)
    found = tuple(_obligation(reader, item, scenario) for item in items)
    fields.close()
    return found


def _obligation(reader: Reader, node: Node, scenario: str) -> Obligation:
    fields = reader.fields(node, "an obligation")
    variant = fields.required("variant", reader.text)
    asked = fields.required("property", reader.text)
    model = fields.optional("model", reader.text, "sc")
    flush = fields.optional("flush", lambda item: reader.choice(item, ("ipi", "broadcast", "deferred")), "ipi")
    depth = fields.optional("depth", lambda item: _positive(reader, item), None)
    expect, bound = fields.required("expect", lambda item: _expectation(reader, item))
    if bound is not None and depth is not None:
        reader.refuse("L103", fields.span, "`depth` beside `expect: {bounded: …}`", expected="one of them")
    why = fields.required("why", reader.text)
    fields.close()
    return Obligation(
        scenario=scenario,
        variant=variant,
        property=asked,
        model=model,
        flush=flush,
        depth=depth if bound is None else bound,
        expect=expect,
        why=why,
        span=fields.span,
    )


def _expectation(reader: Reader, node: Node) -> tuple[Expected, int | None]:
    """`complete`, `refuted`, `vacuous`, or `{bounded: STEPS}`."""
    if isinstance(node, Mapping):
        fields: Fields = reader.fields(node, "an expectation")
        bound = fields.required("bounded", lambda item: _positive(reader, item))
        fields.close()
        return "bounded", bound
    words = tuple(word for word in get_args(Expected) if word != "bounded")
    word = reader.choice(node, words)
    for expected in get_args(Expected):
        if word == expected:
            return expected, None
    raise AssertionError(word)


def _positive(reader: Reader, node: Node) -> int | None:
    word = reader.text(node)
    if word.isascii() and word.isdigit() and int(word) > 0:
        return int(word)
    if word:
        reader.refuse("L104", node.span, f"`{word}` is no number of steps", expected="1 or more")
    return None
