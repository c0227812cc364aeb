"""An explanation in words: what a proof rests on, line by line; what would have stopped a schedule."""

from collections.abc import Sequence
from itertools import groupby
from typing import assert_never

from encoder.base.result import Proved, Refuted, Report, Witness
from encoder.explanation.reasons import Change, CoreLine, Explanation, Fixes, ProofReasons, StepRef
from encoder.memory import MODELS
from encoder.render.checks import sentences
from encoder.render.layout import WIDTH
from encoder.render.layout import wrap as broken
from encoder.render.text import against_sc, verdict_lines
from encoder.render.verdict import where

ORDERING = ("order", "barrier", "dependency", "rmw", "waits")
GRANTED = (
    "Taken for granted: control flow, and that the writes to each location have one order (coherence). "
    "`+` marks what the variant adds."
)
NOTHING = (
    "The proof rests on none of the {known} facts: in whatever order the steps come, and wherever they read from, what "
    "the property speaks of never holds a value that breaks it."
)


CALL, WHOLE = "()", "\0\0"


def wrap(text: str, width: int, *, first: str = "", rest: str = "") -> tuple[str, ...]:
    """As `layout.wrap`, empty parentheses left with the word before them."""
    return tuple(line.replace(WHOLE, CALL) for line in broken(text.replace(CALL, WHOLE), width, first=first, rest=rest))


def render(explanation: Explanation) -> str:
    """The explanation, at most 72 columns wide, ending in a newline."""
    report = explanation.report
    beside = (line for told in sentences(report) for line in wrap(told, WIDTH, rest="  "))
    blocks = [(*verdict_lines(report), *beside)]
    if explanation.grounds is not None:
        blocks += grounds_blocks(explanation.grounds)
        blocks.append(_barriers(explanation))
    verdict = explanation.report.verdict
    if explanation.remedies is not None and isinstance(verdict, Refuted):
        blocks += remedies_blocks(explanation.remedies, verdict.witness, explanation.report.question.model)
    elif not explanation.explained:
        blocks.append(_unexplained(explanation.report))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def grounds_blocks(grounds: ProofReasons) -> list[tuple[str, ...]]:
    """What a proof rests on: how much, the order that is needed, the steps, the start."""
    facts = sum(len(line.reasons) for line in grounds.lines) + len(grounds.starts)
    if not facts:
        return [wrap(NOTHING.format(known=grounds.known), WIDTH)]
    rests = f"The proof rests on {facts} of {grounds.known} facts, in {len(grounds.lines)} steps and the start"
    without = "; drop any one of them and it fails:" if grounds.minimal else "; fewer may do, but time ran out:"
    blocks = [wrap(rests + without, WIDTH), _order(grounds.lines)]
    blocks += [_steps(threads, tuple(own)) for threads, own in groupby(grounds.lines, key=lambda line: line.threads)]
    blocks.append(_starts(grounds))
    blocks.append(wrap(GRANTED, WIDTH))
    return blocks


def _order(lines: Sequence[CoreLine]) -> tuple[str, ...]:
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


def _name(line: CoreLine) -> str:
    return f"{line.procedure}/{line.label}" if line.procedure else line.label


def _steps(threads: Sequence[str], lines: Sequence[CoreLine]) -> tuple[str, ...]:
    """The steps of one thread: what is needed of each, where it stands, and the statement."""
    rows = [f"{', '.join(threads)}:"]
    inside = ""
    for line in lines:
        name = line.label if line.procedure == inside else _name(line)
        inside = line.procedure
        mark = "+ " if line.patched else "  "
        rows += wrap(f"{name}: {line.text}", WIDTH, first=mark, rest=" " * 6)
        where = f"{line.source}, {line.file}:{line.line}".removeprefix(", ")
        rows += wrap(f"[{', '.join(r.words for r in line.reasons)}] {where}", WIDTH, first=" " * 4, rest=" " * 6)
    return tuple(rows)


def _starts(grounds: ProofReasons) -> tuple[str, ...]:
    rows = [
        row
        for s in grounds.starts
        for row in wrap(f"{s.location} = {s.text}, {s.file}:{s.line}", WIDTH, first="  ", rest=" " * 6)
    ]
    return ("at the start:", *rows) if rows else ()


def _unexplained(report: Report) -> tuple[str, ...]:
    """Why there is nothing to say why."""
    if isinstance(report.verdict, Proved | Refuted):
        return wrap("Time ran out before an explanation was found: raise --timeout.", WIDTH)
    return wrap("There is neither a proof nor a schedule to explain.", WIDTH)


def remedies_blocks(remedies: Fixes, witness: Witness, model: str) -> list[tuple[str, ...]]:
    """What would have stopped a schedule, the nearest first."""
    blocks = []
    if witness.cycle:
        blocks.append(against_sc(witness, model)[:-1])
    changes = f"What would have stopped this schedule, which `prove` draws{_tried(remedies)}:"
    told = changes if remedies.changes else _none(remedies)
    if model != remedies.model:
        told = f"This schedule is an interleaving, which no barrier stops, so changes are tried under SC. {told}"
    blocks.append(wrap(told, WIDTH))
    blocks += [_change(number, change) for number, change in enumerate(remedies.changes, 1)]
    if any(change.kind == "lock" for change in remedies.changes):
        blocks.append(wrap("Whether such a lock could cause a deadlock is not checked.", WIDTH))
    return blocks


