"""What is known of the ledger's proofs put to the test: how many mutants of what each is about it notices."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import get_args

from encoder.base.result import Question
from encoder.ledger.files import UNREADABLE
from encoder.ledger.obligation import Obligation
from encoder.ledger.place import name_of, place_of
from encoder.ledger.record import PROVED
from encoder.mutation.outcome import MutantWord, Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the ledger says is proved of one program on one platform (or under a model and a kind of flush that describe
    none), for schedules of at most `depth` steps."""

    scenario: str
    variant: str
    platform: str
    flush: str
    model: str
    depth: int | None
    properties: tuple[str, ...]

    @property
    def id(self) -> str:
        return "/".join((self.scenario, self.variant, self.place))

    @property
    def place(self) -> str:
        """The platform, or the experiment."""
        return place_of(self._question(""))

    @property
    def obligations(self) -> tuple[str, ...]:
        """The ids of the obligations, in the order of the properties."""
        return tuple(name_of(self._question(each)) for each in self.properties)

    def _question(self, asked: str) -> Question:
        return Question(
            scenario=self.scenario, variant=self.variant, property=asked, platform=self.platform, model=self.model,
            flush=self.flush, depth=self.depth,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantRecord:
    """`scores` gives each property the number of mutants by outcome; `survived` and `undecided` name those that no
    property noticed."""

    wanted: Wanted
    mutants: int
    scores: tuple[tuple[str, Score], ...]
    survived: tuple[str, ...]
    undecided: tuple[str, ...]

    def as_text(self) -> str:
        return json.dumps({**asdict(self), "scores": {name: dict(each.counts) for name, each in self.scores}})


def mutants_from(text: str | bytes) -> MutantRecord | None:
    """The record in `text`, None if it holds none that could have been written."""
    try:
        found = json.loads(text)
        wanted = found.pop("wanted")
        wanted["properties"] = tuple(wanted["properties"])
        scores = found.pop("scores")
        record = MutantRecord(
            wanted=Wanted(**wanted),
            scores=tuple((name, Score(counts=tuple(each.items()))) for name, each in scores.items()),
            survived=tuple(found.pop("survived")),
            undecided=tuple(found.pop("undecided")),
            **found,
        )
        return record if _possible(record) else None
    except UNREADABLE:
        return None


def _possible(record: MutantRecord) -> bool:
    """Whether a record is one that could have been written: the outcomes of each property are those of all mutants."""
    counts = [dict(each.counts) for _, each in record.scores]
    return (
        tuple(name for name, _ in record.scores) == record.wanted.properties
        and all(type(n) is int and n >= 0 for each in counts for n in each.values())
        and all(set(each) == set(get_args(MutantWord)) and sum(each.values()) == record.mutants for each in counts)
    )


def wanted_of(obligations: Iterable[Obligation]) -> tuple[Wanted, ...]:
    """What the obligations claim to be proved, one for each program, platform and depth."""
    found: dict[tuple[str, str, str, str, str, int | None], list[str]] = {}
    for each in obligations:
        if each.expect in PROVED:
            key = (each.scenario, each.variant, each.platform, each.flush, each.model, each.depth)
            found.setdefault(key, []).append(each.property)
    return tuple(
        Wanted(scenario=scenario, variant=variant, platform=platform, flush=flush, model=model, depth=depth,
               properties=tuple(names))
        for (scenario, variant, platform, flush, model, depth), names in found.items()
    )  # fmt: skip
