"""What the report is made of: the specs, what the ledger claims of them, and what is committed of what was found."""

import builtins
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Literal, assert_never

from encoder.base.catalog import listing, shipped
from encoder.ledger.agreement import agreeing
from encoder.ledger.folder import Proofs
from encoder.ledger.history import ClaimName, HistoryEvent, load_history
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.ledger.place import platforms, rank
from encoder.ledger.record import Record, beside, expected_words, found_words, standing
from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.scores import Scored
from encoder.spec.load import load_library
from encoder.spec.model import Library

FoundWord = Literal["proved", "refuted", "vacuous", "unknown", "absent"]
WHO = {
    "replay": "the schedule was run again without the solver",
    "explorer": "a search of all states agrees",
    "cvc5": "cvc5 agrees",
    "certificate": "a SAT proof of every unsat was checked",
    "apart": "no value that the variables can hold at all breaks it",
}
NOBODY = "nobody else that is on record"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCell:
    """A claim, and what is committed of it. `schedule` is the page of the schedule that breaks it, "" for none."""

    obligation: Obligation
    record: Record | None
    schedule: str

    @property
    def word(self) -> FoundWord:
        if self.record is None:
            return "absent"
        match self.record.found:
            case "complete" | "bounded":
                return "proved"
            case "refuted" | "vacuous" | "unknown":
                return self.record.found
            case "open loops":
                return "unknown"
            case never:
                assert_never(never)

    @property
    def brief(self) -> str:
        """What stands in a table: `refuted`, `proved to 40`."""
        if self.record is None:
            return "not run"
        bound = f" to {self.obligation.depth}" if self.obligation.depth is not None and self.word != "refuted" else ""
        return ("loops open" if self.record.found == "open loops" else self.word) + bound

    @property
    def told(self) -> str:
        """What was found, in words."""
        return found_words(self.record) if self.record is not None else "absent: no result of it is committed"

    @property
    def expected(self) -> str:
        """What is claimed, where something else was found."""
        if self.record is None or standing(self.obligation, self.record) == "expected":
            return ""
        return expected_words(self.obligation)

    @property
    def behind(self) -> tuple[str, ...]:
        """Who else has come to the verdict."""
        return tuple(WHO[name] for name in agreeing(self.record)) if self.record is not None else ()

    @property
    def unlimited(self) -> bool:
        return self.record is not None and self.record.unlimited is not None and self.record.unlimited.holds

    @property
    def beside(self) -> tuple[str, ...]:
        return beside(self.obligation, self.record) if self.record is not None else ()

    @property
    def command(self) -> str:
        """What is typed to ask it again."""
        return f"pinproof {'witness' if self.word == 'refuted' else 'prove'} {self._asked}{self._depth}"

    @property
    def _depth(self) -> str:
        return "" if self.obligation.depth is None else f" --depth {self.obligation.depth}"

    @property
    def _asked(self) -> str:
        each = self.obligation
        place = f"--platform {each.platform}" if each.platform else f"--model {each.model} --flush {each.flush}"
        return f"{each.scenario} --variant {each.variant} --property {each.property} {place}"

    @property
    def explanation(self) -> str:
        """The command that says because of which lines."""
        return self.command.replace("pinproof prove", "pinproof explain").replace(
            "pinproof witness", "pinproof explain"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimEntry:
    """The cells of one scenario, variant and property: by place, the platforms first."""

    scenario: str
    variant: str
    property: str
    cells: Mapping[str, ClaimCell]

    @builtins.property
    def page(self) -> str:
        return f"claims/{self.scenario}/{self.variant}.html"

    @builtins.property
    def name(self) -> ClaimName:
        return self.scenario, self.variant, self.property

    def groups(self) -> list[list[ClaimCell]]:
        """The cells, those of one verdict for one reason together."""
        found: dict[tuple[str, ...], list[ClaimCell]] = {}
        for cell in self.cells.values():
            found.setdefault((cell.brief, cell.obligation.why, cell.expected), []).append(cell)
        return list(found.values())

    def words(self) -> str:
        """The verdicts, for a filter."""
        return " ".join(sorted({cell.word for cell in self.cells.values()}))


@dataclass(frozen=True, kw_only=True)
class Book:
    """`only` is the variant that a report is about, "" for all of the ledger."""

    library: Library
    claimed: tuple[Obligation, ...]
    records: Mapping[str, Record]
    schedules: tuple[SharedSchedule, ...]
    scored: tuple[Scored, ...]
    history: tuple[HistoryEvent, ...]
    only: str = ""

    @cached_property
    def pages(self) -> dict[str, str]:
        """The page of each schedule, by the ids of what it breaks."""
        return {name: page_of(each) for each in self.schedules for name in each.names()}

    @cached_property
    def entries(self) -> tuple[ClaimEntry, ...]:
        """By scenario, variant (the baseline first) and property in the scenario's order."""
        order = {each.name: list(each.properties) for each in self.library.scenarios}

        def key(each: Obligation) -> tuple[object, ...]:
            return each.scenario, each.variant != "baseline", each.variant, order[each.scenario].index(each.property)

        ordered = sorted(self.claimed, key=lambda each: (*key(each), rank(each.place)))
        return tuple(
            ClaimEntry(
                scenario=first.scenario, variant=first.variant, property=first.property,
                cells={each.place: self.cell(each) for each in group},
            )
            for group in (list(found) for _, found in groupby(ordered, key=key))
            for first in group[:1]
        )  # fmt: skip

    def cell(self, each: Obligation) -> ClaimCell:
        return ClaimCell(obligation=each, record=self.records.get(each.id), schedule=self.pages.get(each.id, ""))

    def of(self, wanted: Callable[[ClaimEntry], bool]) -> list[ClaimEntry]:
        return [each for each in self.entries if wanted(each)]

    def programs(self) -> Iterator[tuple[str, str, list[ClaimEntry]]]:
        """Each scenario and variant, with its entries."""
        for (scenario, variant), found in groupby(self.entries, key=lambda each: (each.scenario, each.variant)):
            yield scenario, variant, list(found)

    def tally(self, entries: Iterable[ClaimEntry] | None = None) -> dict[str, dict[FoundWord, int]]:
        """How often each verdict was found, by platform."""
        counts: dict[str, dict[FoundWord, int]] = {place: {} for place in platforms()}
        for entry in self.entries if entries is None else entries:
            for place, cell in entry.cells.items():
                if place in counts:
                    counts[place][cell.word] = counts[place].get(cell.word, 0) + 1
        return counts


def page_of(schedule: SharedSchedule) -> str:
    """The page of a schedule, in the site."""
    scenario, *rest = schedule.names()[0].split("/")
    return f"schedules/{scenario}/{'.'.join(rest)}.html"


def load_book(root: Path, only: str = "") -> Book:
    """What is committed in a `proofs` folder, all of it or of one variant. Raises InputError for wrong files."""
    claimed = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    history = load_history(root / "history", claimed)
    library = load_library()
    proofs = Proofs(root, claimed)
    statements = [proofs.statement(name) for name in proofs.scenarios]
    kept = tuple(each for each in claimed if only in ("", each.variant))
    ids = {each.id for each in kept}
    return Book(
        library=library,
        claimed=kept,
        records={name: record for told in statements for name, record in told.records.items() if name in ids},
        schedules=tuple(each for told in statements for each in told.schedules() if not ids.isdisjoint(each.names())),
        scored=tuple(each for each in proofs.scored() if only in ("", each.record.wanted.variant)),
        history=tuple(each for each in history if not only or _about(each, only)),
        only=only,
    )


def _about(event: HistoryEvent, variant: str) -> bool:
    return any(name == variant for _, name, _ in (*event.was, *event.is_now))
