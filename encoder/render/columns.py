"""A schedule as kernel mails draw it: a column a CPU, time downwards, one numbered step after the other."""

import re
from dataclasses import dataclass
from itertools import pairwise

from encoder.base.result import ScheduleStep, Witness
from encoder.render.layout import WIDTH, text_width, wrap

_GAP = 2
_NARROWEST = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a CPU's text stands: it starts at `start` and is `width` wide. `procedure` is the first one it runs."""

    cpu: int
    thread: str
    procedure: str
    start: int
    width: int

    @property
    def title(self) -> str:
        thread = "" if self.thread.lower() == f"cpu{self.cpu}" else f" {self.thread}"
        return f"CPU{self.cpu}{thread}" + (f": {self.procedure}" if self.procedure else "")


def diagram(witness: Witness) -> tuple[str, ...]:
    """The schedule in lines of at most 72 columns, or of those that there are.

    Up to two CPUs stand side by side; more are staggered by indentation, and two where there are fewer columns. A step
    whose procedure differs from the one before it on its CPU has the procedure's name above it. `*` marks the racing
    pair. `<-` says what no interleaving does: a read of an older store, a step that its own CPU's code has earlier.
    """
    columns = _columns(witness)
    lines = list(_header(columns))
    inside = {cpu: column.procedure for cpu, column in columns.items()}
    digits = _digits(witness)
    overtaken = _overtaken(witness)
    for step in witness.schedule:
        column = columns[step.cpu]
        if step.procedure != inside[step.cpu]:
            inside[step.cpu] = step.procedure
            if step.procedure:
                lines += _placed(wrap(f"{step.procedure}()", column.width), column, "")
        gutter = f"{step.step:>{digits}}{'*' if step.racing else ' '}"
        lines += _placed(_step_lines(step, column.width), column, gutter)
        lines += _placed(_weak_lines(witness, step, overtaken.get(step.step), column.width), column, "")
    return (*lines, *_race(witness))


def _digits(witness: Witness) -> int:
    return max(2, len(str(len(witness.schedule))))


def _columns(witness: Witness) -> dict[int, Column]:
    cpus = sorted({step.cpu for step in witness.schedule})
    gutter, whole = _digits(witness) + 2, text_width()
    if len(cpus) <= 1 or (len(cpus) == 2 and whole == WIDTH):
        width = (whole - gutter - _GAP * (len(cpus) - 1)) // max(1, len(cpus))
        places = [(gutter + i * (width + _GAP), width) for i in range(len(cpus))]
    else:
        indent = max(0, min(12, (whole - gutter - _NARROWEST) // (len(cpus) - 1)))
        places = [(gutter + i * indent, whole - gutter - i * indent) for i in range(len(cpus))]
    return {cpu: _column(witness, cpu, *place) for cpu, place in zip(cpus, places, strict=True)}


def _column(witness: Witness, cpu: int, start: int, width: int) -> Column:
    steps = [step for step in witness.schedule if step.cpu == cpu]
    procedure = next((step.procedure for step in steps if step.procedure), "")
    return Column(cpu=cpu, thread=steps[0].thread, procedure=procedure, start=start, width=width)


def _header(columns: dict[int, Column]) -> tuple[str, ...]:
    """The CPUs' titles: on the same lines when side by side, each on its own line when staggered."""
    titles = [_placed(wrap(column.title, column.width, rest="  "), column, "") for column in columns.values()]
    staggered = any(a.start + a.width > b.start for a, b in pairwise(columns.values()))
    if len(titles) != 2 or staggered:
        return tuple(line for title in titles for line in title)
    left, right = titles
    start = tuple(columns.values())[1].start
    rows = max(len(left), len(right))
    left += [""] * (rows - len(left))
    right += [""] * (rows - len(right))
    return tuple((a.ljust(start) + b[start:]).rstrip() for a, b in zip(left, right, strict=True))


def _placed(lines: tuple[str, ...], column: Column, gutter: str) -> list[str]:
    return [(gutter if i == 0 else "").ljust(column.start) + line for i, line in enumerate(lines)]


def _step_lines(step: ScheduleStep, width: int) -> tuple[str, ...]:
    """`label: event = value`; the value goes on a line of its own where it does not fit, indented below its step."""
    indent = "  " if step.procedure else ""
    rest = indent + "  "
    head = wrap(f"{step.label}: {step.event}", width, first=indent, rest=rest)
    notes = [value_words(step)] if step.value else []
    if notes and len(head[-1]) + 1 + len(notes[0]) <= width:
        head = (*head[:-1], f"{head[-1]} {notes.pop(0)}")
    return head + tuple(line for note in notes for line in wrap(note, width, first=rest, rest=rest + "  "))


def _weak_lines(witness: Witness, step: ScheduleStep, overtaker: int | None, width: int) -> tuple[str, ...]:
    """What this step does that it could not do in an interleaving, one remark a line."""
    remarks = []
    if step.stale is not None and witness.schedule[step.stale - 1].thread != step.thread:
        read = step.value.partition(" -> ")[0]
        remarks.append(f"reads {read}: the store at step {step.stale} has not reached CPU{step.cpu}")
    if overtaker is not None:
        remarks.append(f"CPU{step.cpu}'s code has this before step {overtaker}")
    rest = "  " if step.procedure else ""
    return tuple(line for text in remarks for line in wrap(f"<- {text}", width, first=rest + "  ", rest=rest + " " * 5))


def _overtaken(witness: Witness) -> dict[int, int]:
    """The steps that are drawn below one that comes after them in program order, each with the first such one."""
    found: dict[int, int] = {}
    for position, step in enumerate(witness.schedule):
        above = (each for each in witness.schedule[:position] if each.thread == step.thread)
        overtaker = next((each.step for each in above if each.index > step.index), None)
        if overtaker is not None:
            found[step.step] = overtaker
    return found


def value_words(step: ScheduleStep) -> str:
    """What was read or written, with its place where the event's own words do not name it."""
    named = not step.location or _names(step.event.replace("->", "."), step.location)
    if " -> " in step.value:
        return f"[{step.value}]" if named else f"[{step.location}: {step.value}]"
    return f"= {step.value}" if named else f"[{step.location} = {step.value}]"


def _names(event: str, location: str) -> bool:
    """Whether the location stands in the words of an event, and not as a part of another's name."""
    return re.search(rf"(?<![\w.]){re.escape(location)}(?![\w\[]|\.\w)", event) is not None


def _race(witness: Witness) -> tuple[str, ...]:
    racing = [step for step in witness.schedule if step.racing]
    if len(racing) != 2:
        return wrap(f"* no step of another CPU races with step {racing[0].step}", WIDTH, rest="  ") if racing else ()
    first, second = racing
    return wrap(f"* steps {first.step} and {second.step} race on {first.location}", WIDTH, rest="  ")
