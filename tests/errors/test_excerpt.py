"""How a problem is drawn."""

from encoder.base.errors import Problem
from encoder.base.source import WIDTH, Span, render_problem


def drawn(line: str, first: int, last: int, message: str = "wrong") -> list[str]:
    """The line and the carets of a problem at columns `first` up to `last`."""
    problem = Problem(code="S100", message=message, span=Span("f.yaml", 1, first, last))
    return render_problem(problem, lambda file, number: line).splitlines()[1:]


def test_the_carets_stand_below_the_place() -> None:
    line, carets = drawn("  a: b\t+ c", 6, 11)
    assert line == "      a: b + c"
    assert [line[column] for column, mark in enumerate(carets) if mark == "^"] == list("b + c")


def test_a_long_line_is_cut_around_the_place() -> None:
    text = "x" * 150 + "HERE" + "y" * 150
    for column, word in ((151, "HERE"), (1, "xxxx"), (301, "yyyy")):
        line, carets = drawn(text, column, column + 4)
        assert len(line) <= WIDTH
        assert line[carets.index("^") : len(carets)] == word


def test_a_place_that_is_longer_than_the_line_ends_with_it() -> None:
    assert drawn("abc", 2, 90)[1] == "     ^^"
    assert drawn("abc", 4, 5)[1] == "       ^"


def test_no_line_no_excerpt() -> None:
    assert drawn("", 1, 2) == []


def test_a_problem_without_a_place_is_one_line_and_long_messages_are_wrapped() -> None:
    problem = Problem(code="S118", message="word " * 40, span=None, nearest="it")
    lines = render_problem(problem).splitlines()
    assert lines[0].startswith("error[S118]: word")
    assert max(map(len, lines)) <= WIDTH
    assert lines[-1] == "  did you mean `it`?"
