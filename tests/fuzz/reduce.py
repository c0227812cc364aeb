"""A program that shows a difference, made small: statements are left out for as long as it still shows it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from encoder.program.core import Block, Grace, If, Loop, Program, Statement


def reduced(made: Program, shows: Callable[[Program], bool]) -> Program:
    """The smallest that leaving out one statement after the other leads to; `shows` must hold of the program."""
    while True:
        for smaller in _smaller(made):
            if all(_whole(thread.body) for thread in smaller.threads) and shows(smaller):
                made = smaller
                break
        else:
            return made


def _smaller(made: Program) -> Iterator[Program]:
    for number, thread in enumerate(made.threads):
        for body in _bodies(thread.body):
            own = replace(thread, body=tuple(body))
            yield replace(made, threads=(*made.threads[:number], own, *made.threads[number + 1 :]))


def _bodies(body: Sequence[Statement]) -> Iterator[list[Statement]]:
    """The body with one statement less, or one that is simpler."""
    for place, statement in enumerate(body):
        for instead in _instead(statement):
            yield [*body[:place], *instead, *body[place + 1 :]]


def _whole(body: Sequence[Statement]) -> bool:
    """Whether every grace period still begins and ends; its two halves stand side by side."""
    halves = [each.begin for each in body if isinstance(each, Grace)]
    inner = (each for each in body if isinstance(each, Block | Loop))
    arms = (arm for each in body if isinstance(each, If) for arm in (each.then, each.otherwise))
    paired = halves == [True, False] * (len(halves) // 2)
    return paired and all(map(_whole, arms)) and all(_whole(each.body) for each in inner)


def _instead(statement: Statement) -> Iterator[Sequence[Statement]]:
    yield ()
    match statement:
        case If(then=then, otherwise=otherwise):
            yield from (then, otherwise)
            yield from ((replace(statement, then=tuple(each)),) for each in _bodies(then))
            yield from ((replace(statement, otherwise=tuple(each)),) for each in _bodies(otherwise))
        case Block(body=inner) | Loop(body=inner):
            yield from ((replace(statement, body=tuple(each)),) for each in _bodies(inner))
        case _:
            pass
