"""Rewrites events of a resolved program."""

from collections.abc import Iterator
from dataclasses import replace

from encoder.mutation.mutant import EventRewriter
from encoder.program import traverse
from encoder.program.core import Code, EventStatement, Program, Statement


def rewrite_events(program: Program, rewrite: EventRewriter) -> Program:
    """The program with each event replaced by what `rewrite` returns for it."""

    def change(statement: Statement) -> Code:
        return rewrite(statement) if isinstance(statement, EventStatement) else (statement,)

    threads = tuple(
        replace(thread, body=traverse.rewrite_statements(thread.body, change)) for thread in program.threads
    )
    return replace(program, threads=threads)


def program_events(program: Program) -> Iterator[EventStatement]:
    """The events of all threads, in the order of the text."""
    return (event for thread in program.threads for event in traverse.events(thread.body))
