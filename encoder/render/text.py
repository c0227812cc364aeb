"""A report in words: the verdict line, its evidence, and what the verdict holds for."""

from collections.abc import Iterable
from typing import assert_never

from encoder.render.columns import diagram
from encoder.render.layout import WIDTH, columns_of, wrap
from encoder.result import Proved, Question, Refuted, Report, Unknown, Vacuous, Witness

FLUSHES = {"ipi": "IPI flush", "broadcast": "broadcast flush", "deferred": "deferred flush"}
ZEROS = ("0", "NULL", "{}")


def render(report: Report) -> str:
    """The whole report, at most 72 columns wide, ending in a newline."""
    blocks = [verdict_lines(report), _asked(report)]
    if isinstance(report.verdict, Refuted):
        blocks.append(witness_lines(report.verdict.witness))
    blocks.append(_scope(report))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def verdict_lines(report: Report) -> tuple[str, ...]:
    """The verdict with model and platform, and below it how far it reaches."""
    where = setting(report.question)
    name = report.question.property
    match report.verdict:
        case Proved() as proved:
            return _proved(report.question, proved, report.loops)
        case Refuted(witness=witness):
            return _hanging(f"REFUTED under {where}: a schedule of {_steps(len(witness.schedule))} breaks {name}")
        case Vacuous() as vacuous:
            line = f"VACUOUS under {where}: the situation that {name} speaks of is unreachable"
            return _hanging(line) + _reach(report.question, vacuous.complete, vacuous.steps)
        case Unknown() as unknown:
            line = f"UNKNOWN under {where}: {unknown.reason}"
            told = (("reached", unknown.reached), ("try", unknown.advice))
            return _hanging(line) + tuple(line for key, text in told if text for line in _hanging(f"{key}: {text}"))
        case never:
            assert_never(never)


def witness_lines(witness: Witness) -> tuple[str, ...]:
    """The chosen start, the schedule drawn, the broken property and the values it ended with."""
    symbols = tuple((name, str(value)) for name, value in witness.symbols)
    start = tuple((location, value) for location, value in witness.initial if value not in ZEROS)
    end = tuple(pair for pair in witness.final if pair not in witness.initial)
    lines = ["at the start, where not 0:", *columns_of(symbols + start, indent="  "), ""] if symbols + start else []
    lines += [*diagram(witness), "", *_hanging(f"BROKEN: {witness.violated}")]
    if end:
        lines += ["", "at the end, where it has changed:", *columns_of(end, indent="  ")]
    return tuple(lines)


def setting(question: Question) -> str:
    """The memory model and the platform in the words of a verdict line: `SC, IPI flush`."""
    return f"{question.model.upper()}, {FLUSHES.get(question.flush, question.flush)}"


def _proved(question: Question, proved: Proved, loops: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    where = setting(question)
    if proved.complete:
        line = f"PROVED under {where}: no schedule breaks {question.property}"
        return _hanging(line) + _reach(question, True, proved.steps)
    if not proved.open_loops and question.depth is not None:
        line = f"PROVED under {where} to depth {question.depth} (bounded): no such schedule breaks {question.property}"
        return _hanging(line) + _reach(question, False, proved.steps)
    depth = f" to depth {question.depth}" if question.depth is not None else ""
    line = f"PROVED under {where}{depth}, loops to their bounds (bounded): no such schedule breaks {question.property}"
    rounds = dict(loops)
    names = (f"{name} ({rounds[name]} rounds)" if name in rounds else name for name in proved.open_loops)
    return _hanging(line) + _hanging("loops that may go on beyond their bound: " + (", ".join(names) or "not known"))


def _reach(question: Question, complete: bool, steps: int) -> tuple[str, ...]:
    if complete:
        return (f"complete: no schedule is longer than {_steps(steps)}",)
    depth = "" if question.depth is None else f" than {_steps(question.depth)}"
    return (f"bounded: longer schedules{depth} exist and were not looked at",)


def _asked(report: Report) -> tuple[str, ...]:
    question = report.question
    asked = [
        ("property", f"{report.property_title} ({report.property_text})"),
        ("variant", f"{question.variant}: {report.variant_title}"),
        ("scenario", f"{question.scenario}, Linux {report.kernel}"),
    ]
    return _labelled(asked)


def _scope(report: Report) -> tuple[str, ...]:
    told = [("scope", report.scope)]
    told += [("assumed", text) for text in report.assumptions]
    told += [("note", text) for text in report.flags]
    if isinstance(report.verdict, Refuted):
        told.append(("checked", "replayed without the solver"))
    return _labelled(told)


def _labelled(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(
        line
        for key, text in pairs
        if text
        for line in wrap(f"{key + ':':<10}{' '.join(text.split())}", WIDTH, rest=" " * 10)
    )


def _hanging(text: str) -> tuple[str, ...]:
    return wrap(text, WIDTH, rest="  ")


def _steps(count: int) -> str:
    return f"{count} step" + ("" if count == 1 else "s")
