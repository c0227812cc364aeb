"""`verify`: every obligation of the ledger, what is claimed against what is found."""

import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.catalog import listing, shipped
from encoder.base.errors import InputError, SelfCheckError
from encoder.base.pool import Finished, Started, Waiting
from encoder.base.result import Report
from encoder.base.worker import Disagreed, Failed, Lost, Refused
from encoder.cli import exits
from encoder.cli.options import Jobs, SecondSolver, TrustLevel, costs, give_up, granted, others, processes
from encoder.cli.progress import Progress, progress
from encoder.cli.selection import chosen_of, tasks_of
from encoder.ledger.agreement import LETTERS, agreeing
from encoder.ledger.files import write_whole
from encoder.ledger.obligation import Obligation, load_obligations, unclaimed
from encoder.ledger.record import Record, answers, record_of, standing, undecided
from encoder.ledger.run import Task, run
from encoder.ledger.store import Store
from encoder.memory import MODELS
from encoder.spec.load import load_library
from encoder.spec.model import Library

Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory an obligation may take, as 500M or 2G "
        "(default: three quarters of the machine's, divided among the worker processes).",
        show_default=False,
    ),
]
CODES = {"expected": exits.OK, "undecided": exits.UNDECIDED, "unexpected": exits.REFUTED}


def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...", help="Scenarios, variants, properties, models, or obligations by their id; all."
        ),
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Believe no recorded result.")] = False,
    jobs: Jobs = 0,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds an obligation may take.")] = 60.0,
    memory: Memory = None,
    trust: TrustLevel = "replay",
    second_solver: SecondSolver = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Score the proofs: of mutants of the code, how many do they notice?")
    ] = False,
    promote: Annotated[bool, typer.Option("--promote", help="Write proofs/README.md, remove stale files.")] = False,
    results: Annotated[
        str | None,
        typer.Option("--results", metavar="DIR", help="Where to record; ./proofs if it is there.", show_default=False),
    ] = None,
) -> int:
    """Decide every obligation in proofs/obligations and compare with the verdict that it expects."""
    claimed = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    chosen = chosen_of(claimed, tuple(names or ()))
    if problems := costs(timeout, memory, jobs):
        raise InputError(problems)
    store = _store(results)
    if promote and store is None:
        give_up("`--promote` needs a place to write to", "`--results DIR`, or a checkout as the working directory")
    library = load_library()
    opinions = others(trust, second_solver)
    if mutants:
        if promote or opinions:
            other = "--promote" if promote else "--trust" if trust != "replay" else "--second-solver"
            give_up(f"`--mutants` and `{other}` are two runs", "`--mutants` by itself, which records the scores")
        from encoder.cli.mutants import verify_mutants

        root = None if store is None else store.root
        return verify_mutants(library, claimed, chosen, root=root, fresh=fresh, jobs=processes(jobs), timeout=timeout)
    tasks = tasks_of(library, chosen, timeout, opinions)
    workers = processes(jobs)
    with progress(total=len(tasks)) as shown:
        known = _decide(tasks, store, fresh=fresh, jobs=workers, memory=granted(memory, workers), shown=shown)
    if promote and store is not None:
        _promote(store, library, claimed)
    return _summary(chosen, known, unclaimed(claimed, chosen))


def _store(results: str | None) -> Store | None:
    """Where to record: the folder that was named, or the checkout that is the working directory."""
    if results is not None:
        if Path(results).exists() and not Path(results).is_dir():
            give_up(f"`--results {results}` is no folder")
        return Store(Path(results))
    return Store(Path("proofs")) if Path("proofs/obligations").is_dir() else None


@dataclass(frozen=True, slots=True)
class Known:
    """An obligation with what was found for it; `old` if it was recorded before."""

    record: Record
    old: bool


def _decide(
    tasks: tuple[Task, ...], store: Store | None, *, fresh: bool, jobs: int, memory: int | None, shown: Progress
) -> dict[str, Known]:
    """What is found for each obligation, recorded as soon as it is known and shown in the order of the tasks."""
    known: dict[str, Known] = {}
    for task in tasks:
        record = store.read(task.obligation) if store is not None and not fresh else None
        if record is not None and record.digest == task.digest and answers(record, task.question):
            known[task.obligation.id] = Known(record, old=True)
    todo = _in_order(task for task in tasks if task.obligation.id not in known)
    order = [task.obligation for task in tasks]
    told = _tell(order, known, 0, shown)
    with closing(run(todo, jobs=jobs, memory=memory)) as events:
        for event in events:
            match event:
                case Started(task=task):
                    shown.started(task.obligation.id)
                case Waiting():
                    shown.waiting()
                case Finished(task=task):
                    shown.ended(task.obligation.id)
                    known[task.obligation.id] = Known(_recorded(event, store), old=False)
                    told = _tell(order, known, told, shown)
    return known


