"""Small programs of shapes that the other random ones hardly make: sections that end here or there, that are passed by,
or taken twice, bits that are set only sometimes, rounds that leave a register what it is but not where it is from.

One thread has such a shape, a second meets it, and a third one sets what the first goes by.
"""

import random
from collections.abc import Callable

from encoder.program.core import Const, Place, Program, Statement, Thread
from tests.concrete.build import (
    assign,
    block,
    equal,
    flush,
    grace,
    irq,
    leave,
    load,
    lock,
    loop,
    name,
    negate,
    program,
    rmw,
    store,
    unlock,
    var,
    when,
)
from tests.concrete.build import thread as made_thread
from tests.fuzz.maker import BIT, SRCU, Limits, Maker, cells
from tests.fuzz.values import VARIABLES
from tests.memory.weak import fence, rcu

MANY = 5  # branches, so that what they say together gets a name of its own
SWITCH = "z"
SHAPES = (
    "passed by", "ends on two branches", "taken twice", "set sometimes", "ends apart", "index of many",
    "the same again",
)  # fmt: skip
Code = list[Statement]


class Twisted(Maker):
    """Makes one program."""

    def __init__(self, chance: random.Random, limits: Limits) -> None:
        super().__init__(chance, limits)
        self.shape = self.chance.choice(SHAPES)

    def program(self) -> Program:
        threads: tuple[tuple[Callable[[], Code], Callable[[], Code]], ...] = (
            (self.passed, self.protected), (self.forked, self.protected), (self.twice, self.tries),
            (self.set_sometimes, self.set_sometimes), (self.ends_apart, self.waits),
            (self.index_of_many, self.waits_for_index), (self.again, self.publishes),
        )  # fmt: skip
        first, second = threads[SHAPES.index(self.shape)]
        last = [store(SWITCH, 1), *([store(SWITCH, 0)] if self.sometimes(0.2) else [])]
        whole = [self.whole("a", first()), self.whole("b", second()), self.whole("c", last)]
        return program(cells({}), *whole)

    def whole(self, named: str, code: Code) -> Thread:
        return made_thread(named, *code, variables=VARIABLES, runs=1)

    def looked(self) -> Statement:
        return load(SWITCH, "s")

    def one(self, register: str = "r") -> Statement:
        """An access."""
        where = self.chance.choice("xy")
        return load(where, register) if self.sometimes(0.5) else store(where, self.chance.randint(1, 2))

    def both(self) -> Code:
        """A location is written, then another, or the same."""
        first, second = self.chance.choice((("x", "y"), ("y", "x"), ("x", "x")))
        return [store(first, self.chance.randint(1, 2)), store(second, self.chance.randint(3, 4))]

    # The shapes, and who meets them

    def passed(self) -> Code:
        """A section in an arm, with accesses of what it protects on either side of the branch."""
        begin, end = self.both()
        inside = [lock("l"), *self.both(), unlock("l")]
        if self.sometimes(0.3):
            inside = [lock("l", into="q"), when(var("q"), [*self.both(), unlock("l")])]
        return [self.looked(), begin, when(equal(var("s"), self.chance.randint(0, 1)), inside), end]

    def protected(self) -> Code:
        return [lock("l"), *self.both(), unlock("l")]

    def forked(self) -> Code:
        """A section that ends on two branches, with another one behind one of the ends."""
        on = [unlock("l"), *([self.one()] if self.sometimes(0.5) else []), lock("l"), self.one(), unlock("l"), leave(1)]
        test = equal(var("s"), self.chance.randint(0, 1))
        return [self.looked(), lock("l"), block(1, when(test, on), self.one("q"), unlock("l"))]

    def twice(self) -> Code:
        """A lock that is taken twice for reading, and given back twice, or once too few."""
        begin, end = lock("l", "read"), unlock("l", "read")
        last = [] if not self.limits.closed and self.sometimes(0.2) else [end]
        early = [self.one()] if self.sometimes(0.5) else []
        return [begin, begin, *early, end, self.one("q"), *last]

    def tries(self) -> Code:
        if self.sometimes(0.5):
            return [lock("l"), self.one(), unlock("l")]
        return [load(self.chance.choice("xy"), "s"), lock("l", into="q"), when(var("q"), [unlock("l")])]

    def set_sometimes(self) -> Code:
        """A bit that is set where a register says so, and taken for set where it was clear."""
        take = rmw(BIT, "q", Const(1), when=equal(var("s"), 1))
        return [self.looked(), take, when(equal(var("q"), 0), [self.one(), self.cleared()])]

    def ends_apart(self) -> Code:
        """A section that ends in one place or another, as a register says that nothing sets in between."""
        edge = rcu if self.sometimes(0.5) else irq
        nested = self.sometimes(0.3)
        begin, end = [edge(True)] * (1 + nested), edge(False)
        first, second = self.chance.choice((0, 1)), self.sometimes(0.6)
        early, late = equal(var("s"), first), equal(var("s"), 1 - first) if second else negate(equal(var("s"), first))
        inside = when(early, [end]), self.one(), when(late, [end])
        return [self.looked(), *begin, self.one("q"), *inside, *([end] * nested)]

    def waits(self) -> Code:
        waited = [flush(True), flush(False)] if self.sometimes(0.5) else [*grace()]
        return [self.one(), *waited, self.one("q")]

    def index_of_many(self) -> Code:
        """The index of an SRCU section that one of many arms has set."""
        begin: Code = [self.read("i")]
        for number in range(MANY):
            begin = [when(equal(var("rsq"[number % 3]), number // 3), begin, [self.read("i")])]
        return [load("x", "r"), self.looked(), *begin, self.one("q"), self.left("i")]

    def waits_for_index(self) -> Code:
        return [self.one(), *grace(SRCU), self.one("q")]

    def again(self) -> Code:
        """Rounds that leave a register what it is, by which something is read in the end."""
        copied = when(negate(equal(var("q"), var("r"))), [leave(1)]), assign("r", var("q"))
        go_on = when(equal(var("s"), 1), copied, [leave(1)])
        found = Place(base=var("r"), struct="x", field="v", targets=((0, name("y")), (1, name("x"))))
        rounds = loop(1, load(BIT, "q"), self.looked(), go_on, bound=self.chance.choice((1, 2)))
        return [load(SRCU, "r"), rounds, load(found, "q") if self.sometimes(0.7) else store(found, var("r"))]

    def publishes(self) -> Code:
        return [store("x", 1), fence("wmb"), store(SRCU, 1), *([store(BIT, 1)] if self.sometimes(0.5) else [])]
