"""mutate: what it prints and how it ends."""

import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import Ended

Command = Callable[..., Ended]


@pytest.mark.parametrize(
    "words, told",
    [
        (["gup-vs-reclam", "--variant", "baseline"], "did you mean `gup-vs-reclaim`?"),
        (["gup-vs-reclaim", "--variant", "baselin"], "did you mean `baseline`?"),
        (["gup-vs-reclaim", "--variant", "baseline", "--model", "tsa"], "there is no memory model `tsa`"),
        (
            ["gup-vs-reclaim", "--variant", "baseline", "--property", "pins-add-upp"],
            "did you mean `pins-add-up`?",
        ),
        (["gup-vs-reclaim", "--variant", "baseline", "--flush", "ipj"], "there is no kind of flush `ipj`"),
        (["gup-vs-reclaim", "--variant", "baseline", "--jobs", "-1"], "is no number of processes"),
        (["gup-vs-reclaim", "--variant", "baseline", "--jobs", "9999999"], "`--jobs 9999999` leaves each process "),
        (["gup-vs-reclaim", "--variant", "baseline", "--timeout", "0"], "is no time limit"),
    ],
)
def test_wrong_words_are_told(pinproof: Command, words: list[str], told: str) -> None:
    ended = pinproof("mutate", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_nothing_is_asked_of_a_refuted_property(pinproof: Command) -> None:
    ended = pinproof("mutate", "gup-vs-reclaim", "--variant", "baseline", "--property", "mapped-while-pinned")
    assert ended.code == 0
    assert "mapped-while-pinned: refuted, so its mutants are not tried" in " ".join(ended.out.split())


@pytest.mark.slow
def test_one_process_or_two_say_the_same(pinproof: Command) -> None:
    asked = ["gup-vs-soft-dirty", "--variant", "baseline", "--property", "counts-balance", "--json"]
    one, two = (pinproof("mutate", *asked, "--jobs", jobs) for jobs in ("1", "2"))
    assert one.code == two.code == 0
    assert one.out == two.out
    shown = json.loads(one.out)
    assert shown["schema"] == "pinproof-mutants/2"
    assert shown["scores"]["counts-balance"]["killed"] > 15
    assert shown["suspect"] == []
