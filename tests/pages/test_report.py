"""The site: what is on it, that every link leads somewhere, and what it costs."""

import re
import time
from pathlib import Path

import pytest

from encoder.ledger.place import platforms
from encoder.pages.book import load_book
from encoder.pages.report import pages
from encoder.pages.site import sources
from tests.pages.site import PROOFS, dead_links, parsed, site


@pytest.mark.slow
def test_every_link_leads_somewhere() -> None:
    assert list(dead_links(site())) == []


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in site().rglob("*.html"):
        text = path.read_text("utf-8")
        assert 'src="http' not in text and 'rel="stylesheet" href="http' not in text, path


@pytest.mark.slow
def test_every_claim_is_on_a_page_and_in_the_tables() -> None:
    book = load_book(PROOFS)
    claims = parsed(site() / "claims.html")
    for entry in book.entries:
        ids = parsed(site() / entry.page).ids
        for place in entry.cells:
            assert f"{entry.property}.{place}" in ids
            if place in platforms():
                assert f"{entry.page}#{entry.property}.{place}" in claims.links


@pytest.mark.slow
def test_a_claim_says_why_what_stands_behind_it_and_how_to_ask_it() -> None:
    text = " ".join((site() / "claims/gup-vs-fork/baseline.html").read_text("utf-8").split())
    assert "copy_page_range() makes the seqcount odd before" in text
    assert "pinproof explain gup-vs-fork --variant baseline --property writable-while-pinned --platform arm64" in text
    assert "the schedule was run again without the solver" in text
    assert "schedules/gup-vs-fork/baseline.writable-while-pinned.arm64.html" in text


def test_what_is_not_committed_is_absent(tmp_path: Path) -> None:
    (tmp_path / "schedules").mkdir()
    made = dict(pages(load_book(tmp_path)))
    assert "absent: no result of it is committed" in made["claims/gup-vs-fork/baseline.html"]
    assert "proved</span>" not in made["claims/gup-vs-fork/baseline.html"]


@pytest.mark.slow
def test_history_has_a_row_an_event_and_a_column_a_platform() -> None:
    text = (site() / "index.html").read_text("utf-8")
    assert "57efa1fe5957" in text and "a mail to linux-mm" in text and "not decided: Nothing is claimed of it." in text
    assert "history/2020-12-first.html#lkmm" in text
    row = text.split("2020-12-first.html")[1].split("</tr>")[0]
    assert "broken" in row


@pytest.mark.slow
def test_one_patch_alone() -> None:
    made = dict(pages(load_book(PROOFS, "kara-rmap-seq")))
    assert "mm/rmap: test for pins in the walk" in made["index.html"]
    assert '<span class="added">' in made["index.html"]
    claims = {name for name in made if name.startswith("claims/")}
    assert claims and all(name.endswith("/kara-rmap-seq.html") for name in claims)


@pytest.mark.slow
def test_it_is_made_in_seconds_and_fits_a_mail_server() -> None:
    from encoder.pages.schedules import schedule_pages

    start = time.process_time()
    book = load_book(PROOFS)
    size = sum(len(text.encode()) for made in (pages(book), schedule_pages(book)) for _, text in made)
    assert time.process_time() - start < 20
    assert size < 15e6


def test_addresses_are_links_and_files_are_of_a_kernel() -> None:
    mail = "https://lore.kernel.org/linux-mm/20260202074557.16544-1-lance.yang@linux.dev/"
    assert sources(mail) == f'<a href="{mail}">{mail}</a>'
    assert sources(f"mm/ksm.c warns of; {mail}, v2.6.32").startswith(
        '<a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/mm/ksm.c?h=v2.6.32">mm/ksm.c</a>'
        f' warns of; <a href="{mail}">{mail}</a>, '
    )
    assert sources("mm/gup.c pin_user_pages()", "cpu0") == "mm/gup.c pin_user_pages()"
    assert "mm/gup.c?h=v5.15" in sources("mm/gup.c pin_user_pages()", "v5.15")


@pytest.mark.slow
def test_every_file_of_the_kernel_is_of_a_kernel() -> None:
    for path in site().rglob("*.html"):
        for version in re.findall(r'linux\.git/tree/[^"]*\?h=([^"]*)"', path.read_text("utf-8")):
            assert re.fullmatch(r"v[3-9]\.\d+|v2\.6\.\d+", version), (path, version)
