"""Records and witnesses as files. Each is written whole or not at all, whoever else is writing."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from encoder.base.result import Refuted, Report
from encoder.ledger.certificates import Certificates
from encoder.ledger.files import write_whole
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import Record, asked_more, record_from, record_of
from encoder.render import json, text


class Store:
    """The folders `results` and `witnesses` below `root`, and `certificates` beside them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.certificates = Certificates(root)

    def read(self, obligation: Obligation) -> Record | None:
        """The record of an obligation; None if there is none, it cannot be read or its witness is not the one found."""
        record = self._recorded(obligation)
        return record if record is not None and self._witnessed(obligation, record) else None

    def _recorded(self, obligation: Obligation) -> Record | None:
        """The record, whatever has become of its witness."""
        try:
            record = record_from(self.result_path(obligation).read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
        return record if record is not None and record.obligation == obligation.id else None

    def _witnessed(self, obligation: Obligation, record: Record) -> bool:
        """Whether the witness that the record speaks of, if any, is there."""
        try:
            return not record.witness or (
                _sha256(self.witness_path(obligation, "json").read_bytes()) == record.witness
                and self.witness_path(obligation, "txt").is_file()
            )
        except OSError:
            return False

    def read_all(self, obligations: Iterable[Obligation]) -> dict[str, Record]:
        """The records that there are, by obligation id."""
        return {each.id: record for each in obligations if (record := self.read(each)) is not None}

    def keep(self, obligation: Obligation, report: Report, digest: str) -> Record:
        """Record what was found, the witness first: a record never speaks of a witness that is not there. What has been
        recorded of the same verdict when more was asked is kept."""
        known = self._recorded(obligation)
        witness = ""
        if isinstance(report.verdict, Refuted):
            question = replace(report.question, checks=False)
            alone = replace(report, opinions=(), question=question, checks=None)
            drawn = json.render(alone, timing=False)
            write_whole(self.witness_path(obligation, "txt"), text.render(alone))
            write_whole(self.witness_path(obligation, "json"), drawn)
            witness = _sha256(drawn.encode())
        record = record_of(obligation, report, digest=digest, witness=witness)
        if known is not None:
            record = asked_more(record, known)
        earlier = any(each.by == "certificate" and each not in report.opinions for each in record.opinions)
        if "certificate" in report.question.opinions and not earlier:
            self.certificates.keep(obligation, report.proofs)
        self.keep_record(obligation, record)
        return record

    def keep_record(self, obligation: Obligation, record: Record) -> None:
        """Record this, unless it says nothing of what is recorded as decided."""
        known = self.read(obligation) if record.found == "unknown" else None
        if known is not None and known.found != "unknown" and known.digest == record.digest:
            return
        write_whole(self.result_path(obligation), record.as_text())
        if not record.witness:
            for suffix in ("json", "txt"):
                self.witness_path(obligation, suffix).unlink(missing_ok=True)

    def prune(self, obligations: tuple[Obligation, ...]) -> None:
        """Remove the files of obligations that are no longer claimed."""
        self.certificates.prune(obligations)
        kept = {self.result_path(each) for each in obligations}
        kept |= {self.witness_path(each, suffix) for each in obligations for suffix in ("json", "txt")}
        for folder in ("results", "witnesses"):
            for path in sorted((self.root / folder).rglob("*"), reverse=True):
                if path.is_dir():
                    with suppress(OSError):
                        path.rmdir()
                elif path not in kept and not path.name.startswith("."):
                    path.unlink(missing_ok=True)

    def result_path(self, obligation: Obligation) -> Path:
        return self.root / "results" / obligation.file("json")

    def witness_path(self, obligation: Obligation, suffix: str) -> Path:
        return self.root / "witnesses" / obligation.file(suffix)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
