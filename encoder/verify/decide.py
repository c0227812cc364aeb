"""Decides one property: which executions are asked, in what order, and the counterexample to show."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from encoder.base.limits import part_of
from encoder.base.result import FEWER_THREADS, LAZY_CYCLES, Proved, Refuted, Report, Unknown, Vacuous
from encoder.graph.events import Graph
from encoder.memory import CHAIN, MODELS, of_interleavings
from encoder.program.arm64 import require_code
from encoder.program.core import Site
from encoder.program.indices import unclear_srcu_end
from encoder.smt.axiomatic.encode import AxiomaticEncoding, Modifications, encode_executions
from encoder.smt.encoding import Encoding
from encoder.smt.interleaving.encode import InterleavingEncoding, encode_interleavings
from encoder.smt.solvers.z3_solver import Session
from encoder.verify import fewer_threads
from encoder.verify.case import Case, Clock, unknown_for_time
from encoder.verify.counterexample import WitnessBuilder, shortest_interleaving
from encoder.verify.knowledge import BrokenInterleaving, KnownExecutions
from encoder.verify.queries import NONE_REACHED, Broken, Decider, Decision
from encoder.verify.query_result import QueryResult


class TextSink(Protocol):
    """Anything that text can be written to."""

    def write(self, text: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Decided:
    """A report, and the query results that its verdict rests on."""

    report: Report
    rests_on: tuple[QueryResult, ...] = ()


def decide(case: Case, dump: TextSink | None = None) -> Decided:
    """The verdict with its evidence; `dump` gets the SMT-LIB text of the property.

    Under a model weaker than sequential consistency an interleaving that violates the property is looked for first (see
    `Question.interleavings`): it is an execution of the weaker model too, and the replay checks it against the model's
    axioms. If it is known that none violates the property, none is looked for.

    That is also true with grace periods. Take an interleaving that meets the rule of `graph.waits`. For a section that
    had ended when the grace period ended, choose that the section comes first; for any other choose the grace period:
    by the rule the section did not begin before the grace period did. Leave the begins and ends where they are in the
    interleaving. Then every edge that the law of RCU adds (smt/axiomatic/grace_periods.py) goes forward in it, as every
    edge of the model's order does: what comes before the section's end is before what follows the grace period's end,
    or what comes before the grace period's begin is before what follows the section's begin. So there is no cycle,
    under any model. If interleavings cannot tell which SRCU section ends (program/indices.py), none is looked for.
    """
    case.tell(case.loaded_only())
    if case.model.instructions:
        require_code(case.program, case.model.title)
    graph = case.known.plain_graph()
    unclear = unclear_srcu_end(case.program)
    if unclear is not None and not case.model.uses_dependencies:
        return _unclear(case, graph, unclear)
    if dump is None and unclear is None:
        if (refuted := _by_known_schedule(case)) is not None:
            return refuted
        if (proof := _by_fewer_threads(case, graph)) is not None:
            return proof
    if case.model.total:
        return by_interleavings(case, graph, dump)
    if not case.model.allows_interleavings or unclear is not None:
        return by_executions(case, NONE_REACHED, dump)
    reached = None if case.question.depth is not None else case.known.unbroken.get(case.property)
    if reached is None and case.question.interleavings and dump is None:
        found = _refuted_or_reached(case, graph)
        if isinstance(found, Decided):
            return found
        reached = found
    elif reached is None:
        reached = (_known_decider(case) or _interleaving_decider(case, graph)).reached_goals()
    return by_executions(case, reached, dump)


def _refuted_or_reached(case: Case, graph: Graph) -> Decided | Mapping[str, QueryResult]:
    """The refutation by an interleaving, or what interleavings reach. (Their solver is left then, which takes as much
    memory as a third of what is built next.)"""
    decided, decider = _by_interleavings(case, graph)
    return decided if isinstance(decided.report.verdict, Refuted) else decider.reached_goals()


def _by_fewer_threads(case: Case, graph: Graph) -> Decided | None:
    """A proof for many identical threads at once, if it is wanted and found. Second opinions are asked of the whole
    program's proof."""
    if case.question.depth is not None or case.question.opinions or FEWER_THREADS in case.question.without:
        return None
    clock = Clock(start=time.monotonic())
    proof = fewer_threads.prove_by_fewer_threads(case, graph)
    if proof is None:
        return None
    report = case.report(clock.progress(case, graph, ""), proof.verdict, (proof.note,))
    return Decided(replace(report, unlimited=proof.unlimited))


