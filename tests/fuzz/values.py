"""Random values, conditions and places for random programs."""

import random
from collections.abc import Sequence

from encoder.program.core import BOOL, INT, Arith, Choose, Const, Convert, Expr, Op, Place, Scalar, Statement
from tests.concrete.build import add, assign, equal, name, place, var, when

REGISTERS = ("r", "s", "q")
INDICES = ("i", "j")  # hold what an srcu_read_lock() returned, and nothing else
VARIABLES = (*REGISTERS, *INDICES)
POINTER = Scalar(kind="pointer", struct="x")


class Values:
    """Draws them. `rich` arithmetic has every operator, otherwise values are few."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.pointers = self.sometimes(0.4)
        self.rich = self.sometimes(0.3)
        self.wild = False

    def sometimes(self, probability: float) -> bool:
        """Not where the number drawn is the least, so that what shrinks becomes simple."""
        return self.chance.random() > 1 - probability

    def register(self) -> str:
        return self.chance.choice(REGISTERS)

    def location(self, where: str) -> Place:
        found = self.place(where)
        return found if isinstance(found, Place) else place(found)

    def place(self, where: str) -> str | Place:
        """A fixed location, sometimes by way of a register, sometimes one of two, or nowhere."""
        if not self.pointers or not self.sometimes(0.3):
            return where
        return self.either(("x", "y"))

    def either(self, cells: Sequence[str]) -> Place:
        register = var(self.register())
        same = equal(register, 0) if self.sometimes(0.5) else equal(Arith(Op.XOR, register, register), 0)
        first = 0 if self.wild and self.sometimes(0.3) else 1
        base = Choose(same, Const(first, POINTER), Const(2, POINTER))
        return Place(base=base, struct="x", field="v", targets=tuple((n, name(c)) for n, c in enumerate(cells, 1)))

    def condition(self) -> Expr:
        register = var(self.register())
        if self.sometimes(0.15):
            return Arith(Op.XOR, register, register)
        if self.rich and self.sometimes(0.5):
            return Arith(self.chance.choice((Op.NE, Op.LT, Op.LE)), register, Const(self.chance.randint(0, 2)), BOOL)
        return equal(register, self.chance.randint(0, 1))

    def value(self) -> Expr:
        pick, register = self.chance.random(), var(self.register())
        if pick < 0.55:
            return Const(self.chance.randint(1, 2))
        if pick < 0.7:
            return register
        if not self.rich:
            return Arith(Op.OR, Arith(Op.XOR, register, register), Const(self.chance.randint(1, 2)))
        if pick < 0.85:
            return add(register, self.chance.randint(0, 2))
        if pick < 0.92:
            count = Arith(Op.MUL, register, Const(self.chance.choice((1, 16, -1))))
            return Arith(self.chance.choice((Op.SHL, Op.SHR)), Const(self.chance.choice((1, -1, 2**31 - 1))), count)
        return Convert(Arith(Op.SUB, register, Const(1)), INT)

    def local(self, size: int = 0) -> tuple[list[Statement], int]:
        return [assign("q", self.value())], 0

    def arms(self, size: int = 0) -> tuple[list[Statement], int]:
        """A register set in one arm of a branch or in both, be it to what it was, sometimes by a branch inside."""
        register = self.register()

        def arm() -> list[Statement]:
            chosen = assign(register, self.value() if self.sometimes(0.3) else Const(self.chance.randint(0, 1)))
            return [when(self.condition(), [chosen])] if self.sometimes(0.1) else [chosen]

        return [when(self.condition(), arm(), arm() if self.sometimes(0.4) else [])], 1
