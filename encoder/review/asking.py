"""A draft put to the question: every property of every scenario that runs what it touches, compared with the base."""

import time
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from encoder.base.catalog import listing, shipped
from encoder.base.errors import InputError
from encoder.base.pool import Pool, Started
from encoder.base.result import Question
from encoder.ledger.ask import Answered, decide, known
from encoder.ledger.cache import Cache
from encoder.ledger.digest import digest
from encoder.ledger.obligation import Expected, Obligation, load_obligations
from encoder.ledger.place import platforms
from encoder.ledger.record import PROVED, Record
from encoder.ledger.run import Task
from encoder.program.core import Program
from encoder.program.kernels import flush_in, threads_for_kernel
from encoder.program.resolve import resolve
from encoder.program.variant import PatchedKernel, apply_variant
from encoder.spec.model import Library, Platform, Scenario, Variant
from encoder.spec.walk import called_functions

Comparison = Literal["worse", "better", "same", "undecided"]
QUESTION = 60.0
"""Seconds that one question may take."""
LEAST = 1.0
"""Seconds for which a question is still worth asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A property on a platform: what is `found` for the draft, and what holds for the base, as `claimed` in the ledger
    or found. `beside` are deadlocks and what is held at the end, which the base does not have."""

    scenario: str
    property: str
    platform: str
    model: str
    base: str
    claimed: bool
    found: Record
    outcome: Comparison
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """This is being asked now."""

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Of a scenario these questions are asked, each a property and a platform."""

    scenario: str
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfTime:
    """The time was over before this many questions of the scenarios had an answer."""

    scenarios: tuple[str, ...]


AskingEvent = Compared | Begun | Planned | OutOfTime


class Inquiry:
    """Asks about a draft. `chosen` platforms, or all; `seconds` for all questions together."""

    def __init__(
        self, library: Library, draft: Variant, *, chosen: Sequence[str], seconds: float, memory: int | None, pool: Pool
    ) -> None:
        self.library = replace(library, variants=(*library.variants, draft))
        self.draft = draft
        assert draft.base is not None
        self.base = draft.base
        self.platforms = [each for name, each in platforms().items() if not chosen or name in chosen]
        self.ends = time.monotonic() + seconds
        self.memory, self.pool = memory, pool
        self.cache = Cache()

    def ask(self) -> Iterator[AskingEvent]:
        """The answers as they come, scenario by scenario."""
        wanted = running_scenarios(self.library, self.draft)
        for number, scenario in enumerate(wanted):
            if self._left() < LEAST:
                yield OutOfTime(scenarios=tuple(each.name for each in wanted[number:]))
                return
            yield from self._scenario(scenario)

    def _left(self) -> float:
        return self.ends - time.monotonic()

    def _scenario(self, scenario: Scenario) -> Iterator[AskingEvent]:
        programs = {flush: self._program(scenario, self.draft.name, flush) for flush in self._flushes()}
        if any(each is None for each in programs.values()):
            return
        tasks = [*self._tasks(scenario, self.draft.name, programs)]
        yield Planned(scenario=scenario.name, questions=tuple(_key(each.obligation) for each in tasks))
        claims = {(each.property, each.platform): each for each in _claims(scenario.name) if each.variant == self.base}
        unclaimed = [each for each in tasks if _key(each.obligation) not in claims]
        based = [*self._based(scenario, unclaimed)]
        new = {_key(each.obligation) for each in unclaimed} - {_key(each.obligation) for each in based}
        bases: dict[tuple[str, str], Record] = {}
        ended = False
        for event in self._answers([*based, *tasks]):
            match event:
                case Begun():
                    yield event
                case Answered(task=task, record=record) if task.obligation.variant == self.base:
                    bases[_key(task.obligation)] = record
                case Answered(task=task, record=record):
                    key = _key(task.obligation)
                    yield _compared(task.obligation, record, claims.get(key), bases.get(key), new=key in new)
                case None:
                    ended = True
        if ended:
            yield OutOfTime(scenarios=(scenario.name,))

    def _flushes(self) -> list[str]:
        return [*dict.fromkeys(flush_in(each, self._kernel) for each in self.platforms)]

    @property
    def _kernel(self) -> str:
        return apply_variant(self.library, self.base).kernel

    def _program(self, scenario: Scenario, variant: str, flush: str) -> Program | None:
        """None where the scenario is none of this kernel."""
        try:
            resolve(self.library, scenario.name, self.base, flush)
        except InputError:
            return None
        return resolve(self.library, scenario.name, variant, flush)

    def _tasks(self, scenario: Scenario, variant: str, programs: dict[str, Program | None]) -> Iterator[Task]:
        """Every property on every platform; what verdicts take for granted is asked with the first property."""
        first = next(each for each in programs.values() if each is not None)
        names = [each.name for each in first.properties]
        for asked in [name for name in scenario.properties if name in names] + [n for n in names if n == "assertions"]:
            for platform in self.platforms:
                program = programs[flush_in(platform, self._kernel)]
                assert program is not None
                yield self._task(program, asked, platform, checks=asked == scenario.properties[0])

    def _task(self, program: Program, asked: str, platform: Platform, *, checks: bool) -> Task:
        interleavings = any(
            each.interleavings
            for each in _claims(program.scenario)
            if (each.variant, each.property) == (self.base, asked)
        )
        question = Question(
            scenario=program.scenario, variant=program.variant, property=asked, platform=platform.name,
            model=platform.model, flush=program.flush, timeout=QUESTION, interleavings=interleavings, checks=checks,
        )  # fmt: skip
        obligation = Obligation.asking(question)
        return Task(obligation=obligation, program=program, question=question, digest=digest(program, question))

    def _based(self, scenario: Scenario, tasks: Iterable[Task]) -> Iterator[Task]:
        """The same questions of the base, as far as it has the property: the assertions may all be the draft's."""
        programs = {}
        for each in tasks:
            flush = each.question.flush
            if flush not in programs:
                programs[flush] = resolve(self.library, scenario.name, self.base, flush)
            platform, asked = platforms()[each.question.platform], each.question.property
            if any(own.name == asked for own in programs[flush].properties):
                yield self._task(programs[flush], asked, platform, checks=False)

    def _answers(self, tasks: Sequence[Task]) -> Iterator[Begun | Answered | None]:
        """What is kept of earlier, and then what is found; None where time is over before all is answered."""
        kept = known(tasks, self.cache)
        yield from kept
        answered = {each.task.obligation.id for each in kept}
        limited = [
            replace(each, question=replace(each.question, timeout=min(QUESTION, self._left())))
            for each in tasks
            if each.obligation.id not in answered
        ]
        with closing(decide(limited, self.cache, pool=self.pool, memory=self.memory)) as events:
            for event in events:
                match event:
                    case Started(task=task):
                        asked = task.obligation
                        yield Begun(what=f"{asked.scenario}, {asked.property} on {asked.place}")
                    case Answered():
                        yield event
                if self._left() <= 0 and not isinstance(event, Answered):
                    yield None
                    return


