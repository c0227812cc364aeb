"""The solver's facts as lines of the specs, in words for people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from encoder.explanation.reasons import CoreLine, InitialValue, Reason
from encoder.graph.events import EventKind, Graph
from encoder.memory import MODELS
from encoder.program.core import PATCHED, Program, Site
from encoder.smt.text.selectors import Fact, Topic, WrittenStep, step_of
from encoder.smt.thread_symmetry import identical_threads

TAGS = {
    "Acquire": "acquire", "Release": "release", "Mb": "smp_mb()", "full": "full barrier",
    "flush": "the flush's barriers", "Rmb": "smp_rmb()", "Wmb": "smp_wmb()",
    "Before-atomic": "smp_mb__before_atomic()", "After-atomic": "smp_mb__after_atomic()",
    "After-spinlock": "smp_mb__after_spinlock()", "After-unlock-lock": "smp_mb__after_unlock_lock()",
    "After-srcu-read-unlock": "smp_mb__after_srcu_read_unlock()", "Barrier": "barrier()",
    "A": "acquire", "Q": "acquire", "L": "release", **{f"{name} {kind}": f"{name} {kind}" for name in ("DMB", "DSB")
    for kind in ("ISH", "ISHLD", "ISHST")},
    "LKR": "the lock's acquire", "UL": "the unlock's release", "Locked": "locked even where it fails",
}  # fmt: skip
DEPENDENCIES = {"addr": "address dependency", "data": "data dependency", "ctrl": "control dependency"}


@dataclass(slots=True)
class StepPlace:
    """The position of a step: the first one in the first thread that has it, and its first site in each thread."""

    position: tuple[int, int, int]
    sites: dict[str, Site] = field(default_factory=dict)
    locks: bool = False


def step_places(graph: Graph) -> dict[WrittenStep, StepPlace]:
    """The positions of the specs' steps that a graph contains."""
    classes = identical_threads(graph.program.threads)
    found: dict[WrittenStep, StepPlace] = {}
    for number, thread in enumerate(graph.threads):
        sites = [(number, s.index, 1, s.site) for s in thread.steps] + [
            (number, t.after, 0, t.site) for t in thread.tests
        ]
        for *position, site in sorted(sites, key=lambda each: each[:3]):
            place = found.setdefault(step_of(site, classes), StepPlace((position[0], position[1], position[2])))
            place.sites.setdefault(site.thread, site)
    for event in graph.events:
        if event.kind is EventKind.ACQUIRE:
            found[step_of(event.step.site, classes)].locks = True
    return found


def lines_of(graph: Graph, facts: Iterable[Fact], model: str) -> tuple[CoreLine, ...]:
    """The steps that facts are about, by thread and in the order of the code."""
    about: dict[WrittenStep, list[Fact]] = {}
    for fact in sorted(facts):
        if fact.topic is not Topic.START:
            about.setdefault(fact.step, []).append(fact)
    known = step_places(graph)
    ordered = sorted(about, key=lambda step: known[step].position)
    return tuple(_line(known[step], about[step], model, graph.program.kernel) for step in ordered)


def _line(place: StepPlace, facts: list[Fact], model: str, kernel: str) -> CoreLine:
    site = next(iter(place.sites.values()))
    order = list(Topic)
    reasons = tuple(
        Reason(kind=f.topic.value, detail=f.detail, words=words(f, model, locks=place.locks))
        for f in sorted(facts, key=lambda f: (order.index(f.topic), f.detail))
    )
    return CoreLine(
        threads=tuple(place.sites), procedure=site.procedure, label=site.label, text=site.text,
        source=source_of(site, kernel), file=site.span.file,
        line=site.span.line, patched=site.patched, reasons=reasons,
    )  # fmt: skip


def source_of(site: Site, kernel: str) -> str:
    """The kernel file and function of a step, without the version where it is the program's own."""
    source = site.source.removesuffix(PATCHED) if site.patched else site.source
    return source.removesuffix(f" {kernel}")


def initial_values_of(program: Program, facts: Iterable[Fact]) -> tuple[InitialValue, ...]:
    """The initial values that facts are about."""
    named = {fact.detail for fact in facts if fact.topic is Topic.START}
    found = []
    for cell in program.cells:
        if str(cell.name) in named:
            span = cell.given or cell.span
            found.append(InitialValue(location=str(cell.name), text=cell.text or "0", file=span.file, line=span.line))
    return tuple(found)


def words(fact: Fact, model: str, *, locks: bool) -> str:
    """What a fact says about its step; `locks`: the step takes a lock."""
    match fact.topic:
        case Topic.READS:
            return "waits for the lock" if locks else "reads"
        case Topic.WRITES:
            return "writes"
        case Topic.TEST:
            return "test"
        case Topic.ATOMIC:
            return "excludes others" if locks else "atomic"
        case Topic.ORDER:
            return "order"
        case Topic.BARRIER:
            return TAGS[fact.detail]
        case Topic.DEPENDENCY:
            return DEPENDENCIES[fact.detail]
        case Topic.RMW:
            return "locked: a full barrier" if MODELS[model].rmw_is_full_barrier else "passes on what it reads"
        case Topic.WAITS:
            return "waits for the open sections"
        case Topic.START:
            return "start"
        case _:
            assert_never(fact.topic)
