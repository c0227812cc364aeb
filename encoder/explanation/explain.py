"""Answers a question and explains the verdict: what a proof rests on, or what would have prevented the
counterexample."""

import time
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from encoder.base.errors import SelfCheckError
from encoder.base.limits import MORE_TIME
from encoder.base.result import Progress, Proved, Question, Refuted, Tell, Unknown, Vacuous, silent
from encoder.explanation.find_fixes import find_fixes
from encoder.explanation.reasons import Barriers, Explanation, ProofReasons
from encoder.explanation.redundant_barriers import RedundantBarriers
from encoder.explanation.wording import initial_values_of, lines_of
from encoder.graph.build import build
from encoder.graph.events import Graph
from encoder.memory import MODELS
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.smt.axiomatic.encode import Modifications, encode_executions
from encoder.smt.encode import graph_for
from encoder.smt.solvers.minimal_core import MinimalCore
from encoder.smt.text.selectors import Selectors
from encoder.smt.thread_symmetry import identical_threads
from encoder.spec.load import load_library
from encoder.verify.engine import answer

SHORTENING_FRACTION = 0.25
"""Once there is a counterexample, the fraction of the remaining time that may be spent on shortening it; the rest is
for changes that would prevent it."""


def explain(question: Question, root: Path | None = None, tell: Tell = silent) -> Explanation:
    """Answer a question about the shipped specs, or those under `root`, and explain the verdict, within
    `Question.timeout` seconds.

    Raises InputError for wrong specs or names, SelfCheckError where two parts of Pinproof disagree.
    """
    start = time.monotonic()
    library = load_library(root, scenario=question.scenario, variant=question.variant, property=question.property)
    program = resolve(library, question.scenario, question.variant, question.flush)
    report = answer(program, question, loaded=time.monotonic() - start, shortening=SHORTENING_FRACTION, tell=tell)
    question = replace(report.question, timeout=question.timeout)
    deadline = start + question.timeout
    match report.verdict:
        case Proved():
            rests_on = proof_reasons(program, question, deadline, tell)
            barriers = barrier_reasons(program, question, deadline, tell)
            return Explanation(report=report, grounds=rests_on, barriers=barriers)
        case Refuted(witness=witness):
            fixes = find_fixes(library, program, question, witness, deadline, tell)
            return Explanation(report=report, remedies=fixes)
        case Unknown(advice=advice) if advice == MORE_TIME:
            alone = replace(report.verdict, advice="raise --timeout")  # there is no --depth here
            return Explanation(report=replace(report, verdict=alone))
        case Vacuous() | Unknown():
            return Explanation(report=report)
        case never:
            assert_never(never)


def named_graph(program: Program, question: Question) -> Graph:
    """The program unrolled for a model, with named branch outcomes."""
    return graph_for(build(program, question.loops, named_branches=True), MODELS[question.model], question.loops)


def proof_reasons(program: Program, question: Question, deadline: float, tell: Tell = silent) -> ProofReasons | None:
    """The facts that the proof of a property rests on; None where time ran out before any core was known.

    Raises SelfCheckError where the property is not proved with all facts, or not with those of the core alone.
    """
    graph, facts = named_graph(program, question), Selectors(identical_threads(program.threads))
    try:
        prop = property_of(program, question.property)
        encoding = encode_executions(
            graph, MODELS[question.model], prop, None, deadline, Modifications(selectors=facts)
        )
        proofs = MinimalCore(encoding, facts, deadline)
        rests = "what the proof rests on"
        core = proofs.core("violation", lambda done, of: tell(Progress(reached=rests, done=done, of=of)))
        if core is None:
            raise SelfCheckError("the property is proved, but not with the facts that a proof may rest on")
        if not proofs.confirms("violation", core.facts):
            raise SelfCheckError("the facts that the proof rests on do not prove the property by themselves")
    except TimeoutError:
        return None
    return ProofReasons(
        lines=lines_of(graph, core.facts, question.model), starts=initial_values_of(program, core.facts),
        minimal=core.minimal, known=len(facts.numbers),
    )  # fmt: skip


def barrier_reasons(program: Program, question: Question, deadline: float, tell: Tell = silent) -> Barriers | None:
    """Which barriers the scenario's proofs need; None under SC, and where time ran out before the proved properties
    were known."""
    model = MODELS[question.model]
    if model.total:
        return None
    try:
        redundant = RedundantBarriers(program, named_graph(program, question), model, deadline, tell)
    except TimeoutError:
        return None
    return redundant.barriers()
