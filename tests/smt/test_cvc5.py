"""The same answers from z3, cvc5 and python-sat, and the clauses in between."""

import subprocess
import sys
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.base.errors import InputError
from encoder.certificate.rup import proof_fault
from encoder.smt.formula import Formula
from encoder.smt.solvers import cvc5_solver as second
from encoder.smt.solvers import drup
from encoder.smt.solvers.cnf import to_cnf
from encoder.smt.solvers.cvc5_solver import decide_by_cvc5
from encoder.smt.solvers.drup import Proof, prove_unsat
from encoder.smt.solvers.z3_solver import GoalSolver
from encoder.smt.text.portable_smtlib import to_portable

LATER = time.monotonic() + 600
PROBLEM = """(declare-const |a b| Bool)
(declare-const |x| (_ BitVec 4))
(define-fun |goal| () Bool (or |a b| (bvult |x| #x3)))
(assert (= |x| #x5))
(assert (not |a b|))
"""
DEPTH = "".join(f"(declare-const |s {i}| Bool)\n" for i in range(6))

literals = st.integers(1, 5).flatmap(lambda x: st.sampled_from([x, -x]))


@pytest.mark.parametrize(("goal", "word"), [("true", "sat"), ("|goal|", "unsat"), ("(not |goal|)", "sat")])
def test_all_answer_alike(goal: str, word: str) -> None:
    assert GoalSolver(Formula(PROBLEM), LATER, fresh_context=True).decide(goal).word == word
    assert decide_by_cvc5(PROBLEM, goal, LATER) == word
    made = to_cnf(PROBLEM, goal, LATER)
    assert made is not None
    found = prove_unsat(made.clauses, LATER)
    if isinstance(found, Proof):
        assert proof_fault([made.clauses[place] for place in found.core], found.lemmas) == ""
    assert ("unsat" if isinstance(found, Proof) else found) == word


@pytest.mark.parametrize("limit", range(7))
@pytest.mark.parametrize("steps", [["|s 0|"], ["|s 0|", "(not |s 1|)", "(and |s 2| |s 3|)", "true", "|s (4|"]])
def test_limits_of_depth_are_the_same_in_standard_words(limit: int, steps: list[str]) -> None:
    head = DEPTH + "(declare-const |s (4| Bool)\n"
    own = f"((_ at-most {limit}) {' '.join(steps)})"
    said = to_portable(f"{head}(assert {own})\n(assert (or {own} |s 5|))\n")
    assert "at-most" not in said
    assert said.count("\n") == 9
    differ = f"{head}(assert (distinct {own} {to_portable(own)}))\n"
    assert GoalSolver(Formula(differ), LATER, fresh_context=True).decide("true").word == "unsat"
    assert decide_by_cvc5(differ.replace(own, to_portable(own), 1), "true", LATER) == "unsat"


def test_what_is_standard_stays_as_it_is() -> None:
    assert to_portable(PROBLEM) is PROBLEM
    with pytest.raises(ValueError, match="left open"):
        to_portable("(assert ((_ at-most 2) a b")


def test_clauses_are_the_same_in_every_process() -> None:
    text = PROBLEM + DEPTH + "(assert ((_ at-most 2) |s 0| |s 1| |s 2| |s 3|))\n"
    made = to_cnf(text, "|goal|", LATER)
    program = (
        "import sys, time; from encoder.smt.solvers.cnf import to_cnf\n"
        "print(to_cnf(sys.stdin.read(), '|goal|', time.monotonic() + 600).digest)"
    )
    other = subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True)
    assert made is not None
    assert made.digest == other.stdout.strip()


def test_a_contradiction_is_the_empty_clause() -> None:
    made = to_cnf(PROBLEM, "false", LATER)
    assert made is not None
    assert made.clauses == [[]]
    assert prove_unsat(made.clauses, LATER) == Proof(core=(0,), lemmas=((),))


def test_no_time() -> None:
    assert decide_by_cvc5(PROBLEM, "true", 0.0) == "unknown"
    assert to_cnf(PROBLEM, "true", 0.0) is None
    assert prove_unsat([[1], [-1]], 0.0) == "unknown"


def test_time_runs_out_while_clauses_are_made() -> None:
    names = [f"x{i}" for i in range(400)]
    text = "".join(f"(declare-const {name} (_ BitVec 32))\n" for name in names)
    text += "".join(f"(assert (= (bvmul {a} {b}) (bvudiv {b} {a})))\n" for a, b in pairwise(names))
    assert to_cnf(text, "true", time.monotonic() + 0.3) is None


def test_time_runs_out_while_solvers_run() -> None:
    """Eleven pigeons in ten holes."""

    pigeons, holes = range(11), range(10)
    number = {(p, h): 1 + p * 10 + h for p in pigeons for h in holes}
    clauses = [[number[p, h] for h in holes] for p in pigeons]
    clauses += [[-number[p, h], -number[q, h]] for h in holes for p, q in combinations(pigeons, 2)]
    names = "".join(f"(declare-const v{i} Bool)\n" for i in number.values())
    parts = [" ".join(f"v{x}" if x > 0 else f"(not v{-x})" for x in clause) for clause in clauses]
    text = names + "".join(f"(assert (or {part}))\n" for part in parts)
    start = time.monotonic()
    assert prove_unsat(clauses, start + 0.2) == "unknown"
    assert decide_by_cvc5(text, "true", time.monotonic() + 0.2) == "unknown"
    assert time.monotonic() - start < 10


@settings(max_examples=60)
@given(st.lists(st.lists(literals, min_size=1, max_size=3), max_size=30))
def test_proofs_of_python_sat_hold_and_wrong_ones_do_not(clauses: list[list[int]]) -> None:
    """With a literal turned or a clause of the core left out, a lemma less or all of them gone, it holds only if unit
    propagation needs nothing of the kind: then the rest must still be impossible."""
    found = prove_unsat(clauses, LATER)
    assert found != "unknown"
    if not isinstance(found, Proof):
        assert proof_fault(clauses, [[]]) != ""
        return
    core = [clauses[place] for place in found.core]
    assert proof_fault(core, found.lemmas) == ""
    for place in range(len(core)):
        others = core[:place] + core[place + 1 :]
        for wrong in (others, [*others, [-core[place][0], *core[place][1:]]]):
            if proof_fault(wrong, found.lemmas) == "":
                assert isinstance(prove_unsat(wrong, LATER), Proof)


@pytest.mark.parametrize(("package", "module"), [("cvc5", "cvc5"), ("python-sat", "pysat.solvers")])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, package: str, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=f"second opinions need {package}, which is not installed") as error:
        decide_by_cvc5(PROBLEM, "true", LATER) if package == "cvc5" else prove_unsat([[1]], LATER)
    assert error.value.problems[0].expected == "`pip install 'pinproof[trust]'`"
    assert second.not_installed is drup.not_installed
