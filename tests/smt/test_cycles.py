"""An order that is left to the solver: cycles that are forbidden when they show, against acyclicity as constraints."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import z3

from encoder.base.errors import InputError
from encoder.base.result import LAZY_CYCLES, Question, Refuted, word
from encoder.graph.term import Terms
from encoder.memory import MODELS
from encoder.program.core import Program, Property
from encoder.smt.axiomatic import acyclicity
from encoder.smt.axiomatic.acyclicity import order_of
from encoder.smt.axiomatic.encode import Modifications, encode_executions
from encoder.smt.formula import Formula, Order, with_cycles
from encoder.smt.solvers.cycles import CycleFinder
from encoder.smt.solvers.z3_solver import GoalSolver, Session
from encoder.smt.text.clauses import Clauses
from encoder.smt.text.script import Script, negate
from encoder.verify.engine import answer
from tests.memory.weak import unrolled
from tests.smt.test_prefix import GOALS, random_program

WEAK = [name for name, model in MODELS.items() if not model.total]
TRIANGLE = Order({(1, 2): ("|a|",), (2, 3): (), (3, 1): ("(not |b|)", "|c|"), (4, 1): ()})
CONTRADICTION = "(assert (or false))\n"
DECLARED = "".join(f"(declare-const |{name}| Bool)\n" for name in "abc")


def later() -> float:
    return time.monotonic() + 100


@pytest.fixture
def always() -> Iterator[None]:
    """No order is small enough to be eliminated."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acyclicity, "MOST_ELIMINATED", -1)
        yield


def test_an_assignment_with_a_cycle_is_no_answer() -> None:
    formula = Formula(DECLARED + "(assert |a|)\n(assert |c|)\n", TRIANGLE)
    session = Session(formula, later())
    model = session.check().model
    assert model is not None and model.true("b")
    assert session.check("(not |b|)").word == "unsat"
    solver = GoalSolver(formula, later(), fresh_context=True)
    assert solver.decide("(not |b|)").word == "unsat"
    assert solver.decide("|b|").word == "sat"
    assert [set(cycle) for cycle in solver.forbidden] == [{1, 2, 3}]
    assert GoalSolver(Formula(with_cycles(formula, solver.forbidden)), later(), fresh_context=True).decide(
        "(not |b|)"
    ).word == "unsat"  # fmt: skip


def test_what_is_no_cycle_has_no_clause() -> None:
    formula = Formula(DECLARED, TRIANGLE)
    assert with_cycles(formula, [(2, 3, 1)]).endswith("(assert (or false |b| (not |a|) (not |c|)))\n")
    for wrong in ((1, 2), (1, 3, 2), (4, 1), (7,)):
        with pytest.raises(KeyError):
            with_cycles(formula, [wrong])
    with pytest.raises(KeyError):
        with_cycles(Formula(DECLARED), [(1, 2, 3)])


def test_a_cycle_without_conditions_is_a_contradiction() -> None:
    formula = Formula(DECLARED, Order({(1, 2): (), (2, 1): ()}))
    assert GoalSolver(formula, later(), fresh_context=True).decide("true").word == "unsat"


@pytest.mark.usefixtures("always")
def test_a_defined_name_is_true_where_what_it_stands_for_is() -> None:
    """Models have values of declared variables alone."""
    script = Script()
    a, b = script.boolean("a"), script.boolean("b")
    clauses = Clauses(script, Terms())
    defined = clauses.literal(script.define("both", f"(and {a} {b})"))
    order = order_of(
        clauses,
        {1: {2: frozenset((defined,))}, 2: {1: frozenset((-clauses.literal(b), defined))}, 3: {}},
        eliminates=False,
    )
    assert order is not None
    assert order.edges[1, 2] == ("|value of both|",)
    negated = order_of(
        clauses, {1: {2: frozenset((-defined,))}, 2: {1: frozenset((clauses.literal(b),))}}, eliminates=False
    )
    session = Session(Formula(script.take_text(), negated), later())
    assert session.check(b, negate(a)).word == "unsat"
    assert session.check(a, b).word == "sat"


def test_every_cycle_has_an_edge_with_the_condition_of_one_that_is_found() -> None:
    """Random graphs: without the edges under such conditions there is no cycle."""
    random_numbers = random.Random(5)
    names = "xyz"
    for _ in range(200):
        edges = {
            (random_numbers.randrange(9), random_numbers.randrange(9)): tuple(
                f"|{name}|" for name in names if random_numbers.randrange(2)
            )
            for _ in range(random_numbers.randrange(25))
        }
        edges = {(a, b): c for (a, b), c in edges.items() if a != b}
        solver = z3.Solver(ctx=z3.Context())
        solver.add(*(z3.Bool(name, solver.ctx) for name in names))
        solver.check()
        finder = CycleFinder(Order(edges), solver.ctx)
        finder.clauses(solver.model())
        on_cycles = {edge for cycle in finder.found for edge in zip(cycle, (*cycle[1:], cycle[0]), strict=True)}
        assert on_cycles <= edges.keys()
        used = {edges[edge] for edge in on_cycles} - {()}
        rest = CycleFinder(Order({edge: each for edge, each in edges.items() if each not in used}), solver.ctx)
        assert rest.clauses(solver.model()) in ("", CONTRADICTION)


def words(made: Program, asked: Property, model: str, *, eliminates: bool) -> dict[str, str]:
    found = encode_executions(
        unrolled(made, MODELS[model]), MODELS[model], asked, None, later(), Modifications(eliminates=eliminates)
    )
    assert eliminates or found.formula.order is not None
    solver = GoalSolver(found.formula, later(), fresh_context=True)
    by_goal = {goal: solver.decide(found.goals[goal]).word for goal in GOALS if found.goals[goal] != "false"}
    session = Session(found.formula, later())
    assert by_goal == {goal: session.check(found.goals[goal]).word for goal in by_goal}
    certain = Session(Formula(with_cycles(found.formula, solver.forbidden)), later())
    assert all(certain.check(found.goals[goal]).word == by_goal[goal] for goal in by_goal)
    return by_goal


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("block", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 500))])
def test_both_ways_agree(block: int) -> None:
    for seed in range(4 * block, 4 * block + 4):
        made, asked = random_program(seed)
        for model in WEAK:
            assert words(made, asked, model, eliminates=True) == words(made, asked, model, eliminates=False), seed


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("block", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 50))])
def test_both_ways_give_one_report(block: int) -> None:
    """Whole answers: the verdict, and a schedule of the same length, which was replayed."""
    for seed in range(1000 + 5 * block, 1005 + 5 * block):
        made, asked = random_program(seed)
        for model in WEAK:
            asks = Question(scenario="", variant="", property=asked.name, model=model, interleavings=False)
            assert outcome(made, asks) == outcome(made, replace(asks, without=(LAZY_CYCLES,))), seed


def outcome(made: Program, asks: Question) -> tuple[str, int]:
    try:
        verdict = answer(made, asks).verdict
    except InputError as error:
        return error.problems[0].code, 0
    return word(verdict), len(verdict.witness.schedule) if isinstance(verdict, Refuted) else 0
