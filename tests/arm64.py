"""What the events of programs that tests make up compile to on arm64: what primitives of their ordering compile to."""

from dataclasses import replace

from encoder.program.core import (
    BOOL,
    PLAIN_LOAD,
    PLAIN_STORE,
    Acquire,
    Arm64Code,
    Const,
    Fence,
    Load,
    Program,
    Release,
    Rmw,
    Statement,
    Store,
)
from encoder.program.traverse import rewrite_statements

ALWAYS = Const(1, BOOL)
FENCES = {
    **dict.fromkeys(("mb", "before-atomic", "after-atomic", "after-spinlock"), ("DMB ISH",)),
    "rmb": ("DMB ISHLD",), "wmb": ("DMB ISHST",),
}  # fmt: skip
LOADS = {"acquire": ("LDAR",), "srcu-lock": ("LDR", "DMB ISH")}
STORES = {"release": ("STLR",), "srcu-unlock": ("DMB ISH", "STR")}


def compiled(program: Program) -> Program:
    """The program in which every event says what it compiles to."""
    threads = tuple(replace(each, body=rewrite_statements(each.body, _coded)) for each in program.threads)
    return replace(program, threads=threads)


def _coded(statement: Statement) -> tuple[Statement, ...]:
    match statement:
        case Load(arm64=None, order=order):
            code = LOADS.get(order, PLAIN_LOAD.lse)
        case Store(arm64=None, order=order):
            code = STORES.get(order, PLAIN_STORE.lse)
        case Fence(arm64=None, kind=kind):
            code = FENCES.get(kind, ())
        case Release(arm64=None, mode="write"):
            code = ("STLR",)
        case Release(arm64=None):
            return (replace(statement, arm64=Arm64Code(("LDADDL",), ("LDXR", "STLXR"))),)
        case Acquire(arm64=None, into=into):
            look = () if into is None else ("LDR", "CBNZ")
            return (replace(statement, arm64=Arm64Code((*look, "CASA"), (*look, "LDAXR", "CBNZ", "STXR"))),)
        case Rmw(arm64=None):
            return (replace(statement, arm64=_rmw(statement)),)
        case _:
            return (statement,)
    return (replace(statement, arm64=Arm64Code(code, code)),)


def _rmw(event: Rmw) -> Arm64Code:
    """A compare-exchange where `fails_locked`, else one that has looked first, where the write is conditional."""
    orders = {event.read_order, event.write_order}
    full, conditional = "mb" in orders, event.when != ALWAYS
    acquire, release = full or "acquire" in orders, full or "release" in orders
    looks = ("LDR", "CBZ") if conditional and not event.fails_locked else ()
    compares = ("CBNZ",) if conditional else ()
    if "noreturn" in orders and not conditional:
        return Arm64Code(("STADD",), ("LDXR", "STXR"))
    name = ("CAS" if conditional else "LDADD") + "A" * acquire + "L" * release
    load = "LDAXR" if acquire and not full else "LDXR"
    behind = ("DMB ISH",) if full else ()
    return Arm64Code((*looks, name), (*looks, load, *compares, "STLXR" if release else "STXR", *behind))
