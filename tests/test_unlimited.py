"""A proof for any number of threads, against as many as can be counted."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from encoder.base.result import FEWER_THREADS, Question, Refuted, Unlimited, word
from encoder.graph.build import build
from encoder.graph.interference import Effects, effects_of
from encoder.program.core import Arith, Const, Expr, Op, Program, Property, Rmw, Statement, Thread, Var
from encoder.verify.engine import answer
from encoder.verify.parametric_proof import prove_parametric
from tests.concrete.build import add, assign, both, cell, equal, final, lock, negate, never, of, program, unlock, when
from tests.concrete.build import thread as made_thread
from tests.memory.weak import fence, read, rmw, write

MODELS = ("sc", "tso", "lkmm")
ORDERS = (("mb", "mb"), ("relaxed", "relaxed"), ("acquire", "once"), ("relaxed", "release"))


def question(model: str) -> Question:
    return Question(scenario="s", variant="v", property="", model=model)


def get(amount: int, order: tuple[str, str]) -> list[Statement]:
    """`atomic_add_unless(&c, amount, 0)`; r says whether it was done."""
    free = negate(equal(Var("q"), 0))
    return [rmw("c", "q", add(Var("q"), amount), *order, when=free), assign("r", free)]


def put(amount: int) -> Rmw:
    return rmw("c", "q", Arith(Op.SUB, Var("q"), Const(amount)), "noreturn", "once")


def free(amount: int) -> list[Statement]:
    """`if (atomic_sub_and_test(amount, &c)) y = 1`: who takes the last frees."""
    left = Arith(Op.SUB, Var("q"), Const(amount))
    return [rmw("c", "q", left, "mb", "mb"), when(equal(left, 0), [write("y")])]


class Generator:
    """Threads that pin a counter c, look again at x, set a flag y and let go; one that looks for pins and acts on x."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, chance: float, *body: Statement) -> list[Statement]:
        return list(body) if self.random.random() < chance else []

    def barrier(self) -> list[Statement]:
        return self.maybe(0.4, fence(self.random.choice(("mb", "rmb", "wmb"))))

    def pinner(self) -> tuple[Statement, ...]:
        order, amount = self.random.choice(ORDERS), self.random.choice((1, 2, 4))
        undone: list[Statement] = [put(amount), assign("r", 0)]
        recheck = [*self.barrier(), read("x", "s"), when(equal(Var("s"), self.random.choice((0, 1))), [], undone)]
        inside = [*self.barrier(), *(recheck if self.random.random() < 0.8 else [])]
        flag = self.maybe(0.4, write("y", 1) if self.random.random() < 0.5 else rmw("y", "q", Const(1), *order))
        undone += self.maybe(0.5, write("y", 1))
        let_go = free(amount) if self.random.random() < 0.4 else [put(amount)]
        release = self.maybe(0.5, when(equal(Var("r"), 1), [*let_go, assign("r", 0)]))
        failed = self.maybe(0.5, write("y", 1))
        most = Const(self.random.choice((2, 4, 6, 8)))
        crowd = self.maybe(0.25, when(Arith(Op.LT, most, Var("q")), [write("y", 1)]))
        return (*flag, *self.barrier(), *get(amount, order), *crowd, when(equal(Var("r"), 1), inside, failed), *release)

    def looker(self) -> tuple[Statement, ...]:
        code: list[Statement] = []
        for _ in range(self.random.choice((1, 2))):
            code += self.maybe(0.4, write("x", 1)) + self.barrier()
            code += self.maybe(0.5, read("y", "s"), *self.maybe(0.5, when(equal(Var("s"), 1), [write("x", 1)])))
            limit = self.random.choice((1, 2, 5))
            code += self.random.choice(
                (
                    [read("c", "q"), when(Arith(Op.LT, Var("q"), Const(limit)), [write("x", 1), assign("r", 1)])],
                    [rmw("c", "q", Const(0), "mb", "mb", when=equal(Var("q"), 1)), assign("r", equal(Var("q"), 1))],
                    [put(1)],
                    free(1),
                    [rmw("c", "q", add(Var("q"), 1), "mb", "mb"), assign("r", Var("q"))],
                )
            )
            code += self.barrier() + self.maybe(0.3, when(equal(Var("r"), 1), [write("x", 2)]))
        return tuple(code)

    def condition(self, pinner: str) -> Expr:
        """What must not be, of one pinner."""
        choices = (
            equal(final("x"), self.random.choice((1, 2))),
            equal(final("y"), 1),
            equal(of("z", "r"), 1),
            equal(of("z", "q"), self.random.choice((0, 3, 5, 9))),
            equal(of("z", "q"), self.random.choice((4, 6, 8))),
            equal(of("z", "s"), self.random.choice((0, 1))),
            Arith(Op.LT, final("c"), Const(self.random.choice((1, 3)))),
        )
        held = [equal(of(pinner, "r"), 1)] if self.random.random() < 0.6 else []
        return both(*held, *self.random.sample(choices, self.random.choice((1, 1, 2))))


