"""`prove` and `witness`: one question under one memory model or all of them, the answers as text or JSON."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.errors import SelfCheckError
from encoder.base.limits import Limits
from encoder.base.result import SHORTCUTS, Progress, Proved, Question, Refuted, Report, Tell
from encoder.cli import exits
from encoder.cli.options import SecondSolver, TrustLevel, give_up, granted, others, question
from encoder.cli.telling import Stage, fitted, telling
from encoder.memory import CHAIN, MODELS

ScenarioName = Annotated[str | None, typer.Argument(metavar="SCENARIO", show_default=False)]
VariantName = Annotated[
    str | None,
    typer.Option("--variant", metavar="V", help="The variant: a patch or a kernel release.", show_default=False),
]
PropertyName = Annotated[
    str | None,
    typer.Option(
        "--property", metavar="P", help="What must never happen (default: the scenario's first).", show_default=False
    ),
]
AllModels = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="M",
        help=f"The memory model: {', '.join(MODELS)} (default: {', '.join(CHAIN)} in turn, each with its own timeout).",
        show_default=False,
    ),
]
OneModel = Annotated[str, typer.Option("--model", metavar="M", help=f"The memory model: {', '.join(MODELS)}.")]
FlushName = Annotated[str, typer.Option("--flush", metavar="F", help="TLB flushes: ipi, broadcast or deferred.")]
Depth = Annotated[
    int | None,
    typer.Option(
        "--depth", metavar="K", help="Look at schedules of at most K steps (default: any number).", show_default=False
    ),
]
Loops = Annotated[
    int, typer.Option("--loops", metavar="N", help="Loop bound: rounds of each loop that has no bound of its own.")
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="S", help="Time limit in seconds; beyond it the answer is `unknown`.")
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory limit, as 500M or 2G (default: three quarters of the machine's); "
        "beyond it the answer is `unknown`.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object and nothing else, for one model: sc unless --model names another."
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without", metavar="NAME", help=f"Do not take this shortcut: {', '.join(SHORTCUTS)}.", show_default=False
    ),
]
Dump = Annotated[
    str | None,
    typer.Option(
        "--dump-smt",
        metavar="FILE",
        help="Write the solver's input as SMT-LIB, for one model: sc unless --model names another.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What was typed: a question for each memory model, strongest first, and how to answer."""

    questions: tuple[Question, ...]
    limits: Limits
    json: bool
    dump: Path | None


def _asks(answer: Callable[[Invocation], int]) -> Callable[..., int]:
    """A command with the options of a question, which `answer` answers."""

    def command(
        scenario: ScenarioName = None,
        variant: VariantName = None,
        property: PropertyName = None,
        model: AllModels = None,
        flush: FlushName = "ipi",
        depth: Depth = None,
        loops: Loops = 4,
        timeout: Timeout = 60.0,
        memory: Memory = None,
        trust: TrustLevel = "replay",
        second_solver: SecondSolver = None,
        without: Without = None,
        json: AsJson = False,
        dump_smt: Dump = None,
    ) -> int:
        if scenario is None:
            return what_to_type(answer.__name__)
        models = tuple(CHAIN) if model is None and not json else (model or "sc",)
        asked = question(
            scenario=scenario,
            variant=variant,
            property=property,
            model=models[0],
            flush=flush,
            depth=depth,
            loops=loops,
            timeout=timeout,
            memory=memory,
            without=without or (),
        )
        opinions = others(trust, second_solver)
        questions = tuple(replace(asked, model=each, unlimited=True, opinions=opinions, checks=True) for each in models)
        limits = Limits(seconds=timeout, memory=granted(memory, 1))
        return answer(
            Invocation(questions=questions, limits=limits, json=json, dump=None if dump_smt is None else Path(dump_smt))
        )

    command.__doc__ = answer.__doc__
    return command


@_asks
def prove(invocation: Invocation) -> int:
    """Can any schedule break the property? A proof up to a stated bound, or the schedule."""
    reports = _reports(invocation)
    sys.stdout.write(_as_json(reports[0]) if invocation.json else _as_text(reports))
    return exits.of_reports(reports)


