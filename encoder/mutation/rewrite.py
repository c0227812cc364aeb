"""A resolved program with some of its statements replaced."""

from collections.abc import Iterator
from dataclasses import replace
from typing import assert_never

from encoder.mutation.mutant import Rewrite
from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    EventStatement,
    Exit,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Program,
    Region,
    Release,
    Rmw,
    Statement,
    Store,
)


def rewritten(program: Program, rewrite: Rewrite) -> Program:
    """The program with each event replaced by what `rewrite` makes of it."""
    threads = tuple(replace(thread, body=_body(thread.body, rewrite)) for thread in program.threads)
    return replace(program, threads=threads)


def events(program: Program) -> Iterator[EventStatement]:
    """The events of all threads as they are written."""
    for thread in program.threads:
        yield from _events(thread.body)


def _events(body: tuple[Statement, ...]) -> Iterator[EventStatement]:
    for statement in body:
        match statement:
            case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
                yield statement
            case If(then=then, otherwise=otherwise):
                yield from _events(then + otherwise)
            case Block(body=inner) | Loop(body=inner):
                yield from _events(inner)
            case Assign() | Exit():
                pass
            case never:
                assert_never(never)


def _body(body: tuple[Statement, ...], rewrite: Rewrite) -> tuple[Statement, ...]:
    return tuple(new for statement in body for new in _statement(statement, rewrite))


def _statement(statement: Statement, rewrite: Rewrite) -> tuple[Statement, ...]:
    match statement:
        case Load() | Store() | Rmw() | Acquire() | Release() | Fence() | Region() | Flush() | Grace():
            return rewrite(statement)
        case If():
            then, otherwise = _body(statement.then, rewrite), _body(statement.otherwise, rewrite)
            return (replace(statement, then=then, otherwise=otherwise),)
        case Block() | Loop():
            return (replace(statement, body=_body(statement.body, rewrite)),)
        case Assign() | Exit():
            return (statement,)
        case never:
            assert_never(never)
