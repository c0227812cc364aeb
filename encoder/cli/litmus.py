"""`litmus`: tests in the kernel's litmus format, answered as herd7 answers."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from encoder.base.errors import InputError
from encoder.base.limits import Limits
from encoder.base.source import render_problem
from encoder.cli import exits
from encoder.cli.options import Jobs, costs, give_up, granted, processes, unknown
from encoder.memory import MODELS

if TYPE_CHECKING:
    from encoder.litmus.decide import LitmusVerdict

RESULTS = ("Never", "Sometimes", "Always", "Unknown", "Unsupported")
STUCK = "in every execution some thread waits for a lock for ever, so that none ends"
Files = Annotated[
    list[str], typer.Argument(metavar="FILE…", help="Litmus tests, or folders of them.", show_default=False)
]

LitmusTimeout = Annotated[
    float,
    typer.Option("--timeout", metavar="S", help="Seconds for each test; beyond them it is Unknown."),
]
LitmusMemory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory for each test, as 500M or 2G (default: three quarters of the machine's, shared by the processes); "
        "beyond it the test is Unknown.",
        show_default=False,
    ),
]
LitmusModel = Annotated[str, typer.Option("--model", metavar="M", help=f"The memory model: {', '.join(MODELS)}.")]


def litmus(
    files: Files,
    model: LitmusModel = "lkmm",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON list and nothing else.")] = False,
    witness: Annotated[bool, typer.Option("--witness", help="Show an execution in which it happens.")] = False,
    jobs: Jobs = 1,
    timeout: LitmusTimeout = 60.0,
    memory: LitmusMemory = None,
) -> int:
    """Does the condition of a litmus test hold at the end? Never, Sometimes or Always."""
    problems = unknown("memory model", model, MODELS)
    problems += costs(timeout, memory, jobs)
    if problems:
        raise InputError(problems)
    from encoder.litmus.run import run

    paths = _tests(files)
    workers = min(processes(jobs), len(paths))
    limits = Limits(seconds=timeout, memory=granted(memory, workers))
    verdicts = run(paths, model=model, limits=limits, jobs=workers, witness=witness and not json)
    if json:
        found = list(verdicts)
        sys.stdout.write(_as_json(found))
    elif len(paths) == 1:
        found = list(verdicts)
        sys.stdout.write(_as_herd(found[0]) + _drawn(found[0]))
    else:
        found = []
        width = max(map(len, paths))
        for each in verdicts:
            sys.stdout.write(_line(each, width) + _drawn(each))
            found.append(each)
        sys.stdout.write(_summary(found))
    _explain(found, reasons=json or len(paths) == 1)
    return _exit(found)


def _tests(words: Sequence[str]) -> list[str]:
    """The files that the words name, folders searched in sorted order. Raises InputError."""
    found: list[str] = []
    for word in words:
        path = Path(word)
        if path.is_dir():
            found += [inner.as_posix() for inner in sorted(path.rglob("*.litmus")) if inner.is_file()]
        elif path.is_file():
            found.append(word)
        else:
            give_up(f"there is no file `{word}`")
    if not found:
        give_up("no litmus tests here", "files that end in `.litmus`")
    return found


def _as_herd(verdict: "LitmusVerdict") -> str:
    if verdict.result == "Unsupported":
        return ""
    lines = [
        f"Observation {verdict.name or Path(verdict.file).stem} {verdict.result}",
        *(f"Flag {flag}" for flag in verdict.flags),
    ]
    lines += [f"Stuck: {STUCK}"] if verdict.stuck else []
    return "".join(f"{line}\n" for line in lines)


def _line(verdict: "LitmusVerdict", width: int) -> str:
    told = [*verdict.flags, *(["stuck in a lock"] if verdict.stuck else []), verdict.reason]
    return f"{verdict.file:<{width}}  {verdict.result:<11}  {' '.join(told)}".rstrip() + "\n"


def _drawn(verdict: "LitmusVerdict") -> str:
    """The execution, one access a line, and what is left at the end."""
    if verdict.execution is None:
        return ""
    rows = [
        (each.thread, each.line, each.text, each.location, each.value, f"from {each.source}" if each.source else "")
        for each in verdict.execution.accesses
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    end = ", ".join(f"{name} = {value}" for name, value in verdict.execution.end)
    return "".join(f"    {line.rstrip()}\n" for line in [*lines, f"at the end: {end}"])


def _summary(verdicts: Sequence["LitmusVerdict"]) -> str:
    results = Counter[str](each.result for each in verdicts)
    flags = Counter(flag for each in verdicts for flag in each.flags)
    counts = [f"{results[word]} {word}" for word in RESULTS if results[word]]
    counts += [f"{count} with {flag}" for flag, count in sorted(flags.items())]
    return f"\n{len(verdicts)} tests under {verdicts[0].model}: {', '.join(counts)}\n"


def _as_json(verdicts: Sequence["LitmusVerdict"]) -> str:
    rows = [
        {
            "file": each.file,
            "name": each.name,
            "model": each.model,
            "result": each.result,
            "flags": list(each.flags),
            "stuck": each.stuck,
            "reason": each.reason,
            "seconds": round(each.seconds, 4),
        }
        for each in verdicts
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _explain(verdicts: Sequence["LitmusVerdict"], *, reasons: bool) -> None:
    """What is wrong with tests, on the side, and with `reasons` why others were not decided."""
    for each in verdicts:
        for problem in each.problems:
            print(render_problem(problem), file=sys.stderr)
        if reasons and each.reason:
            print(f"{each.file}: {each.reason}", file=sys.stderr)


def _exit(verdicts: Sequence["LitmusVerdict"]) -> int:
    results = {each.result for each in verdicts}
    if "Unsupported" in results:
        return exits.USAGE
    return exits.UNDECIDED if "Unknown" in results else exits.OK
