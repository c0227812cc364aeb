"""The same program written otherwise: what it computes, and what depends on what, stays."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from encoder.base.errors import SelfCheckError
from encoder.memory import MODELS
from encoder.program.core import (
    BOOL,
    INT,
    Arith,
    Assign,
    At,
    Block,
    Const,
    Exit,
    If,
    Loop,
    Not,
    Op,
    Program,
    Property,
    Statement,
    Thread,
    Var,
)
from encoder.spec.walk import walk
from tests.concrete.build import assign, both, cell, equal, load, store, thread, var, when
from tests.fuzz.features import set_in
from tests.fuzz.told import encoder
from tests.opponent.expression import variables

ASKED = "t"  # a variable that no random program has
IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Rewriting:
    """How a program can be written otherwise: `change` gives statements that stand for an `if`, None where it does not
    apply; `plainly` are the variables of its thread that no condition comes from."""

    name: str
    change: Callable[[If, frozenset[str]], Sequence[Statement] | None]


def turned(found: If, plainly: frozenset[str]) -> Sequence[Statement]:
    """`if (!c) B else A`."""
    return [replace(found, condition=Not(found.condition), then=found.otherwise, otherwise=found.then)]


def apart(found: If, plainly: frozenset[str]) -> Sequence[Statement] | None:
    """`if (c) A; if (!c) B`, where A neither changes c nor leaves."""
    if not found.otherwise or _leaves(found.then) or set_in(found.then) & variables(found.condition):
        return None
    other = replace(found, condition=Not(found.condition), then=found.otherwise, otherwise=())
    return [replace(found, otherwise=()), other]


def nested(found: If, plainly: frozenset[str]) -> Sequence[Statement] | None:
    """`if (c && d) A` for an `if` in an `if`, where A does not leave."""
    match found:
        case If(then=(If(otherwise=()) as inner,), otherwise=()) if not _leaves(inner.then):
            return [replace(inner, condition=Arith(Op.LAND, found.condition, inner.condition, BOOL))]
        case _:
            return None


def asked_first(found: If, plainly: frozenset[str]) -> Sequence[Statement]:
    """`t = c; if (t) A else B`."""
    return [Assign(variable=ASKED, value=found.condition), replace(found, condition=Var(ASKED, INT))]


def beforehand(found: If, plainly: frozenset[str]) -> Sequence[Statement] | None:
    """`v = k; if (c) v = j` where one arm gives v the constant k and the other j, and no condition comes from v: what
    decided that v was set makes no difference to it then."""
    match found:
        case If(
            then=(Assign(variable=name, value=value),), otherwise=(Assign(variable=other, value=Const()) as first,)
        ) if name == other and name in plainly - variables(value):
            return [first, replace(found, otherwise=())]
        case _:
            return None


def overwritten(found: If, plainly: frozenset[str]) -> Sequence[Statement] | None:
    """`v = 3; if (c) … v = j … else … v = k …`: what v was before both arms set it makes no difference."""
    in_both = _assigned(found.then) & _assigned(found.otherwise) - variables(found.condition)
    return [assign(min(in_both), 3), found] if in_both else None


REWRITINGS = (
    Rewriting("turned", turned), Rewriting("apart", apart), Rewriting("nested", nested),
    Rewriting("asked first", asked_first), Rewriting("beforehand", beforehand), Rewriting("overwritten", overwritten),
)  # fmt: skip


def written_otherwise(made: Program) -> dict[str, Program]:
    """The program with each rewriting done wherever it applies; those that apply nowhere are left out."""
    found: dict[str, Program] = {}
    for rewriting in REWRITINGS:
        other = replace(made, threads=tuple(_thread(each, rewriting) for each in made.threads))
        if other.threads != made.threads:
            found[rewriting.name] = other
    return found


def idle(chance: random.Random, made: Program, asked: Property) -> tuple[Program, Property]:
    """The program with a thread whose write is never executed, as it finds a number that somebody would have to
    change; the property of the executions in which it does not begin."""
    where = chance.choice([each.name.object for each in made.cells if not each.lock and len(each.components) == 1])
    write = when(equal(var("r"), 0), [store(where, chance.randint(1, 3))])
    writer = thread("i", load("k", "r", label=IDLE), write, variables=["r"])
    other = [thread("j", store("k", 0))] if chance.random() > 0.5 else []
    instances = (replace(each, situation=both(each.situation, At("i", IDLE))) for each in asked.instances)
    program = replace(made, cells=(*made.cells, cell("k", 5)), threads=(*made.threads, writer, *other))
    return program, replace(asked, instances=tuple(instances))


def the_same(chance: random.Random, made: Program, asked: Property, depth: int | None) -> Iterator[str]:
    """Where the encoder's answers differ, by verdict or length, when the program is written otherwise in one of the
    ways that there are."""
    ways = {name: (other, asked) for name, other in written_otherwise(made).items()}
    ways[IDLE] = idle(chance, made, asked)
    name = chance.choice(sorted(ways))
    for model in MODELS:
        try:
            one, other = encoder(made, asked, model, depth), encoder(*ways[name], model, depth)
        except SelfCheckError as error:
            yield f"{model}: the replay disagrees, of the program or of it written otherwise ({name}): {error}"
            return
        if one != other:
            yield f"{model}: {one}, and written otherwise ({name}) {other}"


def _thread(own: Thread, rewriting: Rewriting) -> Thread:
    plainly = frozenset(name for name, _ in own.variables) - _decisive(own)
    body = tuple(_body(own.body, rewriting, plainly))
    if body == own.body:
        return own
    return replace(own, body=body, variables=(*own.variables, (ASKED, INT)))


def _body(body: Sequence[Statement], rewriting: Rewriting, plainly: frozenset[str]) -> Iterator[Statement]:
    for statement in body:
        match statement:
            case If(then=then, otherwise=otherwise):
                arms = (tuple(_body(arm, rewriting, plainly)) for arm in (then, otherwise))
                inner = replace(statement, **dict(zip(("then", "otherwise"), arms, strict=True)))
                changed = rewriting.change(inner, plainly)
                yield from [inner] if changed is None else changed
            case Block(body=own):
                yield replace(statement, body=tuple(_body(own, rewriting, plainly)))
            case Loop():
                yield statement  # its leading tests say how it ends
            case _:
                yield statement


def _leaves(body: Sequence[Statement]) -> bool:
    return any(isinstance(each, Exit) for each in walk(tuple(body)))


def _assigned(body: Sequence[Statement]) -> set[str]:
    """The variables that the body sets before it does anything else, and asks for nowhere before."""
    found: set[str] = set()
    asked: set[str] = set()
    for statement in body:
        if not isinstance(statement, Assign):
            break
        asked |= variables(statement.value) - found
        found |= {statement.variable} - asked
    return found


def _decisive(own: Thread) -> set[str]:
    """The variables that some condition comes from."""
    found = {name for each in walk(own.body) if isinstance(each, If) for name in variables(each.condition)}
    while True:
        more = {
            name
            for each in walk(own.body)
            if isinstance(each, Assign) and each.variable in found
            for name in variables(each.value)
        }
        if more <= found:
            return found
        found |= more
