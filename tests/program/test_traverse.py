"""Laws of walking and rebuilding programs, against a walk of the dataclasses' fields, which knows no kind by name."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis.strategies import randoms

from encoder.program.core import (
    BOOL,
    NOWHERE,
    UNSIGNED,
    Acquire,
    Arith,
    Assign,
    At,
    Block,
    Choose,
    Code,
    Const,
    Convert,
    Ended,
    EventStatement,
    Exit,
    Expr,
    Fence,
    Final,
    Flush,
    Grace,
    If,
    Keeps,
    Leaf,
    Load,
    Loop,
    Not,
    Op,
    Place,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    ThreadVar,
    Var,
    Waits,
)
from encoder.program.traverse import (
    bodies,
    events,
    exits,
    expressions,
    leaves,
    map_expression,
    operands,
    orders,
    place_of,
    rewrite_statements,
    statements,
    variables,
    variables_set,
    without_positions,
)
from tests.concrete.build import name, site
from tests.fuzz.maker import Limits, Maker

A, B, C = Var("a"), Var("b", BOOL), Var("c", UNSIGNED)
SUM = Arith(Op.ADD, A, Choose(B, C, Const(3)))
WHERE = Place(base=A, struct="x", field="v", targets=((1, name("x")),))
HERE = site()
LEAVES: tuple[Leaf, ...] = (
    A, Final(name("x"), "v"), ThreadVar("t", "a"), At("t", "step"), Ended("t"), Waits("t"),
    Keeps("t", "lock", name("x")),
)  # fmt: skip
EXPRESSIONS: tuple[Expr, ...] = (*LEAVES, Const(1), Not(B), Convert(A, UNSIGNED), SUM, Choose(Not(B), SUM, Not(SUM)))
EVENTS: tuple[EventStatement, ...] = (
    Load(place=WHERE, into=(("v", "d"), ("w", "e")), order="acquire", site=HERE),
    Store(place=WHERE, values=(("v", SUM), ("w", C)), order="release", site=HERE),
    Rmw(
        place=WHERE, into=(("v", "d"),), when=Not(B), values=(("v", SUM),), await_=Ended("t"), read_order="acquire",
        write_order="once", site=HERE,
    ),
    Acquire(place=WHERE, mode="write", into="d", site=HERE),
    Release(place=WHERE, mode="write", site=HERE),
    Fence(kind="mb", site=HERE),
    Region(kind="rcu", begin=True, site=HERE),
    Flush(begin=True, mm=SUM, site=HERE),
    Grace(kind="srcu", begin=True, site=HERE, place=WHERE),
)  # fmt: skip
STATEMENTS: tuple[Statement, ...] = (
    *EVENTS,
    Assign(variable="d", value=SUM, site=HERE),
    If(condition=Not(B), then=EVENTS[:2], otherwise=EVENTS[2:4], site=HERE),
    Block(id=4, body=(Exit(id=4, site=HERE),)),
    Loop(id=5, body=(*EVENTS[4:6], Exit(id=5)), bound=None, site=HERE),
    Exit(id=6, site=HERE),
)
OPTIONAL: tuple[Statement, ...] = (
    Acquire(place=WHERE, mode="read", into=None, site=HERE),
    Grace(kind="rcu", begin=False, site=HERE),
)

few = settings(derandomize=True, deadline=None, database=None, max_examples=60)
chances = given(randoms(use_true_random=False))


def parts(node: object, whole: type[Any] | tuple[type[Any], ...], *, below: bool = True) -> Iterator[Any]:
    """What of these types is in a node's fields, each before what is `below` it."""
    if isinstance(node, whole):
        yield node
        if not below:
            return
    if isinstance(node, tuple):
        for each in node:
            yield from parts(each, whole, below=below)
    elif hasattr(node, "__dataclass_fields__"):
        yield from inside(node, whole, below=below)


def inside(node: Any, whole: type[Any] | tuple[type[Any], ...], *, below: bool = True) -> Iterator[Any]:
    for each in fields(node):
        yield from parts(getattr(node, each.name), whole, below=below)


def upward(expr: Expr) -> Iterator[Expr]:
    for each in inside(expr, EXPR, below=False):
        yield from upward(each)
    yield expr


STATEMENT, EVENT, EXPR, LEAF = get_args(Statement), get_args(EventStatement), get_args(Expr), get_args(Leaf)


