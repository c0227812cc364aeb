"""`verify`: every obligation of the ledger, what is claimed against what is found."""

import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.catalog import listing, shipped
from encoder.base.errors import InputError
from encoder.base.pool import Pool, Started, Waiting
from encoder.cli import exits
from encoder.cli.ci import CiForms, Github, JunitFile, SarifFile
from encoder.cli.options import (
    AsOneObject,
    Jobs,
    KernelConfiguration,
    Scheduler,
    SecondSolver,
    TrustLevel,
    costs,
    give_up,
    granted,
    others,
    pool_of,
    processes,
)
from encoder.cli.progress import Lines, progress
from encoder.cli.selection import chosen_of, tasks_of
from encoder.cli.telling import printed
from encoder.ledger import run_json
from encoder.ledger.agreement import LETTERS, agreeing
from encoder.ledger.ask import Answered, decide
from encoder.ledger.ask import known as recorded
from encoder.ledger.cache import Cache
from encoder.ledger.obligation import Obligation, load_obligations, unclaimed
from encoder.ledger.place import rank
from encoder.ledger.record import Record, standing
from encoder.ledger.run import Task
from encoder.spec.load import load_library
from encoder.spec.model import Library

ObligationMemory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory an obligation may take, as 500M or 2G "
        "(default: three quarters of the machine's, divided among the worker processes).",
        show_default=False,
    ),
]
DRAWN = 3
"""Schedules that are drawn of claims that fail."""
CODES = {"expected": exits.OK, "undecided": exits.UNDECIDED, "unexpected": exits.REFUTED}


def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help="Scenarios, variants, properties, platforms, obligation ids or what these begin with; all that any of "
            "them names (default: all).",
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Use no recorded result: decide everything anew.")] = False,
    jobs: Jobs = 0,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds an obligation may take.")] = 60.0,
    memory: ObligationMemory = None,
    trust: TrustLevel = "replay",
    second_solver: SecondSolver = None,
    scheduler: Scheduler = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Score the proofs: how many mutants of the code do they notice?")
    ] = False,
    promote: Annotated[
        bool,
        typer.Option("--promote", help="Write the results into ./proofs: the page of verdicts, schedules and scores."),
    ] = False,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    github: Github = False,
    kernel: Annotated[
        Path | None,
        typer.Option(
            "--kernel", metavar="DIR", help="A kernel's source, to whose lines --sarif points.", show_default=False
        ),
    ] = None,
    config: KernelConfiguration = "x86-64",
    json: AsOneObject = False,
) -> int:
    """Decide every obligation in proofs/obligations and compare with the verdict that it expects."""
    claimed = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    chosen = chosen_of(claimed, tuple(names or ()))
    if problems := costs(timeout, memory, jobs):
        raise InputError(problems)
    forms = CiForms(junit=junit, sarif=sarif, github=github)
    forms.check(json=json)
    _check_kernel(kernel, config)
    root = _checkout(needed=promote)
    library = load_library()
    opinions = others(trust, second_solver)
    if mutants:
        if opinions:
            other = "--trust" if trust != "replay" else "--second-solver"
            give_up(f"`--mutants` cannot be combined with `{other}`", "`--mutants` in a run of its own")
        from encoder.cli.mutants import verify_mutants

        with pool_of(scheduler, jobs) as pool:
            return verify_mutants(
                library, claimed, chosen, root=root, promote=promote, fresh=fresh, pool=pool, timeout=timeout
            )
    tasks, cache = tasks_of(library, chosen, timeout, opinions), Cache()
    known: dict[str, Answered] = {}
    try:
        with pool_of(scheduler, jobs) as pool, progress(total=len(tasks), quiet=json) as shown:
            share = granted(memory, min(processes(jobs), len(tasks) or 1))
            _decide(tasks, cache, known, fresh=fresh, pool=pool, memory=share, shown=shown)
    finally:  # what was decided before a failure is kept
        records = {name: each.record for name, each in known.items()}
        _tell_ci(forms, library, chosen, records, kernel, config)
        if json:
            sys.stdout.write(run_json.render(chosen, records, [name for name, each in known.items() if each.old]))
    code = _summary(chosen, known, unclaimed(claimed, chosen), fresh=fresh, quiet=json)
    if promote and root is not None:
        from encoder.cli.promote import promote as commit
        from encoder.ledger.folder import Proofs

        commit(Proofs(root, claimed), library, tasks, records, cache)
    return code


def _tell_ci(
    forms: CiForms, library: Library, chosen: Collection[Obligation], records: Mapping[str, Record],
    kernel: Path | None, config: str,
) -> None:  # fmt: skip
    """Write the forms that were asked for."""
    if forms.wanted:
        from encoder.ledger.ci import cases_of, step_places

        forms.write(cases_of(library, chosen, records), step_places(library, kernel, config), "pinproof verify")


def _check_kernel(kernel: Path | None, config: str) -> None:
    """Raises InputError, before anything is decided, for a folder that holds no kernel and for no configuration."""
    from encoder.kernel.configuration import configuration

    chosen = configuration(config)
    if kernel is not None:
        from encoder.kernel.tree import Tree

        Tree(kernel, chosen)


def _checkout(*, needed: bool) -> Path | None:
    """The folder `proofs` of the checkout that is the working directory, None outside of one. Raises InputError there
    if it is `needed`."""
    if Path("proofs/obligations").is_dir():
        return Path("proofs")
    if needed:
        give_up("`--promote` finds no `proofs/obligations` here", "a checkout of Pinproof as the working directory")
    return None


