"""`prove` and `witness`: one question on one platform or all of them, the answers as text or JSON."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from inspect import Signature, signature
from pathlib import Path
from typing import Any

from encoder.base.errors import InputError
from encoder.base.limits import Limits
from encoder.base.pool import Finished, Started, Told
from encoder.base.result import Question, Refuted, Report
from encoder.cli import exits
from encoder.cli.asking import Asking
from encoder.cli.bases import beside_bases
from encoder.cli.forms import FormName, KernelOfPage, Mail, Output, Width, form_of, give, shown_of
from encoder.cli.options import (
    Jobs,
    SecondSolver,
    TrustLevel,
    give_up,
    granted,
    others,
    processes,
    questions,
    unknown,
)
from encoder.cli.question_options import (
    AsJson,
    Depth,
    Dump,
    FlushName,
    Loops,
    Memory,
    Model,
    Platforms,
    PropertyName,
    ScenarioName,
    Timeout,
    VariantName,
    Without,
)
from encoder.cli.telling import fitted, telling
from encoder.memory import CHAIN
from encoder.spec.load import document_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What was typed: a question for each platform, strongest first, and how to answer."""

    questions: tuple[Question, ...]
    limits: Limits
    jobs: int
    json: bool
    dump: Path | None


def _asks(answer: Callable[..., int]) -> Callable[..., int]:
    """A command with the options of a question, which `answer` answers, and with the options that `answer` has beside
    it."""

    def command(
        scenario: ScenarioName = None,
        variant: VariantName = None,
        property: PropertyName = None,
        platform: Platforms = None,
        model: Model = None,
        flush: FlushName = None,
        depth: Depth = None,
        loops: Loops = 4,
        timeout: Timeout = 60.0,
        memory: Memory = None,
        trust: TrustLevel = "replay",
        second_solver: SecondSolver = None,
        without: Without = None,
        jobs: Jobs = 0,
        json: AsJson = False,
        dump_smt: Dump = None,
        **own: Any,
    ) -> int:
        if scenario is None:
            return what_to_type(answer.__name__, variant)
        asked = questions(
            scenario=scenario,
            variant=variant,
            property=property,
            platforms=platform or (),
            model=model,
            flush=flush,
            models=tuple(CHAIN),
            depth=depth,
            loops=loops,
            timeout=timeout,
            memory=memory,
            jobs=jobs,
            without=without or (),
        )
        opinions = others(trust, second_solver)
        chosen = tuple(replace(each, unlimited=True, opinions=opinions, checks=True) for each in asked)
        side_by_side = min(processes(jobs), len(chosen))
        limits = Limits(seconds=timeout, memory=granted(memory, side_by_side))
        dump = None if dump_smt is None else Path(dump_smt)
        return answer(Invocation(questions=chosen, limits=limits, jobs=side_by_side, json=json, dump=dump), **own)

    *asked, _ = signature(command).parameters.values()
    _, *beside = signature(answer).parameters.values()
    command.__signature__ = Signature([*asked, *beside])  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in (*asked, *beside)}
    command.__doc__ = answer.__doc__
    return command


@_asks
def prove(invocation: Invocation) -> int:
    """Can any schedule break the property? A proof up to a stated bound, or the schedule."""
    reports = _reports(invocation)
    sys.stdout.write(_as_json(reports) if invocation.json else _as_text(reports))
    return exits.of_reports(reports)


@_asks
def witness(
    invocation: Invocation, format: FormName = None, output: Output = None, width: Width = None, mail: Mail = False,
    kernel: KernelOfPage = None,
) -> int:  # fmt: skip
    """The shortest schedule that breaks the property, drawn; then the same as JSON. Or in one form alone."""
    form = form_of(format, output, width, mail, kernel)
    if form.name and invocation.json:
        give_up("`--json` cannot stand beside a form", "`--format json`")
    reports = _reports(invocation)
    shown = shown_of(reports)
    if invocation.json:
        sys.stdout.write(_as_json(reports))
    elif form.name and shown is not None and isinstance(shown.verdict, Refuted):
        give(form, shown.question, shown.verdict.witness, shown)
    else:
        sys.stdout.write(_as_text(reports) + ("" if shown is None else "\n" + _as_json([shown])))
    return exits.of_reports(reports)


