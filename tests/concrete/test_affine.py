"""Symbols that are not chosen: pieces of their ranges, and the same answers as one value at a time gives."""

import random
from dataclasses import replace
from functools import partial

import pytest

from encoder.concrete.explorer.explore import Exploration, explore, explore_all
from encoder.concrete.interleaving.replay import replay
from encoder.concrete.semantics.affine import Affine, Ranges, SymbolBox, concrete_value, equal_values
from encoder.concrete.semantics.expression import apply_operator, fits, wrap
from encoder.program.core import (
    BOOL,
    INT,
    UNSIGNED,
    Arith,
    Cell,
    Choose,
    Const,
    Expr,
    Op,
    Place,
    Program,
    Property,
    SymbolRange,
    Var,
)
from encoder.program.resolve import resolve
from encoder.spec.load import load_library
from tests.concrete.build import add, cell, equal, final, load, name, never, program, rmw, store, thread, var
from tests.fuzz.asked import CELLS, Asker
from tests.fuzz.maker import COUNTERS, Limits, Maker
from tests.fuzz.values import REGISTERS


def values(box: SymbolBox) -> list[tuple[int, ...]]:
    """All values of two symbols in a box."""
    (low, high), (first, last) = box
    return [(n, k) for n in range(low, high + 1) for k in range(first, last + 1)]


@pytest.mark.parametrize("op", list(Op))
@pytest.mark.parametrize("type", [INT, UNSIGNED, BOOL])
def test_each_operation_is_right_for_all_values_of_a_piece(op: Op, type) -> None:
    whole = ((0, 6), (2, 4))
    for left in (-3, 0, 2**31 - 4, "n"):
        for right in (3, 0, "k", "n"):
            ranges = Ranges()
            symbols = {"n": Affine(ranges, 0, -2), "k": Affine(ranges, 1)}
            operands = [symbols[x] if isinstance(x, str) else x for x in (left, right)]
            seen: list[tuple[int, ...]] = []
            for box, result in ranges.pieces(whole, partial(apply_operator, op, *operands, type)):
                for n, k in values(box):
                    seen.append((n, k))
                    plain = {"n": n - 2, "k": k}
                    expected = apply_operator(op, *(plain[x] if isinstance(x, str) else x for x in (left, right)), type)
                    value = (n, k)[result.symbol] + result.offset if isinstance(result, Affine) else result
                    assert value == expected, (left, right, n, k)
            assert sorted(seen) == values(whole)


def test_a_sum_needs_no_pieces_and_a_comparison_two_or_three() -> None:
    ranges = Ranges()
    n = Affine(ranges, 0)
    whole = ((0, 2000),)
    assert list(ranges.pieces(whole, lambda: wrap(n + 5, INT))) == [(whole, Affine(ranges, 0, 5))]
    assert list(ranges.pieces(whole, lambda: n < 1024)) == [(((0, 1023),), True), (((1024, 2000),), False)]
    found = [box for box, _ in ranges.pieces(whole, lambda: equal_values(n, 7))]
    assert found == [((0, 6),), ((7, 7),), ((8, 2000),)]
    assert [box for box, _ in ranges.pieces(((2, 4),), lambda: n & 1)] == [((2, 2),), ((3, 3),), ((4, 4),)]
    assert [box for box, _ in ranges.pieces(((2**31 - 2, 2**31),), lambda: fits(n, INT))] == [
        ((2**31 - 2, 2**31 - 1),), ((2**31, 2**31),)
    ]  # fmt: skip


def test_equality_tells_what_it_is_and_never_asks() -> None:
    ranges = Ranges()
    list(ranges.pieces(((5, 9),), lambda: None))
    n = Affine(ranges, 0)
    assert n == Affine(ranges, 0) and n != Affine(ranges, 1) and n != Affine(ranges, 0, 1)
    assert n != 5
    assert {(n,): 1}[Affine(ranges, 0),] == 1
    assert concrete_value(n) == 5


def one_by_one(made: Program, asked: Property, name: str, depth: int | None = None) -> list[Exploration]:
    """The searches for each value of the symbol."""
    (whole,) = (symbol for symbol in made.symbols if symbol.name == name)
    return [
        explore(replace(made, symbols=tuple(
            SymbolRange(name=name, first=value, last=value) if symbol is whole else symbol for symbol in made.symbols
        )), asked, loops=2, max_states=100_000, depth=depth, symmetry=True)
        for value in range(whole.first, whole.last + 1)
    ]  # fmt: skip


def agree(made: Program, asked: Property, name: str) -> Exploration:
    """Ranges, and one value after the other: the same answers; the schedule that is found is a true one."""
    found = explore(made, asked, loops=2, max_states=100_000, symmetry=True)
    single = one_by_one(made, asked, name)
    lengths = [len(each.schedule) for each in single if each.outcome == "violated"]
    assert (found.outcome == "violated") == bool(lengths)
    if lengths:
        assert len(found.schedule) == min(lengths)
        assert replay(made, asked, dict(found.symbols), found.schedule, 2).violated == found.violated
    else:
        assert found.situation == any(each.situation for each in single)
        assert found.longest == max(each.longest or 0 for each in single)
        assert set(found.beyond) == {loop for each in single for loop in each.beyond}
        assert (found.fault is None) == all(each.fault is None for each in single)
    return found


