"""What the ledger claims: one obligation per scenario, variant, property, memory model and platform.

An entry of an obligations file makes one for each memory model that it speaks of: `expect` and `why` are those under
SC, `tso:` and `lkmm:` have an `expect` and a `why` of their own, `weak:` has those of both.
"""

import builtins
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, get_args

from encoder.base.catalog import Entry
from encoder.base.errors import InputError, Problem, nearest
from encoder.base.result import Question
from encoder.base.source import Span
from encoder.ledger.granted import Granted, idle, load_granted
from encoder.memory import CHAIN
from encoder.spec.fields import Fields, NodeReader
from encoder.spec.model import Library
from encoder.spec.yamltree import Mapping, YamlNode, compose

Expected = Literal["complete", "bounded", "refuted", "vacuous"]
STRONGEST, *WEAKER = CHAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """`expect` bounded means proved to `depth` steps, though longer schedules exist. `why` names the kernel code.

    `implied`: a stronger memory model refutes the property, and nothing was said of this one. `granted` is what is
    known to be found beside the verdict.
    """

    scenario: str
    variant: str
    property: str
    model: str
    flush: str
    depth: int | None
    expect: Expected
    why: str
    span: Span
    implied: bool = False
    granted: tuple[Granted, ...] = ()

    @builtins.property
    def entry(self) -> tuple[str, str, str, str]:
        """What it speaks of, whatever the memory model."""
        return self.scenario, self.variant, self.property, self.flush

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
            interleavings=self.implied,
        )


def load_obligations(entries: tuple[Entry, ...]) -> tuple[Obligation, ...]:
    """The obligations of all files, in the order in which they are written. Raises InputError with all problems."""
    problems: list[Problem] = []
    reader = NodeReader(problems)
    found = [obligation for entry in entries for obligation in _file(reader, entry)]
    first: dict[str, Obligation] = {}
    for obligation in (each for each in found if each.model == STRONGEST):
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
            if word not in known and not each.implied
        ]
    return problems


def unclaimed(claimed: Iterable[Obligation], chosen: Iterable[Obligation]) -> dict[str, int]:
    """Of what the chosen obligations speak of: how much of it the ledger leaves open, by memory model."""
    wanted = {each.entry for each in chosen}
    return {model: len(wanted - {each.entry for each in claimed if each.model == model}) for model in CHAIN}


def _file(reader: NodeReader, entry: Entry) -> tuple[Obligation, ...]:
    text = reader.file(entry)
    node = None if text is None else compose(text, entry.path, reader.problems)
    if node is None:
        return ()
    fields = reader.fields(node, "an obligations file")
    scenario = fields.required("scenario", reader.text)
    if scenario and scenario != entry.stem:
        reader.refuse("L102", fields.span, f"the file holds obligations of `{scenario}`", expected=f"{scenario}.yaml")
    items = fields.required("obligations", reader.items)
    granted = fields.optional("checks", lambda item: load_granted(reader, item), ())
    found = tuple(obligation for item in items for obligation in _entry(reader, item, scenario))
    fields.close()
    idle(reader, granted, {(each.variant, each.flush) for each in found})
    return tuple(
        replace(each, granted=tuple(g for g in granted if g.speaks_of(each.variant, each.flush, each.model)))
        for each in found
    )


def _entry(reader: NodeReader, node: YamlNode, scenario: str) -> tuple[Obligation, ...]:
    """The obligations of an entry, that under the strongest memory model first."""
    fields = reader.fields(node, "an obligation")
    variant = fields.required("variant", reader.text)
    asked = fields.required("property", reader.text)
    flush = fields.optional("flush", lambda item: reader.choice(item, ("ipi", "broadcast", "deferred")), "ipi")
    own = _Claim.read(reader, fields, None)
    found: dict[str, _Claim | None] = {STRONGEST: own}
    both = fields.optional("weak", lambda item: _weak(reader, item, own), None)
    for model in WEAKER:
        one = fields.optional(model, lambda item: _weak(reader, item, own), None)
        if one is not None and both is not None:
            reader.refuse("L103", one.span, f"`{model}` cannot stand beside `weak`", expected="one of them")
        found[model] = one or both
    fields.close()
    return tuple(
        Obligation(
            scenario=scenario,
            variant=variant,
            property=asked,
            model=model,
            flush=flush,
            depth=claim.depth,
            expect=claim.expect,
            why=claim.why,
            span=claim.span,
            implied=claim.implied,
        )
        for model, claim in _settled(reader, found).items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What an entry says of one memory model. `limit` is its `depth: …`, which weaker models inherit."""

    expect: Expected
    depth: int | None
    limit: int | None
    why: str
    span: Span
    implied: bool = False

    @classmethod
    def read(cls, reader: NodeReader, fields: Fields, limit: int | None) -> "_Claim":
        """The claim in a mapping; `limit` is the depth if it names none."""
        own = fields.optional("depth", lambda item: _positive(reader, item), None)
        expect, bound = fields.required("expect", lambda item: _expectation(reader, item))
        if bound is not None and own is not None:
            reader.refuse(
                "L103", fields.span, "`depth` cannot stand beside `expect: {bounded: …}`", expected="one of them"
            )
        limit = own or limit
        why = fields.required("why", reader.text)
        return cls(expect=expect, depth=bound or limit, limit=limit, why=why, span=fields.span)


def _weak(reader: NodeReader, node: YamlNode, own: _Claim) -> _Claim | None:
    """What stands under `tso`, `lkmm` or `weak`."""
    if not isinstance(node, Mapping):
        reader.wrong_kind(node, "`{expect: …, why: …}`")
        return None
    fields = reader.fields(node, "a claim under a weaker memory model")
    claim = _Claim.read(reader, fields, own.limit)
    fields.close()
    return claim


def _settled(reader: NodeReader, found: dict[str, _Claim | None]) -> dict[str, _Claim]:
    """The claims, with those that follow: a schedule under a memory model is one under every weaker model."""
    settled: dict[str, _Claim] = {}
    broken: tuple[str, _Claim] | None = None
    for model, claim in found.items():
        if claim is None and broken is not None:
            claim = replace(broken[1], why=_law(broken[0]), implied=True)
        elif claim is not None and broken is not None and _holds_always(claim):
            reader.refuse(
                "L106", claim.span, f"`{claim.expect}` under {model.upper()}, but refuted under {broken[0].upper()}",
                expected=f"refuted. {_law(broken[0])}",
            )  # fmt: skip
        if claim is not None:
            settled[model] = claim
            if broken is None and claim.expect == "refuted":
                broken = model, claim
    return settled


def _holds_always(claim: _Claim) -> bool:
    return claim.expect in ("complete", "vacuous") and claim.depth is None


def _law(stronger: str) -> str:
    """Why what this memory model refutes is refuted under the weaker ones."""
    if stronger == STRONGEST:
        return f"An interleaving is an execution of {' and '.join(map(str.upper, WEAKER))}."
    return f"An execution of {stronger.upper()} is an execution of every weaker model."


def _expectation(reader: NodeReader, node: YamlNode) -> tuple[Expected, int | None]:
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


def _positive(reader: NodeReader, node: YamlNode) -> int | None:
    word = reader.text(node)
    if word.isascii() and word.isdigit() and int(word) > 0:
        return int(word)
    if word:
        reader.refuse("L104", node.span, f"`{word}` is no number of steps", expected="1 or more")
    return None