def alone(statement: Statement) -> Statement:
    """The statement with nothing below it."""
    match statement:
        case If():
            return replace(statement, then=(), otherwise=())
        case Block() | Loop():
            return replace(statement, body=())
        case _:
            return statement


def made(chance: random.Random) -> Code:
    """Code of a random program, all its threads together."""
    return tuple(each for thread in Maker(chance, Limits()).program().threads for each in thread.body)


def test_the_samples_are_of_every_kind() -> None:
    assert {type(each) for each in STATEMENTS} == set(STATEMENT)
    assert {type(each) for each in EVENTS} == set(EVENT)
    assert {type(each) for each in EXPRESSIONS} == set(EXPR)
    assert {type(each) for each in LEAVES} == set(LEAF)


@pytest.mark.parametrize("statement", (*STATEMENTS, *OPTIONAL), ids=lambda each: type(each).__name__)
def test_a_statement_has_what_its_fields_have(statement: Statement) -> None:
    head = alone(statement)
    assert sorted(map(repr, expressions(statement))) == sorted(map(repr, parts(head, EXPR, below=False)))
    assert expressions(head) == expressions(statement)
    assert [each for body in bodies(statement) for each in body] == list(inside(statement, STATEMENT, below=False))
    assert [place_of(statement)] == (list(parts(head, Place)) or [None])
    assert list(events((statement,))) == list(parts(statement, EVENT))
    assert exits((statement,)) == {each.id for each in parts(statement, Exit)}
    if isinstance(statement, EventStatement):
        named = [each.name for each in fields(statement) if each.name.endswith("order")]
        assert list(orders(statement)) == [getattr(statement, each) for each in named]


@pytest.mark.parametrize(
    ("number", "wanted"), [(0, ("d", "e")), (1, ()), (2, ("d",)), (3, ("d",)), (4, ()), (9, ("d",)), (10, ())]
)
def test_variables_that_a_statement_sets(number: int, wanted: tuple[str, ...]) -> None:
    assert variables_set(STATEMENTS[number]) == wanted


def test_only_statements_with_a_target_set_variables() -> None:
    """By the fields' names: `into` and `variable`."""
    for statement in (*STATEMENTS, *OPTIONAL):
        names = {each.name for each in fields(statement)} & {"into", "variable"}
        assert bool(variables_set(statement)) == any(getattr(statement, each) for each in names)


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=lambda each: type(each).__name__)
def test_an_expression_has_what_its_fields_have(expr: Expr) -> None:
    assert list(operands(expr)) == list(inside(expr, EXPR, below=False))
    assert list(leaves(expr, expr)) == 2 * list(parts(expr, LEAF))
    assert list(variables(expr)) == [each.name for each in parts(expr, Var)]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=lambda each: type(each).__name__)
def test_each_part_is_changed_once_from_the_bottom_up(expr: Expr) -> None:
    seen: list[Expr] = []

    def noted(part: Expr) -> Expr:
        seen.append(part)
        return part

    assert map_expression(expr, noted) == expr
    assert seen == list(upward(expr))


def test_a_part_is_changed_with_its_operands_changed() -> None:
    def folded(part: Expr) -> Expr:
        return Const(0) if isinstance(part, Var) or part == Not(Const(0)) else part

    assert map_expression(Choose(Not(B), SUM, Not(A)), folded) == Choose(
        Const(0), Arith(Op.ADD, Const(0), Choose(Const(0), Const(0), Const(3))), Const(0)
    )


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=lambda each: type(each).__name__)
def test_renamed_there_and_back(expr: Expr) -> None:
    def to(old: str, new: str) -> Callable[[Expr], Expr]:
        def change(part: Expr) -> Expr:
            match part:
                case Var(name=word) | ThreadVar(name=word) if word.startswith(old):
                    return replace(part, name=new + word.removeprefix(old))
                case _:
                    return part

        return change

    there = map_expression(expr, to("", "other "))
    assert {each.name for each in leaves(there) if isinstance(each, Var | ThreadVar)} == {
        f"other {each.name}" for each in leaves(expr) if isinstance(each, Var | ThreadVar)
    }
    assert map_expression(there, to("other ", "")) == expr


@few
@chances
def test_every_statement_once(chance: random.Random) -> None:
    code = made(chance)
    assert [id(each) for each in statements(code)] == [id(each) for each in parts(code, STATEMENT)]


