"""Decides an encoding by cvc5, which shares no code with z3."""

import time
from typing import Literal

from encoder.base.errors import InputError, Problem
from encoder.smt.text.portable_smtlib import to_portable

SolverWord = Literal["sat", "unsat", "unknown"]
OPTIONS = {"seed": "0", "sat-random-seed": "0", "bv-solver": "bitblast-internal"}
"""The internal bit-blaster hands bits to cvc5's main SAT solver instead of a second one: measured, 8 s become 1.3 s,
and what was undecided after 150 s (LKMM, 20 MB of text) takes 13 s."""


def decide_by_cvc5(text: str, goal: str, deadline: float) -> SolverWord:
    """Whether the problem `text` is satisfiable with the literal `goal`; "unknown" after `deadline`, a
    `time.monotonic()` value. Reading the text, some 0.1 s a megabyte, is not interrupted.

    Raises InputError if cvc5 is not installed.
    """
    try:
        import cvc5
    except ImportError:
        raise not_installed("cvc5") from None
    if deadline <= time.monotonic():
        return "unknown"
    solver = cvc5.Solver(cvc5.TermManager())
    for option, value in OPTIONS.items():
        solver.setOption(option, value)
    solver.setLogic("QF_BV")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, f"{to_portable(text)}(assert {goal})\n", "problem")
    while not (command := parser.nextCommand()).isNull():
        command.invoke(solver, parser.getSymbolManager())
    solver.setOption("tlimit-per", str(max(1, int((deadline - time.monotonic()) * 1000))))
    result = solver.checkSat()
    return "sat" if result.isSat() else "unsat" if result.isUnsat() else "unknown"


def not_installed(package: str) -> InputError:
    """The error that an optional package is missing, and how to install it."""
    message = f"second opinions need {package}, which is not installed"
    return InputError([Problem(code="Q105", span=None, message=message, expected="`pip install 'pinproof[trust]'`")])