@_asks
def witness(invocation: Invocation) -> int:
    """The shortest schedule that breaks the property, drawn; then the same as JSON."""
    from encoder.render.models import evidence

    reports = _reports(invocation)
    shown = evidence(reports)
    text = "" if invocation.json else _as_text(reports)
    if invocation.json or isinstance(shown.verdict, Refuted):
        text += ("\n" if text else "") + _as_json(shown)
    sys.stdout.write(text)
    return exits.of_reports(reports)


def _reports(invocation: Invocation) -> list[Report]:
    """The answers, strongest model first; the first one's SMT-LIB text is what is dumped."""
    if invocation.dump is not None:
        _check_writable(invocation.dump)
    dump = None if invocation.dump is None else StringIO()
    reports: list[Report] = []
    asking = Asking(invocation.questions)
    with telling(asking.lines) as look:
        for each in invocation.questions:
            known = reports and isinstance(reports[0].verdict, Proved) and MODELS[reports[0].question.model].total
            question = replace(each, interleavings=not known)
            asking.begin(question)
            reports.append(_report(question, invocation.limits, None if reports else dump, partial(asking.tell, look)))
            asking.decided(reports[-1])
            look()
    if dump is not None and invocation.dump is not None:
        _write(invocation.dump, dump.getvalue())
    return reports


class Asking:
    """How far a command is that asks questions one after the other: the answers that there are, and the next."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = questions
        self.answers: list[str] = []
        self.stage = Stage("")

    def begin(self, question: Question) -> None:
        """This one is asked now."""
        count = len(self.questions)
        nth = f" ({len(self.answers) + 1} of {count})" if count > 1 else ""
        self.stage = Stage(f"{question.scenario}, {question.variant} under {question.model.upper()}{nth}")

    def tell(self, look: Callable[[], None], told: Progress | Report) -> None:
        """How far it is; time to look whether that is to be told."""
        self.stage.tell(told)
        look()

    def decided(self, report: Report) -> None:
        """This is the answer."""
        from encoder.render.verdict import sentence

        self.answers.append(str(sentence(report, report.question.property)))

    def lines(self) -> list[str]:
        """The answers, and how far the next is."""
        return [*self.answers, self.stage.line()]


def _report(question: Question, limits: Limits, dump: StringIO | None, tell: Tell) -> Report:
    """Raises SelfCheckError with the model's name."""
    from encoder.verify.isolation import run_isolated

    try:
        with run_isolated(question, limits, dump=dump) as report:
            return report(tell)
    except SelfCheckError as error:
        raise SelfCheckError(f"under {question.model.upper()}: {error}") from error


def _as_text(reports: Sequence[Report]) -> str:
    from encoder.render.text import render, render_all

    with fitted():
        return render(reports[0]) if len(reports) == 1 else render_all(reports)


def _as_json(report: Report) -> str:
    from encoder.render.json import render

    return render(report)


def what_to_type(command: str) -> int:
    """Tell the words that are missing, with an example."""
    from encoder.spec.load import document_names

    scenarios, variants = document_names("scenarios"), document_names("variants")
    example = f"pinproof {command} {scenarios[0]} --variant {variants[0]}"
    if "gup-vs-reclaim" in scenarios and "baseline" in variants:
        example = f"pinproof {command} gup-vs-reclaim --variant baseline"
    lines = [f"Type a scenario and a variant: {example}", "", "scenarios:", *(f"  {name}" for name in scenarios)]
    lines += ["", "variants:", *(f"  {name}" for name in variants), "", "`pinproof list` says what each of them is."]
    print("\n".join(lines), file=sys.stderr)
    return exits.USAGE


def _check_writable(path: Path) -> None:
    folder = path.parent
    if path.is_dir():
        give_up(f"`--dump-smt {path}` is a folder", "a file")
    if not folder.is_dir():
        give_up(f"`--dump-smt {path}`: there is no folder `{folder}`")
    if not os.access(path if path.exists() else folder, os.W_OK):
        give_up(f"`--dump-smt {path}` cannot be written")


def _write(path: Path, text: str) -> None:
    from encoder.ledger.files import write_whole

    try:
        if path.exists() and not path.is_file():
            path.write_text(text, "utf-8")
        else:
            write_whole(path, text)
    except OSError as error:
        give_up(f"`--dump-smt {path}` cannot be written: {error.strerror}")
