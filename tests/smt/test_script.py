"""Formulas as text."""

import z3

from encoder.smt.text.script import FALSE, TRUE, at_most


def test_a_limit_that_nothing_exceeds_is_none() -> None:
    """z3 reads no number of more than 31 bits behind `at-most`."""
    assert at_most(2, ["a", "b"]) == at_most(2**40, ["a", "b"]) == at_most(0, []) == TRUE
    assert at_most(-1, ["a", "b"]) == FALSE
    solver = z3.Solver()
    solver.from_string(
        f"(declare-const a Bool)(declare-const b Bool)(assert {at_most(1, ['a', 'b'])})(assert a)(assert b)"
    )
    assert solver.check() == z3.unsat
