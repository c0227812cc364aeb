"""What is known of a question without asking it: from what is committed, if it is about the specs as they are, or from
the cache."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from pathlib import Path

from encoder.base.catalog import shipped
from encoder.base.errors import InputError
from encoder.base.result import Question, Report, VerdictWord
from encoder.ledger.cache import Cache
from encoder.ledger.digest import digest
from encoder.ledger.obligation import Obligation
from encoder.ledger.place import name_of
from encoder.ledger.record import Record
from encoder.ledger.statement import ScenarioStatement, read
from encoder.program.core import Program
from encoder.spec.fingerprint import Fingerprints
from encoder.verify.load import load_all

DEFAULT_LOOPS = Question(scenario="", variant="", property="").loops


class Recall:
    """Looks questions up in the folder `proofs` and in the cache."""

    def __init__(self, proofs: Path | None = None, cache: Cache | None = None) -> None:
        self._root = proofs or Path(str(shipped("proofs")))
        self._cache = cache or Cache()
        self._programs: dict[Question, Program] = {}

    def verdicts(self, questions: Sequence[Question]) -> dict[Question, VerdictWord]:
        """The verdicts that are known, and for the depth that is asked. Raises InputError for wrong specs."""
        found = self.committed(questions)
        self._programs |= load_all([each for each in questions if each not in found])
        for each, program in self._programs.items():
            record = self._cache.result(Obligation.asking(each), digest(program, each))
            if record is not None:
                found[each] = record
        return {each: word_of(record) for each, record in found.items() if record.found != "open loops"}

    def committed(self, questions: Iterable[Question]) -> dict[Question, Record]:
        """What is committed of these, as far as it is about the specs as they are."""
        names = {each: name_of(each) for each in questions if each.loops == DEFAULT_LOOPS}
        scenarios = {each.scenario for each in names}
        stated = {s: self._read(s, {name for each, name in names.items() if each.scenario == s}) for s in scenarios}
        found = {each: self._of(stated[each.scenario], each, name) for each, name in names.items()}
        return {each: record for each, record in found.items() if record is not None}

    def keep(self, question: Question, report: Report) -> None:
        """Keep the answer to a question that was looked up in vain in the cache."""
        self._cache.keep(Obligation.asking(question), report, digest(self._programs[question], question))

    def _of(self, stated: ScenarioStatement, question: Question, name: str) -> Record | None:
        record = stated.records.get(name)
        if record is None or record.depth != question.depth:
            return None
        current = self._prints.of(question.scenario, question.variant)
        return record if stated.specs.get(question.variant) == current else None

    def _read(self, scenario: str, wanted: AbstractSet[str]) -> ScenarioStatement:
        try:
            return read(self._root, scenario, wanted)
        except InputError:
            return ScenarioStatement(scenario=scenario)

    @cached_property
    def _prints(self) -> Fingerprints:
        return Fingerprints()


def word_of(record: Record) -> VerdictWord:
    """The verdict that a record is of."""
    match record.found:
        case "complete" | "bounded" | "open loops":
            return "proved"
        case "refuted" | "vacuous" | "unknown":
            return record.found