def _reports(invocation: Invocation) -> list[Report]:
    """The answers, strongest platform first; the first one's SMT-LIB text is what is dumped."""
    if invocation.dump is not None:
        _check_writable(invocation.dump)
    asking = Asking(invocation.questions)
    with telling(asking.lines) as look:
        first = invocation.questions[0]
        reports = _answers(invocation, invocation.questions, asking, look, dump=first)
        bases = partial(_answers, invocation, asking=asking, look=look, dump=None)
        return beside_bases([reports[each] for each in invocation.questions], bases)


def _answers(
    invocation: Invocation, questions: Sequence[Question], asking: Asking, look: Callable[[], None],
    dump: Question | None,
) -> dict[Question, Report]:  # fmt: skip
    """The reports by question; the SMT-LIB text of one is what is dumped, if that is asked."""
    from encoder.verify.isolation import run_isolated

    wanted = None if invocation.dump is None else dump
    reports: dict[Question, Report] = {}
    with closing(run_isolated(questions, invocation.limits, jobs=invocation.jobs, dumped=wanted)) as events:
        for event in events:
            match event:
                case Started(task=question):
                    asking.begin(question)
                case Told(task=question, so_far=so_far):
                    asking.tell(question, so_far)
                case Finished(task=question, outcome=Report() as report):
                    reports[question] = report
                    asking.decided(report)
                    if question == wanted and invocation.dump is not None:
                        _write(invocation.dump, event.dumped)
            look()
    return reports


def _as_text(reports: Sequence[Report]) -> str:
    from encoder.render.text import render, render_all
    from encoder.verify.platforms import all_platforms, machines_of

    with fitted():
        return render(reports[0]) if len(reports) == 1 else render_all(reports, machines_of(all_platforms()))


def _as_json(reports: Sequence[Report]) -> str:
    """An object, or a list of several."""
    from encoder.render.json import render, render_list

    return render(reports[0]) if len(reports) == 1 else render_list(reports)


def what_to_type(command: str, variant: str | None) -> int:
    """Tell the words that are missing, with an example; of a patch, the scenarios that run what it changes. Raises
    InputError where there is no such variant, or where it is wrong."""
    scenarios, variants = document_names("scenarios"), document_names("variants")
    example, heading = "gup-vs-reclaim" if "gup-vs-reclaim" in scenarios else scenarios[0], "scenarios:"
    if variant is None:
        base = "baseline" if "baseline" in variants else variants[0]
        lines = [f"Type a scenario and a variant: pinproof {command} {example} --variant {base}"]
        beside = ["", "variants:", *(f"  {name}" for name in variants)]
    elif problems := unknown("variant", variant, variants):
        raise InputError(problems)
    else:
        if running := _running(variant):
            (example, *_), scenarios = running, running
            heading = f"scenarios that run what {variant} changes, nearest first:"
        lines, beside = [f"Type a scenario: pinproof {command} {example} --variant {variant}"], []
    lines += ["", heading, *(f"  {name}" for name in scenarios), *beside]
    print("\n".join([*lines, "", "`pinproof list` says what each of them is."]), file=sys.stderr)
    return exits.USAGE


def _running(variant: str) -> tuple[str, ...]:
    """The scenarios that run what a variant's own edits touch, nearest first. Raises InputError where it is wrong."""
    from encoder.review.asking import running_scenarios
    from encoder.spec.load import load_library

    library = load_library()
    found = next(each for each in library.variants if each.name == variant)
    return tuple(each.name for each in running_scenarios(library, found))


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
