"""--timeout and --memory on the command line, nothing replaced."""

import json
from pathlib import Path

import jsonschema
import pytest

from encoder.render.json import schema

BASELINE = ("gup-vs-reclaim", "--variant", "baseline")
OBLIGATION = "gup-vs-reclaim/baseline/mapped-while-pinned"


@pytest.mark.parametrize("command", [("prove", *BASELINE), ("witness", *BASELINE), ("verify", OBLIGATION)])
@pytest.mark.parametrize("size", ["2X", "0", "-1G", "0G", "2", ""])
def test_what_is_no_size(pinproof, command: tuple[str, ...], size: str) -> None:
    ended = pinproof(*command, "--memory", size)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error[C102]: `--memory {size}` is no size\n  expected: a number above 0 with its unit: 500M, 2G, 1.5T\n"
    )


@pytest.mark.parametrize("command", ["prove", "verify"])
def test_time_and_memory_are_refused_together(pinproof, command: str) -> None:
    words = BASELINE if command == "prove" else ()
    ended = pinproof(command, *words, "--memory", "much", "--timeout", "0")
    assert ended.code == 2
    assert ("--memory much" in ended.err, "--timeout 0" in ended.err) == (True, True)


@pytest.mark.parametrize("command", ["prove", "witness", "verify"])
def test_the_help_says_what_the_default_is(pinproof, command: str) -> None:
    told = " ".join(pinproof(command, "--help").out.split())
    assert "--memory SIZE" in told
    assert "as 500M or 2G (default: three quarters of the machine's" in told


def test_too_little_memory_is_unknown(pinproof) -> None:
    ended = pinproof("prove", *BASELINE, "--memory", "1M")
    assert ended.code == 5
    told = " ".join(ended.out.split())
    for platform in ("sc", "x86", "x86-broadcast", "arm64", "arm64-llsc", "lkmm"):
        assert f"UNKNOWN on {platform}: killed: more than 1 MB of memory" in told
    assert "reached: the specs were loaded; nothing was built" in told
    assert "try: raise --memory, or ask a smaller question with --depth" in told


def test_an_unknown_fits_the_schema(pinproof) -> None:
    ended = pinproof("prove", *BASELINE, "--platform", "x86", "--json", "--memory", "1M")
    assert ended.code == 5
    found = json.loads(ended.out)
    jsonschema.validate(found, schema())
    assert found["unknown"]["reason"] == "killed: more than 1 MB of memory"


@pytest.mark.slow
def test_enough_memory_changes_nothing(pinproof) -> None:
    asked = ("prove", *BASELINE, "--model", "sc")
    assert pinproof(*asked, "--memory", "2G") == pinproof(*asked)


def test_verify_with_too_little_memory_decides_nothing_and_records_nothing(pinproof, cache: Path) -> None:
    command = ("verify", OBLIGATION, "--jobs", "2")
    ended = pinproof(*command, "--memory", "1M")
    assert ended.code == 5
    *lines, last, fresh = ended.out.splitlines()
    assert len(lines) > 5
    for line in lines:
        assert line.startswith(f"?      {OBLIGATION}")
        assert "unknown: killed: more than 1 MB of memory (expected" in line
    assert last.startswith(f"0/{len(lines)} as expected, {len(lines)} undecided")
    assert fresh == f"none of these was recorded: {len(lines)} decided anew"
    assert not cache.exists()


def test_what_was_decided_is_believed_whatever_the_limits(pinproof) -> None:
    command = ("verify", f"{OBLIGATION}/sc")
    assert pinproof(*command, "--memory", "1M").code == 5
    decided = pinproof(*command, "--memory", "3G", "--timeout", "50")
    assert decided.code == 0
    again = pinproof(*command, "--memory", "1M", "--timeout", "0.001")
    assert again.code == 0
    assert "(recorded)" in again.out
