"""Reading proofs/obligations."""

from pathlib import Path

import pytest

from encoder.errors import InputError
from tests.ledger.samples import written

HEAD = "scenario: gup-vs-reclaim\nobligations:\n"


def test_keys_and_defaults(tmp_path: Path) -> None:
    first, second = written(
        tmp_path,
        HEAD
        + "  - {variant: baseline, property: p, expect: refuted, why: a sentence}\n"
        + "  - {variant: baseline, property: p, flush: broadcast, expect: {bounded: 40}, why: another}\n",
    )
    assert first.id == "gup-vs-reclaim/baseline/p/sc/ipi"
    assert (first.expect, first.depth, first.why) == ("refuted", None, "a sentence")
    assert second.id == "gup-vs-reclaim/baseline/p/sc/broadcast"
    assert (second.expect, second.depth) == ("bounded", 40)
    assert second.question(5.0).depth == 40


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        written(
            tmp_path,
            HEAD
            + "  - {variant: a, property: p, expect: refuted, why: x}\n"
            + "  - {variant: a, property: p, expect: refuted, why: x}\n"
            + "  - {variant: b, property: p, expect: refutd, why: x}\n"
            + "  - {variant: c, property: p, expect: complete}\n"
            + "  - {variant: d, property: p, depth: 3, expect: {bounded: 0}, why: x, when: now}\n",
        )
    found = [(problem.span.line, problem.code) for problem in caught.value.problems if problem.span]
    assert found == [(4, "L101"), (5, "S107"), (6, "S105"), (7, "L104"), (7, "S104")]
    near = [problem.nearest for problem in caught.value.problems]
    assert near[1] == "refuted"


def test_a_file_is_named_after_its_scenario(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds obligations of"):
        written(tmp_path, HEAD + "  - {variant: a, property: p, expect: refuted, why: x}\n", name="gup-vs-fork")


def test_depth_and_bounded_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="beside"):
        written(tmp_path, HEAD + "  - {variant: a, property: p, depth: 3, expect: {bounded: 4}, why: x}\n")
