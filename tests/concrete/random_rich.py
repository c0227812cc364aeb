"""Random tiny programs over the whole step language: locks of every kind, all fences, RCU, SRCU, flushes, dead arms.

Each program has only some kinds of statements (by turns), so that those it has meet each other.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from encoder.program.core import BOOL, Arith, Choose, Const, Expr, Fence, Op, Place, Program, Statement, Thread, Var
from tests.concrete.build import (
    add,
    assign,
    block,
    cell,
    equal,
    flush,
    irq,
    leave,
    load,
    lock,
    loop,
    name,
    negate,
    place,
    program,
    site,
    store,
    unlock,
    when,
)
from tests.memory.weak import fence, rcu, rmw
from tests.smt.random_programs import POINTER

REGISTERS = ("r", "s", "q")
LOCKS = ("l", "m")
PLAIN_FENCES = ("mb", "rmb", "wmb", "barrier")
ATOMIC_FENCES = ("before-atomic", "after-atomic")
LOCK_FENCES = ("after-spinlock", "after-unlock-lock")
ORDERS = (("noreturn", "once"), ("mb", "mb"), ("relaxed", "relaxed"), ("acquire", "once"), ("relaxed", "release"))
SHAPES = ((2, 4), (2, 5), (2, 6), (3, 2), (3, 3), (3, 3), (3, 4), (4, 2), (4, 3))
Made = tuple[list[Statement], int]


class Rich:
    """Makes one program from a seed. `plain` allows accesses that are not marked; with `closed` every section ends."""

    def __init__(self, seed: int, *, plain: bool = False, closed: bool = False) -> None:
        self.random = random.Random(seed)
        self.plain = plain
        self.closed = closed
        self.blocks = 0
        self.held: list[str] = []
        kinds: dict[Callable[[int], Made], int] = {
            self.fenced: 4, self.modify: 4, self.counter: 2, self.section: 6, self.tried: 3, self.hand_over_hand: 2,
            self.crossed: 2, self.rcu_section: 3, self.srcu_section: 3, self.irq_region: 2, self.flushed: 2,
            self.branch: 4, self.jump: 3, self.dead_jump: 2, self.round: 1, self.look: 1, self.local: 1, self.stray: 1,
        }  # fmt: skip
        keep = self.random.choice((0.25, 0.4, 0.6))
        self.kinds = {kind: weight for kind, weight in kinds.items() if self.random.random() < keep}
        self.modes = self.random.choice((("write",), ("write",), ("write", "read")))
        self.locks = LOCKS[: self.random.choice((1, 2, 2))]
        self.grace = self.random.random() < 0.5
        self.pointers = self.random.random() < 0.4

    def program(self) -> Program:
        count, size = self.random.choice(SHAPES)
        threads = [self.thread("abcd"[number], self.body(size)) for number in range(count)]
        cells = [cell(c) for c in "xyzu"] + [cell(c, lock=True) for c in LOCKS]
        return program(cells, *threads)

    def thread(self, name: str, body: Sequence[Statement]) -> Thread:
        typed = tuple((register, Const(0).type) for register in REGISTERS)
        return Thread(name=name, role="", procedure="", runs=1, variables=typed, body=tuple(body))

    def body(self, size: int) -> list[Statement]:
        code: list[Statement] = []
        while size > 0:
            made, cost = self.statement(size)
            code.extend(made)
            size -= cost
        return code

    def statement(self, size: int) -> Made:
        if not self.kinds or size < 2 or self.random.random() < 0.45:
            return self.access()
        (kind,) = self.random.choices(list(self.kinds), list(self.kinds.values()))
        return kind(size)

    # Accesses

    def access(self) -> Made:
        where = self.random.choice("xy")
        if self.random.random() < 0.5:
            return [replace(load(self.place(where), self.register()), order=self.order("acquire"))], 1
        return [replace(store(self.place(where), self.value()), order=self.order("release"))], 1

    def modify(self, size: int) -> Made:
        order = self.random.choice(("mb", "relaxed", "acquire", "release"))
        free = equal(Var("q"), self.random.randint(0, 1)) if self.random.random() < 0.6 else Const(1, BOOL)
        made = rmw(self.random.choice("xy"), "q", Const(self.random.randint(1, 2)), order, order, when=free)
        return self.around([replace(made, fails_locked=self.random.random() < 0.3)])

    def counter(self, size: int) -> Made:
        if self.random.random() < 0.3:
            return [replace(load("z", self.register()), order=self.order("acquire"))], 1
        return self.around([rmw("z", "q", add(Var("q"), 1), *self.random.choice(ORDERS))])

    def around(self, code: list[Statement]) -> Made:
        pick = self.random.random()
        before = [fence("before-atomic")] if pick < 0.25 else []
        after = [fence("after-atomic")] if pick > 0.75 else []
        return [*before, *code, *after], 1

    def look(self, size: int) -> Made:
        return [load(self.random.choice(self.locks), self.register())], 1

    def order(self, strong: str) -> str:
        return self.random.choice(("once", "once", strong, *(["plain", "plain"] if self.plain else [])))

    def place(self, where: str) -> str | Place:
        """A fixed location, sometimes by way of a register, sometimes one of two."""
        pick = self.random.random()
        if not self.pointers or pick < 0.7:
            return where
        register = Var(self.register())
        same = equal(Arith(Op.XOR, register, register), 0) if pick < 0.85 else equal(register, 0)
        base = Choose(same, Const(1, POINTER), Const(2, POINTER))
        return Place(base=base, struct="x", field="v", targets=((1, name("x")), (2, name("y"))))

    # Values

    def register(self) -> str:
        return self.random.choice("rsq")

    def condition(self) -> Expr:
        if self.random.random() < 0.15:
            return Arith(Op.XOR, Var("r"), Var("r"))
        return equal(Var(self.register()), self.random.randint(0, 1))

    def value(self) -> Expr:
        pick = self.random.random()
        if pick < 0.6:
            return Const(self.random.randint(1, 2))
        register = Var(self.register())
        if pick < 0.85:
            return Arith(Op.OR, Arith(Op.XOR, register, register), Const(self.random.randint(1, 2)))
        return register

    def local(self, size: int = 0) -> Made:
        return [assign("q", self.value())], 0

    # Order

    def fenced(self, size: int) -> Made:
        kinds = PLAIN_FENCES + (ATOMIC_FENCES if self.random.random() < 0.3 else ())
        if self.held or self.random.random() < 0.2:
            kinds += LOCK_FENCES
        if self.grace and self.random.random() < 0.5:
            return [self.grace_period()], 1
        return [fence(self.random.choice(kinds))], 1

    def grace_period(self) -> Fence:
        if self.rcu_section in self.kinds or self.srcu_section not in self.kinds:
            return fence("sync-rcu")
        return Fence(kind="sync-srcu", site=site("sync-srcu"), place=place("u"))

    def stray(self, size: int) -> Made:
        """Somebody's lock is released."""
        return [unlock(self.random.choice(self.locks))], 1

    def free(self) -> list[str]:
        return [each for each in self.locks if each not in self.held]

    def section(self, size: int) -> Made:
        if not self.free():
            return self.access()
        which, mode = self.random.choice(self.free()), self.random.choice(self.modes)
        return [lock(which, mode), *self.after_lock(), *self.inside(size, which), unlock(which, mode)], size

    def tried(self, size: int) -> Made:
        if not self.free():
            return self.access()
        which, mode = self.random.choice(self.free()), self.random.choice(self.modes)
        code = [*self.after_lock(), *self.inside(size, which), unlock(which, mode)]
        failed = [*self.access()[0]] if self.random.random() < 0.3 else []
        return [lock(which, mode, into="s"), when(Var("s"), code, failed)], size

    def hand_over_hand(self, size: int) -> Made:
        """Locks released in the order in which they were taken."""
        if len(self.locks) < 2 or self.held:
            return self.section(size)
        self.held = list(LOCKS)
        between, end = self.body(self.random.randint(0, 1)), self.body(max(1, size - 2))
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

    def after_lock(self) -> list[Statement]:
        return [fence(self.random.choice(LOCK_FENCES))] if self.random.random() < 0.35 else []

    def inside(self, size: int, which: str) -> list[Statement]:
        self.held.append(which)
        code = self.body(max(1, size - 1))
        self.held.remove(which)
        return code

    def rcu_section(self, size: int) -> Made:
        end = [rcu(False)] if self.closed or self.random.random() < 0.8 else []
        return [rcu(True), *self.body(size - 1), *end], size

    def srcu_section(self, size: int) -> Made:
        """The index goes by a register that nothing else may set."""
        inside = self.body(max(1, size - 2))
        after = [fence("after-srcu-read-unlock")] if self.random.random() < 0.3 else []
        begin = replace(load("u", "r"), order="srcu-lock")
        end = replace(store("u", Var("r")), order="srcu-unlock")
        return [begin, *inside, end, *after], size

    def irq_region(self, size: int) -> Made:
        return [irq(True), *self.body(size - 1), irq(False)], size

    def flushed(self, size: int) -> Made:
        return [flush(True), *self.body(self.random.randint(0, 1)), flush(False)], 2

    # Control

    def branch(self, size: int) -> Made:
        return [when(self.condition(), self.body(1), self.body(1) if self.random.random() < 0.4 else [])], 1

    def jump(self, size: int) -> Made:
        self.blocks += 1
        own = self.blocks
        before = self.local()[0] if self.random.random() < 0.4 else []
        inside = when(self.condition(), [*before, leave(own)]), *self.body(1)
        return [block(own, *inside), *(self.local()[0] if self.random.random() < 0.4 else [])], 1

    def dead_jump(self, size: int) -> Made:
        """A jump that no value takes, in one arm of a branch."""
        self.blocks += 1
        own = self.blocks
        never = when(Const(0, BOOL), [leave(own)])
        arms = [never, *self.body(1)], [*self.body(1), leave(own)] if self.random.random() < 0.5 else []
        return [block(own, when(self.condition(), *arms), *self.body(1))], 2

    def round(self, size: int) -> Made:
        self.blocks += 1
        own = self.blocks
        test, inside = when(negate(self.condition()), [leave(own)]), self.body(1)
        code = [test, *inside] if self.random.random() < 0.6 else [*inside, test]
        return [loop(own, *code, bound=self.random.choice((1, 1, 2)))], 1