def _by_known_schedule(case: Case) -> Decided | None:
    """The refutation by an interleaving that was found for another model."""
    known = case.known.broken.get(case.property)
    asked = case.model.total or (case.model.allows_interleavings and case.question.interleavings)
    if known is None or not asked or case.question.depth is not None:
        return None
    return _refuted_by(case, known)


def _interleaving_decider(case: Case, graph: Graph) -> Decider:
    """What asks the interleavings of a graph."""
    clock = Clock(start=time.monotonic())
    scope = "" if case.model.total else "of interleavings alone: "
    case.tell(clock.progress(case, graph, scope + _events_built(graph)))
    encoding = encode_interleavings(graph, case.property, case.question.depth)
    return Decider(case, graph, encoding, clock.at_built(), scope=scope)


def by_interleavings(case: Case, graph: Graph, dump: TextSink | None = None) -> Decided:
    """The decision over interleavings: the verdict under sequential consistency, else only a counterexample counts. For
    what is known of them see `_by_known`."""
    return _by_interleavings(case, graph, dump)[0]


def _by_interleavings(case: Case, graph: Graph, dump: TextSink | None = None) -> tuple[Decided, Decider]:
    """The same, with who was asked."""
    known = None if dump is not None else _known_decider(case)
    if known is not None and (proof := _by_known(case, known)) is not None:
        case.known.unbroken[case.property] = known.reached_goals()
        return proof, known
    decider = _interleaving_decider(case, graph)
    _dump(decider.encoding, dump)
    decision, encoding = decider.decide(), decider.encoding
    assert isinstance(encoding, InterleavingEncoding)
    if isinstance(decision.outcome, Proved | Vacuous) and case.question.depth is None:
        case.known.unbroken[case.property] = decider.reached_goals()
    if not isinstance(decision.outcome, Broken):
        return Decided(case.report(decision.progress, decision.outcome), decision.rests_on), decider
    schedule = shortest_interleaving(encoding, _session(case, decider), decision.outcome.model)
    broken = BrokenInterleaving(schedule, decision.rests_on, decider.clock.updated(decision.progress))
    if schedule.shortest and case.question.depth is None:
        case.known.broken[case.property] = broken
    return _refuted_by(case, broken), decider


def _known_decider(case: Case) -> Decider | None:
    """What asks the interleavings that are encoded for all properties of the program; None if that is not wanted."""
    clock = Clock(start=time.monotonic())
    try:
        known = case.known.executions(case.question, of_interleavings(), case.deadline)
    except TimeoutError:
        return None
    if known is None:
        return None
    solver = known.solver(case.deadline)
    return Decider(case, known.graph, known.about(case.property), clock.at_built(), solver=solver)


def _by_known(case: Case, decider: Decider) -> Decided | None:
    """A proof that needs no encoding of its own. None if there is none: interleavings that break the property are
    encoded for it alone, since only that is written in the words in which schedules are made short."""
    try:
        decision = decider.decide()
    except MemoryError:
        case.known.forget()
        raise
    if isinstance(decision.outcome, Broken | Unknown):
        return None
    return Decided(case.report(decision.progress, decision.outcome), decision.rests_on)


def by_executions(case: Case, reached: Mapping[str, QueryResult], dump: TextSink | None = None) -> Decided:
    """The decision over the executions of a weak model; `reached` as in `Decider`."""
    clock = Clock(start=time.monotonic())
    graph = case.known.model_graph(case.model)
    case.tell(clock.progress(case, graph, _events_built(graph)))
    try:
        known = None if dump is not None else case.known.executions(case.question, case.model, case.deadline)
        if known is not None:
            return _by_known_executions(case, known, clock.at_built(), reached)
        changed = Modifications(eliminates=dump is not None or LAZY_CYCLES in case.question.without)
        encoding = encode_executions(graph, case.model, case.property, case.question.depth, case.deadline, changed)
    except TimeoutError as late:
        progress = clock.progress(case, graph, f"{late}; the solver was not asked")
        return Decided(case.report(progress, unknown_for_time(progress, "timeout")))
    _dump(encoding, dump)
    decider = Decider(case, graph, encoding, clock.at_built(), reached=reached)
    return _by_execution(case, decider, decider.decide())


