"""The verdict on one property: what is asked of interleavings, of a model's executions, and the schedule to show."""

import time
from dataclasses import dataclass
from typing import Protocol

from encoder.base.limits import part_of
from encoder.base.result import Refuted, Report, Unknown
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.memory import MODELS
from encoder.program.core import Site
from encoder.program.indices import unclear_srcu_end
from encoder.smt.axiomatic.encode import encode_executions
from encoder.smt.encode import graph_for
from encoder.smt.encoding import Encoding
from encoder.smt.interleaving.encode import encode_interleavings
from encoder.smt.solvers.z3_solver import Session
from encoder.verify.case import Case, Clock, gave_up
from encoder.verify.counterexample import Counterexample
from encoder.verify.decision import Broken, Decider, Decision, QueryResult


class Writes(Protocol):
    """What takes text."""

    def write(self, text: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """A report, and the solver's answers that its verdict rests on."""

    report: Report
    rests_on: tuple[QueryResult, ...] = ()


def decide(case: Case, dump: Writes | None = None) -> Decided:
    """The verdict with its evidence; `dump` gets the SMT-LIB text of the property.

    Under a model weaker than sequential consistency an interleaving that breaks the property is looked for first (see
    `Question.interleavings`): it is an execution of the weaker model too, which the model's axioms are asked about.

    So it is where grace periods wait, too. Take an interleaving with the rule of `graph.waits`. Of a section that had
    ended when the grace period did say that the section comes first, of any other that the grace period does; that one
    had begun by then, or not before the grace period had. With the begins and ends where they stand in the interleaving
    all that the law of RCU then adds (smt/axiomatic/grace_periods.py) goes forward in it, as all that the model orders
    does: what comes before the section's end is before what follows the grace period's, what comes before the grace
    period's begin is before what follows the section's. So there is no cycle, whatever the model. Only where an
    interleaving cannot tell which section of SRCU ends (program/indices.py) none is looked for.
    """
    case.tell(case.loaded_only())
    graph = build(case.program, case.question.loops)
    unclear = unclear_srcu_end(case.program)
    if unclear is not None and not case.model.dependent:
        return _unclear(case, graph, unclear)
    if case.model.total:
        return by_interleavings(case, graph, dump)
    if case.question.interleavings and case.model.interleaves and dump is None and unclear is None:
        found = by_interleavings(case, graph)
        if isinstance(found.report.verdict, Refuted):
            return found
    return by_executions(case, graph, dump)


def by_interleavings(case: Case, graph: Graph, dump: Writes | None = None) -> Decided:
    """The answer under sequential consistency."""
    clock = Clock(start=time.monotonic())
    among = "" if case.model.total else "of interleavings alone: "
    case.tell(clock.progress(case, graph, among + _unbuilt(graph)))
    encoding = encode_interleavings(graph, case.property, case.question.depth)
    clock = clock.at_built()
    _dump(encoding, dump)
    decision = Decider(case, graph, encoding, clock, among=among).decide()
    if not isinstance(decision.found, Broken):
        return Decided(case.report(decision.progress, decision.found), decision.rests_on)
    drawn = Counterexample(case.program, case.property, case.question)
    witness, flags = drawn.interleaved(encoding, _session(case, encoding), decision.found.model)
    return _refuted(case, decision, clock, Refuted(witness=witness), flags)


def by_executions(case: Case, graph: Graph, dump: Writes | None = None) -> Decided:
    """The answer under a weak model."""
    clock = Clock(start=time.monotonic())
    interleavings = graph if case.model.interleaves and not unclear_srcu_end(case.program) else None
    graph = graph_for(graph, case.model, case.question.loops)
    case.tell(clock.progress(case, graph, _unbuilt(graph)))
    try:
        encoding = encode_executions(graph, case.model, case.property, case.question.depth, case.deadline)
    except TimeoutError as late:
        progress = clock.progress(case, graph, f"{late}; the solver was not asked")
        return Decided(case.report(progress, gave_up(progress, "timeout")))
    clock = clock.at_built()
    _dump(encoding, dump)
    decision = Decider(case, graph, encoding, clock, interleavings=interleavings).decide()
    if not isinstance(decision.found, Broken):
        return Decided(case.report(decision.progress, decision.found), decision.rests_on)
    drawn = Counterexample(case.program, case.property, case.question)
    witness, flags = drawn.weak(encoding, graph, _session(case, encoding), decision.found.model)
    return _refuted(case, decision, clock, Refuted(witness=witness), flags)


def not_told(model: str, site: Site) -> str:
    """What a model without dependencies cannot say of the end of a section of SRCU."""
    return f"under {MODELS[model].title} it is not known which SRCU section ends at {'/'.join(site.path)}: {site.event}"


def _unclear(case: Case, graph: Graph, site: Site) -> Decided:
    """No answer: it is not told which section of SRCU a step ends."""
    reached = f"{len(graph.events)} events were built; the solver was not asked"
    able = [name for name, model in MODELS.items() if model.dependent]
    instead = f"; or ask for --model {able[0]}, which follows the index everywhere" if able else ""
    verdict = Unknown(
        reason=not_told(case.question.model, site), reached=reached,
        advice="pass srcu_read_unlock() what srcu_read_lock() returned in the same thread, kept in local variables "
        f"alone, and access the srcu_struct by these two only{instead}",
    )  # fmt: skip
    return Decided(case.report(Clock(start=time.monotonic()).progress(case, graph, reached), verdict))


def _refuted(case: Case, decision: Decision, clock: Clock, verdict: Refuted, flags: tuple[str, ...]) -> Decided:
    return Decided(case.report(clock.on(decision.progress), verdict, flags), decision.rests_on)


def _session(case: Case, encoding: Encoding) -> Session:
    """For what makes a schedule short."""
    return Session(encoding.text, part_of(case.deadline, case.shortening))


def _dump(encoding: Encoding, dump: Writes | None) -> None:
    if dump is not None:
        dump.write(f"{encoding.text}(check-sat-assuming ({encoding.goals['violation']}))\n")


def _unbuilt(graph: Graph) -> str:
    return f"{len(graph.events)} events were built, but not their constraints"
