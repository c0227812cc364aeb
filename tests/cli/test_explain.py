"""explain, nothing replaced."""

import json

import jsonschema
import pytest

from encoder.render.reasons_json import schema

FORK = ("gup-vs-fork", "--variant", "v6.12")


@pytest.mark.slow
def test_a_proof_rests_on_lines_of_the_specs_and_is_told_the_same_each_time(pinproof):
    first, second = (pinproof("explain", *FORK) for _ in range(2))
    assert first == second
    assert first.code == 0
    assert first.out.startswith("PROVED on sc: no schedule breaks writable-while-pinned\n")
    assert "  seq_begin: raw_write_seqcount_begin(&mm->write_protect_seq)\n" in first.out
    assert "Under SC no barrier orders anything: none is needed.\n" in first.out


def test_as_json_it_fits_its_schema(pinproof):
    ended = pinproof("explain", "gup-vs-soft-dirty", "--variant", "baseline", "--json")
    assert ended.code == 0
    found = json.loads(ended.out)
    jsonschema.validate(found, schema())
    assert found["remedies"]["changes"][0]["outcome"] == "proved"


def test_what_is_not_decided_is_not_explained(pinproof):
    ended = pinproof("explain", *FORK, "--timeout", "0.01")
    assert (ended.code, ended.out.split()[0]) == (5, "UNKNOWN")
    assert "try: raise --timeout\n" in ended.out  # there is no --depth to try


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("gup-vs-frok", "--variant", "v6.12"), "did you mean `gup-vs-fork`?"),
        (("gup-vs-fork", "--variant", "v6.13"), "did you mean `v6.12`?"),
        (("gup-vs-fork", "--variant", "v6.12", "--model", "scc"), "did you mean `sc`?"),
        ((), "pinproof explain gup-vs-reclaim --variant baseline"),
    ],
)
def test_wrong_words_are_told_as_for_prove(pinproof, words: tuple[str, ...], told: str):
    ended = pinproof("explain", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
