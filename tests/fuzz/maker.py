"""Random small programs over the whole step language.

The choices come from a `random.Random`: one with a seed for the long runs, hypothesis's own where failures are to
shrink. What is chosen when every number drawn is the least is the simplest: one access after the other.
Each program has only some kinds of statements (by turns), so that those it has meet each other.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.program.core import BOOL, INT, Arith, Cell, Component, Const, Expr, Op, Program, Statement, Thread
from encoder.program.core import SymbolRange as Symbol
from tests.concrete.build import (
    add,
    block,
    cell,
    equal,
    flush,
    grace,
    irq,
    leave,
    load,
    lock,
    loop,
    negate,
    store,
    thread,
    unlock,
    var,
    when,
)
from tests.concrete.build import program as whole
from tests.fuzz.values import INDICES, VARIABLES, Values
from tests.memory.weak import fence, rcu, rmw

LOCKS = ("l", "m")
COUNTERS = ("z", "w")
WORD = "e"  # a location with two components
BIT = "p"  # a location that is used as a lock
SRCU = "u"
PLAIN_FENCES = ("mb", "rmb", "wmb", "barrier")
ATOMIC_FENCES = ("before-atomic", "after-atomic")
LOCK_FENCES = ("after-spinlock", "after-unlock-lock")
ORDERS = (("noreturn", "once"), ("mb", "mb"), ("relaxed", "relaxed"), ("acquire", "once"), ("relaxed", "release"))
SHAPES = ((2, 3), (2, 4), (2, 4), (2, 5), (2, 6), (3, 2), (3, 3), (3, 3), (3, 4), (4, 2))
Made = tuple[list[Statement], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a program may have. `plain`: accesses that are not marked; `closed`: every section ends; `wrong`: locks
    released by who does not hold them and pointers that point nowhere; `symbols`: numbers the solver chooses;
    `shapes`: how many threads, and of how many steps; `waits`: little but sections and who waits for them."""

    plain: bool = True
    closed: bool = False
    wrong: bool = True
    symbols: bool = True
    shapes: Sequence[tuple[int, int]] = SHAPES
    waits: bool = False


def cells(first: Mapping[str, Expr]) -> list[Cell]:
    """All locations; `first` says where some do not start at 0."""
    numbers = [cell(c, first.get(c, 0)) for c in ("x", "y", *COUNTERS, SRCU, BIT)]
    parts = (Component(name="a", type=INT), Component(name="b", type=INT))
    pair = replace(cell(WORD), components=parts, init=(Const(0), Const(0)))
    return [*numbers, pair, *(cell(each, lock=True) for each in LOCKS)]


