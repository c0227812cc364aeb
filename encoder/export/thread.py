"""A thread of a program as a function of a litmus test: branches as `if`, loops unrolled, and where it may stop."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from encoder.export.conditions import CAPTURED, LeavingConditions, both, either, grouped, negated
from encoder.export.expressions import c_expression, truth
from encoder.export.layout import Layout, packed
from encoder.export.looks import looks_only_for_zero
from encoder.export.names import NO_VALUE, Unwritable, identifier, load_call, other_call, store_call
from encoder.export.rmw import modify_call
from encoder.export.stops import stop_events
from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    CellName,
    Code,
    Const,
    EventStatement,
    Exit,
    Expr,
    Fence,
    Flush,
    Grace,
    If,
    Leaf,
    Load,
    Loop,
    Region,
    Release,
    Rmw,
    Statement,
    Store,
    Thread,
    Var,
)  # fmt: skip
from encoder.program.traverse import expressions, place_of, statements, variables

STOP, REACHED, BAD = "stop", "reached", "bad"
MOST = 4000
"""Lines of a thread that is not written: nothing answers a question of that size."""
RESERVED = re.compile(
    r"r|c\d+|int|if|else|return|void|struct|while|for|do|break|continue|goto|static|const|exists|filter|locations"
)


@dataclass(slots=True, kw_only=True)
class ThreadWriter:
    """Writes one thread. `loops` is the bound of loops without one; `cells` and `variables` are what is asked about.
    `grace`: the program waits for sections of RCU; `readers`: and for those with interrupts off."""

    thread: Thread
    layout: Layout
    loops: int
    cells: Collection[CellName]
    variables: Collection[str]
    grace: bool = False
    readers: bool = False
    lines: list[str] = field(default_factory=list)
    registers: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()
    used: dict[str, str] = field(default_factory=dict)
    relevant: set[int] = field(default_factory=set)
    stops: int = 0
    conditions: int = 0
    guarded: tuple[int, int] = (0, 0)
    inside: int = 0
    depth: int = 1

    def sequence_of_thread(self) -> LeavingConditions:
        """The thread's own code, and when it is left for good."""
        self.relevant = stop_events(self.thread.body, self.cells, self.variables)
        read = (name for each in statements(self.thread.body) for name in variables(*expressions(each)))
        self.wanted = frozenset(self.variables).union(read)
        return self.sequence(self.thread.body)

    def line(self, text: str) -> None:
        if len(self.lines) >= MOST:
            raise Unwritable(f"a thread of more than {MOST} lines ({self.thread.name})")
        self.lines.append("\t" * self.depth + text)

    def register(self, name: str) -> str:
        self.registers[name] = None
        return name

    def name(self, leaf: Leaf) -> str:
        assert isinstance(leaf, Var)
        return self.variable(leaf.name)

    def variable(self, name: str) -> str:
        """The register of a variable: its name without the calls that lead to it, if no other has that."""
        if name not in self.names:
            short = identifier(name.rpartition("/")[2])
            taken = {*self.names.values(), *self.layout.variables(), STOP, REACHED, BAD}
            tried = (short, *(f"{short}_{number}" for number in range(2, len(taken) + 3)))
            self.names[name] = next(each for each in tried if each not in taken and not RESERVED.fullmatch(each))
        return self.register(self.names[name])

    def c(self, expr: Expr) -> str:
        return c_expression(expr, self.name)

    # Control flow

    def sequence(self, code: Code) -> LeavingConditions:
        """Statements one after the other: what follows one that may leave stands in an `if`."""
        if not code:
            return LeavingConditions({})
        first, *rest = code
        when = {target: self.named(condition) for target, condition in self.statement(first).when.items()}
        left = either(when.values())
        if left == "1":
            return LeavingConditions(when)
        stays = negated(left)
        for target, condition in self.arm(tuple(rest), stays).when.items():
            when[target] = either([when.get(target, "0"), both([stays, condition])])
        return LeavingConditions(when)

    def named(self, condition: str) -> str:
        """A condition in a register of its own, which nothing changes and which is short."""
        if CAPTURED.fullmatch(condition):
            return condition
        self.conditions += 1
        chosen = self.register(f"c{self.conditions}")
        self.line(f"{chosen} = {condition};")
        return chosen

    def statement(self, statement: Statement) -> LeavingConditions:
        match statement:
            case Assign(variable=variable, value=value):
                self.assign(variable, self.c(value))
                return LeavingConditions({})
            case If():
                return self.branch(statement)
            case Block(id=id_, body=body):
                return self.sequence(body).without(id_)
            case Exit(id=id_):
                return LeavingConditions({id_: "1"})
            case Loop():
                return self.loop(statement)
            case _:
                self.event(statement)
                return LeavingConditions({})

    def branch(self, statement: If) -> LeavingConditions:
        if isinstance(statement.condition, Const):
            return self.sequence(statement.then if statement.condition.value else statement.otherwise)
        chosen, inside, ends = self.named(truth(statement.condition, self.name)), self.inside, [0]
        when: dict[int, str] = {}
        for code, way in ((statement.then, chosen), (statement.otherwise, negated(chosen))):
            self.inside = inside
            found = self.arm(code, way)
            for target, condition in found.when.items():
                when[target] = either([when.get(target, "0"), both([way, condition])])
            ends += [self.inside] if found.any() != "1" else []
        self.inside = max(ends)
        return LeavingConditions(when)

    def arm(self, code: Code, way: str) -> LeavingConditions:
        if not code or way == "1":
            return self.sequence(code)
        place = len(self.lines)
        self.line(f"if {grouped(way)} {{")
        self.depth += 1
        found = self.sequence(code)
        self.depth -= 1
        if len(self.lines) == place + 1:
            del self.lines[place]
        else:
            self.line("}")
        return found

    def loop(self, statement: Loop) -> LeavingConditions:
        """The rounds one after the other; who would go on stops there for good."""
        rounds = self.loops if statement.bound is None else statement.bound
        end = If(condition=Const(1), then=(Exit(id=BEYOND_ID),), otherwise=())
        unrolled = (*(each for _ in range(rounds) for each in statement.body), *statement.tests, end)
        return self.sequence(unrolled).without(statement.id)

    # Events

    def assign(self, variable: str, value: str) -> None:
        """What is asked about keeps its value from where the thread stops on."""
        if variable not in self.wanted:
            return
        register = self.variable(variable)
        guarded = variable in self.variables and self.stops
        self.line(f"if ({self.stops} < {STOP}) {register} = {value};" if guarded else f"{register} = {value};")

    def event(self, event: EventStatement) -> None:
        if isinstance(event, Region) and (self.grace if event.kind == "rcu" else self.readers):
            self.inside = max(0, self.inside + (1 if event.begin else -1))
        if id(event) in self.relevant:
            if self.inside:
                raise Unwritable(f"a CPU that may stop inside a section that is waited for ({event.site.event})")
            self.stops += 1
            self.line(f"{REACHED} = {REACHED} | ({STOP} == {self.stops});")
        calls = self.calls(event)
        if not self.stops or not calls:
            for text in calls:
                self.line(f"{text};")
            return
        if self.guarded == (len(self.lines), self.stops):
            self.lines.pop()
        else:
            self.line(f"if ({self.stops} < {STOP}) {{")
        self.depth += 1
        for text in calls:
            self.line(f"{text};")
        self.depth -= 1
        self.line("}")
        self.guarded = len(self.lines), self.stops

    def calls(self, event: EventStatement) -> Sequence[str]:
        """The statements of an event."""
        target = ""
        if (place := place_of(event)) is not None:
            variable, target = self.layout.address(place, self.c(place.base))
            lock = isinstance(event, Acquire | Release)
            if self.layout.cells[place.targets[0][1]].lock != lock:
                raise Unwritable(f"a look at a lock ({event.site.event})")
            self.used[variable] = "spinlock_t" if lock else "int"
        match event:
            case Load():
                return self.taken(event, load_call(event, _pointer(target)))
            case Store():
                return [store_call(event, _pointer(target), self.word(event))]
            case Rmw():
                return self.modified(event, target)
            case Region(kind="irq", begin=begin) if self.readers:
                return ["rcu_read_lock()" if begin else "rcu_read_unlock()"]
            case Acquire(into=None) | Release() | Fence() | Flush() | Grace() | Region():
                found = other_call(event, target)
                return [found] if found else []
            case Acquire(into=into):
                assert into is not None
                return [f"{self.variable(into)} = {other_call(event, target)}"]

    def word(self, event: Store | Rmw) -> str:
        """The value that is written."""
        parts = self.layout.parts(event.place.targets[0][1])
        values = dict(event.values)
        if not parts:
            return self.c(values[""])
        return packed(parts, values, {name: self.c(value) for name, value in values.items()})

    def taken(self, event: Load | Rmw, call: str) -> list[str]:
        """A read, and its components in their variables."""
        parts = {part.name: part for part in self.layout.parts(event.place.targets[0][1])}
        wanted = [(name, self.variable(variable)) for name, variable in event.into if variable in self.wanted]
        if not parts and wanted:
            (_, first), *others = wanted
            return [f"{first} = {call}", *(f"{other} = {first}" for _, other in others)]
        whole = self.register("r")
        bits = ((register, parts[name]) for name, register in wanted)
        return [f"{whole} = {call}", *(f"{register} = {part.of(whole)}" for register, part in bits)]

    def modified(self, event: Rmw, target: str) -> list[str]:
        call, value = modify_call(
            event, target, self.layout.parts(event.place.targets[0][1]), self.word, self.c,
            only_zero=looks_only_for_zero(self.thread.body, event, self.variables),
        )  # fmt: skip
        lines = self.taken(event, call) if value else [call]
        if not value and set(self.read_later(event)):
            raise Unwritable(f"the value of an operation that has none there ({event.site.event})")
        if not (isinstance(event.await_, Const) and event.await_.value):
            lines.append(f"{BAD} = {BAD} | ({self.c(event.await_)} == 0)")
        return lines

    def read_later(self, event: Rmw) -> list[str]:
        """What an operation without a value reads and the thread uses beyond it."""
        own = {variable for _, variable in event.into}
        used = [
            name
            for statement in statements(self.thread.body)
            if statement is not event
            for name in variables(*expressions(statement))
        ]
        return [name for name in used if name in own] if (event.read_order, event.write_order) == NO_VALUE else []


BEYOND_ID = -1
"""What is left by who is beyond a loop's bound: the whole thread."""


def _pointer(target: str) -> str:
    return f"({target})" if " " in target else target
