"""Patches as they are posted."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.base.source import render_problem
from encoder.review.patch import Patch, read_patch
from tests.kernel.trees import diff

PIN = ("\tsmp_mb__after_atomic();\n", "\tsmp_rmb();\n")
SHARED = Path(__file__).parents[3] / "shared" / "patches"


def read(text: str, name: str = "x.diff") -> Patch:
    return read_patch(text.encode(), name)


def changed(patch: Patch) -> list[tuple[str, str]]:
    """The lines that are added and removed."""
    lines = (line for file in patch.files for hunk in file.hunks for line in hunk.lines)
    return [(line.kind, line.text.strip()) for line in lines if line.kind != " "]


EXPECTED = [("-", "smp_mb__after_atomic();"), ("+", "smp_rmb();")]


def test_unified_diff() -> None:
    patch = read(diff("mm/gup.c", PIN))
    assert [file.path for file in patch.files] == ["mm/gup.c"]
    assert changed(patch) == EXPECTED
    assert patch.files[0].hunks[0].section.startswith("static struct folio *try_grab_folio_fast(")


def test_lines_that_end_as_on_windows() -> None:
    assert changed(read(diff("mm/gup.c", PIN).replace("\n", "\r\n"))) == EXPECTED


def mail(subject: str, body: str, encoding: str = "8bit") -> str:
    message = EmailMessage()
    message["From"] = "A Developer <a@example.org>"
    message["Subject"] = subject
    message.set_content(body, cte=encoding)
    return message.as_string()


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_mail(encoding: str) -> None:
    body = f"Why.\n\nSigned-off-by: A\n---\n mm/gup.c | 2 +-\n\n{diff('mm/gup.c', PIN)}-- \n2.43.0\n"
    patch = read(mail("[PATCH v2 1/3] mm/gup: a weaker barrier", body, encoding))
    assert (patch.subject, patch.author) == ("mm/gup: a weaker barrier", "A Developer")
    assert changed(patch) == EXPECTED


def test_mailbox_with_two_patches() -> None:
    begin = "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\n"
    other = diff("mm/memory.c", ("\t\tmmap_assert_write_locked(src_mm);\n", ""))
    text = "".join(begin + mail(name, body) for name, body in (("one", diff("mm/gup.c", PIN)), ("two", other)))
    patch = read(text)
    assert patch.subject == "one"
    assert [file.path for file in patch.files] == ["mm/gup.c", "mm/memory.c"]


def test_mail_with_two_diffs() -> None:
    other = diff("mm/memory.c", ("\t\tmmap_assert_write_locked(src_mm);\n", ""))
    patch = read(mail("both", f"{diff('mm/gup.c', PIN)}\nand\n\n{other}"))
    assert [file.path for file in patch.files] == ["mm/gup.c", "mm/memory.c"]


def test_empty_line_that_a_mail_has_lost_at_the_end() -> None:
    text = "--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,4 @@\n a\n+b\n c\n"
    assert changed(read(text)) == [("+", "b")]
    assert [line.text for line in read(text).files[0].hunks[0].lines] == ["a", "b", "c", ""]


@pytest.mark.parametrize("head", ["diff --cc mm/gup.c\n", "diff --combined mm/gup.c\n"])
def test_combined_diff_is_refused(head: str) -> None:
    body = "--- a/mm/gup.c\n+++ b/mm/gup.c\n@@@ -1,2 -1,2 +1,2 @@@\n  a\n- b\n -c\n++d\n"
    with pytest.raises(InputError) as caught:
        read(f"commit 1\nMerge: 2 3\n\n{head}index 1,2..3\n{body}")
    (problem,) = caught.value.problems
    assert "of a merge" in problem.message
    assert problem.span is not None and problem.span.line == 4


def renamed(hunks: str, similar: int = 90) -> str:
    names = f"similarity index {similar}%\nrename from mm/gup.c\nrename to mm/gup_core.c\n"
    return f"diff --git a/mm/gup.c b/mm/gup_core.c\n{names}{hunks}"


def test_file_that_gets_another_name_is_what_it_was() -> None:
    hunks = diff("mm/gup.c", PIN).replace("+++ b/mm/gup.c", "+++ b/mm/gup_core.c")
    patch = read(renamed(hunks))
    assert [file.path for file in patch.files] == ["mm/gup.c"]
    assert changed(patch) == EXPECTED


@pytest.mark.parametrize(
    "text", [renamed("", 100), "diff --git a/mm/gup.c b/mm/gup.c\nold mode 100644\nnew mode 100755\n"]
)
def test_patch_without_lines(text: str) -> None:
    (file,) = read(text).files
    assert (file.path, file.hunks) == ("mm/gup.c", ())


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("linux-6.12.orig/mm/gup.c", "linux-6.12/mm/gup.c", "mm/gup.c"),
        ("mm/gup.c.orig", "mm/gup.c", "mm/gup.c"),
        ("a/tools/include/linux/mm.h", "b/tools/include/linux/mm.h", "tools/include/linux/mm.h"),
        ("./x/y.c", "./x/y.c", "./x/y.c"),
    ],
)
def test_paths_are_those_in_the_tree(old: str, new: str, path: str) -> None:
    (file,) = read(f"--- {old}\n+++ {new}\n@@ -1 +1 @@\n-a\n+b\n").files
    assert file.path == path


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1"])
def test_characters_of_mails(charset: str) -> None:
    message = EmailMessage()
    message["Subject"] = "[PATCH] größer"
    message.set_content("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-ä\n+ö\n", charset=charset, cte="8bit")
    assert changed(read_patch(message.as_bytes(), "x.eml")) == [("-", "ä"), ("+", "ö")]
    assert changed(read("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-ä\n+ö\n")) == [("-", "ä"), ("+", "ö")]


@pytest.mark.parametrize(("kind", "name"), [("text/x-patch", "a.patch"), ("application/octet-stream", "a.diff")])
def test_patch_that_is_attached(kind: str, name: str) -> None:
    message = EmailMessage()
    message.set_content("See below.\n")
    maintype, subtype = kind.split("/")
    message.add_attachment(diff("mm/gup.c", PIN).encode(), maintype=maintype, subtype=subtype, filename=name)
    assert changed(read_patch(message.as_bytes(), "x.eml")) == EXPECTED


def test_binary_parts_are_said() -> None:
    patch = read("diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n")
    assert patch.binary
    assert patch.files == ()


@pytest.mark.parametrize(
    ("content", "said", "line"),
    [
        (b"hello\n", "there is no diff in it", 1),
        (b"", "there is no diff in it", 1),
        (b"\x89PNG\0\0", "this is no text", 1),
        (b"--- a/x.c\n+++ b/x.c\n@@ -1,9 +1,9 @@\n a\n-b\n+c\n", "this is no whole diff", 3),
    ],
)
def test_what_is_no_patch_is_refused(content: bytes, said: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        read_patch(content, "x.diff")
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.span is not None and problem.span.line == line
    assert problem.expected
    assert "x.diff" in render_problem(problem)


def test_patch_of_the_thread() -> None:
    if not (SHARED / "locked-pages.diff").is_file():
        pytest.skip("no ../shared/patches")
    patch = read_patch((SHARED / "locked-pages.diff").read_bytes(), "locked-pages.diff")
    assert [file.path for file in patch.files] == ["mm/gup.c"]
    assert ("+", "nr_pinned = i + 1;") in changed(patch)
