"""The certificates of obligations as files below `proofs/certificates`."""

from pathlib import Path

from encoder.certificate.file import LIMIT, Certificate, Part, read, written
from encoder.ledger.files import write_whole
from encoder.ledger.obligation import Obligation


class Certificates:
    """The folder `certificates` below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, obligation: Obligation) -> Path:
        return self.root / "certificates" / obligation.file("gz")

    def read(self, obligation: Obligation) -> Certificate | None:
        """The certificate of an obligation, None if there is none. Raises ValueError for a file that is none of it."""
        try:
            content = self.path(obligation).read_bytes()
        except FileNotFoundError:
            return None
        found = read(content)
        if found.obligation != obligation.id:
            raise ValueError(f"line 2: it is of {found.obligation}")
        return found

    def keep(self, obligation: Obligation, parts: tuple[Part, ...]) -> bool:
        """Keep what proves an obligation, in place of what was kept before. Nothing is kept, False is given, where
        there are no parts or the file would be larger than `LIMIT`."""
        path = self.path(obligation)
        content = written(Certificate(obligation=obligation.id, parts=parts))
        if not parts or len(content) > LIMIT:
            path.unlink(missing_ok=True)
            return False
        write_whole(path, content)
        return True

    def prune(self, obligations: tuple[Obligation, ...]) -> None:
        """Remove the files of obligations that are no longer claimed."""
        kept = {self.path(each) for each in obligations}
        for path in sorted((self.root / "certificates").rglob("*.gz")):
            if path not in kept:
                path.unlink(missing_ok=True)
