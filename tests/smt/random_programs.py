"""Small random programs over the whole step language, and the encoder's answer about them."""

import random
import time
from dataclasses import dataclass, replace

from encoder.concrete.interpreter import Machine
from encoder.concrete.judgement import violations
from encoder.graph.build import build
from encoder.memory import SC
from encoder.program.core import (
    BOOL,
    Arith,
    Choose,
    Const,
    Convert,
    Ended,
    Expr,
    Op,
    Place,
    Program,
    Property,
    Scalar,
    Statement,
    SymbolRange,
    Var,
)
from encoder.smt.query import queries
from encoder.smt.shortest import Search
from encoder.smt.solver import Session
from tests.concrete.build import (
    add,
    assign,
    block,
    both,
    cell,
    equal,
    fence,
    final,
    flush,
    irq,
    leave,
    load,
    lock,
    loop,
    name,
    negate,
    never,
    of,
    program,
    rmw,
    store,
    thread,
    unlock,
    var,
    when,
)

CELLS = ("x", "y")
LOCKS = ("l", "m")
POINTER = Scalar(kind="pointer", struct="x")


class Generator:
    """Makes one program from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.blocks = 0

    def program(self) -> Program:
        names = ["a", "b", "c"][: self.random.choice((2, 2, 3))]
        size = 4 if len(names) == 2 else 3
        twins = self.random.random() < 0.3
        body = self.body(size, ())
        threads = []
        for t in names:
            code = body if twins else self.body(size, ())
            threads.append(thread(t, *code, variables=["r", "s", "q"], runs=1))
        cells = [cell("x", Var("n")), cell("y"), cell("z"), cell("l", lock=True), cell("m", lock=True)]
        return program(cells, *threads, symbols=[SymbolRange(name="n", first=0, last=1)])

    def property(self, made: Program) -> Property:
        names = [t.name for t in made.threads]
        parts = []
        for _ in range(self.random.choice((1, 2, 2))):
            if self.random.random() < 0.5:
                parts.append(equal(final(self.random.choice(("x", "y", "z"))), self.random.randint(0, 3)))
            else:
                parts.append(equal(of(self.random.choice(names), self.random.choice("rs")), self.random.randint(0, 2)))
        if self.random.random() < 0.5:
            parts.append(both(*(Ended(t) for t in names)))
        return never(both(*parts[1:]), parts[0])

    @staticmethod
    def with_property(made: Program, asked: Property) -> Program:
        return replace(made, properties=(asked,))

    def body(self, size: int, around: tuple[int, ...]) -> list[Statement]:
        code: list[Statement] = []
        while size > 0:
            made, cost = self.statement(size, around)
            code.extend(made)
            size -= cost
        return code

    def statement(self, size: int, around: tuple[int, ...]) -> tuple[list[Statement], int]:
        pick = self.random.random()
        if pick < 0.5 or size < 2:
            return [self.access()], 1
        if pick < 0.6:
            return self.section(size, around)
        if pick < 0.68:
            return [irq(True), *self.body(1, around), irq(False)], 3
        if pick < 0.73:
            return [flush(True), flush(False)], 2
        if pick < 0.88:
            return [when(self.condition(), self.body(size // 2, around), self.body(size // 2, around))], size // 2
        if pick < 0.94:
            self.blocks += 1
            own = self.blocks
            inside = [*self.body(1, around), when(self.condition(), [leave(own)]), *self.body(1, around)]
            return [block(own, *inside)], 2
        self.blocks += 1
        own = self.blocks
        inside = [when(negate(self.condition()), [leave(own)]), *self.body(1, around), assign("q", add(var("q"), 1))]
        return [loop(own, *inside, bound=self.random.choice((1, 2)))], 2

    def section(self, size: int, around: tuple[int, ...]) -> tuple[list[Statement], int]:
        which = self.random.choice(LOCKS)
        mode = self.random.choice(("write", "write", "read"))
        inside = self.body(max(1, size - 2), around)
        if self.random.random() < 0.4:
            return [lock(which, mode, into="s"), when(var("s"), [*inside, unlock(which, mode)])], size
        return [lock(which, mode), *inside, unlock(which, mode)], size

    def condition(self) -> Expr:
        left = var(self.random.choice("rsq"))
        return Arith(self.random.choice((Op.EQ, Op.NE, Op.LT, Op.LE)), left, Const(self.random.randint(0, 2)), BOOL)

    def value(self) -> Expr:
        pick = self.random.random()
        if pick < 0.5:
            return Const(self.random.randint(0, 3))
        if pick < 0.8:
            return add(var(self.random.choice("rs")), self.random.randint(0, 2))
        if pick < 0.85:
            shift = self.random.choice((Op.SHL, Op.SHR))
            count = Arith(Op.MUL, var(self.random.choice("rs")), Const(self.random.choice((1, 16, -1))))
            return Arith(shift, var("q") if pick < 0.82 else Const(self.random.choice((-1, 1, 2**31 - 1))), count)
        return Convert(Arith(Op.SUB, var("r"), Const(1)), Scalar(kind="int"))

    def access(self) -> Statement:
        pick = self.random.random()
        where = self.random.choice(CELLS)
        into = self.random.choice("rs")
        if pick < 0.3:
            return load(self.place(where), into)
        if pick < 0.5:
            return store(self.place(where), self.value())
        if pick < 0.65:
            return rmw(
                "z", into, add(var(into), self.random.choice((1, 2, -1))), when=self.maybe(negate(equal(var(into), 0)))
            )
        if pick < 0.7:
            return rmw("z", into, Const(0), when=equal(var(into), 1))
        if pick < 0.74:
            return store("z", self.random.randint(0, 2))
        if pick < 0.8:
            return load("z", into)
        if pick < 0.88:
            return rmw(where, into, self.value(), when=self.maybe(equal(var(into), 0)))
        if pick < 0.93:
            return rmw(where, into, Const(1), await_=equal(var(into), self.random.randint(0, 1)))
        if pick < 0.97:
            return load(self.random.choice(LOCKS), into)
        return fence()

    def maybe(self, condition: Expr) -> Expr:
        return condition if self.random.random() < 0.5 else Const(1, BOOL)

    def place(self, where: str) -> str | Place:
        """A fixed place, or x or y by the parity of a variable."""
        if self.random.random() < 0.75:
            return where
        base = Choose(equal(var(self.random.choice("rs")), 0), Const(1, POINTER), Const(2, POINTER))
        return Place(base=base, struct="x", field="v", targets=((1, name("x")), (2, name("y"))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the encoder says: the shortest schedule that breaks the property (None: none), and the other two goals."""

    schedule: tuple[str, ...] | None
    symbols: tuple[tuple[str, int], ...]
    situation: bool
    beyond: bool


def encoded(made: Program, asked: Property, *, loops: int = 2, depth: int | None = None) -> Found:
    """Ask the encoder, and run the schedule that it finds concretely."""
    problems = queries(build(made, loops), SC, asked, depth)
    deadline = time.monotonic() + 60
    session = Session(problems.text, deadline)
    words = {goal: session.check(problems.goals[goal]).word for goal in ("situation", "bound")}
    assert "unknown" not in words.values()
    first = session.check(problems.goals["violation"])
    assert first.word != "unknown"
    if first.model is None:
        return Found(schedule=None, symbols=(), situation=words["situation"] == "sat", beyond=words["bound"] == "sat")
    schedule = Search(session, problems.execution, problems.goals["violation"], first.model).run()
    names = tuple(made.threads[s.thread].name for s in schedule.steps)
    machine = Machine(made, loops)
    state = machine.start(dict(schedule.symbols))
    for step in schedule.steps:
        assert machine.enabled(state, step.thread)
        state, observed = machine.step(state, step.thread)
        assert observed.event.site.path == step.site.path
    assert violations(machine, asked, state)
    return Found(
        schedule=names, symbols=schedule.symbols, situation=words["situation"] == "sat", beyond=words["bound"] == "sat"
    )
