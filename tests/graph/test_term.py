"""Terms: simplification keeps the value, and ranges hold every value."""

from collections.abc import Callable
from itertools import product
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from encoder.graph.domain import calculate
from encoder.graph.term import Term, Terms

VALUES = {"a": (-1, 0, 2), "b": (0, 1, 5), "c": (-4, 3)}
WIDE = {"w": (-3000, 9000)}


def value(term: Term, env: dict[str, int]) -> int:
    """The term's value by plain arithmetic."""
    args = [value(a, env) for a in term.args]
    match term.op:
        case "true" | "false":
            return int(term.op == "true")
        case "const":
            return term.low
        case "var" | "lit":
            return env[term.name]
        case "not":
            return 1 - args[0]
        case "and":
            return int(all(args))
        case "or":
            return int(any(args))
        case "eq":
            return int(args[0] == args[1])
        case "le":
            return int(args[0] <= args[1])
        case "ite":
            return args[1] if args[0] else args[2]
        case "wrap":
            low = int(term.name)
            return (args[0] - low) % 2**32 + low
        case _:
            return {"+": args[0] + args[1], "-": args[0] - args[1], "&": args[0] & args[1], "|": args[0] | args[1]}[
                term.op
            ]


def test_sharing() -> None:
    terms = Terms()
    a, b = terms.lit("a"), terms.lit("b")
    assert terms.and_(a, b) is terms.and_(b, a)
    assert terms.or_(terms.and_(a, b), terms.and_(a, terms.not_(b))) is a
    assert terms.and_(a, terms.not_(a)) is terms.false


def test_unsigned_view_of_a_negative_number_is_large() -> None:
    terms = Terms()
    count = terms.var("w", WIDE["w"])
    large = terms.le(terms.const(1024), terms.wrap(count, 0))
    assert [value(large, {"w": w}) for w in (-1, 0, 1023, 1024, 9000)] == [1, 0, 0, 1, 1]


@st.composite
def programs(draw: st.DrawFn) -> list[tuple[str, int, int, int]]:
    operations = st.sampled_from(["+", "-", "&", "|", "eq", "le", "choose", "and", "or", "not", "wrap", "unsigned"])
    return draw(st.lists(st.tuples(operations, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=8))


Function = Callable[[dict[str, int]], int]


def applied(
    terms: Terms, op: str, x: Term, y: Term, z: Term, f: Function, g: Function, h: Function
) -> tuple[Term, Function]:
    """What the builder makes of an operation, and what the operation means."""
    match op:
        case "eq":
            return terms.eq(x, y), lambda e: int(f(e) == g(e))
        case "le":
            return terms.le(x, y), lambda e: int(f(e) <= g(e))
        case "choose":
            return terms.choose(terms.as_bool(z), x, y), lambda e: f(e) if h(e) else g(e)
        case "and":
            return terms.and_(terms.as_bool(x), terms.as_bool(y)), lambda e: int(bool(f(e)) and bool(g(e)))
        case "or":
            return terms.or_(terms.as_bool(x), terms.as_bool(y)), lambda e: int(bool(f(e)) or bool(g(e)))
        case "not":
            return terms.not_(terms.as_bool(x)), lambda e: int(not f(e))
        case "wrap":
            return terms.wrap(x, -(2**31)), f
        case "unsigned":
            return terms.wrap(x, 0), lambda e: f(e) % 2**32
        case _:
            return terms.arith(op, x, y), lambda e: calculate(op, f(e), g(e))


@given(programs())
def test_simplified_terms_keep_their_value(program: list[tuple[str, int, int, int]]) -> None:
    """Each built term, evaluated, equals what the operation gives on the operands' values, within its range."""
    terms = Terms()
    made = [terms.var(n, frozenset(v)) for n, v in VALUES.items()] + [terms.lit("p"), terms.lit("q"), terms.const(7)]
    plain: list[Function] = [itemgetter(n) for n in (*VALUES, "p", "q")] + [lambda e: 7]
    for op, *chosen in program:
        places = [n % len(made) for n in chosen]
        term, function = applied(terms, op, *(made[n] for n in places), *(plain[n] for n in places))
        if abs(term.high) <= 2**31 and abs(term.low) <= 2**31:
            made.append(term)
            plain.append(function)
    for numbers in product(*VALUES.values(), (0, 1), (0, 1)):
        env = dict(zip((*VALUES, "p", "q"), numbers, strict=True))
        for term, function in zip(made, plain, strict=True):
            assert value(term, env) == function(env)
            assert term.low <= function(env) <= term.high
            assert term.values is None or function(env) in term.values


def test_shifts_out_of_range_shift_every_bit_out() -> None:
    assert [calculate("<<", 1, n) for n in (-1, 0, 31, 32, 40)] == [0, 1, 2**31, 0, 0]
    assert [calculate(">>", -8, n) for n in (-1, 0, 1, 31, 32)] == [-1, -8, -4, -1, -1]