class Maker(Values):
    """Makes one program."""

    def __init__(self, chance: random.Random, limits: Limits) -> None:
        super().__init__(chance)
        self.limits = limits
        self.blocks = 0
        self.held: list[str] = []
        self.reading: list[str] = []
        self.plain = limits.plain and self.sometimes(0.3)
        kinds: dict[Callable[[int], Made], int] = {
            self.fenced: 4, self.modify: 4, self.counter: 3, self.awaited: 2, self.word: 2, self.section: 5,
            self.tried: 3, self.hand_over_hand: 2, self.crossed: 2, self.bit: 3, self.rcu_section: 3,
            self.srcu_section: 3, self.irq_region: 2, self.flushed: 2, self.branch: 4, self.jump: 3, self.dead_jump: 2,
            self.round: 2, self.look: 1, self.local: 1, self.arms: 8, self.stray: int(limits.wrong),
        }  # fmt: skip
        if limits.waits:
            kinds = {
                self.graced: 8, self.rcu_section: 6, self.srcu_section: 4, self.irq_region: 3, self.crossing: 3,
                self.flushed: 1, self.branch: 1, self.section: 1, self.counter: 1,
            }  # fmt: skip
        keep = 0.7 if limits.waits else self.chance.choice((0.0, 0.15, 0.3, 0.5))
        self.kinds = {kind: weight for kind, weight in kinds.items() if weight and self.sometimes(keep)}
        self.modes = self.chance.choice((("write",), ("write",), ("write", "read")))
        self.locks = LOCKS[: self.chance.choice((1, 2, 2))]
        self.grace = self.sometimes(0.5)
        self.wild = limits.wrong and self.sometimes(0.06)

    def program(self) -> Program:
        count, size = self.chance.choice(self.limits.shapes)
        twins = self.sometimes(0.15)
        body = self.body(size)
        threads = [self.thread("abcd"[n], body if twins or n == 0 else self.body(size)) for n in range(count)]
        symbols, first, assumed = self.symbols() if self.limits.symbols else ([], {}, [])
        return whole(cells(first), *threads, symbols=symbols, assumptions=assumed)

    def symbols(self) -> tuple[list[Symbol], dict[str, Expr], list[Expr]]:
        """Numbers at the start, where they stand, and what is assumed of them."""
        if not self.sometimes(0.25):
            return [], {}, []
        first: dict[str, Expr] = {"x": var("n"), self.chance.choice(("y", *COUNTERS)): var("k")}
        number = self.chance.randint(0, 2)
        assumed = equal(var("n"), number) if self.sometimes(0.1) else Arith(Op.LE, var("n"), var("k"), BOOL)
        return [Symbol(name="n", first=0, last=1), Symbol(name="k", first=0, last=2)], first, [assumed]

    def thread(self, named: str, body: Sequence[Statement]) -> Thread:
        return thread(named, *body, variables=VARIABLES, runs=1)

    def body(self, size: int) -> list[Statement]:
        code: list[Statement] = []
        while size > 0:
            made, cost = self.statement(size)
            code.extend(made)
            size -= cost
        return code

    def statement(self, size: int) -> Made:
        if not self.kinds or size < 2 or not self.sometimes(0.55):
            return self.access()
        (kind,) = self.chance.choices(list(self.kinds), list(self.kinds.values()))
        return kind(size)

    # Accesses

    def access(self) -> Made:
        where = self.chance.choice("xy")
        if self.sometimes(0.5):
            return [replace(store(self.place(where), self.value()), order=self.order("release"))], 1
        return [replace(load(self.place(where), self.register()), order=self.order("acquire"))], 1

    def modify(self, size: int) -> Made:
        order, into = self.chance.choice(("mb", "relaxed", "acquire", "release")), self.register()
        free = equal(var(into), self.chance.randint(0, 1)) if self.sometimes(0.6) else Const(1, BOOL)
        made = rmw("x", into, self.value(), order, order, when=free)
        return self.around([replace(made, place=self.location(self.chance.choice("xy")), fails_locked=self.locked())])

    def awaited(self, size: int) -> Made:
        """A location is waited for, and then written."""
        into = self.register()
        made = rmw(self.chance.choice("xy"), into, self.value(), "acquire", "once")
        return [replace(made, await_=equal(var(into), self.chance.randint(0, 1)))], 1

    def counter(self, size: int) -> Made:
        where, pick = self.chance.choice(COUNTERS), self.chance.random()
        if pick > 0.9:
            return [store(where, self.chance.choice((0, 1, 1000)))], 1
        if pick > 0.65:
            return [replace(load(where, self.register()), order=self.order("acquire"))], 1
        into, by = self.register(), self.chance.choice((1, 1, 2, -1, 1023))
        made = rmw(where, into, add(var(into), by), *self.chance.choice(ORDERS))
        if self.pointers and self.sometimes(0.3):
            made = replace(made, place=self.either(COUNTERS))
        if self.sometimes(0.3):
            made = replace(made, when=negate(equal(var(into), 0)), fails_locked=self.locked())
        elif self.sometimes(0.1):
            made = replace(made, values=(("", Const(0)),), when=equal(var(into), 1))
        return self.around([made])

    def around(self, code: list[Statement]) -> Made:
        before = [fence("before-atomic")] if self.sometimes(0.2) else []
        after = [fence("after-atomic")] if self.sometimes(0.2) else []
        return [*before, *code, *after], 1

    def locked(self) -> bool:
        return self.sometimes(0.3)

    def word(self, size: int) -> Made:
        """Both components of a location at once."""
        if self.sometimes(0.5):
            parts = (("a", self.value()), ("b", self.value()))
            return [replace(store(WORD, 0), values=parts, order=self.order("release"))], 1
        into = (("a", "r"), ("b", "s")) if self.sometimes(0.5) else (("b", self.register()),)
        return [replace(load(WORD, "r"), into=into, order=self.order("acquire"))], 1

    def look(self, size: int) -> Made:
        return [load(self.chance.choice(self.locks), self.register())], 1

    def order(self, strong: str) -> str:
        return self.chance.choice(("once", "once", strong, *(["plain", "plain"] if self.plain else [])))

    # Order

    def fenced(self, size: int) -> Made:
        kinds = PLAIN_FENCES + (ATOMIC_FENCES if self.sometimes(0.3) else ())
        if self.held or self.sometimes(0.2):
            kinds += LOCK_FENCES
        if self.grace and self.sometimes(0.5):
            if self.srcu_section in self.kinds and self.rcu_section not in self.kinds:
                return [*grace(SRCU)], 2
            return [*grace()], 2
        return [fence(self.chance.choice(kinds))], 1

    def stray(self, size: int) -> Made:
        """Somebody's lock is released."""
        return [unlock(self.chance.choice(self.locks))], 1

    def free(self) -> list[str]:
        return [each for each in self.locks if each not in self.held]

    def section(self, size: int) -> Made:
        if not self.free():
            return self.access()
        which, mode = self.chance.choice(self.free()), self.chance.choice(self.modes)
        return [lock(which, mode), *self.after_lock(), *self.inside(size, which), unlock(which, mode)], size

    def tried(self, size: int) -> Made:
        if not self.free():
            return self.access()
        which, mode = self.chance.choice(self.free()), self.chance.choice(self.modes)
        code = [*self.after_lock(), *self.inside(size, which), unlock(which, mode)]
        failed = self.access()[0] if self.sometimes(0.3) else []
        return [lock(which, mode, into="s"), when(var("s"), code, failed)], size

    def hand_over_hand(self, size: int) -> Made:
        """Locks released in the order in which they were taken."""
        if len(self.locks) < 2 or self.held:
            return self.section(size)
        self.held = list(LOCKS)
        between, end = self.body(self.chance.randint(0, 1)), self.body(max(1, size - 2))
        self.held = []
        return [lock("l"), lock("m"), *between, unlock("l"), *end, unlock("m"), *self.after_lock()], size

    def crossed(self, size: int) -> Made:
        """One lock within the other."""
        if len(self.locks) < 2 or self.held:
            return self.section(size)
        self.held = list(LOCKS)
        inner = self.body(max(1, size - 2))
        self.held = []
        return [lock("l"), lock("m"), *self.after_lock(), *inner, unlock("m"), unlock("l")], size

    def bit(self, size: int) -> Made:
        """A bit as a lock, as the page lock is: tried or waited for, and cleared by who has set it."""
        free = equal(var("q"), 0)
        take = rmw(BIT, "q", Const(1), "acquire", "once", when=free)
        inside, clear = self.inside(size, BIT), self.cleared()
        if self.sometimes(0.5):
            return [replace(take, when=Const(1, BOOL), await_=free), *inside, clear], size
        return [replace(take, fails_locked=self.locked()), when(free, [*inside, clear])], size

    def cleared(self) -> Statement:
        if self.sometimes(0.5):
            return rmw(BIT, "s", Const(0), "relaxed", "release")
        return replace(store(BIT, 0), order="release")

    def after_lock(self) -> list[Statement]:
        return [fence(self.chance.choice(LOCK_FENCES))] if self.sometimes(0.35) else []

    def inside(self, size: int, which: str) -> list[Statement]:
        self.held.append(which)
        code = self.body(max(1, size - 1))
        self.held.remove(which)
        return code

    def rcu_section(self, size: int) -> Made:
        end = [] if not self.limits.closed and self.sometimes(0.2) else [rcu(False)]
        return [rcu(True), *self.body(size - 1), *end], size

    def graced(self, size: int) -> Made:
        return [*grace(SRCU if self.srcu_section in self.kinds and self.sometimes(0.4) else "")], 2

    def srcu_section(self, size: int) -> Made:
        """The index goes by a variable of its own, or by a register, which something else may set."""
        free = [each for each in INDICES if each not in self.reading]
        index = free[0] if free and not self.sometimes(0.15) else "r"
        self.reading.append(index)
        inside = self.body(max(1, size - 2))
        self.reading.remove(index)
        after = [fence("after-srcu-read-unlock")] if self.sometimes(0.3) else []
        end = [] if not self.limits.closed and self.sometimes(0.1) else [self.left(index)] * (1 + self.sometimes(0.05))
        return [self.read(index), *inside, *end, *after], size

    def read(self, index: str) -> Statement:
        return replace(load(SRCU, index), order="srcu-lock")

    def left(self, index: str) -> Statement:
        return replace(store(SRCU, var(index)), order="srcu-unlock")

    def crossing(self, size: int) -> Made:
        """A section begins within another one and ends after it."""
        inside = [self.body(1)[:1] for _ in range(3)]
        edges = [((rcu(True), rcu(False)), (irq(True), irq(False)))]
        if self.srcu_section in self.kinds and not self.reading:
            edges.append(((self.read("i"), self.left("i")), (self.read("j"), self.left("j"))))
        (begin, end), (other, last) = self.chance.choice(edges)
        return [begin, *inside[0], other, *inside[1], end, *inside[2], last], 4

    def irq_region(self, size: int) -> Made:
        return [irq(True), *self.body(size - 1), irq(False)], size

    def flushed(self, size: int) -> Made:
        return [flush(True), *self.body(self.chance.randint(0, 1)), flush(False)], 2

    # Control

    def branch(self, size: int) -> Made:
        most = self.chance.randint(1, max(1, size // 2))
        return [when(self.condition(), self.body(most), self.body(most) if self.sometimes(0.4) else [])], most

    def jump(self, size: int) -> Made:
        own = self.new_block()
        before = self.local()[0] if self.sometimes(0.4) else []
        inside = when(self.condition(), [*before, leave(own)]), *self.body(1)
        return [block(own, *inside), *(self.local()[0] if self.sometimes(0.4) else [])], 1

    def dead_jump(self, size: int) -> Made:
        """A jump that no value takes, in one arm of a branch."""
        own = self.new_block()
        never = when(Const(0, BOOL), [leave(own)])
        arms = [never, *self.body(1)], [*self.body(1), leave(own)] if self.sometimes(0.5) else []
        return [block(own, when(self.condition(), *arms), *self.body(1))], 2

    def round(self, size: int) -> Made:
        own = self.new_block()
        test, inside = when(negate(self.condition()), [leave(own)]), self.body(1)
        code = [*inside, test] if self.sometimes(0.4) else [test, *inside]
        return [loop(own, *code, *self.local()[0], bound=self.chance.choice((1, 1, 2, None)))], 1

    def new_block(self) -> int:
        self.blocks += 1
        return self.blocks
