"""`prove` and `witness`: one question, its answer as text or JSON."""

import os
import sys
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer

from encoder.cli import exits
from encoder.cli.words import give_up, question
from encoder.result import Refuted, Report

ScenarioName = Annotated[str | None, typer.Argument(metavar="SCENARIO", show_default=False)]
VariantName = Annotated[str | None, typer.Option("--variant", metavar="V", help="The patch.", show_default=False)]
PropertyName = Annotated[
    str | None,
    typer.Option(
        "--property", metavar="P", help="What must never happen (default: the scenario's first).", show_default=False
    ),
]
ModelName = Annotated[str, typer.Option("--model", metavar="M", help="The memory model: sc.")]
FlushName = Annotated[str, typer.Option("--flush", metavar="F", help="TLB flushes: ipi, broadcast or deferred.")]
Depth = Annotated[
    int | None,
    typer.Option(
        "--depth", metavar="K", help="Look at schedules of at most K steps (default: any number).", show_default=False
    ),
]
Loops = Annotated[int, typer.Option("--loops", metavar="N", help="Rounds of a loop without a bound of its own.")]
Timeout = Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds until the answer is `unknown`.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Dump = Annotated[
    str | None, typer.Option("--dump-smt", metavar="FILE", help="Write the SMT-LIB text.", show_default=False)
]


def prove(
    scenario: ScenarioName = None,
    variant: VariantName = None,
    property: PropertyName = None,
    model: ModelName = "sc",
    flush: FlushName = "ipi",
    depth: Depth = None,
    loops: Loops = 4,
    timeout: Timeout = 60.0,
    json: AsJson = False,
    dump_smt: Dump = None,
) -> int:
    """Can any schedule break the property? A proof up to a stated bound, or the schedule."""
    if scenario is None:
        return _what_to_type("prove")
    report = _ask(scenario, variant, property, model, flush, depth, loops, timeout, dump_smt)
    sys.stdout.write(_as_json(report) if json else _as_text(report))
    return exits.of_verdict(report.question, report.verdict)


def witness(
    scenario: ScenarioName = None,
    variant: VariantName = None,
    property: PropertyName = None,
    model: ModelName = "sc",
    flush: FlushName = "ipi",
    depth: Depth = None,
    loops: Loops = 4,
    timeout: Timeout = 60.0,
    json: AsJson = False,
    dump_smt: Dump = None,
) -> int:
    """The shortest schedule that breaks the property, drawn; then the same as JSON."""
    if scenario is None:
        return _what_to_type("witness")
    report = _ask(scenario, variant, property, model, flush, depth, loops, timeout, dump_smt)
    text = "" if json else _as_text(report)
    if json or isinstance(report.verdict, Refuted):
        text += ("\n" if text else "") + _as_json(report)
    sys.stdout.write(text)
    return exits.of_verdict(report.question, report.verdict)


def _ask(
    scenario: str,
    variant: str | None,
    property: str | None,
    model: str,
    flush: str,
    depth: int | None,
    loops: int,
    timeout: float,
    dump_smt: str | None,
) -> Report:
    asked = question(
        scenario=scenario,
        variant=variant,
        property=property,
        model=model,
        flush=flush,
        depth=depth,
        loops=loops,
        timeout=timeout,
    )
    if dump_smt is not None:
        _check_writable(Path(dump_smt))
    from encoder.engine import ask

    dump = None if dump_smt is None else StringIO()
    report = ask(asked, dump=dump)
    if dump is not None and dump_smt is not None:
        _write(Path(dump_smt), dump.getvalue())
    return report


def _as_text(report: Report) -> str:
    from encoder.render.text import render

    return render(report)


def _as_json(report: Report) -> str:
    from encoder.render.json import render

    return render(report)


def _what_to_type(command: str) -> int:
    """Tell the words that are missing, with an example."""
    from encoder.spec.load import names

    scenarios, variants = names("scenarios"), names("variants")
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
    from encoder.ledger.store import write_whole

    try:
        if path.exists() and not path.is_file():
            path.write_text(text, "utf-8")
        else:
            write_whole(path, text)
    except OSError as error:
        give_up(f"`--dump-smt {path}` cannot be written: {error.strerror}")
