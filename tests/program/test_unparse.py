"""Expressions as text again."""

import pytest

from encoder.base.source import Origin
from encoder.program.unparse import unparse
from encoder.spec.parse import parse_expression
from encoder.spec.syntax import Expression, Name


@pytest.mark.parametrize(
    "text",
    [
        "a + b * c - (d - e)",
        "(a + b) * -c",
        "!(a && b) || c && d",
        "(a & 1) == 0",
        "a ? b : c ? d : e",
        "(a ? b : c) ? d : e",
        "&slots[i + 1]->table->ptl",
        "(*p).x + f(a, b + 1)[2]",
        "(pte_t){.present = 1, .page = a ? b : c}",
        "[a, b]",
        "t at label && u.ended",
        "a - (b + c) << 2 | ~d",
    ],
)
def test_an_expression_comes_out_as_it_was_written(text):
    assert unparse(parse_expression(text, Origin("test"))) == text


@pytest.mark.parametrize(
    "text, shown", [("*v", "x->y"), ("v->z", "(&x->y)->z"), ("u * 2", "(a + 1) * 2"), ("f(u)", "f(a + 1)")]
)
def test_names_are_replaced_by_what_they_stand_for(text, shown):
    def naming(part: Expression) -> str | None:
        return {"v": "&x->y", "u": "a + 1"}.get(part.name) if isinstance(part, Name) else None

    assert unparse(parse_expression(text, Origin("test")), naming) == shown
