"""Files that commands read and write where they are told to."""

from pathlib import Path


def write(path: Path, text: str) -> None:
    """Write a file, or over it. Raises OSError that names it, as a full disk by itself does not."""
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def told(error: OSError | UnicodeDecodeError) -> str:
    """Why a file cannot be read, in a word or two that do not name it."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else f"it is no UTF-8 text ({error.reason})"
