"""Reports in words: the verdict lines, their evidence, and what the verdicts hold for."""

from collections.abc import Iterable, Mapping, Sequence

from encoder.base.result import Opinion, Refuted, Report, Witness
from encoder.memory import MODELS
from encoder.render.checks import drawn, sentences
from encoder.render.columns import diagram
from encoder.render.layout import WIDTH, columns_of, wrap
from encoder.render.platforms import EXPERIMENT, by_platforms, evidence, meaning, to_longest, verdicts
from encoder.render.verdict import against_base, reach, sentence, where

ZEROS = ("0", "NULL", "{}")
EDGES = "po: before in program order, rf: read by, co: overwritten by, fr: reads an older value than that of"
WAIT = "wait: the section is over before the wait is, or has not begun when the wait does"


def render(report: Report) -> str:
    """The whole report, at most 72 columns wide, ending in a newline."""
    checks = tuple(line for told in sentences(report) for line in _hanging(told))
    return _written((*verdict_lines(report), *checks), report, [report])


def render_all(reports: Sequence[Report], machines: Mapping[str, str]) -> str:
    """One question on several platforms, strongest first: the verdicts, what they mean for the `machines` that
    platforms are, then the evidence of the strongest platform that refutes the property."""
    lines = [line for each in verdicts(reports) for line in _hanging(each)]
    lines += [line for told in meaning(reports, machines) for line in _hanging(told)]
    lines += [
        line for told in by_platforms((each, reach(each)) for each in to_longest(reports)) for line in _hanging(told)
    ]
    lines += [line for told in by_platforms((each, sentences(each)) for each in reports) for line in _hanging(told)]
    lines += [line for told in by_platforms((each, against_base(each)) for each in reports) for line in _hanging(told)]
    return _written(tuple(lines), evidence(reports), reports)


def verdict_lines(report: Report) -> tuple[str, ...]:
    """The verdict, and below it how far it reaches."""
    remark = () if report.question.platform else (EXPERIMENT,)
    told = (str(sentence(report)), *remark, *reach(report), *against_base(report))
    return tuple(line for each in told for line in _hanging(each))


def witness_lines(witness: Witness, model: str, head: str = "BROKEN") -> tuple[str, ...]:
    """The chosen start, the schedule drawn, what no interleaving has, the broken property, the values at the end."""
    symbols = tuple((name, str(value)) for name, value in witness.symbols)
    start = tuple((location, value) for location, value in witness.initial if value not in ZEROS)
    end = tuple(pair for pair in witness.final if pair not in witness.initial)
    lines = ["at the start, chosen or not 0:", *columns_of(symbols + start, indent="  "), ""] if symbols + start else []
    lines += [*diagram(witness), "", *against_sc(witness, model), *_hanging(f"{head}: {what_broke(witness)}")]
    if end:
        lines += ["", "at the end, where it has changed:", *columns_of(end, indent="  ")]
    return tuple(lines)


def what_broke(witness: Witness) -> str:
    """The instance of the property that broke, and the values that broke it: of numbers those at the start too."""
    values = "; ".join(_value(*each) for each in witness.broken)
    return f"{witness.violated}: {values}" if values else witness.violated


def _value(name: str, start: str, end: str) -> str:
    counted = start.removeprefix("-").isdigit() and start != end
    return f"{name} is {end}" + (f", it was {start} at the start" if counted else "")


def _written(first: tuple[str, ...], shown: Report, reports: Sequence[Report]) -> str:
    """The blocks of a text whose verdict lines are `first` and whose evidence is that of `shown`."""
    blocks = [first, _asked(shown)]
    if isinstance(shown.verdict, Refuted):
        blocks.append(witness_lines(shown.verdict.witness, shown.question.model))
    blocks += _checked(reports)
    blocks.append(_scope(reports))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _checked(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    """The schedules of what was found beside the verdicts, each of the strongest platform that has it."""
    shown: dict[str, tuple[str, ...]] = {}
    for report in reports:
        for head, witness in drawn(report):
            if head not in shown:
                lines = witness_lines(witness, report.question.model, head)
                shown[head] = (f"{head} {where(report.question)}:", "", *lines)
    return list(shown.values())


def against_sc(witness: Witness, model: str) -> tuple[str, ...]:
    """Under a weak model, the cycle for which the schedule is no interleaving."""
    if MODELS[model].total:
        return ()
    if not witness.cycle:
        return ("This schedule is an interleaving: it exists under SC too.", "")
    edges = (line for edge in witness.cycle for line in wrap(edge, WIDTH, first="  ", rest="    "))
    legend = f"({EDGES}, {WAIT})" if any(" -wait-> " in edge for edge in witness.cycle) else f"({EDGES})"
    return ("No interleaving has this cycle:", *edges, *wrap(legend, WIDTH, rest="  "), "")


def _asked(report: Report) -> tuple[str, ...]:
    question = report.question
    asked = [
        ("property", f"{report.property_title} ({report.property_text})"),
        ("variant", f"{question.variant}: {report.variant_title}"),
        ("scenario", f"{question.scenario}, Linux {report.kernel}"),
    ]
    return _labelled(asked)


def _scope(reports: Sequence[Report]) -> tuple[str, ...]:
    told = [("scope", text) for text in dict.fromkeys(each.scope for each in reports)]
    told += [("assumed", text) for text in by_platforms((each, each.assumptions) for each in reports)]
    told += [("note", text) for text in by_platforms((each, each.flags) for each in reports)]
    if any(isinstance(each.verdict, Refuted) for each in reports):
        told.append(("checked", "replayed without the solver"))
    told += [("checked", text) for text in by_platforms((each, [*map(_said, each.opinions)]) for each in reports)]
    return _labelled(told)


def _said(opinion: Opinion) -> str:
    """`cvc5 agrees (3 queries)`."""
    return f"{opinion.by} {opinion.word} ({opinion.detail})"


def _labelled(pairs: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(
        line
        for key, text in pairs
        if text
        for line in wrap(f"{key + ':':<10}{' '.join(text.split())}", WIDTH, rest=" " * 10)
    )


def _hanging(text: str) -> tuple[str, ...]:
    return wrap(text, WIDTH, rest="  ")
