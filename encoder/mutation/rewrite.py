"""A resolved program with some of its events replaced."""

from collections.abc import Iterator
from dataclasses import replace

from encoder.mutation.mutant import Rewrite
from encoder.program import traverse
from encoder.program.core import Code, EventStatement, Program, Statement


def rewritten(program: Program, rewrite: Rewrite) -> Program:
    """The program with each event replaced by what `rewrite` makes of it."""

    def change(statement: Statement) -> Code:
        return rewrite(statement) if isinstance(statement, EventStatement) else (statement,)

    threads = tuple(replace(thread, body=traverse.rewritten(thread.body, change)) for thread in program.threads)
    return replace(program, threads=threads)


def events(program: Program) -> Iterator[EventStatement]:
    """The events of all threads as they are written."""
    return (event for thread in program.threads for event in traverse.events(thread.body))