@dataclass(frozen=True)
class Case:
    pinner: tuple[Statement, ...]
    looker: tuple[Statement, ...]
    condition: Expr

    def program(self, count: int) -> Program:
        """With so many pinners; the condition is that of the first, which stands for any."""
        names = ["a", *(f"a{n}" for n in range(1, count))]
        threads = [thread(name, *self.pinner) for name in names]
        made = program([cell("x"), cell("y"), cell("c", 1), cell("l", lock=True)], *threads, thread("z", *self.looker))
        return replace(made, properties=(asked(self.condition),))


def thread(name: str, *body: Statement) -> Thread:
    return made_thread(name, *body, variables=("r", "s", "q"))


def asked(condition: Expr) -> Property:
    found = never(condition)
    return replace(found, instances=tuple(replace(i, binding=(("t", "a"),)) for i in found.instances))


def case(seed: int) -> Case:
    made = Generator(seed)
    return Case(made.pinner(), made.looker(), made.condition("a"))


def many(made: Program, model: str) -> Unlimited:
    return prove_parametric(made, question(model), made.properties[0])


def broken(made: Program, model: str) -> bool:
    return isinstance(answer(made, question(model)).verdict, Refuted)


def disagreement(seed: int, model: str, most: int) -> tuple[str, bool, bool]:
    """What is wrong, whether it is said to hold for any number, and whether some number breaks it."""
    made = case(seed)
    holds = many(made.program(1), model).holds
    counts = [count for count in range(1, most + 1) if broken(made.program(count), model)] if holds or seed % 2 else []
    return (f"{seed} {model}: holds, but {counts}" if holds and counts else ""), holds, bool(counts)


def sample(seeds: range, most: int) -> tuple[list[str], int, int]:
    found = [disagreement(seed, model, most) for seed in seeds for model in MODELS]
    return [wrong for wrong, _, _ in found if wrong], sum(h for _, h, _ in found), sum(b for _, _, b in found)


PIN = (*get(2, ("mb", "mb")), when(equal(Var("r"), 1), [read("x", "s"), when(equal(Var("s"), 1), [put(2)])]))
"""Pins, and lets go where x has been set meanwhile; r goes on to say that it has pinned."""