def _by_known_executions(
    case: Case, known: KnownExecutions, clock: Clock, reached: Mapping[str, QueryResult]
) -> Decided:
    """The same by what is known of them. What breaks the property is looked for by a solver that was asked nothing
    before, so that the schedule does not depend on that."""
    asked, encoding = known.asked, known.about(case.property)
    decider = Decider(case, known.graph, encoding, clock, reached=reached, solver=known.solver(case.deadline))
    try:
        decision = decider.decide()
        if isinstance(decision.outcome, Broken) and asked:
            decider = Decider(
                case, known.graph, encoding, clock, reached=reached, solver=known.new_solver(case.deadline)
            )
            decision = decider.decide()
    except MemoryError:
        case.known.forget()
        raise
    if isinstance(decision.outcome, Broken) and not asked:
        known.give_solver()
    return _by_execution(case, decider, decision)


def _by_execution(case: Case, decider: Decider, decision: Decision) -> Decided:
    """The decision over the executions of a weak model, with the schedule of one that breaks the property."""
    if not isinstance(decision.outcome, Broken):
        return Decided(case.report(decision.progress, decision.outcome), decision.rests_on)
    assert isinstance(decider.encoding, AxiomaticEncoding)
    builder, session = WitnessBuilder(case.program, case.property, case.question), _session(case, decider)
    witness, flags = builder.weak(decider.encoding, decider.graph, session, decision.outcome.model)
    progress = decider.clock.updated(decision.progress)
    return Decided(case.report(progress, Refuted(witness=witness), flags), decision.rests_on)


def unclear_section_end(model: str, site: Site) -> str:
    """The message that a model without dependencies cannot tell which SRCU section ends at this site."""
    return f"under {MODELS[model].title} it is not known which SRCU section ends at {'/'.join(site.path)}: {site.event}"


def _unclear(case: Case, graph: Graph, site: Site) -> Decided:
    """No answer: it is unclear which SRCU section a step ends."""
    reached = f"{len(graph.events)} events were built; the solver was not asked"
    able = [name for name, model in CHAIN.items() if model.uses_dependencies]
    instead = f"; or ask for --model {able[0]}, which follows the index everywhere" if able else ""
    verdict = Unknown(
        reason=unclear_section_end(case.question.model, site), reached=reached,
        advice="pass srcu_read_unlock() what srcu_read_lock() returned in the same thread, kept in local variables "
        f"alone, and access the srcu_struct by these two only{instead}",
    )  # fmt: skip
    return Decided(case.report(Clock(start=time.monotonic()).progress(case, graph, reached), verdict))


def _refuted_by(case: Case, broken: BrokenInterleaving) -> Decided:
    """The refutation by an interleaving, judged by the question's model."""
    witness, flags = WitnessBuilder(case.program, case.property, case.question).interleaved(broken.schedule)
    return Decided(case.report(broken.progress, Refuted(witness=witness), flags), broken.rests_on)


def _session(case: Case, decider: Decider) -> Session:
    """A solver session for making a schedule short: that which has found one, if it can be asked more."""
    deadline = part_of(case.deadline, case.shortening)
    if decider.solver.session is None:
        return Session(decider.encoding.formula, deadline)
    decider.solver.session.deadline = deadline
    return decider.solver.session


def _dump(encoding: Encoding, dump: TextSink | None) -> None:
    if dump is not None:
        dump.write(f"{encoding.formula.text}(check-sat-assuming ({encoding.goals['violation']}))\n")


def _events_built(graph: Graph) -> str:
    return f"{len(graph.events)} events were built, but not their constraints"
