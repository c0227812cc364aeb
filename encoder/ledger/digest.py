"""What a result depends on, as one number: any change makes the result stale."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files

from encoder import __version__
from encoder.base.catalog import Entry, listing, shipped
from encoder.base.result import Question
from encoder.program.core import Program

SOURCES = (".py", ".lark")
VERDICT = (
    "encoder/verify/engine.py", "encoder/render/json.py", "encoder/render/text.py", "encoder/spec",
    "encoder/base/worker.py",
)  # fmt: skip
"""What makes a verdict and its witness, with all that it imports."""
SCORE = ("encoder/mutation", "encoder/spec")
"""What makes a mutation score, with all that it imports."""


def digest(program: Program, question: Question) -> str:
    """SHA-256 of the resolved program, the question, the source that decides it and the solver's version.

    A decided answer does not depend on how long it was allowed to take, nor on what else is asked of it.
    """
    alone = replace(question, timeout=0.0, unlimited=False, opinions=(), checks=False)
    total = _begun(program).copy()
    total.update("\0".join(("", repr(alone), encoder_digest(VERDICT), solver_version())).encode())
    return total.hexdigest()


@lru_cache(maxsize=64)
def _begun(program: Program) -> "hashlib._Hash":
    """The digest with the program alone in it: many questions are asked of one."""
    return hashlib.sha256(repr(program).encode())


@cache
def encoder_digest(roots: tuple[str, ...]) -> str:
    """SHA-256 of the source files below these paths and of what they import, directly or not."""
    total = hashlib.sha256()
    for path, content in _reached(roots).items():
        total.update(f"{path}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _reached(roots: tuple[str, ...]) -> dict[str, bytes]:
    """The files, by path, in the order of the paths."""
    package = files("encoder")
    known = {entry.path: entry.file.read_bytes() for kind in SOURCES for entry in listing(package, "encoder", kind)}
    todo = [path for path in known if path.startswith(tuple(f"{root}/" for root in roots)) or path in roots]
    found = set(todo)
    while todo:
        path = todo.pop()
        imported = _imported(known[path]) if path.endswith(".py") else ()
        new = {name for name in imported if name in known and name not in found}
        found |= new
        todo.extend(new)
    return {path: known[path] for path in sorted(found)}


def _imported(source: bytes) -> Iterator[str]:
    """The files that a module may import, wherever in it; some may be none."""
    for statement in _statements(ast.parse(source).body):
        match statement:
            case ast.ImportFrom(module=str() as module, names=names):
                named = [module, *(f"{module}.{alias.name}" for alias in names)]
            case ast.Import(names=names):
                named = [alias.name for alias in names]
            case _:
                continue
        for name in named:
            parts = name.split(".")
            yield "/".join(parts) + ".py"
            yield from ("/".join(parts[:n]) + "/__init__.py" for n in range(1, len(parts) + 1))


def _statements(block: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Those of a block and of the blocks in it. What is in expressions, most of the tree, imports nothing."""
    for each in block:
        yield each
        for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(each, inner, ()))


@cache
def installed() -> dict[str, str]:
    """What decides an answer on a machine: the tool's version, digests of its source and of the specs, the solvers."""
    packages = ("z3-solver", "cvc5", "python-sat")
    source = [entry for kind in SOURCES for entry in listing(files("encoder"), "encoder", kind)]
    return {
        "Pinproof": __version__,
        "source": digest_of(source),
        "specs": digest_of(listing(shipped("specs"), "specs")),
    } | {name: _version_of(name) for name in packages}


def digest_of(entries: Iterable[Entry]) -> str:
    """The first digits of the SHA-256 of these files."""
    total = hashlib.sha256()
    for entry in entries:
        content = entry.file.read_bytes()
        total.update(f"{entry.path}\0{len(content)}\0".encode() + content)
    return total.hexdigest()[:12]


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


@cache
def solver_version() -> str:
    try:
        return f"z3 {version('z3-solver')}"
    except PackageNotFoundError:
        return "z3"
