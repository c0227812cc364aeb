"""Sums of what is added under conditions."""

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.smt.text.sums import total

WIDTHS = st.integers(2, 12)


def number(value: int, width: int) -> tuple[str, int]:
    return f"(_ bv{value % 2**width} {width})", width


@st.composite
def numbers(draw: st.DrawFn) -> tuple[int, int]:
    """A value and a width that holds it."""
    width = draw(WIDTHS)
    return draw(st.integers(-(2 ** (width - 1)), 2 ** (width - 1) - 1)), width


@settings(max_examples=300, deadline=None)
@given(
    always=st.lists(numbers(), min_size=1, max_size=3),
    selected=st.lists(st.tuples(st.sampled_from([(1, 2), (-1, 2), (1024, 12), (-1025, 12), (3, 4)]), st.booleans())),
    variables=st.lists(st.tuples(numbers(), st.booleans()), max_size=2),
    least=WIDTHS,
)
def test_a_total_is_the_sum(
    always: list[tuple[int, int]], selected: list[tuple[tuple[int, int], bool]],
    variables: list[tuple[tuple[int, int], bool]], least: int,
) -> None:  # fmt: skip
    """Modulo two to the power of a width that is that of the widest number or more, whatever holds; a number that is no
    constant is added, too."""
    chosen = [(f"l{n}", number(*each)) for n, (each, _) in enumerate(selected)]
    chosen += [(f"m{n}", (f"v{n}", width)) for n, ((_, width), _) in enumerate(variables)]
    text, width = total([number(*each) for each in always], chosen, least)
    holds = {f"l{n}": held for n, (_, held) in enumerate(selected)}
    holds |= {f"m{n}": held for n, (_, held) in enumerate(variables)}
    declared = "".join(f"(declare-const {name} Bool)" for name in holds)
    declared += "".join(f"(declare-const v{n} (_ BitVec {bits}))" for n, ((_, bits), _) in enumerate(variables))
    solver = z3.Solver()
    solver.from_string(f"{declared}(declare-const sum (_ BitVec {width}))(assert (= sum {text}))")
    for name, held in holds.items():
        solver.add(z3.Bool(name) if held else z3.Not(z3.Bool(name)))
    for n, ((value, bits), _) in enumerate(variables):
        solver.add(z3.BitVec(f"v{n}", bits) == value)
    expected = sum(value for value, _ in always)
    expected += sum(value for (value, _), held in (*selected, *variables) if held)
    assert width == max([least] + [bits for _, bits in always] + [bits for (_, bits), _ in (*selected, *variables)])
    assert solver.check() == z3.sat
    assert solver.model()[z3.BitVec("sum", width)].as_long() == expected % 2**width