class Symbolic(Maker):
    """Programs whose start and comparisons depend on a symbol with many values."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance, Limits(symbols=False, shapes=((2, 3), (2, 4), (2, 5), (3, 2), (3, 3))))
        self.kinds[self.branch] = 20

    def program(self) -> Program:
        made = super().program()
        cells = tuple(self.symbolic(each) for each in made.cells)
        return replace(made, cells=cells, symbols=(SymbolRange(name="n", first=-3, last=12),))

    def symbolic(self, given: Cell) -> Cell:
        if given.name.object not in (*CELLS, *COUNTERS) or not self.sometimes(0.6):
            return given
        return replace(given, init=(add(Var("n"), self.chance.randint(-4, 2)),))

    def condition(self) -> Expr:
        left = var(self.chance.choice(REGISTERS))
        op = self.chance.choice((Op.EQ, Op.NE, Op.LT, Op.LE))
        return Arith(op, left, Const(self.chance.randint(0, 8)), BOOL)


def compare_random(seeds: range) -> None:
    outcomes = set()
    for seed in seeds:
        chance = random.Random(seed)
        made = Symbolic(chance).program()
        outcomes.add(agree(made, Asker(chance).anything(made), "n").outcome)
    assert outcomes == {"safe", "violated"}


def test_ranges_and_single_values_agree_on_random_programs() -> None:
    compare_random(range(25))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_ranges_and_single_values_agree_on_many_random_programs(block: int) -> None:
    compare_random(range(100 + 30 * block, 130 + 30 * block))


def test_one_variable_means_different_cells_for_different_starts() -> None:
    """The cell was remembered with the thread's values, in which the symbol stands for many: y was never written."""
    base = Choose(equal(var("r"), 0), Const(1), Const(2))
    place = Place(base=base, struct="x", field="v", targets=((1, name("x")), (2, name("y"))))
    body = load("z", "r"), replace(store("x", 7), place=place)
    made = program(
        [cell("x"), cell("y"), cell("z", Var("n"))], thread("a", *body, variables=["r"]),
        symbols=[SymbolRange(name="n", first=0, last=9)],
    )  # fmt: skip
    for written, first in (("x", 0), ("y", 1)):
        found = explore(made, never(equal(final(written), 7)), loops=1, max_states=99)
        assert (found.outcome, found.symbols, len(found.schedule)) == ("violated", (("n", first),), 2)


def test_two_symbols_split_into_boxes() -> None:
    body = rmw("x", "r", add(var("r"), 1), when=Arith(Op.LT, var("r"), Const(10), BOOL))
    other = rmw("y", "r", add(var("r"), 1), when=Arith(Op.LT, var("r"), Const(20), BOOL))
    made = program(
        [cell("x", Var("n")), cell("y", Var("k"))],
        thread("a", body, variables=["r"]),
        thread("b", other, variables=["r"]),
        symbols=[SymbolRange(name="n", first=0, last=1000), SymbolRange(name="k", first=0, last=1000)],
    )
    found = explore(made, never(equal(final("x"), 0)), loops=1, max_states=1000)
    assert (found.outcome, found.symbols, found.schedule) == ("violated", (("n", 0), ("k", 0)), ())
    equals = explore(
        made, never(equal(final("x"), final("y")), situation=equal(final("y"), 20)), loops=1, max_states=99
    )
    assert (equals.outcome, equals.symbols, equals.schedule) == ("violated", (("n", 20), ("k", 20)), ())
    safe = explore(made, never(equal(final("x"), -1)), loops=1, max_states=1000)
    assert (safe.outcome, safe.ranges, safe.longest) == ("safe", (("n", 2), ("k", 2)), 2)


@pytest.mark.slow
@pytest.mark.parametrize(("first", "last"), [(0, 40), (1010, 1040)])
def test_shipped_program_with_a_short_range(first: int, last: int) -> None:
    """Around 0, and where a count without pins reaches the 1024 that tell them."""
    library = load_library(None, scenario="gup-vs-reclaim", variant="hubbard-locked-check")
    made = resolve(library, "gup-vs-reclaim", "hubbard-locked-check", "ipi")
    symbols = tuple(replace(s, first=first, last=last) if s.name == "others" else s for s in made.symbols)
    made = replace(made, symbols=symbols)
    found = explore_all(made, made.properties, loops=4, max_states=300_000, symmetry=True)
    for asked, one in zip(made.properties, found, strict=True):
        single = one_by_one(made, asked, "others")
        lengths = [len(each.schedule) for each in single if each.outcome == "violated"]
        assert (one.outcome == "violated") == bool(lengths)
        assert len(one.schedule) == min(lengths, default=0)
        assert lengths or one.situation == any(each.situation for each in single)
