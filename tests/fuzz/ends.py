"""What the encoder says of a program's ends and flags, and what brute force over the axioms does."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from encoder.concrete.axiomatic.execution import build_execution, build_skeleton
from encoder.concrete.axiomatic.grace_periods import unorderable_section
from encoder.concrete.axiomatic.relations import RelationEvaluator
from encoder.concrete.axiomatic.violated_axiom import violated_axiom
from encoder.concrete.interleaving.state import MachineState
from encoder.graph.events import Graph
from encoder.memory.model import MemoryModel
from encoder.program.core import Ended, Expr, Final, Program
from encoder.smt.axiomatic.executions import assert_axioms, assert_communication
from encoder.smt.axiomatic.litmus_encoding import encode_litmus
from encoder.smt.encoding import assert_assumptions, goal_literals
from encoder.smt.end_state import EndState as Asked
from encoder.smt.formula import Formula
from encoder.smt.progress import assert_po_closed, done
from encoder.smt.solvers.z3_solver import GoalSolver, Session
from encoder.smt.text.script import Script
from tests.concrete.build import TRUE, both, equal, hold, negate, never
from tests.concrete.enumerate import Candidate, TooMany, allowed, executions
from tests.memory.weak import unrolled
from tests.opponent.grounded import grounded

End = tuple[tuple[int, ...], tuple[tuple[tuple[int, ...], bool], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The ends (or flags) on which the two differ, how many of them the axioms allow and forbid, and
    which they allow (`true`). `open`: with values only that come from themselves, of which nothing is asked."""

    wrong: list[tuple[str, bool]]
    true: tuple[str, ...]
    allowed: int
    forbidden: int
    open: int = 0


def end(program: Program, state: MachineState) -> End:
    """What a property can tell of a state: last values, registers, who has ended."""
    memory = (word for cell, word in zip(program.cells, state.memory, strict=True) if not cell.lock)
    return tuple(part for word in memory for part in word), tuple((local.values, local.ended) for local in state.locals)


def condition(program: Program, what: End) -> Expr:
    memory, threads = what
    finals = [Final(cell.name, part.name) for cell in program.cells if not cell.lock for part in cell.components]
    parts: list[Expr] = [equal(final, value) for final, value in zip(finals, memory, strict=True)]
    for thread, (values, ended) in zip(program.threads, threads, strict=True):
        parts += hold(thread, values)
        parts.append(Ended(thread.name) if ended else negate(Ended(thread.name)))
    return both(*parts)


def ends(program: Program, most: int, *, complete: bool = False, coherent: bool = False) -> dict[End, list[Candidate]]:
    """All executions by their ends. Raises TooMany where there are more than `most`, or too many to try."""
    found: dict[End, list[Candidate]] = {}
    for number, candidate in enumerate(executions(program, {}, complete=complete, coherent=coherent, most=10 * most)):
        if number == most:
            raise TooMany
        found.setdefault(end(program, candidate.end), []).append(candidate)
    return found


def graph_of(program: Program, model: MemoryModel, found: Mapping[End, object]) -> Graph:
    """The program's graph; all that an end tells is observed."""
    asked = never(condition(program, next(iter(found))))
    return unrolled(replace(program, properties=(asked,)), model)


def prefixes(program: Program, model: MemoryModel, found: Mapping[End, list[Candidate]]) -> Compared:
    """Every end of threads that may stop anywhere."""
    graph = graph_of(program, model, found)
    script, state, terms = Script(), Asked(graph), graph.terms
    goals = {str(n): terms.as_bool(state.term(condition(program, what))) for n, what in enumerate(found)}
    assert_po_closed(script, graph)
    executions = assert_communication(script, graph, {s: done(terms, s) for s in graph.steps}, state, model=model)
    assert_axioms(executions, model, complete=False, eliminates=True)
    assert_assumptions(script, graph)
    literals = goal_literals(script, goals)
    session = Session(Formula(script.take_text()), time.monotonic() + 120)
    answers = ((str(what), session.check(literals[str(n)]).word) for n, what in enumerate(found))
    judged = {str(what): any(allowed(program, model, c) for c in ways) for what, ways in found.items()}
    return compared(judged, answers)


def completes(program: Program, model: MemoryModel, found: Mapping[End, list[Candidate]]) -> Compared:
    """Every end of complete executions, and the model's flags."""
    graph = graph_of(program, model, found)
    goals = {str(what): condition(program, what) for what in found}
    problems = encode_litmus(graph, model, goals, TRUE)
    judged = dict.fromkeys([*goals, *problems.flags], False)
    open_: set[str] = set()
    for what, ways in found.items():
        for candidate in ways:
            raised = flags(program, model, candidate)
            if raised is not None and grounded(candidate.found):
                judged |= dict.fromkeys([str(what), *raised], True)
            elif raised is not None:
                open_ |= {str(what), *raised}
    open_ -= {what for what, may in judged.items() if may}
    plain, more = GoalSolver(problems.formula, time.monotonic() + 120, fresh_context=True), None
    answers = []
    for name, formula in problems.goals.items():
        if name in problems.flags and more is None:
            more = GoalSolver(problems.formula.plus(problems.flag_text), time.monotonic() + 120, fresh_context=True)
        if name not in open_:
            answers.append((name, (more or plain).decide(formula).word))
    told = compared({what: may for what, may in judged.items() if what not in open_}, iter(answers))
    return replace(told, open=len(open_))


def flags(program: Program, model: MemoryModel, candidate: Candidate) -> list[str] | None:
    """The flags that a complete execution raises; None where the model forbids it."""
    frame = build_skeleton(candidate.found, program.cells, candidate.orders, model.instructions)
    evaluator = RelationEvaluator(build_execution(frame))
    if violated_axiom(model, frame, evaluator) or unorderable_section(
        program, candidate.found, frame, model, evaluator
    ):
        return None
    return [name for name, relation in model.flags if evaluator.relation(relation)]


def compared(judged: Mapping[str, bool], answers: Iterator[tuple[str, str]]) -> Compared:
    wrong = []
    for what, word in answers:
        assert word != "unknown"
        if (word == "sat") != judged[what]:
            wrong.append((what, judged[what]))
    true = [what for what, may in judged.items() if may]
    return Compared(wrong=wrong, true=tuple(true), allowed=len(true), forbidden=len(judged) - len(true))