def _in_order(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks as they are started: of each claim the weakest memory model, which takes longest, first. Claims keep
    their order, so that what is shown in that order waits for little."""
    models = list(MODELS)
    claims: dict[tuple[str, ...], list[Task]] = {}
    for task in tasks:
        claims.setdefault(task.obligation.entry, []).append(task)
    return tuple(
        task
        for claim in claims.values()
        for task in sorted(claim, key=lambda each: models.index(each.obligation.model), reverse=True)
    )


def _tell(order: list[Obligation], known: dict[str, Known], told: int, shown: Progress) -> int:
    """Show what is known as far as nothing before it is missing; how many have been shown then."""
    while told < len(order) and order[told].id in known:
        found = known[order[told].id]
        shown.result(order[told], found.record, old=found.old)
        told += 1
    return told


def _recorded(event: Finished[Task, Report], store: Store | None) -> Record:
    """Raises InputError or SelfCheckError for an outcome that is no answer."""
    task, obligation = event.task, event.task.obligation
    match event.outcome:
        case Report() as report:
            if store is not None:
                return store.keep(obligation, report, task.digest)
            return record_of(obligation, report, digest=task.digest, witness="")
        case Lost(reason=reason, reached=reached):
            return _undecided(task, store, reason, reached)
        case Failed(reason=reason):
            return _undecided(task, store, reason)
        case Refused(problems=problems):
            raise InputError(problems)
        case Disagreed(message=message):
            raise SelfCheckError(f"{obligation.id}: {message}")


def _undecided(task: Task, store: Store | None, reason: str, reached: str = "") -> Record:
    record = undecided(task.obligation, reason, digest=task.digest, reached=reached)
    if store is not None:
        store.keep_record(task.obligation, record)
    return record


def _promote(store: Store, library: Library, claimed: tuple[Obligation, ...]) -> None:
    from encoder.cli.mutants import page_of, prune, unscored, wanted_scores
    from encoder.ledger.page import page

    store.prune(claimed)
    records = store.read_all(claimed)
    wanted = wanted_scores(claimed, records)
    prune(store.root, wanted)
    titles = {each.name: each.title for each in library.properties}
    write_whole(store.root / "README.md", page(claimed, records, titles) + page_of(store.root, wanted))
    if missing := unscored(store.root, wanted):
        names = ", ".join(each.id for each in missing[:3]) + (", …" if len(missing) > 3 else "")
        print(f"not scored ({len(missing)}): {names}; until `verify --mutants` does, survivors.yaml is not checked")


def _behind(records: list[Record]) -> str:
    """`behind them: replay 305, explorer 505 …`, where somebody was asked."""
    if not any(record.opinions for record in records):
        return ""
    who = [agreeing(record) for record in records]
    counts = [f"{name} {count}" for name in LETTERS if (count := sum(name in each for each in who))]
    return f"behind them: {', '.join([*counts, f'nobody {sum(not each for each in who)}'])}\n"


def _checked(records: list[Record]) -> str:
    """`checks of 143 programs: no deadlock, nothing held at the end`, with what else was found."""
    asked = [record.checks for record in records if record.checks is not None]
    if not asked:
        return ""
    deadlocks, held = sum(bool(each.deadlock) for each in asked), sum(bool(each.held) for each in asked)
    told = [f"{deadlocks} with a deadlock" if deadlocks else "no deadlock"]
    told.append(f"{held} with something held at the end" if held else "nothing held at the end")
    counts = {
        "not decided": sum(bool(each.undecided) for each in asked),
        "with steps never reached": sum(bool(each.unreached or each.elsewhere) for each in asked),
    }
    told += [f"{count} {what}" for what, count in counts.items() if count]
    if untouched := sum(record.untouched for record in records):
        told.append(f"{untouched} verdicts about what no thread changes")
    return f"checks of {len(asked)} program{'s' * (len(asked) != 1)}: {', '.join(told)}\n"


def _repeated(known: Collection[Known]) -> str:
    """`3 of 3 repeat what is recorded: --fresh asks again`, where any does."""
    old = sum(each.old for each in known)
    return f"{old} of {len(known)} repeat what is recorded: --fresh asks again\n" if old else ""


def _summary(chosen: Collection[Obligation], known: Mapping[str, Known], holes: dict[str, int]) -> int:
    """The last lines, with what is not claimed by memory model; the exit code of the worst standing."""
    answered = {each.id: known[each.id] for each in chosen}
    found = [standing(each, answered[each.id].record) for each in chosen]
    line = f"{found.count('expected')}/{len(found)} as expected"
    for word in ("unexpected", "undecided"):
        if word in found:
            line += f", {found.count(word)} {word}"
    if missing := [(model.upper(), count) for model, count in holes.items() if count]:
        (model, count), *more = missing
        line += f"; {count} not claimed under {model}" + "".join(f", {n} under {other}" for other, n in more)
    records = [each.record for each in answered.values()]
    sys.stdout.write(f"{_checked(records)}{line}\n{_behind(records)}{_repeated(answered.values())}")
    return next((CODES[word] for word in ("unexpected", "undecided") if word in found), exits.OK)
