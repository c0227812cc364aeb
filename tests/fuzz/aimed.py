"""Small complete programs aimed at weak ends: registers set in arms and used afterwards, and circles through them.

Each thread sets its registers, reads one location of a ring, does something to its registers, and writes the next
location: `y` after `x`, and so on. What is written, where, and whether at all comes from what the arms have set.
"""

import random
from dataclasses import replace

from encoder.program.core import Const, Expr, Place, Program, Statement, Thread
from tests.concrete.build import (
    assign,
    block,
    cell,
    equal,
    leave,
    load,
    loop,
    name,
    negate,
    program,
    store,
    thread,
    var,
    when,
)
from tests.fuzz.values import REGISTERS, Values
from tests.memory.weak import fence, rmw

RING = ("x", "y", "z")
READ, SET, OTHER = REGISTERS
"""Of a thread: what it reads first, what it mostly sets, and another."""
JUMP, ROUND = 1, 2  # what is left, of which there is one in a thread
FENCES = ("mb", "mb", "mb", "wmb", "rmb", "barrier")


class Aimed(Values):
    """Makes one program."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(chance)
        self.plain = self.sometimes(0.35)
        self.pointing = self.sometimes(0.25)
        self.ordered = self.sometimes(0.25)

    def program(self) -> Program:
        """With two or three threads in a ring, and cells of their own for nothing else."""
        size = 3 if self.sometimes(0.1) else 2
        threads = [self.thread("abc"[n], RING[n], RING[(n + 1) % size], simple=n > 0) for n in range(size)]
        return program([cell(each) for each in RING], *threads)

    def thread(self, named: str, source: str, target: str, *, simple: bool) -> Thread:
        """The thread reads `source` and writes `target`. A simple one sets registers in no arm, mostly."""
        pointing, simple = self.pointing and not simple, simple and self.sometimes(0.75)
        first = [assign(OTHER, self.bit()), assign(SET, 1 + self.bit() if pointing else self.bit())]
        code: list[Statement] = [*first, *(self.waited(source) if self.sometimes(0.06) else [self.read(source, READ)])]
        if not simple:
            for _ in range(self.chance.choice((1, 1, 2))):
                code += self.local(source, target, pointing=pointing)
        if self.sometimes(0.5 if simple else 0.05):
            code.append(fence(self.chance.choice(FENCES)))
        code += self.copied(target) if simple else self.written(source, target, pointing=pointing)
        return thread(named, *code, variables=REGISTERS)

    # Accesses

    def bit(self) -> int:
        return self.chance.randint(0, 1)

    def read(self, where: str, into: str) -> Statement:
        orders = ("once", "once", *(["acquire"] if self.ordered else []), *(["plain"] if self.plain else []))
        return replace(load(where, into), order=self.chance.choice(orders))

    def write(self, where: str | Place, value: Expr) -> Statement:
        orders = ("once", "once", *(["release"] if self.ordered else []), *(["plain"] if self.plain else []))
        order = self.chance.choice(orders)
        if self.sometimes(0.06) and isinstance(where, str):
            return rmw(where, OTHER, value, "relaxed", "relaxed")
        return replace(store(where, value), order=order)

    def copied(self, target: str) -> list[Statement]:
        """What a simple thread writes: what it has read, a constant, or one of these if it has read something."""
        made = self.write(target, self.chance.choice((var(READ), Const(1))))
        return [when(self.test(READ), [made])] if self.sometimes(0.35) else [made]

    def written(self, source: str, target: str, *, pointing: bool) -> list[Statement]:
        """What is made of the registers: a value, an address, or whether something is written."""
        pick = self.chance.random()
        if pointing and pick > 0.2:
            base = var(SET)
            chosen = [target, source] if self.sometimes(0.5) else [source, target]
            place = Place(
                base=base, struct="x", field="v", targets=tuple((n, name(c)) for n, c in enumerate(chosen, 1))
            )
            return [self.write(place, Const(1)) if self.sometimes(0.7) else replace(load(place, OTHER))]
        register = self.chance.choice((SET, SET, SET, SET, OTHER))
        if pick > 0.55:
            return [self.write(target, var(register))]
        made = [self.write(target, self.chance.choice((Const(1), Const(1), var(register), var(SET))))]
        other = [self.write(target, Const(self.bit()))] if self.sometimes(0.15) else []
        return [when(self.test(register), made, other)]

    # Registers

    def local(self, source: str, target: str, *, pointing: bool) -> list[Statement]:
        """A register set in an arm, or in both, or passed on."""
        if self.sometimes(0.12):
            return [assign(OTHER, var(SET))] if self.sometimes(0.5) or pointing else [assign(SET, var(OTHER))]
        then = self.arm(source, pointing=pointing)
        if self.sometimes(0.12):
            return [self.jump(source, then, pointing=pointing)]
        both = self.sometimes(0.35)
        return [when(self.test(), then, self.arm(source, pointing=pointing) if both else [])]

    def arm(self, source: str, *, pointing: bool, deep: bool = False) -> list[Statement]:
        code: list[Statement] = [self.set(source, pointing=pointing)]
        if not deep and self.sometimes(0.15):
            inner = self.arm(source, pointing=pointing, deep=True)
            both = self.sometimes(0.3)
            code.append(when(self.test(), inner, self.arm(source, pointing=pointing, deep=True) if both else []))
        return code[1:] if len(code) > 1 and self.sometimes(0.5) else code

    def jump(self, source: str, then: list[Statement], *, pointing: bool) -> Statement:
        """An arm, or an arm in it, that leaves what the other goes on with."""
        away: list[Statement] = [*then, leave(JUMP)]
        inside = [when(self.test(), away), *(self.arm(source, pointing=pointing) if self.sometimes(0.5) else [])]
        first = when(self.test(), inside) if self.sometimes(0.4) else when(self.test(), away)
        return block(JUMP, first, *self.arm(source, pointing=pointing))

    def waited(self, source: str) -> list[Statement]:
        """A read again and again, until it finds something."""
        test = when(self.test(READ), [leave(ROUND)])
        return [loop(ROUND, self.read(source, READ), test, bound=self.chance.choice((1, 1, 2)))]

    def set(self, source: str, *, pointing: bool) -> Statement:
        pick, register = self.chance.random(), self.chance.choice((SET, SET, SET, OTHER))
        if pointing and register == SET:
            return assign(SET, 1 + self.bit())
        if pick > 0.93:
            return self.read(source, register)
        if pick > 0.8:
            return assign(register, var(self.chance.choice((READ, register, OTHER))))
        return assign(register, self.bit())

    def test(self, register: str | None = None) -> Expr:
        tested = register or self.chance.choice((READ, READ, READ, READ, SET, OTHER))
        found = equal(var(tested), self.chance.choice((1, 1, 0)))
        return negate(found) if self.sometimes(0.2) else found
