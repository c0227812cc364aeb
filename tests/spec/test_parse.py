"""The statement grammar: C's precedences, every form, and places that point at the text they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.base.errors import InputError
from encoder.base.source import Origin, Span
from encoder.spec.model import TypeName
from encoder.spec.parse import (
    parse_assignment,
    parse_expression,
    parse_integer,
    parse_range,
    parse_statement,
    parse_type,
)
from encoder.spec.syntax import (
    Assertion,
    Assignment,
    Binary,
    Break,
    Call,
    Compound,
    Conditional,
    Continue,
    Empty,
    Evaluate,
    Expression,
    ForHead,
    Goto,
    IfHead,
    ListOf,
    Member,
    Name,
    Number,
    Position,
    Return,
    SourceStatement,
    Subscript,
    Unary,
    WhileHead,
)
from encoder.spec.walk import walk
from tests.spec.shapes import shape

HERE = Origin("f.yaml", 7, 5)
NOWHERE = Span("", 0, 0, 0)
LEVELS = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*",),
)
LEVEL = {op: level for level, ops in enumerate(LEVELS, start=1) for op in ops}
UNARY, POSTFIX = 11, 12
NAMES = st.sampled_from(["p", "slot", "format", "in", "at", "list", "iffy", "_x1"])
EXPRESSIONS = (
    Number, Name, Unary, Binary, Conditional, Member, Subscript, Call, Compound, ListOf, Position
)  # fmt: skip


def text(node: Expression, least: int = 0) -> str:
    """The expression in C, with brackets only where C needs them: where it binds less than `least`."""
    match node:
        case Binary():
            level = LEVEL[node.op]
            written = f"{text(node.left, level)} {node.op} {text(node.right, level + 1)}"
        case Conditional():
            level = 0
            written = f"{text(node.condition, 1)} ? {text(node.then)} : {text(node.otherwise)}"
        case Unary():
            level = UNARY
            written = f"{node.op} {text(node.operand, UNARY)}"
        case Member():
            level = POSTFIX
            written = f"{text(node.base, POSTFIX)}{'->' if node.arrow else '.'}{node.name}"
        case Subscript():
            level = POSTFIX
            written = f"{text(node.base, POSTFIX)}[{text(node.index)}]"
        case Call():
            level = POSTFIX
            written = f"{node.function}({', '.join(map(text, node.arguments))})"
        case ListOf():
            level = POSTFIX
            written = f"[{', '.join(map(text, node.items))}]"
        case Compound():
            level = POSTFIX
            written = f"({node.type}){{{', '.join(f'.{name} = {text(value)}' for name, value in node.fields)}}}"
        case _:
            level = POSTFIX
            written = shape(node)
    return written if level >= least else f"({written})"


def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, max_size=3).map(tuple)
    at = st.just(NOWHERE)
    return st.one_of(
        st.builds(Binary, op=st.sampled_from(sorted(LEVEL)), left=inner, right=inner, span=at),
        st.builds(Unary, op=st.sampled_from("!~-&*"), operand=inner, span=at),
        st.builds(Conditional, condition=inner, then=inner, otherwise=inner, span=at),
        st.builds(Member, base=inner, name=NAMES, arrow=st.booleans(), span=at),
        st.builds(Subscript, base=inner, index=inner, span=at),
        st.builds(Call, function=NAMES, arguments=several, span=at),
        st.builds(ListOf, items=st.lists(inner, min_size=1, max_size=2).map(tuple), span=at),
        st.builds(Compound, type=NAMES, fields=st.lists(st.tuples(NAMES, inner), max_size=2).map(tuple), span=at),
    )


TREES: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(
        st.builds(Number, value=st.integers(0, 2**32), span=st.just(NOWHERE)),
        st.builds(Name, name=NAMES, span=st.just(NOWHERE)),
    ),
    larger,
    max_leaves=12,
)


@given(TREES)
def test_what_is_written_is_read_back(tree: Expression) -> None:
    assert shape(parse_expression(text(tree), HERE)) == shape(tree)


@given(TREES)
def test_a_span_holds_the_text_of_its_node(tree: Expression) -> None:
    written = text(tree)
    for node in walk(parse_expression(written, HERE)):
        if isinstance(node, EXPRESSIONS):
            assert (node.span.file, node.span.line) == ("f.yaml", 7)
            part = written[node.span.column - 5 : node.span.end - 5]
            assert shape(parse_expression(part, HERE)) == shape(node)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a & b == c", "(a & (b == c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a || b && c | d ^ e & f", "(a || (b && (c | (d ^ (e & f)))))"),
        ("a < b == c > d", "((a < b) == (c > d))"),
        ("a << 1 + b", "(a << (1 + b))"),
        ("!a->b[i].c", "(!(((a->b)[i]).c))"),
        ("*p + -1", "((*p) + (-1))"),
        ("&mm->seq", "(&(mm->seq))"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("(a ? b : c) ? d : e", "((a ? b : c) ? d : e)"),
        ("a&&b", "(a && b)"),
        ("a&b", "(a & b)"),
        ("a & &b - -c", "(a & ((&b) - (-c)))"),
        ("a<<b<=c>>d", "((a << b) <= (c >> d))"),
        ("**p", "(*(*p))"),
        ("0x1F + 0", "(31 + 0)"),
        ("( pte_t ) {}", "(pte_t){}"),
        ("(p)->x", "(p->x)"),
        ("!(t at here) || t.ended", "((!(t at here)) || (t.ended))"),
        ("f(g(), [a])", "f(g(), [a])"),
    ],
)
def test_expression(written: str, read: str) -> None:
    assert shape(parse_expression(written, HERE)) == read


def told(statement: SourceStatement) -> str:
    """The statement in words."""
    match statement:
        case Assignment():
            return f"{shape(statement.target)} := {shape(statement.value)}"
        case Evaluate():
            return f"do {shape(statement.value)}"
        case Return():
            return f"return {shape(statement.value) if statement.value else 'nothing'}"
        case Assertion():
            return f"assert {shape(statement.condition)}"
        case Goto():
            return f"goto {statement.label}"
        case IfHead():
            return f"if {shape(statement.condition)}: {told(statement.statement) if statement.statement else 'block'}"
        case WhileHead():
            return f"while {shape(statement.condition)}"
        case ForHead():
            last = f" to {shape(statement.last)}" if statement.last else ""
            return f"for {statement.name} from {shape(statement.first)}{last}"
        case Break() | Continue() | Empty():
            return type(statement).__name__


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("pages[n] = pte.page", "(pages[n]) := (pte.page)"),
        ("*p = 1", "(*p) := 1"),
        ("spin_lock(&t->ptl)", "do spin_lock((&(t->ptl)))"),
        ("return", "return nothing"),
        ("return n - 1", "return (n - 1)"),
        ("returned = 1", "returned := 1"),
        ("break", "Break"),
        ("continue", "Continue"),
        ("goto out", "goto out"),
        ("assert(n == 1)", "assert (n == 1)"),
        (";", "Empty"),
        ("if (!pte.present) break", "if (!(pte.present)): Break"),
        ("if (a) b = 1", "if a: b := 1"),
        ("if(a)f()", "if a: do f()"),
        ("if (a)", "if a: block"),
        ("while (n < 2)", "while (n < 2)"),
        ("for slot in slots", "for slot from slots"),
        ("for i in 0 .. len(slots)", "for i from 0 to len(slots)"),
        ("for i in 0..2", "for i from 0 to 2"),
        ("seq =\n  f()", "seq := f()"),
    ],
)
def test_statement(written: str, read: str) -> None:
    assert told(parse_statement(written, HERE)) == read


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "a b", "a; b", "f(", "f(a,)", "f(&&x)", "goto 3", "return = 1", "x = if", "for i in 0 .."),
        *("x = 010", "x = 1UL", "x = 'c'", "x = a $ b", "x = (int) y", "(pte_t){present = 1}", "[]"),
        *("x += 1", "x / 2", "n++", "x = --n", "x = a--b", "x = +1", "x = - - -", "x = a ? b", "x = a ... b"),
        *("if (a) while (b)", "if (a) b = 1 else c = 2", "x = a at"),
        *("a == b", "!f()", "a + b = c", "3 = a", "f() = a"),
    ],
)
def test_not_a_statement(wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_statement(wrong, HERE)
    (problem,) = caught.value.problems
    assert problem.span is not None
    assert problem.expected


def test_an_assignment_is_nothing_else() -> None:
    assert told(parse_assignment("held[i] = NULL", HERE)) == "(held[i]) := NULL"
    for wrong in ("f()", "1 = x", "x"):
        with pytest.raises(InputError):
            parse_assignment(wrong, HERE)


@pytest.mark.parametrize(
    ("written", "name", "pointer", "shaped", "length"),
    [
        ("int", "int", False, "scalar", None),
        ("page *", "page", True, "scalar", None),
        ("page*", "page", True, "scalar", None),
        ("page *[2]", "page", True, "array", 2),
        ("page *[]", "page", True, "array", None),
        ("int[3]", "int", False, "array", 3),
        ("pte_slot *list", "pte_slot", True, "list", None),
        ("list", "list", False, "scalar", None),
        ("int &", "int", False, "place", None),
        ("lvalue", "", False, "place", None),
        ("any &", "any", False, "place", None),
        ("typeof(x)", "typeof(x)", False, "scalar", None),
        ("typeof( *v )", "typeof(*v)", False, "scalar", None),
        ("typeof", "typeof", False, "scalar", None),
    ],
)
def test_type(written: str, name: str, pointer: bool, shaped: str, length: int | None) -> None:
    found = parse_type(written, HERE)
    assert (found.name, found.pointer, found.shape, found.length) == (name, pointer, shaped, length)
    assert isinstance(found, TypeName)
    assert found.of == {"typeof(x)": "x", "typeof(*v)": "v"}.get(name, "")
    assert found.span == Span("f.yaml", 7, 5, 5 + len(written))


def test_numbers() -> None:
    assert parse_range("0..2000", HERE) == (0, 2000)
    assert parse_range("-3 .. 0x10", HERE) == (-3, 16)
    assert parse_integer("-1", HERE) == -1
    for wrong in ("1", "1...2", "..2", "010..3"):
        with pytest.raises(InputError):
            parse_range(wrong, HERE)


def test_the_places_of_a_scalar_that_is_not_as_written() -> None:
    places = ((3, 9), (3, 10), (3, 12), (4, 3), (4, 4))
    origin = Origin("f.yaml", 3, 8, places)
    assert origin.span(0, 3) == Span("f.yaml", 3, 9, 13)
    assert origin.span(3, 5) == Span("f.yaml", 4, 3, 5)
    assert origin.span(2, 5) == Span("f.yaml", 3, 12, 13)
    assert origin.span(5, 6) == Span("f.yaml", 4, 5, 6)
