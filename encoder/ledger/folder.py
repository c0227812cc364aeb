"""The folder `proofs`: what is committed of what was found, and the page that is made of it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from encoder.base.errors import InputError
from encoder.certificate.file import Certificate
from encoder.certificate.file import read_certificate as certificate_from
from encoder.ledger import scores, statement
from encoder.ledger.drawings import drawings
from encoder.ledger.files import write_whole
from encoder.ledger.history import load_history
from encoder.ledger.mutants import Wanted, wanted_of
from encoder.ledger.mutants_page import Specs, mutants
from encoder.ledger.obligation import Obligation
from encoder.ledger.page import page
from encoder.ledger.place import platforms
from encoder.ledger.record import Record
from encoder.ledger.scores import Scored
from encoder.ledger.statement import ScenarioStatement
from encoder.ledger.survivors import load_explanations, unfitting
from encoder.spec.model import Library

EXAMPLES = (
    "gup-vs-fork-pinned-before/fork-mb-pin-mb/writable-while-pinned/sc",
    "gup-vs-fork/v6.12-fork-mb/writable-while-pinned/x86",
    "gup-vs-fork/v6.12-fork-mb/writable-while-pinned/lkmm",
    "gup-vs-soft-dirty/linus-soft-dirty-seq-mb-pin-mb/writable-while-pinned/lkmm",
)
"""The proofs whose certificates are committed."""


def _unscored(wanted: Iterable[Wanted], scored: Iterable[Scored]) -> list[Wanted]:
    strongest, *_ = platforms()
    known = {each.record.wanted for each in scored}
    return [each for each in wanted if each.platform == strongest and each not in known]


class Proofs:
    """The folder at `root`, as far as something is claimed. Reading raises InputError for a file that is not what is
    written here; every file is written whole, and only where that changes it."""

    def __init__(self, root: Path, claimed: tuple[Obligation, ...]) -> None:
        self.root = root
        self.claimed = claimed
        self.scenarios = tuple(sorted({each.scenario for each in claimed}))

    def claims(self, scenario: str) -> tuple[Obligation, ...]:
        return tuple(each for each in self.claimed if each.scenario == scenario)

    def statement(self, scenario: str) -> ScenarioStatement:
        return statement.read(self.root, scenario)

    def state(self, told: ScenarioStatement, library: Library) -> None:
        """Write what is committed of a scenario, as data and drawn."""
        (scenario,) = (each for each in library.scenarios if each.name == told.scenario)
        drawn = drawings(told, scenario.title, scenario.scope)
        _write(statement.path_of(self.root, told.scenario), told.text())
        _write(statement.path_of(self.root, told.scenario, "md"), drawn)

    def records(self) -> dict[str, Record]:
        """What is committed of each obligation, by id."""
        found = {name: each for scenario in self.scenarios for name, each in self.statement(scenario).records.items()}
        return {name: found[name] for name in (each.id for each in self.claimed) if name in found}

    def wanted(self) -> tuple[Wanted, ...]:
        """The proofs to score."""
        return wanted_scores(self.claimed, self.records())

    def scored(self) -> tuple[Scored, ...]:
        """The scores of these proofs that are committed."""
        return self._scored(self.wanted())

    def _scored(self, wanted: Iterable[Wanted]) -> tuple[Scored, ...]:
        asked = frozenset(wanted)
        return tuple(
            each for name in self.scenarios for each in scores.read(self.root, name) if each.record.wanted in asked
        )

    def score(self, new: Iterable[Scored]) -> None:
        """Put scores in place of those that are committed of the same proofs; what is no longer proved goes."""
        wanted, found = self.wanted(), tuple(new)
        for name in self.scenarios:
            old = scores.read(self.root, name)
            kept = scores.merged(old, (each for each in found if each.record.wanted.scenario == name), wanted)
            if kept != old:
                _write(scores.path_of(self.root, name), scores.text(name, kept))

    def unscored(self) -> list[Wanted]:
        """The proofs on the strongest platform of which no score is committed."""
        wanted = self.wanted()
        return _unscored(wanted, self._scored(wanted))

    def page(self, library: Library, specs: Specs) -> str:
        """README.md. Raises InputError for an explanation that fits no survivor, once all proofs on the strongest
        platform are scored, and for a wrong file of the history."""
        titles = {each.name: each.title for each in library.properties}
        records = self.records()
        wanted = wanted_scores(self.claimed, records)
        scored, explanations = self._scored(wanted), load_explanations(self.root / "survivors.yaml")
        missing = _unscored(wanted, scored)
        problems = [] if missing else unfitting(explanations, [each.record for each in scored])
        if problems:
            raise InputError(problems)
        told = mutants(scored, explanations, wanted, specs)
        events = load_history(self.root / "history", self.claimed)
        return page(self.claimed, records, titles, events) + told

    def finish(self, library: Library, specs: Specs) -> None:
        """Write the page, and remove what is of scenarios of which nothing is claimed any more."""
        kept = {statement.path_of(self.root, name, suffix) for name in self.scenarios for suffix in ("json", "md")}
        kept |= {scores.path_of(self.root, name) for name in self.scenarios}
        kept |= {self.example(name) for name in self.examples()}
        for folder in ("schedules", "scores", "certificates"):
            for path in sorted((self.root / folder).glob("*")):
                if path not in kept:
                    path.unlink()
        _write(self.root / "README.md", self.page(library, specs))

    def examples(self) -> tuple[str, ...]:
        """The ids of the proofs whose certificates are committed."""
        return tuple(name for name in EXAMPLES if any(each.id == name for each in self.claimed))

    def example(self, name: str) -> Path:
        return self.root / "certificates" / f"{name.replace('/', '.')}.gz"

    def show(self, name: str, content: bytes) -> None:
        """Put a certificate in place of the one that is committed, unless that is of the same clauses."""
        path = self.example(name)
        if not path.is_file() or _of(path.read_bytes()) != _of(content):
            _write(path, content)


def _of(content: bytes) -> Certificate | None:
    """What a certificate is of, without its proofs."""
    try:
        found = certificate_from(content)
    except ValueError:
        return None
    return replace(found, parts=tuple(replace(part, core=(), clauses=(), lemmas=()) for part in found.parts))


def wanted_scores(obligations: Iterable[Obligation], records: Mapping[str, Record]) -> tuple[Wanted, ...]:
    """The proofs to score, without what was found to be none. One that needs more than the loops' bounds is scored for
    schedules of at most its own length: of mutants it is not known whether further rounds change something."""
    wanted = []
    for each in obligations:
        record = records.get(each.id)
        if record is None:
            wanted.append(each)
        elif record.found == each.expect:
            wanted.append(replace(each, depth=record.steps) if record.detail else each)
    return wanted_of(wanted)


def _write(path: Path, content: str | bytes) -> None:
    raw = content.encode() if isinstance(content, str) else content
    if not path.is_file() or path.read_bytes() != raw:
        write_whole(path, raw)
