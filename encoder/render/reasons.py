"""An explanation in words: what a proof rests on, line by line."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import PurePosixPath

from encoder.reasons import Explanation, Grounds, Line
from encoder.render.layout import WIDTH, wrap
from encoder.render.text import verdict_lines

ORDERING = ("order", "barrier", "dependency", "rmw", "waits")
GRANTED = (
    "Taken for granted: control flow, and that each location has one order of its writes. "
    "`+` marks what the variant has put in."
)


def render(explanation: Explanation) -> str:
    """The explanation, at most 72 columns wide, ending in a newline."""
    blocks = [verdict_lines(explanation.report)]
    if explanation.grounds is not None:
        blocks += grounds_blocks(explanation.grounds)
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def grounds_blocks(grounds: Grounds) -> list[tuple[str, ...]]:
    """What a proof rests on: how much, the order that is needed, the steps, the start."""
    facts = sum(len(line.reasons) for line in grounds.lines) + len(grounds.starts)
    rests = f"The proof rests on {facts} of {grounds.known} facts, in {len(grounds.lines)} steps and the start"
    without = "; without any one of them it fails:" if grounds.minimal else "; fewer may do, but time ran out:"
    blocks = [wrap(rests + without, WIDTH), _order(grounds.lines)]
    blocks += [_steps(threads, tuple(own)) for threads, own in groupby(grounds.lines, key=lambda line: line.threads)]
    blocks.append(_starts(grounds))
    blocks.append(wrap(GRANTED, WIDTH))
    return blocks


def _order(lines: Sequence[Line]) -> tuple[str, ...]:
    """The steps that must stay in their order in each thread, with the barriers that keep it."""
    found: dict[tuple[str, ...], list[str]] = {}
    inside: dict[tuple[str, ...], str] = {}
    for line in lines:
        barriers = [r.words for r in line.reasons if r.kind in ORDERING and r.kind != "order"]
        if barriers or any(r.kind == "order" for r in line.reasons):
            name = line.label if inside.get(line.threads) == line.procedure else _name(line)
            inside[line.threads] = line.procedure
            found.setdefault(line.threads, []).append(name + (f" ({', '.join(barriers)})" if barriers else ""))
    told = [
        row
        for threads, names in found.items()
        for row in wrap(f"{', '.join(threads)}: {' < '.join(names)}", WIDTH, first="  ", rest="      ")
    ]
    return ("in this order:", *told) if told else ()


def _name(line: Line) -> str:
    return f"{line.procedure}/{line.label}" if line.procedure else line.label


def _steps(threads: Sequence[str], lines: Sequence[Line]) -> tuple[str, ...]:
    """The steps of one thread: what is needed of each, where it stands, and the statement."""
    rows = [f"{', '.join(threads)}:"]
    inside = ""
    for line in lines:
        name = line.label if line.procedure == inside else _name(line)
        inside = line.procedure
        mark = "+ " if line.patched else "  "
        rows += wrap(f"{name}: {line.text}", WIDTH, first=mark, rest=" " * 6)
        where = f"{line.source}, {PurePosixPath(line.file).name}:{line.line}".removeprefix(", ")
        rows += wrap(f"[{', '.join(r.words for r in line.reasons)}] {where}", WIDTH, first=" " * 4, rest=" " * 6)
    return tuple(rows)


def _starts(grounds: Grounds) -> tuple[str, ...]:
    rows = [
        row
        for s in grounds.starts
        for row in wrap(
            f"{s.location} = {s.text}, {PurePosixPath(s.file).name}:{s.line}", WIDTH, first="  ", rest=" " * 6
        )
    ]
    return ("at the start:", *rows) if rows else ()
