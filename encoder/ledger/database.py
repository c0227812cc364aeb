"""What runs have found, in a database of the user's that may be lost at any time.

Several processes may use it at once, each in transactions of its own that take milliseconds: a row is there whole or
not at all, whoever is killed. What cannot be used (a full disk, a damaged file, another version) is told once and
nothing more is asked of it: no answer depends on it.
"""

import hashlib
import os
import sqlite3
import sys
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

VERSION = 1
"""To be raised whenever contents get another form or meaning."""
NAME = f"results-{VERSION}.sqlite"
WAIT = 10.0
"""Seconds that another process may hold the database."""
NEWEST = 8
"""Digests of which something is kept of one thing."""
TABLE = """\
CREATE TABLE kept (
    place INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
    sum BLOB NOT NULL, content BLOB NOT NULL, UNIQUE (kind, name, digest)
)"""
PRUNE = """\
DELETE FROM kept WHERE kind = ? AND name = ? AND place NOT IN (
    SELECT place FROM kept WHERE kind = ? AND name = ? ORDER BY place DESC LIMIT ?
)"""
DAMAGED = "it is damaged or not a database: remove it"
REASONS = {
    sqlite3.SQLITE_BUSY: "another process has held it for too long",
    sqlite3.SQLITE_LOCKED: "another process has held it for too long",
    sqlite3.SQLITE_FULL: "there is no space left",
    sqlite3.SQLITE_IOERR: "it cannot be read or written",
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}


def place() -> Path:
    """Where the user's database is: in the folder PINPROOF_CACHE, or that file, else where the user's caches are."""
    if named := os.environ.get("PINPROOF_CACHE"):
        path = Path(named)
        return path if path.suffix and not path.is_dir() else path / NAME
    caches = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(caches) if Path(caches).is_absolute() else Path("~/.cache")) / "pinproof" / NAME


class Database:
    """Contents by kind, name and digest: of each name those that were put last."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.usable = True
        with self._told():
            self.path = path.expanduser()

    def get(self, kind: str, name: str, digest: str | None = None) -> bytes | None:
        """The content, without a digest the newest; None where there is none, or it is not what was put there."""
        found = None
        if self.usable:
            with self._told():
                if self.path.exists():
                    with self._opened("DEFERRED") as connection:
                        found = _read(connection, kind, name, digest) if _is_made(connection) else None
        return found

    def names(self) -> frozenset[str]:
        """The names of which something is kept."""
        found: frozenset[str] = frozenset()
        if self.usable:
            with self._told():
                if self.path.exists():
                    with self._opened("DEFERRED") as connection:
                        rows = connection.execute("SELECT DISTINCT name FROM kept") if _is_made(connection) else ()
                        found = frozenset(name for (name,) in rows)
        return found

    def put(self, kind: str, name: str, digest: str, made: Callable[[bytes | None], bytes]) -> None:
        """Put what `made` makes of what is there, while nobody else can put anything."""
        if not self.usable:
            return
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._opened("IMMEDIATE") as connection:
                if not _is_made(connection):
                    connection.execute(TABLE)
                    connection.execute(f"PRAGMA user_version = {VERSION}")
                content = made(_read(connection, kind, name, digest))
                row = (kind, name, digest, _sum(kind, name, digest, content), zlib.compress(content))
                connection.execute("INSERT OR REPLACE INTO kept VALUES (NULL, ?, ?, ?, ?, ?)", row)
                connection.execute(PRUNE, (kind, name, kind, name, NEWEST))

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        """What goes wrong inside is told, and ends the use of the database."""
        try:
            yield
        except (sqlite3.Error, OSError, RuntimeError) as error:
            self.usable = False
            why = f"what was recorded in {self.path} is not used, and nothing more is recorded: {_reason(error)}"
            print(f"warning: {why}", file=sys.stderr, flush=True)

    @contextmanager
    def _opened(self, how: str) -> Generator[sqlite3.Connection, None, None]:
        """A connection inside a transaction that ends with it. It never outlives a fork."""
        connection = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")  # what a power cut spoils is seen by its sum
            connection.execute(f"BEGIN {how}")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()


def _is_made(connection: sqlite3.Connection) -> bool:
    """Whether the table is there. Raises RuntimeError for a database of another version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version != VERSION and (version, tables) != (0, 0):
        raise RuntimeError(f"it is of version {version}, not {VERSION}")
    return bool(version == VERSION)


def _read(connection: sqlite3.Connection, kind: str, name: str, digest: str | None) -> bytes | None:
    row = connection.execute(
        "SELECT digest, sum, content FROM kept WHERE kind = ? AND name = ? AND digest = coalesce(?, digest)"
        " ORDER BY place DESC LIMIT 1",
        (kind, name, digest),
    ).fetchone()
    try:
        content = b"" if row is None else zlib.decompress(row[2])
        return content if row is not None and row[1] == _sum(kind, name, row[0], content) else None
    except (zlib.error, TypeError):
        return None


def _sum(kind: str, name: str, digest: str, content: bytes) -> bytes:
    """SHA-256 of a content and of what it is kept as."""
    return hashlib.sha256("\0".join((kind, name, digest, "")).encode() + content).digest()


def _reason(error: Exception) -> str:
    if isinstance(error, FileExistsError | NotADirectoryError):
        return "the path of its folder is not a folder"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    code = getattr(error, "sqlite_errorcode", None)
    return str(error) if code is None else REASONS.get(code & 0xFF, str(error))
