"""Sizes as they are typed and told, and what this machine says of its memory."""

import os
import resource
import subprocess
import sys

import pytest

from encoder.base import limits
from encoder.base.limits import UNITS, Limits, resident, share, size, size_words


@pytest.mark.parametrize(
    ("text", "count", "words"),
    [
        ("2G", 2 << 30, "2 GB"),
        ("500M", 500 << 20, "500 MB"),
        ("1.5g", 3 << 29, "1.5 GB"),
        ("64KB", 64 << 10, "64 KB"),
        (" 3GiB ", 3 << 30, "3 GB"),
        ("1T", 1 << 40, "1 TB"),
        ("1025M", 1025 << 20, "1.001 GB"),
    ],
)
def test_sizes(text: str, count: int, words: str) -> None:
    assert size(text) == count
    assert size_words(count) == words


@pytest.mark.parametrize(
    "text", ["", "0", "0G", "2X", "2", "-1G", "G", "1e3M", "1,5G", "2 G B", "nanG", "0.0000001K", "٢G"]
)
def test_what_is_no_size(text: str) -> None:
    assert size(text) is None


def test_the_machine_is_shared_out() -> None:
    whole = share(1)
    assert whole is not None
    assert share(4) == whole // 4
    assert os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") > whole > 256 * UNITS["M"]


def test_a_worker_is_killed_some_time_after_it_should_have_given_up() -> None:
    assert Limits(seconds=0.001).killed_after > 2
    assert 60 < Limits(seconds=60).killed_after < 90


def test_resident_memory_of_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    here = resident(os.getpid())
    assert 10 * UNITS["M"] < here <= 2 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNITS["K"]
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    assert resident(gone.pid) == 0
    assert limits._told_by_ps(gone.pid) == 0
    try:
        assert limits._told_by_ps(os.getpid()) == pytest.approx(here, rel=0.5)
    except AssertionError:
        assert limits._told_by_ps(os.getpid()) == 0, "ps is not here"
    monkeypatch.setenv("PATH", "")
    assert limits._told_by_ps(os.getpid()) == 0


def test_more_memory_than_can_be_counted_is_no_limit() -> None:
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limits.confine(2**80)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
