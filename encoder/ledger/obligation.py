"""What the ledger claims: one obligation per scenario, variant, property and platform.

An entry of an obligations file has claims, and each of them names the platforms for which it holds under `on`. A claim
of an experiment, which describes no machine, has a `model` and a `flush` in their place.
"""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Literal, get_args

from encoder.base.catalog import Entry
from encoder.base.errors import InputError, Problem, nearest
from encoder.base.result import Question
from encoder.base.source import Span
from encoder.ledger.granted import Granted, idle, load_granted, place_names
from encoder.ledger.place import JOINED, at_place, name_of, place_of, platforms
from encoder.memory import MODELS, is_stronger
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.load_primitives import FLUSHES
from encoder.spec.model import Library
from encoder.spec.yamltree import Mapping, YamlNode

Expected = Literal["complete", "bounded", "open loops", "refuted", "vacuous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """`expect` bounded means proved to `depth` steps, though longer schedules exist; `open loops` that it is proved for
    as many rounds as loops are given, and that more may matter. `why` names the kernel code.

    `model` and `flush` are those of the `platform`; without one it is an experiment. With `interleavings` one of them
    is looked for first: it is claimed that there are some. `granted` is what is known to be found beside the verdict.
    `span` is the place of the claim, `entry_span` that of the entry it is in.
    """

    scenario: str
    variant: str
    property: str
    platform: str
    model: str
    flush: str
    depth: int | None
    expect: Expected
    why: str
    span: Span
    entry_span: Span
    interleavings: bool = False
    granted: tuple[Granted, ...] = ()

    @classmethod
    def asking(cls, question: Question) -> "Obligation":
        """One that nobody has claimed, so that what is found for a question can be kept and told as for a claim."""
        place = Span("", 0, 0, 0)
        return cls(
            scenario=question.scenario, variant=question.variant, property=question.property,
            platform=question.platform, model=question.model, flush=question.flush, depth=question.depth,
            expect="complete", why="", span=place, entry_span=place, interleavings=question.interleavings,
        )  # fmt: skip

    @builtins.property
    def entry(self) -> tuple[str, str, str]:
        """What it speaks of, on whatever platform."""
        return self.scenario, self.variant, self.property

    @builtins.property
    def place(self) -> str:
        """The platform, or the experiment."""
        return place_of(self.question(0.0))

    @builtins.property
    def id(self) -> str:
        return name_of(self.question(0.0))

    def question(self, timeout: float) -> Question:
        """The question that decides this obligation; `timeout` in seconds."""
        return Question(
            scenario=self.scenario,
            variant=self.variant,
            property=self.property,
            platform=self.platform,
            model=self.model,
            flush=self.flush,
            depth=self.depth,
            timeout=timeout,
            interleavings=self.interleavings,
        )


def load_obligations(entries: tuple[Entry, ...]) -> tuple[Obligation, ...]:
    """The obligations of all files, in the order in which they are written. Raises InputError with all problems."""
    problems: list[Problem] = []
    reader = NodeReader(problems)
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
    """The problems of obligations that speak of what there is not, one for each entry."""
    variants = {each.name for each in library.variants}
    properties = {each.name: each.properties for each in library.scenarios}
    problems = []
    for each in {obligation.entry: obligation for obligation in reversed(obligations)}.values():
        words = [("scenario", each.scenario, set(properties)), ("variant", each.variant, variants)]
        if each.scenario in properties:
            words.append(("property of the scenario", each.property, set(properties[each.scenario])))
        problems += [
            Problem(
                code="L105", message=f"there is no {kind} `{word}`", span=each.entry_span, nearest=nearest(word, known)
            )
            for kind, word, known in words
            if word not in known
        ]
    return problems[::-1]


def unclaimed(claimed: Iterable[Obligation], chosen: Iterable[Obligation]) -> dict[str, int]:
    """Of what the chosen obligations speak of: how much of it the ledger leaves open, by platform."""
    wanted = {each.entry for each in chosen}
    every = list(claimed)
    return {name: len(wanted - {each.entry for each in every if each.platform == name}) for name in platforms()}


def _file(reader: NodeReader, entry: Entry) -> tuple[Obligation, ...]:
    node = reader.document(entry)
    if node is None:
        return ()
    fields = reader.fields(node, "an obligations file")
    scenario = fields.required("scenario", reader.text)
    if scenario and scenario != entry.stem:
        reader.refuse("L102", fields.span, f"the file holds obligations of `{scenario}`", expected=f"{scenario}.yaml")
    items = fields.required("obligations", reader.some_items)
    granted = fields.optional("checks", lambda item: load_granted(reader, item), ())
    found = tuple(obligation for item in items for obligation in _entry(reader, item, scenario))
    fields.close()
    idle(reader, granted, {(each.variant, each.place) for each in found})
    return tuple(
        replace(each, granted=tuple(g for g in granted if g.speaks_of(each.variant, each.place))) for each in found
    )


def _entry(reader: NodeReader, node: YamlNode, scenario: str) -> tuple[Obligation, ...]:
    """The obligations of an entry."""
    fields = reader.fields(node, "an obligation")
    variant = fields.required("variant", reader.text)
    asked = fields.required("property", reader.text)
    claims = fields.required("claims", reader.some_items)
    fields.close()
    question = Question(scenario=scenario, variant=variant, property=asked)
    found = tuple(each for claim in claims for each in _claims(reader, claim, question, fields.span))
    interleavings = any(MODELS[each.model].total and each.expect == "refuted" for each in found)
    for one, other in permutations(found, 2):
        if one.expect == "refuted" and _holds_always(other) and _is_stronger(one, other):
            message = f"`{other.expect}` for {other.place}, but refuted for {one.place}"
            expected = f"refuted: what {one.model} allows, {other.model} allows too"
            reader.refuse("L106", other.span, message, expected=expected)
    return tuple(replace(each, interleavings=interleavings) for each in found)


def _claims(reader: NodeReader, node: YamlNode, question: Question, entry_span: Span) -> tuple[Obligation, ...]:
    """The obligations of a claim: one for each platform, or that of an experiment."""
    fields = reader.fields(node, "a claim")
    places: tuple[str, ...] = ()
    match fields.one_of("on", "model"):
        case "on":
            places = fields.required("on", lambda item: place_names(reader, item))
        case "model":
            model = fields.required("model", lambda item: reader.choice(item, tuple(MODELS)))
            flush = fields.required("flush", lambda item: reader.choice(item, FLUSHES))
            places = (f"{model}{JOINED}{flush}",)
    expect, bound = fields.required("expect", lambda item: _expectation(reader, item))
    depth = fields.optional("depth", lambda item: _positive(reader, item), None)
    if bound is not None and depth is not None:
        reader.refuse("L103", fields.span, "`depth` cannot stand beside `expect: {bounded: …}`", expected="one of them")
    why = fields.required("why", reader.text)
    fields.close()
    return tuple(
        Obligation(
            scenario=each.scenario, variant=each.variant, property=each.property, platform=each.platform,
            model=each.model, flush=each.flush, depth=bound or depth, expect=expect, why=why, span=fields.span,
            entry_span=entry_span,
        )
        for each in (at_place(question, place) for place in places)
    )  # fmt: skip


def _is_stronger(one: Obligation, other: Obligation) -> bool:
    """Whether what the one allows the other allows too: it has a weaker memory model and the same flushes."""
    return one.flush == other.flush and is_stronger(one.model, other.model)


def _holds_always(each: Obligation) -> bool:
    return each.expect in ("complete", "vacuous") and each.depth is None


def _expectation(reader: NodeReader, node: YamlNode) -> tuple[Expected, int | None]:
    """`complete`, `refuted`, `vacuous`, `open loops`, or `{bounded: STEPS}`."""
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


def _positive(reader: NodeReader, node: YamlNode) -> int | None:
    word = reader.text(node)
    if word.isascii() and word.isdigit() and int(word) > 0:
        return int(word)
    if word:
        reader.refuse("L104", node.span, f"`{word}` is no number of steps", expected="1 or more")
    return None