def running_scenarios(library: Library, draft: Variant) -> list[Scenario]:
    """Those that run what a draft, which is in the library, touches, nearest first: those that run most of it, of which
    the ledger asks the most variants that touch the same, and that run little else. Raises InputError for a draft that
    does not fit."""
    kernel = apply_variant(library, draft.name)
    touched = {edit.procedure for edit in draft.edits}
    reached = {each.name: reached_procedures(each, kernel) for each in library.scenarios}
    running = [each for each in library.scenarios if reached[each.name] & touched]

    changing = {each.name for each in library.variants if touched & {edit.procedure for edit in each.edits}}
    alike = {each.name: len({claim.variant for claim in _claims(each.name)} & changing) for each in running}

    most = max(alike.values(), default=0)

    def far(each: Scenario) -> tuple[int, bool, int, int, str]:
        own = len(reached[each.name] & touched)
        return -own, alike[each.name] < most, len(reached[each.name]), len(each.threads), each.name

    return sorted(running, key=far)


def reached_procedures(scenario: Scenario, kernel: PatchedKernel) -> frozenset[str]:
    """The procedures that the threads of a scenario call, directly or not."""
    known = {each.name: each for each in kernel}
    todo = {name for thread in threads_for_kernel(scenario, kernel.kernel) for name in called_functions(thread)}
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            found.add(name)
            todo |= called_functions(known[name].steps)
    return frozenset(found)


@cache
def _claims(scenario: str) -> tuple[Obligation, ...]:
    """What the ledger claims of a scenario."""
    entries = listing(shipped("proofs/obligations"), "proofs/obligations")
    return load_obligations(tuple(each for each in entries if each.stem == scenario))


def _key(obligation: Obligation) -> tuple[str, str]:
    return obligation.property, obligation.platform


UP_TO_BOUNDS = (*PROVED, "open loops")
"""Proved, for as many rounds as loops are given at least."""


def _compared(
    obligation: Obligation, record: Record, claim: Obligation | None, base: Record | None, *, new: bool
) -> Compared:
    """What was found against the claim about the base, or else what was found of the base, which breaks no property
    that is `new`."""
    found = base.found if base is not None else "complete" if new else "unknown"
    before: str | Expected = claim.expect if claim is not None else found
    granted: Set[str] = {each.found for each in claim.granted} if claim is not None else set()
    beside = _beside(record, granted)
    return Compared(
        scenario=obligation.scenario, property=obligation.property, platform=obligation.platform,
        model=obligation.model, base=before, claimed=claim is not None, found=record,
        outcome="worse" if beside else outcome_of(before, record.found), beside=beside,
    )  # fmt: skip


def _beside(record: Record, granted: Set[str]) -> tuple[str, ...]:
    """What was found beside the verdict and is not known of the base."""
    if record.checks is None:
        return ()
    found = (("deadlock", record.checks.deadlock), ("held", record.checks.held))
    return tuple(f"{kind}: {shown}" for kind, shown in found if shown and kind not in granted)


def outcome_of(before: str, after: str) -> Comparison:
    """How what is found of a patch compares with what is known of its base, both in the ledger's words. A proof with
    open loops is one of as many rounds as there were."""
    if after == before:
        return "same" if after != "unknown" else "undecided"
    if after == "refuted":
        return "worse" if before in (*UP_TO_BOUNDS, "vacuous") else "undecided"
    if before == "refuted":
        return "better" if after in PROVED else "undecided"
    return "same" if before in UP_TO_BOUNDS and after in PROVED else "undecided"
