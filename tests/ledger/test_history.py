"""proofs/history: what is read, what is refused, and what the page makes of it."""

from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.ledger.history import load_history
from encoder.ledger.history_page import history
from encoder.ledger.obligation import Obligation
from encoder.ledger.record import record_of
from tests.ledger.samples import written
from tests.render.samples import REPORTS

CLAIMS = """\
scenario: gup-vs-reclaim
obligations:
  - variant: baseline
    property: mapped-while-pinned
    claims:
      - {on: [sc, x86], expect: refuted, why: w}
  - variant: v6.12
    property: mapped-while-pinned
    claims:
      - {on: [sc, x86], expect: complete, why: w}
"""
EVENT = """\
title: reclaim unmaps what is pinned
commit: 6c287605fd56
subject: "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive"
date: 2022-05
kernel: v5.19
was: [gup-vs-reclaim/baseline/mapped-while-pinned]
is: [gup-vs-reclaim/v6.12/mapped-while-pinned]
says: The walk tests again.
"""


@pytest.fixture
def claimed(tmp_path: Path) -> tuple[Obligation, ...]:
    return written(tmp_path, CLAIMS)


def at(folder: Path, **files: str) -> Path:
    """A folder `history` with these files, whose names are the keys with `_` for `-`."""
    history = folder / "history"
    history.mkdir()
    for name, text in files.items():
        (history / f"{name[1:].replace('_', '-')}.yaml").write_text(text, "utf-8")
    return history


def test_the_page_tells_where_it_was_broken_and_where_it_is_mended(
    tmp_path: Path, claimed: tuple[Obligation, ...]
) -> None:
    older = "title: x\nthread: a mail\ndate: 2021-09\nopen: nothing here splits a page\n"
    events = load_history(at(tmp_path, _2022_05_walk=EVENT, _2021_09_mail=older), claimed)
    records = {
        each.id: record_of(each, REPORTS["two-cpus" if each.expect == "refuted" else "complete"]) for each in claimed
    }
    (section,) = history(events, claimed, records)
    first, second = section.splitlines()[-2:]
    assert first == "| 2021-09 | a mail | X. nothing here splits a page | not decided | not decided | |"
    assert second == (
        "| 2022-05 | `6c287605fd56` (v5.19) mm: remember exclusively mapped anonymous pages with PG_anon_exclusive | "
        "Reclaim unmaps what is pinned. The walk tests again. | sc and x86 | sc and x86 | gup-vs-reclaim/baseline, "
        "gup-vs-reclaim/v6.12 |"
    )
    assert history((), claimed, records) == []


def test_what_was_not_found_is_neither_broken_nor_mended(tmp_path: Path, claimed: tuple[Obligation, ...]) -> None:
    events = load_history(at(tmp_path, _2022_05_walk=EVENT), claimed)
    (section,) = history(events, claimed, {})
    assert "The walk tests again. | none | none |" in section


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("baseline/mapped", "basline/mapped", "H103]: nothing is claimed of `gup-vs-reclaim/basline/mapped-"),
        ("date: 2022-05", "date: 2022-5", "H102]: `2022-5` is not the date of `2022-05-walk`"),
        ("date: 2022-05", "date: 2022-06", "H102]: `2022-06` is not the date of `2022-05-walk`"),
        ("says: The", "open: The", "H101]: an event has claims, or says why not"),
        ("commit: ", "comit: ", "S105]: an event of the history lacks one of its keys"),
    ],
)
def test_mistakes_are_told_at_their_place(
    tmp_path: Path, claimed: tuple[Obligation, ...], old: str, new: str, told: str
) -> None:
    assert old in EVENT
    with pytest.raises(InputError) as caught:
        load_history(at(tmp_path, _2022_05_walk=EVENT.replace(old, new)), claimed)
    assert any(told in f"{each.code}]: {each.message}" for each in caught.value.problems)
