"""A patch compared with its base."""

import pytest

from encoder.review.asking import outcome_of


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ("complete", "complete", "same"),
        ("open loops", "open loops", "same"),
        ("unknown", "unknown", "undecided"),
        ("complete", "refuted", "worse"),
        ("open loops", "refuted", "worse"),
        ("unknown", "refuted", "undecided"),
        ("refuted", "complete", "better"),
        ("refuted", "open loops", "undecided"),
        ("complete", "open loops", "undecided"),
        ("open loops", "complete", "same"),
    ],
)
def test_what_gets_worse_and_what_better(before: str, after: str, outcome: str) -> None:
    assert outcome_of(before, after) == outcome
