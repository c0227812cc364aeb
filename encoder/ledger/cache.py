"""What was found for obligations, kept for as long as nothing that it depends on changes: verdicts with their schedules
and what others say of them, certificates, scores of mutants."""

import json

from encoder.base.result import Report
from encoder.certificate.file import MAX_BYTES, Certificate, QueryProof, write_certificate
from encoder.ledger.database import Database, place
from encoder.ledger.files import UNREADABLE
from encoder.ledger.mutants import MutantRecord, Wanted, mutants_from
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, as_object, asked_more, record_from, record_of

RESULT, CERTIFICATE, SCORE = "result", "certificate", "score"


class Cache:
    """In the user's database, or in another. What the database cannot give is not there; what it cannot take is not
    kept."""

    def __init__(self, database: Database | None = None) -> None:
        self._database = database or Database(place())

    def result(self, obligation: Obligation, digest: str) -> Record | None:
        """What was found when all that it depends on was as now."""
        return _result(self._database.get(RESULT, obligation.id, digest), obligation)

    def keep(self, obligation: Obligation, report: Report, digest: str) -> Record:
        """Keep what a report says, with what is kept of the same verdict when more was asked; a certificate too. What
        is not decided takes nothing away, and is not kept."""
        found = record_of(obligation, report)
        if found.found == "unknown":
            return found
        record = found

        def enriched(content: bytes | None) -> bytes:
            nonlocal record
            record = asked_more(found, _result(content, obligation))
            return json.dumps(as_object(record), ensure_ascii=False).encode()

        self._database.put(RESULT, obligation.id, digest, enriched)
        self._certify(obligation, report.proofs, digest)
        return record

    def _certify(self, obligation: Obligation, parts: tuple[QueryProof, ...], digest: str) -> None:
        """Keep a certificate of at most `MAX_BYTES` bytes."""
        content = write_certificate(Certificate(obligation=obligation.id, parts=parts)) if parts else b""
        if 0 < len(content) <= MAX_BYTES:
            self._database.put(CERTIFICATE, obligation.id, digest, lambda _: content)

    def names(self) -> frozenset[str]:
        """The obligations, and programs with scores, of which something is kept."""
        return self._database.names()

    def certificate(self, obligation: Obligation, digest: str | None = None) -> bytes | None:
        """The newest certificate as a file; with a digest, the one that was made when all was as now."""
        return self._database.get(CERTIFICATE, obligation.id, digest)

    def score(self, wanted: Wanted, digest: str) -> MutantRecord | None:
        """The scores of these proofs when all that they depend on was as now."""
        return _score(self._database.get(SCORE, wanted.id, digest), wanted)

    def keep_score(self, record: MutantRecord, digest: str) -> None:
        """Keep scores, unless more is known of the same."""

        def fuller(content: bytes | None) -> bytes:
            known = _score(content, record.wanted)
            kept = known if known is not None and len(known.undecided) < len(record.undecided) else record
            return kept.as_text().encode()

        self._database.put(SCORE, record.wanted.id, digest, fuller)


def _result(content: bytes | None, obligation: Obligation) -> Record | None:
    try:
        record = None if content is None else record_from(json.loads(content))
    except UNREADABLE:
        return None
    return record if record is not None and record.obligation == obligation.id else None


def _score(content: bytes | None, wanted: Wanted) -> MutantRecord | None:
    record = None if content is None else mutants_from(content)
    return record if record is not None and record.wanted == wanted else None
