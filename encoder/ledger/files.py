"""Files that are written whole or not at all, whoever else is writing."""

from pathlib import Path
from tempfile import NamedTemporaryFile

UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What taking a record apart raises where the text is no JSON, is nested without end, or holds something else."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write text or bytes to `path` such that a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content.encode() if isinstance(content, str) else content)
            file.close()
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