def _tried(remedies: Fixes) -> str:
    skipped = f", {remedies.skipped} that contain a flush not tried" if remedies.skipped else ""
    late = "" if remedies.whole else ", then time ran out"
    changes = "1 change" if remedies.tried == 1 else f"{remedies.tried} changes"
    return f" ({changes} tried{skipped}{late})"


def _none(remedies: Fixes) -> str:
    if not remedies.whole:
        return f"Nothing that would have stopped this schedule was found{_tried(remedies)}."
    if MODELS[remedies.model].total and not remedies.tried + remedies.skipped:
        return (
            "No step of another thread has to come between two steps of one thread: to run the steps of any one thread "
            "in one piece does not stop this schedule."
        )
    return f"No change would have stopped this schedule{_tried(remedies)}."


def _change(number: int, change: Change) -> tuple[str, ...]:
    """A change, what becomes of the property with it, and the steps that it stands between."""
    match change.outcome:
        case "proved":
            outcome = "with it the property is PROVED"
        case "refuted":
            outcome = f"with it another schedule remains, of {change.remaining} steps"
        case "vacuous":
            outcome = "with it the situation that the property speaks of is no longer reached"
        case "unknown":
            outcome = "time ran out before it was known whether another schedule remains with it"
        case _:
            assert_never(change.outcome)
    head = f"{number}. {change.first.thread}: {_what(change)}: {outcome}"
    rows = [*wrap(head, WIDTH, rest="     ")]
    spots = [change.first] if change.kind == "order" else [change.first, change.last]
    spots = list(dict.fromkeys(spots + [each for pair in change.more for each in pair]))
    for each in spots:
        rows += wrap(f"{each.label}: {each.text}", WIDTH, first="     ", rest="         ")
        where = f"{each.source}, {each.file}:{each.line}".removeprefix(", ")
        rows += wrap(where, WIDTH, first="       ", rest="         ")
    return tuple(rows)


def _what(change: Change) -> str:
    first, last = _spot(change.first), _spot(change.last)
    match change.kind:
        case "barrier":
            more = (f", and on {a.thread} between {_spot(a)} and {_spot(b)}" for a, b in change.more)
            return f"{change.what} between {first} and {last}{''.join(more)}"
        case "order":
            return f"{first} as {change.what}"
        case "lock":
            more = (f", and on {a.thread} over {_run(a, b)}" for a, b in change.more)
            return f"{change.what} held over {_run(change.first, change.last)}{''.join(more)}"
        case "move":
            mover, anchor = (last, first) if change.what == "before" else (first, last)
            return f"{mover} moved {change.what} {anchor}"
        case "atomic":
            return f"{_run(change.first, change.last)} {change.what} ({change.steps} steps)"
        case _:
            assert_never(change.kind)


def _run(first: StepRef, last: StepRef) -> str:
    return _spot(first) if first == last else f"{_spot(first)} to {_spot(last)}"


def _spot(spot: StepRef) -> str:
    return f"{spot.procedure}/{spot.label}" if spot.procedure else spot.label


def _barriers(explanation: Explanation) -> tuple[str, ...]:
    """What the barriers of the specs are for."""
    found, question = explanation.barriers, explanation.report.question
    if found is None:
        no_need = "Under SC no barrier orders anything: none is needed."
        return wrap(
            no_need if MODELS[question.model].total else "Time ran out before the barriers were looked at.", WIDTH
        )
    proved = ", ".join(found.properties)
    needed = f"Barriers needed {where(question)} for what is proved of this scenario ({proved})"
    lists = [
        (needed, found.needed),
        ("Not needed, and all of them together can go", found.spared),
        ("Each of these could go by itself, but not together with all of those", found.either),
    ]
    rows = [
        row
        for told, lines in lists
        if lines or told is needed
        for row in wrap(f"{told}: {', '.join(map(_barrier, lines)) or 'none'}.", WIDTH, rest="  ")
    ]
    late = () if found.whole else wrap("Time ran out before all barriers were tried.", WIDTH)
    return (*rows, *_others(explanation.grounds, (*found.spared, *found.either)), *late)


def _others(grounds: ProofReasons | None, spared: Sequence[CoreLine]) -> tuple[str, ...]:
    """How steps can be in the proof although their barriers can go."""
    used = {(each.procedure, each.label): each.reasons for each in grounds.lines} if grounds is not None else {}
    again = [each for each in spared if (each.procedure, each.label) in used]
    barriers = [each for each in again if set(each.reasons) & set(used[each.procedure, each.label])]
    rest = [each for each in again if each not in barriers]
    told = []
    if barriers:
        named = ", ".join(map(_barrier, barriers))
        told.append(f"The proof above is one of several: it uses {named}, and another does without.")
    if rest:
        named = ", ".join(map(_name, rest))
        told.append(f"The proof above needs other facts of {named}, but not the barrier there.")
    return tuple(row for text in told for row in wrap(text, WIDTH))


def _barrier(line: CoreLine) -> str:
    return f"{' and '.join(r.words for r in line.reasons)} at {_name(line)}"
