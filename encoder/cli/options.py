"""The words of a command line against what there is; all mistakes at once, each with the nearest known name."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cmp_to_key
from math import inf
from typing import Annotated, NoReturn, get_args

import typer

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.limits import UNITS, share, size, size_words
from encoder.base.pool import LocalPool, Pool
from encoder.base.result import SHORTCUTS, Question, Who
from encoder.cli.help import BELIEF
from encoder.memory import MODELS
from encoder.program.kernels import VERSION, is_earlier
from encoder.spec.load import document_names, load_library, properties_of_scenario
from encoder.spec.load_primitives import FLUSHES

ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^/\s]+:\d+")
SECOND = ("cvc5",)
LEAST = 64 * UNITS["M"]
"""Bytes with which a process can decide anything."""
TRUST: dict[str, tuple[Who, ...]] = {"replay": (), "full": get_args(Who)}
TrustLevel = Annotated[
    str,
    typer.Option(
        "--trust",
        metavar="LEVEL",
        help="replay: schedules are replayed without the solver. full: every verdict is also checked by the explorer, "
        "a search of all states (under SC and TSO), by cvc5 and by a proof checker.",
        rich_help_panel=BELIEF,
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", metavar="N", help="Worker processes; 0 for one per core.")]
AsOneObject = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
KernelConfiguration = Annotated[
    str, typer.Option("--config", metavar="NAME", help="What decides the kernel's #ifdefs: x86-64, or a `.config`.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Let the workers of the dask scheduler at tcp://HOST:PORT decide, or with `local` those of a cluster of "
        "this machine's own.",
        show_default=False,
    ),
]
SecondSolver = Annotated[
    str | None,
    typer.Option(
        "--second-solver",
        metavar="NAME",
        help="Ask this solver the same questions again: cvc5.",
        show_default=False,
        rich_help_panel=BELIEF,
    ),
]


def unknown(kind: str, word: str, known: Iterable[str]) -> list[Problem]:
    """The problem that `word` names no `kind`; none if it is known."""
    words = sorted(known)
    if word in words:
        return []
    near = nearest(word, words)
    expected = "" if near else _listing(words)
    return [Problem(code="C101", message=f"there is no {kind} `{word}`", span=None, expected=expected, nearest=near)]


def usage(message: str, expected: str = "") -> Problem:
    """A mistake on the command line that is no misspelt name."""
    return Problem(code="C102", message=message, span=None, expected=expected)


def give_up(message: str, expected: str = "") -> NoReturn:
    """Raise InputError with one mistake."""
    raise InputError([usage(message, expected)])


def questions(
    *,
    scenario: str,
    variant: str | None,
    property: str | None,
    platforms: Sequence[str],
    model: str | None,
    flush: str | None,
    models: Sequence[str],
    depth: int | None,
    loops: int,
    timeout: float,
    memory: str | None = None,
    jobs: int = 0,
    without: Sequence[str] = (),
) -> tuple[Question, ...]:
    """The questions that the words ask: on these platforms, or on all, strongest first; with a `model` or a `flush`
    about no machine, under the `models` if only the flush is named. Without a property it is the scenario's first,
    without a variant the newest kernel, which is said. `memory` and `jobs` are only looked at.

    Raises InputError with every word that names nothing.
    """
    variants = document_names("variants")
    problems = unknown("scenario", scenario, document_names("scenarios"))
    if variant is not None:
        problems += unknown("variant", variant, variants)
    if property is not None:
        problems += unknown("property", property, document_names("properties"))
    problems += _place(platforms, model, flush)
    problems += [problem for name in without for problem in unknown("shortcut", name, SHORTCUTS)]
    problems += _numbers(depth, loops) + costs(timeout, memory, jobs)
    if problems:
        raise InputError(problems)
    if variant is None:
        variant = newest_kernel(variants)
        print(f"variant: {variant}, the newest kernel (--variant names another)", file=sys.stderr)
    asked = Question(
        scenario=scenario,
        variant=variant,
        property=property or _first_property(scenario, variant),
        depth=depth,
        loops=loops,
        timeout=timeout,
        without=tuple(without),
    )
    if model is None and flush is None:
        from encoder.verify.platforms import all_platforms, asked_of

        return asked_of(asked, [each for each in all_platforms() if not platforms or each.name in platforms])
    chosen = models if model is None else (model,)
    return tuple(replace(asked, model=each, flush=flush or FLUSHES[0]) for each in chosen)


def one_question(
    *, platform: str | None, model: str | None, flush: str | None, scenario: str, variant: str | None,
    property: str | None, loops: int, timeout: float, jobs: int = 0,
) -> Question:  # fmt: skip
    """As `questions`, of one platform: the strongest if none is named. Raises InputError."""
    strongest = ("sc",) if model is None and flush is None else ()
    (asked,) = questions(
        platforms=strongest if platform is None else (platform,), model=model, flush=flush, models=("sc",),
        scenario=scenario, variant=variant, property=property, depth=None, loops=loops, timeout=timeout, jobs=jobs,
    )  # fmt: skip
    return asked


def _place(platforms: Sequence[str], model: str | None, flush: str | None) -> list[Problem]:
    """The problems of what names a platform, or a memory model and a kind of flush."""
    problems = [problem for name in platforms for problem in unknown("platform", name, document_names("platforms"))]
    problems += [] if model is None else unknown("memory model", model, MODELS)
    problems += [] if flush is None else unknown("kind of flush", flush, FLUSHES)
    if platforms and (model or flush):
        beside = " and ".join(name for name, word in (("`--model`", model), ("`--flush`", flush)) if word)
        problems.append(usage(f"{beside} cannot stand beside `--platform`, which has both", "one or the other"))
    return problems


def newest_kernel(variants: Iterable[str]) -> str:
    """The latest of the variants that are called as a kernel version; one of them must be."""
    return max((each for each in variants if VERSION.fullmatch(each)), key=cmp_to_key(_compared))


def _compared(one: str, other: str) -> int:
    return is_earlier(other, one) - is_earlier(one, other)


def _first_property(scenario: str, variant: str) -> str:
    """The first property that the scenario lists."""
    listed = (
        properties_of_scenario(scenario) or load_library(scenario=scenario, variant=variant).scenarios[0].properties
    )
    return listed[0]


def costs(timeout: float, memory: str | None, jobs: int = 0) -> list[Problem]:
    """The problems of what answers may cost: `timeout` seconds, `memory` as typed, each of `jobs` processes."""
    problems = (
        [usage(f"`--jobs {jobs}` is no number of processes", "1 or more, or 0 for one per core")] if jobs < 0 else []
    )
    if memory is None and jobs > 0 and (each := share(jobs)) is not None and each < LEAST:
        message = f"`--jobs {jobs}` leaves each process {size_words(each)} of memory"
        problems.append(usage(message, "fewer, or `--memory` for each"))
    if not 0 < timeout < inf:
        problems.append(usage(f"`--timeout {timeout:g}` is no time limit", "seconds, more than 0"))
    if memory is not None and size(memory) is None:
        problems.append(usage(f"`--memory {memory}` is no size", "a number above 0 with its unit: 500M, 2G, 1.5T"))
    return problems


def others(trust: str, second_solver: str | None) -> tuple[Who, ...]:
    """Who is asked besides the solver, by `--trust` and `--second-solver`. Raises InputError."""
    problems = unknown("level of trust", trust, TRUST)
    if second_solver is not None:
        problems += unknown("second solver", second_solver, SECOND)
    if problems:
        raise InputError(problems)
    return tuple(who for who in get_args(Who) if who in TRUST[trust] or who == second_solver)


def granted(memory: str | None, processes: int) -> int | None:
    """The bytes that each of so many processes may have: what was typed, or its share of the machine's."""
    return share(processes) if memory is None else size(memory)


