"""Builders of tiny resolved programs."""

from collections.abc import Sequence
from dataclasses import replace

from encoder.base.source import Span
from encoder.program.core import (
    BOOL,
    INT,
    Acquire,
    Arith,
    Assign,
    Assumption,
    Block,
    Cell,
    CellName,
    Component,
    Const,
    Exit,
    Expr,
    Fence,
    Final,
    Flush,
    Grace,
    If,
    Instance,
    Load,
    Loop,
    Not,
    Op,
    Place,
    Program,
    Property,
    Region,
    Release,
    Rmw,
    Scalar,
    Site,
    Statement,
    Store,
    SymbolRange,
    Thread,
    ThreadVar,
    Var,
)
from tests.arm64 import compiled

NOWHERE = Span("test.yaml", 1, 1, 2)
TRUE = Const(1, BOOL)


def site(label: str = "step", thread: str = "t", event: str = "") -> Site:
    path = tuple(label.split("/"))
    return Site(thread=thread, path=path, procedure="", text=label, event=event, source="mm/x.c f()", span=NOWHERE)


def name(cell: str) -> CellName:
    """`o.f` as a cell's name; `x` is the object `x` with the field `v`."""
    object, _, field = cell.partition(".")
    return CellName(object, field or "v")


def place(cell: str) -> Place:
    """A fixed location."""
    target = name(cell)
    pointer = Scalar(kind="pointer", struct=target.object)
    return Place(base=Const(1, pointer), struct=target.object, field=target.field, targets=((1, target),))


def cell(text: str, init: Expr | int = 0, *, type: Scalar = INT, lock: bool = False) -> Cell:
    value = Const(init, type) if isinstance(init, int) else init
    own = name(text)
    components = (Component(name="", type=type),)
    return Cell(name=own, struct=own.object, components=components, init=(value,), lock=lock, span=NOWHERE)


def load(at: str | Place, into: str, label: str = "load") -> Load:
    where = place(at) if isinstance(at, str) else at
    return Load(place=where, into=(("", into),), order="once", site=site(label))


def store(at: str | Place, value: Expr | int, label: str = "store") -> Store:
    where = place(at) if isinstance(at, str) else at
    expr = Const(value) if isinstance(value, int) else value
    return Store(place=where, values=(("", expr),), order="once", site=site(label))


def rmw(at: str, into: str, value: Expr, *, when: Expr = TRUE, await_: Expr = TRUE, label: str = "rmw") -> Rmw:
    return Rmw(
        place=place(at),
        into=(("", into),),
        when=when,
        values=(("", value),),
        await_=await_,
        read_order="once",
        write_order="once",
        site=site(label),
    )


def lock(at: str, mode: str = "write", into: str | None = None, label: str = "lock") -> Acquire:
    return Acquire(place=place(at), mode="read" if mode == "read" else "write", into=into, site=site(label))


def unlock(at: str, mode: str = "write", label: str = "unlock") -> Release:
    return Release(place=place(at), mode="read" if mode == "read" else "write", site=site(label))


def irq(begin: bool, label: str = "irq") -> Region:
    return Region(kind="irq", begin=begin, site=site(label))


def flush(begin: bool, mm: int = 1, label: str = "flush") -> Flush:
    return Flush(begin=begin, mm=Const(mm, Scalar(kind="pointer", struct="mm")), site=site(label))


def grace(at: str = "", label: str = "grace") -> tuple[Grace, Grace]:
    """A grace period of RCU, or of SRCU for the srcu_struct at `at`."""
    where = place(at) if at else None
    begin = Grace(kind="srcu" if at else "rcu", begin=True, place=where, site=site(label))
    return begin, replace(begin, begin=False)


def fence(label: str = "fence") -> Fence:
    return Fence(kind="mb", site=site(label))


def assign(variable: str, value: Expr | int) -> Assign:
    return Assign(variable=variable, value=Const(value) if isinstance(value, int) else value)


def when(condition: Expr, then: Sequence[Statement], otherwise: Sequence[Statement] = ()) -> If:
    return If(condition=condition, then=tuple(then), otherwise=tuple(otherwise))


def block(id: int, *body: Statement) -> Block:
    return Block(id=id, body=body)


def loop(id: int, *body: Statement, bound: int | None = None, label: str = "loop") -> Loop:
    return Loop(id=id, body=body, bound=bound, site=site(label))


def leave(id: int) -> Exit:
    return Exit(id=id)


def add(left: Expr, right: Expr | int) -> Expr:
    return Arith(Op.ADD, left, Const(right) if isinstance(right, int) else right)


def equal(left: Expr, right: Expr | int) -> Expr:
    return Arith(Op.EQ, left, Const(right) if isinstance(right, int) else right, BOOL)


def both(*parts: Expr) -> Expr:
    """All of them; true for none."""
    whole, *rest = parts or (TRUE,)
    for part in rest:
        whole = Arith(Op.LAND, whole, part, BOOL)
    return whole


def negate(operand: Expr) -> Expr:
    return Not(operand)


def var(text: str) -> Var:
    return Var(text)


def of(thread: str, variable: str) -> ThreadVar:
    return ThreadVar(thread, variable)


def hold(thread: Thread, values: Sequence[int]) -> list[Expr]:
    """Its variables have these values."""
    return [equal(of(thread.name, name), value) for (name, _), value in zip(thread.variables, values, strict=True)]


def final(text: str, component: str = "") -> Final:
    return Final(name(text), component)


def thread(text: str, *body: Statement, variables: Sequence[str] = (), role: str = "", runs: int = 0) -> Thread:
    """A thread with int variables."""
    typed = tuple((variable, INT) for variable in variables)
    return Thread(name=text, role=role, procedure="", runs=runs, variables=typed, body=body)


def never(violation: Expr, situation: Expr = TRUE, text: str = "never") -> Property:
    return Property(
        name="p",
        title="",
        text=text,
        instances=(Instance(binding=(), situation=situation, violation=violation, text=text),),
    )


def program(
    cells: Sequence[Cell],
    *threads: Thread,
    symbols: Sequence[SymbolRange] = (),
    assumptions: Sequence[Expr] = (),
    objects: Sequence[tuple[str, tuple[str, ...]]] = (),
) -> Program:
    made = Program(
        scenario="s",
        variant="v",
        kernel="k",
        flush="ipi",
        scope="",
        objects=tuple(objects),
        cells=tuple(cells),
        symbols=tuple(symbols),
        assumptions=tuple(
            Assumption(condition=c, text=f"assumption {n}", span=NOWHERE) for n, c in enumerate(assumptions)
        ),
        threads=threads,
        properties=(),
    )
    return compiled(made)