def _decide(
    tasks: tuple[Task, ...], cache: Cache, known: dict[str, Answered], *, fresh: bool, pool: Pool, memory: int | None,
    shown: Lines,
) -> None:  # fmt: skip
    """Put into `known` what is found for each obligation, recorded as soon as it is known and shown in the order of the
    tasks."""
    known |= {each.task.obligation.id: each for each in ([] if fresh else recorded(tasks, cache))}
    todo = _in_order(task for task in tasks if task.obligation.id not in known)
    order = [task.obligation for task in tasks]
    shown.known = len(known)
    told = _tell(order, known, 0, shown)
    with closing(decide(todo, cache, pool=pool, memory=memory)) as events:
        for event in events:
            match event:
                case Started(task=task):
                    shown.started(task.obligation.id)
                case Waiting():
                    shown.waiting()
                case Answered(task=task):
                    shown.ended(task.obligation.id)
                    known[task.obligation.id] = event
                    shown.known = len(known)
                    told = _tell(order, known, told, shown)


def _in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks as they are started: of each claim the strongest platform first, since what it proves of
    interleavings the others need not ask. Claims keep their order, so that what is shown in it waits for little."""
    claims: dict[tuple[str, ...], list[Task]] = {}
    for task in tasks:
        claims.setdefault(task.obligation.entry, []).append(task)
    return tuple(
        task for claim in claims.values() for task in sorted(claim, key=lambda each: rank(each.obligation.place))
    )


def _tell(order: list[Obligation], known: dict[str, Answered], told: int, shown: Lines) -> int:
    """Show what is known as far as nothing before it is missing; how many have been shown then."""
    while told < len(order) and order[told].id in known:
        found = known[order[told].id]
        shown.result(order[told], found.record, old=found.old)
        told += 1
    return told


def _behind(records: list[Record]) -> str:
    """`confirmed by: replay 305, explorer 505 …`, where somebody was asked."""
    if not any(record.opinions for record in records):
        return ""
    who = [agreeing(record) for record in records]
    counts = [f"{name} {count}" for name in LETTERS if (count := sum(name in each for each in who))]
    return f"confirmed by: {', '.join([*counts, f'nobody {sum(not each for each in who)}'])}\n"


def _checked(records: list[Record]) -> str:
    """`checks of 143 programs: no deadlock, nothing held at the end`, with what else was found."""
    asked = [record.checks for record in records if record.checks is not None]
    if not asked:
        return ""
    deadlocks, held = sum(bool(each.deadlock) for each in asked), sum(bool(each.held) for each in asked)
    undecided = sum(bool(each.undecided) for each in asked)
    found = " found" if undecided else ""
    told = [f"{deadlocks} with a deadlock" if deadlocks else f"no deadlock{found}"]
    told.append(f"{held} with something held at the end" if held else f"nothing{found} held at the end")
    counts = {
        "not decided": undecided,
        "with steps never reached": sum(bool(each.unreached or each.elsewhere) for each in asked),
    }
    told += [f"{count} {what}" for what, count in counts.items() if count]
    if untouched := sum(record.untouched for record in records):
        told.append(f"{untouched} verdicts about state that no thread changes")
    return f"checks of {len(asked)} program{'s' * (len(asked) != 1)}: {', '.join(told)}\n"


def _print_witnesses(chosen: Collection[Obligation], answered: Mapping[str, Answered]) -> None:
    """The schedules of claims that fail, the first few drawn, and how the others are shown."""
    from encoder.render.text import witness_lines

    failing = [each for each in chosen if standing(each, answered[each.id].record) == "unexpected"]
    shown = [(each, witness) for each in failing if (witness := answered[each.id].record.witness) is not None]
    for each, witness in shown[:DRAWN]:
        print("\n".join([f"\n{each.id}:", "", *witness_lines(witness, each.model), ""]))
    for each, _ in shown[DRAWN:]:
        where = f"--platform {each.platform}" if each.platform else f"--model {each.model} --flush {each.flush}"
        asked = f"--variant {each.variant} --property {each.property}"
        printed(f"`pinproof prove {each.scenario} {asked} {where}` draws the schedule")


def _repeated(known: Collection[Answered]) -> str:
    """`3 of 3 repeat recorded results: --fresh decides them anew`, or that nothing was recorded."""
    old = sum(each.old for each in known)
    if not old:
        return f"none of these was recorded: {len(known)} decided anew\n"
    return f"{old} of {len(known)} repeat recorded results: --fresh decides them anew\n"


def _summary(
    chosen: Collection[Obligation], known: Mapping[str, Answered], holes: dict[str, int], *, fresh: bool, quiet: bool
) -> int:
    """The last lines, with what is not claimed by platform, unless `quiet`; the exit code of the worst standing."""
    answered = {each.id: known[each.id] for each in chosen}
    found = [standing(each, answered[each.id].record) for each in chosen]
    line = f"{found.count('expected')}/{len(found)} as expected"
    for word in ("unexpected", "undecided"):
        if word in found:
            line += f", {found.count(word)} {word}"
    if missing := [f"{count} on {platform}" for platform, count in holes.items() if count]:
        line += f"; not claimed: {', '.join(missing)}"
    records = [each.record for each in answered.values()]
    repeated = "" if fresh else _repeated(answered.values())
    if not quiet:
        _print_witnesses(chosen, answered)
        for each in f"{_checked(records)}{line}\n{_behind(records)}{repeated}".splitlines():
            printed(each)
    return next((CODES[word] for word in ("unexpected", "undecided") if word in found), exits.OK)
