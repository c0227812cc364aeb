"""What is known of a question without asking it: from what is committed, if it is about the specs as they are, or from
the cache."""

from collections.abc import Iterable, Sequence
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
        self._statements: dict[str, ScenarioStatement] = {}
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
        return {each: record for each in questions if (record := self._committed(each)) is not None}

    def keep(self, question: Question, report: Report) -> None:
        """Keep the answer to a question that was looked up in vain in the cache."""
        self._cache.keep(Obligation.asking(question), report, digest(self._programs[question], question))

    def _committed(self, question: Question) -> Record | None:
        scenario = question.scenario
        if question.loops != DEFAULT_LOOPS:
            return None
        if scenario not in self._statements:
            self._statements[scenario] = self._read(scenario)
        stated = self._statements[scenario]
        record = stated.records.get(name_of(question))
        if record is None or record.depth != question.depth:
            return None
        return record if stated.specs.get(question.variant) == self._prints.of(scenario, question.variant) else None

    def _read(self, scenario: str) -> ScenarioStatement:
        try:
            return read(self._root, scenario)
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
