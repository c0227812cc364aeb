"""One schedule as a litmus test: it happens, and with a barrier that forbids it, it does not."""

import re
from pathlib import Path

import pytest

from encoder.export.race import race
from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from encoder.witness.timeline import timeline
from tests.witness.committed import Case, case, committed, names, program_of


def result(text: str) -> str:
    """What `litmus` says of it under the kernel's memory model."""
    found = decide(LitmusReader(), "race.litmus", text, "lkmm", 60.0)
    assert found.problems == () and found.flags == ()
    return found.result


def written(found: Case) -> str:
    name, question, witness = found
    return race(timeline(program_of(question), question, witness), name.replace("/", "."))


@pytest.mark.parametrize("name", names(41))
def test_it_happens(name: str) -> None:
    assert result(written(committed(name))) in ("Sometimes", "Always")


def test_a_barrier_where_the_fix_has_it_forbids_it() -> None:
    """`fork-mb` and `pin-mb` in one: a full barrier behind the bump, and one behind the pin's first half."""
    text = written(case("gup-vs-fork/baseline/writable-while-pinned/lkmm"))
    bumped = next(line for line in text.splitlines() if "WRITE_ONCE(*mm_write_protect_seq" in line)
    flagged = next(line for line in text.splitlines() if "mm_has_pinned" in line and "atomic" in line)
    fixed = text.replace(bumped, f"{bumped}\n\tsmp_mb();").replace(flagged, f"{flagged}\n\tsmp_mb();")
    assert (result(text), result(fixed)) == ("Sometimes", "Never")


@pytest.mark.slow
def test_data_control_and_orders_are_kept(tmp_path: Path) -> None:
    text = written(case("gup-vs-reclaim/kara-rmap-seq/mapped-while-pinned/x86"))
    assert re.search(r"WRITE_ONCE\(\*mm_write_protect_seq, r\d+ \+ 1\)", text)
    assert "xchg_acquire(p_PG_locked, 1)" in text and "smp_rmb();" in text and "spin_lock(table_ptl)" in text
    assert re.search(r"if \(r\d+ == 0\) {", text)
