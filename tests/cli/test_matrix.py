"""`matrix`."""

import json

import pytest


def test_all_properties_of_a_variant_and_its_base(pinproof) -> None:
    ended = pinproof("matrix", "gup-vs-soft-dirty", "--variant", "linus-soft-dirty-seq", "--platform", "sc")
    head, platforms, *rows = ended.out.splitlines()
    assert (head, platforms.split()) == ("gup-vs-soft-dirty, linus-soft-dirty-seq (base baseline)", ["sc"])
    assert rows[0].split() == ["writable-while-pinned", "proved+"]
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "+ its base is refuted there")
    again = pinproof("matrix", "gup-vs-soft-dirty", "--variant", "linus-soft-dirty-seq", "--platform", "sc", "--json")
    found = json.loads(again.out)["verdicts"]
    assert (found[0]["verdict"], found[0]["base"]["verdict"]) == ("proved", "refuted")
    assert len(found) == len([row for row in rows if row.startswith("  ")])


def test_the_exit_code_is_that_of_the_worst(pinproof) -> None:
    ended = pinproof("matrix", "gup-vs-soft-dirty", "--variant", "baseline", "--platform", "sc")
    assert ended.code == 10
    assert "writable-while-pinned" in ended.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("gup-vs-frok",), "did you mean `gup-vs-fork`?"),
        (("gup-vs-fork", "--variant", "v6.13"), "did you mean `v6.12`?"),
        (("gup-vs-fork", "--platform", "x68"), "did you mean `x86`?"),
        (("gup-vs-fork", "--timeout", "0"), "is no time limit"),
    ],
)
def test_wrong_words_are_told(pinproof, words: tuple[str, ...], told: str) -> None:
    ended = pinproof("matrix", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
