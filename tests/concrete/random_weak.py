"""Random tiny programs in which order matters: every kind of access, fence, section and dependency."""

import random
from collections.abc import Sequence
from dataclasses import replace

from encoder.program.core import BOOL, Arith, Choose, Const, Expr, Op, Place, Program, Statement, Thread, Var
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
    name,
    program,
    store,
    unlock,
    when,
)
from tests.memory.weak import fence, rcu, read, rmw
from tests.smt.random_programs import POINTER

REGISTERS = ("r", "s", "q")
FENCES = ("mb", "rmb", "wmb", "sync-rcu", "before-atomic", "after-atomic", "after-spinlock")


class Weak:
    """Makes one program from a seed. `plain` allows accesses that are not marked."""

    def __init__(self, seed: int, *, plain: bool = False) -> None:
        self.random = random.Random(seed)
        self.plain = plain
        self.blocks = 0

    def program(self) -> Program:
        count, size = self.random.choice(((2, 4), (2, 5), (3, 2), (3, 3)))
        threads = [self.thread("abc"[number], self.body(size)) for number in range(count)]
        cells = [cell("x"), cell("y"), cell("z"), cell("l", lock=True)]
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

    def statement(self, size: int) -> tuple[list[Statement], int]:
        pick = self.random.random()
        if pick < 0.62 or size < 2:
            return [self.access()], 1
        if pick < 0.72:
            return [fence(self.random.choice(FENCES))], 1
        if pick < 0.77:
            return [rcu(True), *self.body(size - 1), *([rcu(False)] if self.random.random() < 0.8 else [])], size
        if pick < 0.80:
            return [irq(True), *self.body(size - 1), irq(False)], size
        if pick < 0.83:
            return [flush(True), flush(False)], 1
        if pick < 0.86:
            return [lock("l"), *self.body(1), unlock("l")], 3
        if pick < 0.95:
            arms = self.body(1), self.body(1) if self.random.random() < 0.3 else []
            return [when(self.condition(), *arms)], 1
        self.blocks += 1
        own = self.blocks
        return [block(own, when(self.condition(), [*self.local(), leave(own)]), *self.body(1)), *self.local()], 1

    def local(self) -> list[Statement]:
        return [assign("q", self.value())] if self.random.random() < 0.4 else []

    def register(self) -> str:
        return self.random.choice("rsq")

    def condition(self) -> Expr:
        if self.random.random() < 0.15:
            return Arith(Op.XOR, Var("r"), Var("r"))
        return equal(Var(self.register()), self.random.randint(0, 1))

    def value(self) -> Expr:
        pick = self.random.random()
        if pick < 0.55:
            return Const(self.random.randint(1, 2))
        register = Var(self.register())
        if pick < 0.8:
            return Arith(Op.OR, Arith(Op.XOR, register, register), Const(self.random.randint(1, 2)))
        return register

    def access(self) -> Statement:
        pick, where = self.random.random(), self.random.choice("xy")
        if pick < 0.38:
            return replace(load(self.place(where), self.register()), order=self.order("acquire"))
        if pick < 0.76:
            return replace(store(self.place(where), self.value()), order=self.order("release"))
        if pick < 0.84:
            orders = self.random.choice(
                (("noreturn", "once"), ("mb", "mb"), ("relaxed", "relaxed"), ("acquire", "once"))
            )
            return rmw("z", "q", add(Var("q"), 1), *orders)
        if pick < 0.9:
            return read("z", self.register())
        order = self.random.choice(("mb", "relaxed", "acquire", "release"))
        free = equal(Var("q"), self.random.randint(0, 1)) if self.random.random() < 0.6 else Const(1, BOOL)
        return rmw(where, "q", Const(self.random.randint(1, 2)), order, order, when=free)

    def order(self, strong: str) -> str:
        return self.random.choice(("once", "once", strong, *(["plain"] if self.plain else [])))

    def place(self, where: str) -> str | Place:
        """A fixed location, sometimes by way of a register, sometimes one of two."""
        pick = self.random.random()
        if pick < 0.8:
            return where
        register = Var(self.register())
        same = equal(Arith(Op.XOR, register, register), 0) if pick < 0.9 else equal(register, 0)
        base = Choose(same, Const(1, POINTER), Const(2, POINTER))
        return Place(base=base, struct="x", field="v", targets=((1, name("x")), (2, name("y"))))
