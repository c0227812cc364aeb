"""What a proof rests on: a plain query proves it from the core alone, and not from less."""

import time
from functools import cache
from pathlib import Path

import pytest

from encoder.base.result import Proved, Question, Refuted
from encoder.explanation.explain import explain, named_graph
from encoder.explanation.reasons import ProofReasons
from encoder.graph.build import build
from encoder.memory import MODELS
from encoder.program.core import Program
from encoder.program.lookup import property_of
from encoder.program.resolve import resolve
from encoder.smt.axiomatic.encode import Modifications, encode_executions
from encoder.smt.encode import graph_for
from encoder.smt.solvers.minimal_core import MinimalCore
from encoder.smt.text.selectors import Fact, Selectors, Topic
from encoder.smt.thread_symmetry import identical_threads
from encoder.spec.load import load_library
from encoder.verify.engine import ask
from tests.explain.changed import changed

RMAP = Question(scenario="gup-vs-reclaim", variant="kara-rmap-seq", property="mapped-while-pinned")
FORK = Question(scenario="gup-vs-fork", variant="v6.12", property="writable-while-pinned")
FORK_MB = Question(scenario="gup-vs-fork", variant="v6.12-fork-mb", property="writable-while-pinned", model="lkmm")
RMAP_MB = Question(
    scenario="gup-vs-reclaim", variant="kara-rmap-seq-mb-pin-mb", property="mapped-while-pinned", model="lkmm"
)
FORK_TSO = Question(scenario="gup-vs-fork", variant="v6.12", property="writable-while-pinned", model="tso")
SLOWLY = pytest.mark.slow
SLOW = [pytest.param(q, marks=SLOWLY) for q in (RMAP, FORK_TSO, FORK_MB, RMAP_MB)]


def program(question: Question, root: Path | None = None) -> Program:
    library = load_library(root, scenario=question.scenario, variant=question.variant)
    return resolve(library, question.scenario, question.variant, question.flush)


@cache
def named(question: Question) -> tuple[MinimalCore, frozenset[Fact]]:
    """The problem with its facts, and a core of its violation."""
    resolved = program(question)
    facts = Selectors(identical_threads(resolved.threads))
    graph = named_graph(resolved, question)
    deadline = time.monotonic() + 1000
    problems = encode_executions(
        graph,
        MODELS[question.model],
        property_of(resolved, question.property),
        None,
        deadline,
        Modifications(selectors=facts),
    )
    proofs = MinimalCore(problems, facts, deadline)
    core = proofs.core("violation")
    assert core is not None and core.minimal
    return proofs, core.facts


@pytest.mark.slow
@pytest.mark.parametrize("question", [FORK, *SLOW], ids=lambda q: f"{q.variant}-{q.model}")
def test_the_core_proves_by_itself_and_no_member_can_be_spared(question: Question) -> None:
    proofs, core = named(question)
    assert proofs.confirms("violation", core)
    for member in sorted(core):
        assert proofs.rests_on("violation", core - {member}) is None, member
    assert not proofs.confirms("violation", core - {min(core)})


@pytest.mark.parametrize("question", [FORK, *SLOW], ids=lambda q: f"{q.variant}-{q.model}")
def test_without_facts_nothing_is_named(question: Question) -> None:
    resolved, model = program(question), MODELS[question.model]
    graph = graph_for(build(resolved, question.loops), model, question.loops)
    text = encode_executions(graph, model, property_of(resolved, question.property), None).formula.text
    assert not any(name in text for name in ("fact.", "test.", "free."))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["sc", "tso", "lkmm"])
@pytest.mark.parametrize("variant", ["baseline", "v6.12"])
def test_with_all_facts_a_race_is_one(variant: str, model: str) -> None:
    question = Question(scenario="gup-vs-reclaim-uncached", variant=variant, property="", model=model)
    resolved = program(question)
    facts = Selectors(identical_threads(resolved.threads))
    deadline = time.monotonic() + 1000
    asked = property_of(resolved, "")
    problems = encode_executions(
        named_graph(resolved, question), MODELS[model], asked, None, deadline, Modifications(selectors=facts)
    )
    refuted = isinstance(ask(question).verdict, Refuted)
    assert (MinimalCore(problems, facts, deadline).rests_on("violation", facts.numbers) is None) == refuted


def grounds(question: Question, root: Path | None = None) -> ProofReasons:
    found = explain(question, root).grounds
    assert found is not None
    return found


@pytest.mark.slow
def test_the_patch_of_the_thread_rests_on_its_section_and_not_on_the_recheck() -> None:
    found = grounds(RMAP)
    assert found.minimal
    steps = {(line.procedure, line.label): {r.kind for r in line.reasons} for line in found.lines}
    assert {"order", "writes"} <= steps["try_to_unmap_one", "seq_begin"]
    assert {"reads", "test", "order"} <= steps["try_to_unmap_one", "pinned"]
    assert ("gup_fast", "recheck_pte") not in steps and ("try_to_unmap_one", "lock") not in steps
    assert {line.label for line in found.lines if line.patched} == {"seq_begin", "pinned", "seq_end"}
    assert [start.location for start in found.starts] == ["p._refcount", "mm.write_protect_seq", "slot.pte"]


SPARED = {
    "recheck_pte": ("gup_fast", "recheck_pte"),
    "referenced": ("gup_fast", "referenced"),
    "swap_duplicate": ("try_to_unmap_one", "swap_duplicate"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SPARED)
def test_what_the_core_spares_can_be_deleted(name: str, tmp_path: Path) -> None:
    procedure, label = SPARED[name]
    assert (procedure, label) not in {(line.procedure, line.label) for line in grounds(RMAP).lines}
    question, root = changed(tmp_path, RMAP, f"  - in: {procedure}\n    delete: {label}\n")
    assert isinstance(ask(question, root).verdict, Proved)


@pytest.mark.slow
@pytest.mark.parametrize("label", ["seq_begin", "pinned"])
def test_what_the_core_has_cannot(label: str, tmp_path: Path) -> None:
    question, root = changed(tmp_path, RMAP, f"  - in: try_to_unmap_one\n    delete: {label}\n")
    assert isinstance(ask(question, root).verdict, Refuted)


def test_facts_are_named_by_step() -> None:
    known = named(FORK)[0].selectors.numbers
    assert Fact(Topic.TEST, "gup_fast", "seq_odd") in known
    assert Fact(Topic.WRITES, "fork", "seq_begin") in known
    assert Fact(Topic.START, detail="p._refcount") in known