@pytest.mark.parametrize("model", ["sc", "lkmm", pytest.param("tso", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("pinner", "looker", "condition"),
    [
        # a counter holds more than one thread has added
        (PIN, [read("c", "q")], equal(of("z", "q"), 5)),
        # a flag was set by another
        ((*PIN, when(equal(Var("s"), 1), [write("y")])), [write("x"), read("y", "s")],
         both(equal(of("a", "r"), 1), equal(of("a", "s"), 0), equal(of("z", "s"), 1))),
        # at the end it still is
        ((*PIN, when(equal(Var("s"), 1), [write("y")])), [write("x")],
         both(equal(of("a", "r"), 1), equal(of("a", "s"), 0), equal(final("y"), 1))),
        # another has freed what it took last, and this one takes it again
        ([rmw("c", "q", add(Var("q"), 2), "mb", "mb"), assign("r", 1), read("x", "s"),
          when(equal(Var("s"), 1), [*free(2), assign("r", 0)])], [write("x"), put(1), write("x", 2)],
         both(equal(of("a", "r"), 1), equal(of("a", "s"), 2), equal(final("y"), 1))),
    ],
)  # fmt: skip
def test_what_two_break_does_not_hold_for_any_number(
    pinner: tuple[Statement, ...], looker: list[Statement], condition: Expr, model: str
) -> None:
    made = Case(pinner, tuple(looker), condition)
    assert not broken(made.program(1), model)
    assert broken(made.program(2), model)
    assert not many(made.program(1), model).holds


@pytest.mark.parametrize("model", MODELS)
def test_a_pin_keeps_its_count_whoever_else_pins(model: str) -> None:
    condition = both(equal(of("a", "r"), 1), equal(of("a", "s"), 0), Arith(Op.LT, final("c"), Const(3)))
    assert many(Case(PIN, (write("x"),), condition).program(1), model).holds


@pytest.mark.parametrize("model", MODELS)
def test_nobody_frees_what_is_pinned(model: str) -> None:
    """Who takes the last frees, and nobody does while this one has pinned and found x as it was (s is 5)."""
    recheck = when(Var("s"), [*free(2), assign("r", 0)], [assign("s", 5)])
    pinner = *get(2, ("mb", "mb")), when(equal(Var("r"), 1), [read("x", "s"), recheck])
    unmap = write("x"), fence("mb"), *free(1)
    made = Case(pinner, unmap, both(equal(of("a", "s"), 5), equal(final("y"), 1)))
    assert many(made.program(1), model).holds


def reasons(*pinner: Statement) -> str:
    return many(Case(pinner, (lock("l"), unlock("l")), equal(of("a", "r"), 7)).program(1), "sc").why


def test_why_a_thread_is_not_any_number() -> None:
    assert "takes or releases a lock" in reasons(lock("l"), unlock("l"))
    assert "stores a computed value" in reasons(read("y", "s"), write("y", add(Var("s"), 1)))
    assert reasons(put(1)) == "one of them may subtract from c.v more than it has added"
    assert reasons(*PIN) == ""


@pytest.mark.slow
def test_what_holds_for_any_number_holds_for_two() -> None:
    wrong, holds, fails = sample(range(20, 28), 2)
    assert wrong == []
    assert holds > 5 and fails > 3


@pytest.mark.slow
@pytest.mark.parametrize("block_", range(10))
def test_what_holds_for_any_number_holds_for_three(block_: int) -> None:
    wrong, *_ = sample(range(1000 + 100 * block_, 1100 + 100 * block_), 3)
    assert wrong == []


def three(seed: int) -> Program:
    """Three identical pinners."""
    return case(seed).program(3)


def of_two_kinds(seed: int) -> Program:
    """One or two pinners, and one of another kind, which the property does not name."""
    first, other = case(seed), Generator(seed + 5000)
    made = first.program(random.Random(seed).choice((1, 2)))
    *pinners, looker = made.threads
    threads = (replace(each, role="pinner") for each in (thread("b", *other.pinner()), *pinners))
    return replace(made, threads=(*threads, looker))


def with_and_without(made: Program, model: str) -> tuple[str, str, bool]:
    """The verdict by the direct proof, and as it is found; whether that is from fewer threads."""
    asks = question(model)
    direct = answer(made, replace(asks, without=(FEWER_THREADS,)))
    found = answer(made, replace(asks, unlimited=True))
    shortcut = any("any number of identical threads" in flag for flag in found.flags)
    if shortcut and made.threads[0].name == "a":
        assert found.unlimited == Unlimited(thread="a", procedure="", holds=True, why="")
    return word(direct.verdict), word(found.verdict), shortcut


def compare(kind: Callable[[int], Program], seeds: range) -> None:
    found = [with_and_without(kind(seed), model) for seed in seeds for model in MODELS]
    assert [pair for pair in found if pair[0] != pair[1]] == []
    assert sum(shortcut for *_, shortcut in found) > len(found) // 10
    assert sum(direct == "refuted" for direct, *_ in found) > len(found) // 10


@pytest.mark.slow
@pytest.mark.parametrize("kind", [three, of_two_kinds])
def test_a_proof_from_fewer_threads_is_one_of_all(kind: Callable[[int], Program]) -> None:
    compare(kind, range(4, 11))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [three, of_two_kinds])
@pytest.mark.parametrize("block_", range(5))
def test_a_proof_from_fewer_threads_is_one_of_all_often(kind: Callable[[int], Program], block_: int) -> None:
    compare(kind, range(1000 + 50 * block_, 1050 + 50 * block_))


@pytest.mark.parametrize("model", MODELS)
def test_what_only_two_break_is_not_proved_from_one(model: str) -> None:
    pinner = (*PIN, when(equal(Var("s"), 1), [write("y")]))
    condition = both(equal(of("a", "r"), 1), equal(of("a", "s"), 0), equal(final("y"), 1))
    assert isinstance(answer(Case(pinner, (write("x"),), condition).program(3), question(model)).verdict, Refuted)


def test_a_property_of_all_at_once_needs_all() -> None:
    """Two of three pinners have pinned: no proof about one is a proof of this."""
    condition = both(equal(of("a", "r"), 1), equal(of("a1", "r"), 1), equal(of("a2", "r"), 1))
    made = Case(PIN, (write("x"),), condition).program(3)
    assert isinstance(answer(made, question("sc")).verdict, Refuted)


def after_others(least: int) -> tuple[Statement, ...]:
    """Adds 4 to what is 1 at first, and sets y if it has found more than `least`."""
    many_before = Arith(Op.LT, Const(least), Var("q"))
    return rmw("c", "q", add(Var("q"), 4), "mb", "mb"), assign("r", Var("q")), when(many_before, [write("y", 1)])


@pytest.mark.parametrize("model", ["sc", "lkmm", pytest.param("tso", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("least", "needed"), [(4, 2), (8, 3), (12, 4)])
def test_what_a_thread_does_only_beside_many_others_counts(model: str, least: int, needed: int) -> None:
    made = Case(after_others(least), (read("x", "s"),), both(equal(of("a", "r"), 1), equal(final("y"), 1)))
    assert [broken(made.program(count), model) for count in range(1, 5)] == [count >= needed for count in range(1, 5)]
    assert not many(made.program(1), model).holds


def test_a_write_after_two_drops_depends_on_neither() -> None:
    """Who takes the last 1, or the last 2, writes y: the write may follow either."""
    for code, depends in ((free(1), True), ([*get(4, ("mb", "mb")), *free(1), *free(2)], False)):
        made = Case(tuple(code), (read("x", "s"),), equal(final("y"), 1)).program(1)
        found = effects_of(build(made, 4), 0)
        assert isinstance(found, Effects)
        assert [write.drop_to_zero is not None for write in found.writes.values()] == [depends]


@pytest.mark.parametrize("model", MODELS)
def test_what_is_only_read_beside_others_may_hold_what_they_write(model: str) -> None:
    """The read of y is in a branch that one thread alone never takes."""
    crowd = when(Arith(Op.LT, Const(5), Var("q")), [read("y", "s")])
    pinner = (read("c", "q"), crowd, write("y", 1), rmw("c", "q", add(Var("q"), 4), "mb", "mb"))
    made = Case(pinner, (read("x", "s"),), both(equal(of("a", "s"), 1), equal(final("x"), 0)))
    assert [broken(made.program(count), model) for count in range(1, 5)] == [False, False, True, True]
    assert not many(made.program(1), model).holds