@few
@chances
def test_rebuilt_with_nothing_changed(chance: random.Random) -> None:
    code = made(chance)
    assert rewrite_statements(code, lambda each: (each,)) == code
    assert rewrite_statements(STATEMENTS, lambda each: (each,)) == STATEMENTS


@few
@chances
def test_each_statement_is_changed_once(chance: random.Random) -> None:
    """What is below it first; nothing is left of statements that are replaced by none, all is there twice by two."""
    code, order = made(chance), list[Statement]()

    def noted(statement: Statement) -> Code:
        order.append(statement)
        return (statement,)

    rewrite_statements(code, noted)
    assert sorted(map(repr, order)) == sorted(map(repr, parts(code, STATEMENT)))
    assert all(inner in order[:place] for place, each in enumerate(order) for inner in inside(each, STATEMENT))
    silent = rewrite_statements(code, lambda each: () if isinstance(each, EventStatement) else (each,))
    kept = [type(each) for each in parts(code, STATEMENT) if not isinstance(each, EventStatement)]
    assert [type(each) for each in parts(silent, STATEMENT)] == kept
    twice = rewrite_statements(code, lambda each: (each, each) if isinstance(each, EventStatement) else (each,))
    once = [each for each in parts(code, STATEMENT) if isinstance(each, EventStatement)]
    assert list(events(twice)) == [each for event in once for each in (event, event)]


def changed(code: Code, number: Callable[[int], int], place: Callable[[Site | None], Site | None]) -> Code:
    """The code with other numbers of blocks, and other sites."""

    def change(statement: Statement) -> Code:
        if isinstance(statement, Block | Loop | Exit):
            statement = replace(statement, id=number(statement.id))
        if not isinstance(statement, Block):
            statement = replace(statement, site=place(statement.site))
        return (statement,)

    return rewrite_statements(code, change)


def labels(site: Site) -> Site:
    return replace(NOWHERE, path=site.path)


def elsewhere(site: Site | None) -> Site:
    return replace(site or HERE, source="elsewhere", text="other")


NESTED = (Loop(id=1, body=(Block(id=2, body=(Exit(id=1),)), *EVENTS[:1]), bound=3, site=HERE),)
SITED = changed((*STATEMENTS[:-1], Block(id=6, body=STATEMENTS[-1:])), lambda id: id, lambda site: site)


def bodies_of(chance: random.Random) -> Sequence[Code]:
    return [NESTED, SITED, *(thread.body for thread in Maker(chance, Limits()).program().threads)]


@few
@chances
def test_unplaced_is_equal_for_what_differs_in_places_and_numbers(chance: random.Random) -> None:
    for code in bodies_of(chance):
        bare = without_positions(code, labels)
        assert without_positions(changed(code, lambda id: 1000 - id, elsewhere), labels) == bare
        assert without_positions(bare, labels) == bare


@few
@chances
def test_unplaced_keeps_all_else(chance: random.Random) -> None:
    """With the numbers put back, all is there again but the sites of what is no event and no loop."""
    for code in bodies_of(chance):
        ids = list(dict.fromkeys(each.id for each in parts(code, (Block, Loop))))
        bare = without_positions(code, lambda site: site)
        assert changed(bare, ids.__getitem__, lambda site: site) == rewrite_statements(code, without_optional)


def without_optional(statement: Statement) -> Code:
    return (replace(statement, site=None) if isinstance(statement, Assign | If | Exit) else statement,)


DIFFERENT: Sequence[Code] = (
    (Loop(id=1, body=(Block(id=2, body=(Exit(id=2),)), *EVENTS[:1]), bound=3, site=HERE),),
    (Loop(id=1, body=(Block(id=2, body=(Exit(id=1),)), *EVENTS[:1]), bound=4, site=HERE),),
    (Loop(id=1, body=(Block(id=2, body=(Exit(id=1), *EVENTS[:1])),), bound=3, site=HERE),),
    (Loop(id=1, body=(Block(id=2, body=(Exit(id=1),)), *EVENTS[:1]), bound=3, site=site("other")),),
    (Loop(id=1, body=(Block(id=2, body=(Exit(id=1),)), replace(EVENTS[0], site=site("other"))), bound=3, site=HERE),),
)


@pytest.mark.parametrize("other", DIFFERENT)
def test_unplaced_tells_different_code_apart(other: Code) -> None:
    assert without_positions(other, labels) != without_positions(NESTED, labels)