def processes(jobs: int) -> int:
    """The number of processes that `--jobs` means: 0 is one a core."""
    return jobs or os.cpu_count() or 1


@contextmanager
def pool_of(scheduler: str | None, jobs: int) -> Iterator[Pool]:
    """Who does the work: `--jobs` processes of this machine, or the cluster of `--scheduler`. Raises InputError."""
    if scheduler is None:
        yield LocalPool(processes(jobs))
        return
    from encoder.base.cluster import LOCAL, connected
    from encoder.ledger.digest import installed

    if scheduler != LOCAL and not ADDRESS.fullmatch(scheduler):
        give_up(f"`--scheduler {scheduler}` is no address", "tcp://HOST:PORT, or `local`")
    if scheduler != LOCAL and jobs:
        give_up("`--jobs` says nothing to a scheduler", "`dask worker --nworkers N` where the workers are started")
    with connected(scheduler, jobs=processes(jobs), fingerprint=installed) as pool:
        yield pool


def _numbers(depth: int | None, loops: int) -> list[Problem]:
    problems = []
    if depth is not None and depth < 1:
        problems.append(usage(f"`--depth {depth}` leaves no step", "1 or more"))
    if loops < 1:
        problems.append(usage(f"`--loops {loops}` leaves no round", "1 or more"))
    return problems


def _listing(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
