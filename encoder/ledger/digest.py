"""What a result depends on, as one number: any change makes the result stale."""

import hashlib
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from encoder.catalog import listing
from encoder.program.core import Program
from encoder.result import Question

SOURCES = (".py", ".lark", ".json")
BESIDE = ("cli", "explanation", "ledger", "litmus", "mutation")


def digest(program: Program, question: Question) -> str:
    """SHA-256 of the resolved program, the question, the encoder's source and the solver's version.

    A decided answer does not depend on how long it was allowed to take, nor on what else is asked of it.
    """
    alone = replace(question, timeout=0.0, unlimited=False, opinions=())
    parts = (repr(program), repr(alone), encoder_digest(), solver_version())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def encoder_digest(*beside: str) -> str:
    """SHA-256 of the source files of the encoder, by path, but for those of the folders that no verdict of the ledger
    passes through; of these, those named are taken in."""
    total = hashlib.sha256()
    package = files("encoder")
    for suffix in SOURCES:
        for entry in listing(package, "encoder", suffix):
            folder = entry.path.split("/")[1]
            if folder in BESIDE and folder not in beside:
                continue
            content = entry.file.read_bytes()
            total.update(f"{entry.path}\0{len(content)}\0".encode())
            total.update(content)
    return total.hexdigest()


@cache
def solver_version() -> str:
    try:
        return f"z3 {version('z3-solver')}"
    except PackageNotFoundError:
        return "z3"
