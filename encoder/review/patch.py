"""Diffs as they are posted: in files, in mails, from git. The one place that reads them with unidiff."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message

import unidiff

from encoder.base.errors import InputError, Problem
from encoder.base.source import Span

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
FROM = re.compile(r"^From [^\n]*\d{4}\n(?=[A-Z][\w-]*: )", re.MULTILINE)
HEADER = re.compile(r"(?:From [^\n]*\n)?[A-Z][\w-]*: ")
SUBJECT_TAG = re.compile(r"^\s*(\[[^\]]*\]\s*)+")
BINARY = re.compile(r"^(GIT binary patch|Binary files .* differ)$", re.MULTILINE)
FILES = re.compile(r"^(---|\+\+\+|diff --git) ", re.MULTILINE)
COMBINED = re.compile(r"^(diff --(cc|combined) |@@@)", re.MULTILINE)
ATTACHED = (".patch", ".diff")
TOP = frozenset(
    [
        "Documentation",
        "LICENSES",
        "arch",
        "block",
        "certs",
        "crypto",
        "drivers",
        "fs",
        "include",
        "init",
        "io_uring",
        "ipc",
    ]
) | frozenset(["kernel", "lib", "mm", "net", "rust", "samples", "scripts", "security", "sound", "tools", "usr", "virt"])
"""The folders of a kernel: what stands before them in a path is the name of the tree."""
PREFIXES = (" ", "+", "-", "\\", "")
LOST = 3
"""Empty lines that may have been lost at the end of a hunk, as mail does."""


@dataclass(frozen=True, slots=True)
class PatchLine:
    """A line of a hunk: `kind` is " ", "-" or "+"; `number` is its line in the patch."""

    kind: str
    text: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """`section` is what stands behind the second `@@`: the function, mostly. `start` is the first line in the old
    file."""

    section: str
    start: int
    lines: tuple[PatchLine, ...]

    def side(self, sign: str) -> tuple[str, ...]:
        """The lines before ("-") or after ("+")."""
        return tuple(line.text for line in self.lines if line.kind in (" ", sign))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatch:
    """What is changed in the file `path`, whatever its name is then; `added` and `removed` where it is new, or goes."""

    path: str
    hunks: tuple[Hunk, ...]
    added: bool = False
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """`name` is what people call it (the file, or the range), `subject` and `author` are those of the mail. `binary` is
    whether something in it is no text."""

    name: str
    subject: str
    author: str
    files: tuple[FilePatch, ...]
    binary: bool = False


def read_patch(content: bytes, name: str) -> Patch:
    """The patch in a file or mail, or several, one after the other, as if they were one.

    Raises InputError for what is no diff, or a broken one.
    """
    if b"\0" in content:
        raise _refused(name, 1, "this is no text", "a unified diff, or a mail with one")
    mails = [_Mail.of(part) for part in _mails(content.decode("ascii", errors="surrogateescape"))]
    files = tuple(file for mail in mails for file in _files(mail, name))
    binary = any(BINARY.search(mail.body) for mail in mails)
    if not files and not binary:
        raise _refused(
            name, 1, "there is no diff in it", "`--- a/FILE`, `+++ b/FILE` and `@@ … @@`, as `git diff` prints"
        )
    return Patch(
        name=name, subject=next((mail.subject for mail in mails if mail.subject), ""),
        author=next((mail.author for mail in mails if mail.author), ""), files=files, binary=binary,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Mail:
    subject: str
    author: str
    body: str

    @classmethod
    def of(cls, text: str) -> "_Mail":
        """A mail, decoded, or what is none as it is."""
        if not HEADER.match(text):
            return cls("", "", _unix(_decoded(text)))
        message = email.message_from_string(re.sub(r"\AFrom [^\n]*\n", "", text), policy=email.policy.default)
        subject = SUBJECT_TAG.sub("", " ".join(str(message["Subject"] or "").split()))
        author = str(message["From"] or "").partition("<")[0].strip(' "')
        return cls(subject, author, _unix("\n".join(_texts(message))))


def _mails(text: str) -> list[str]:
    """The mails of an mbox; what is none is one part."""
    starts = [match.start() for match in FROM.finditer(text)]
    if not starts or text[: starts[0]].strip():
        return [text]
    return [text[first:last] for first, last in zip(starts, [*starts[1:], len(text)], strict=True)]


def _texts(message: Message) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_maintype() == "text" and isinstance(part, EmailMessage):
            yield str(part.get_content())
        elif (part.get_filename() or "").endswith(ATTACHED) and isinstance(
            content := part.get_payload(decode=True), bytes
        ):
            yield content.decode("utf-8", errors="replace")


def _decoded(text: str) -> str:
    """What was read byte by byte, as the characters that it is."""
    return text.encode("ascii", errors="surrogateescape").decode("utf-8", errors="replace")


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _files(mail: _Mail, name: str) -> Iterator[FilePatch]:
    body = _mended(mail.body)
    if (combined := COMBINED.search(body)) is not None:
        line = body.count("\n", 0, combined.start()) + 1
        raise _refused(
            name, line, "this is a combined diff, of a merge", "a diff of two trees, as `git diff A B` prints"
        )
    if not FILES.search(body):
        return
    try:
        found = unidiff.PatchSet(body)
    except unidiff.UnidiffParseError as error:
        raise _refused(
            name,
            _broken_line(body),
            f"this is no whole diff: {str(error).lower()}",
            "a hunk as long as its `@@` line says",
        ) from None
    for each in found:
        if each.is_binary_file:
            continue
        hunks = tuple(_hunk(hunk) for hunk in each)
        yield FilePatch(path=_path(each), hunks=hunks, added=each.is_added_file, removed=each.is_removed_file)


def _path(file: unidiff.PatchedFile) -> str:
    """The path in the tree that the patch is for: that of before, where git says that it gets another."""
    renamed = any(line.startswith("rename from ") for line in file.patch_info or ())
    path = file.source_file.removeprefix("a/") if renamed else file.path
    parts = path.split("/")
    start = next((n for n, part in enumerate(parts[:-1]) if part in TOP), 0)
    return "/".join(parts[start:])


def _hunk(hunk: unidiff.Hunk) -> Hunk:
    lines = tuple(
        PatchLine(" " if line.is_context else line.line_type, line.value.rstrip("\n"), line.diff_line_no or 0)
        for line in hunk
        if line.line_type in (" ", "+", "-", "")
    )
    return Hunk(section=hunk.section_header.strip(), start=hunk.source_start, lines=lines)


def _mended(body: str) -> str:
    """With the empty lines that a mail has lost at the end of hunks, and without what stands behind the last one (a
    signature), which would be taken for a part of it."""
    result: list[str] = []
    old = new = 0
    for line in body.removesuffix("\n").split("\n"):
        match = HUNK.match(line)
        inside = old > 0 or new > 0
        if match is not None or (inside and _is_lost(old, new) and (line[:1] not in PREFIXES or FILES.match(line))):
            result += _lost(old, new)
            old = new = 0
        if match is not None:
            old, new = (int(match[group]) if match[group] is not None else 1 for group in (2, 4))
        elif old > 0 or new > 0:
            old -= line[:1] in (" ", "-", "")
            new -= line[:1] in (" ", "+", "")
        result.append(line)
    return "\n".join([*result, *_lost(old, new)]) + "\n"


def _is_lost(old: int, new: int) -> bool:
    return 0 < old == new <= LOST


def _lost(old: int, new: int) -> list[str]:
    return [" "] * old if _is_lost(old, new) else []


def _broken_line(body: str) -> int:
    """The last line that begins a hunk."""
    numbers = [number for number, line in enumerate(body.split("\n"), 1) if HUNK.match(line)]
    return numbers[-1] if numbers else 1


def _refused(name: str, line: int, message: str, expected: str) -> InputError:
    return InputError([Problem(code="R101", message=message, span=Span(name, line, 1, 2), expected=expected)])
