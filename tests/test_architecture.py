"""Dependencies go one way, and only one folder speaks each of the outside languages."""

import ast
from functools import cache
from pathlib import Path

ENCODER = Path(__file__).parents[1] / "encoder"
MAY_IMPORT = {
    "": {"cli"},
    "base": {"certificate"},
    "certificate": set(),
    "cli": {
        *(
            "base",
            "certificate",
            "concrete",
            "explanation",
            "export",
            "kernel",
            "ledger",
            "litmus",
            "memory",
            "mutation",
            "pages",
            "program",
            "render",
            "review",
        ),
        *("spec", "verify", "witness"),
    },
    "concrete": {"base", "concrete/axiomatic", "concrete/interleaving", "memory", "program"},
    "concrete/axiomatic": {"base", "concrete/interleaving", "concrete/semantics", "memory", "program"},
    "concrete/explorer": {"base", "concrete/interleaving", "concrete/semantics", "memory", "program"},
    "concrete/interleaving": {"base", "concrete/semantics", "program"},
    "concrete/semantics": {"base", "program"},
    "explanation": {"base", "graph", "memory", "program", "smt", "spec", "verify"},
    "export": {"concrete/interleaving", "concrete/semantics", "program", "witness"},
    "graph": {"program"},
    "kernel": {"base", "program", "spec"},
    "ledger": {"base", "certificate", "kernel", "memory", "mutation", "program", "render", "spec", "verify"},
    "litmus": {"base", "graph", "memory", "program", "smt", "spec"},
    "memory": set(),
    "mutation": {"base", "concrete", "graph", "memory", "program", "smt", "spec"},
    "pages": {
        *(
            "base",
            "concrete/interleaving",
            "ledger",
            "memory",
            "program",
            "render",
            "review",
            "spec",
            "verify",
            "witness",
        ),
    },
    "program": {"base", "spec"},
    "render": {"base", "explanation", "kernel", "memory", "mutation", "program", "spec"},
    "review": {"base", "kernel", "ledger", "memory", "program", "render", "spec", "verify"},
    "smt": {"graph", "memory", "program", "smt/axiomatic", "smt/interleaving", "smt/solvers", "smt/text"},
    "smt/axiomatic": {"graph", "memory", "program", "smt", "smt/solvers", "smt/text"},
    "smt/interleaving": {"graph", "memory", "program", "smt", "smt/solvers", "smt/text"},
    "smt/solvers": {"base", "smt", "smt/text"},
    "smt/text": {"graph", "program", "smt"},
    "spec": {"base"},
    "witness": {"base", "concrete", "memory", "program", "render"},
    "verify": {"base", "certificate", "concrete", "graph", "memory", "program", "smt", "spec"},
}
"""The rooms, each with those that its modules may import from, or from below."""
LOOSE = {"__init__.py", "__main__.py"}
SPEAKS = {
    "z3": "smt", "cvc5": "smt", "pysat": "smt", "yaml": "spec", "lark": "spec", "typer": "cli", "jinja2": "pages",
    "dask": "base/cluster.py", "distributed": "base/cluster.py", "tree_sitter": "kernel/parse.py",
    "tree_sitter_c": "kernel/parse.py", "unidiff": "review/patch.py",
}  # fmt: skip


@cache
def imports(path: Path) -> set[str]:
    """The modules that a file imports, wherever it does."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {f"{module}.{alias.name}" if module == "encoder" else module for alias in names}
    return found


def room(path: Path) -> str:
    """The room of a module, "" for what is loose."""
    return path.relative_to(ENCODER).parent.as_posix().removeprefix(".")


def modules() -> list[Path]:
    return sorted(path for path in ENCODER.rglob("*.py"))


def home(module: str) -> str | None:
    """The room of `encoder.ROOM.MODULE`, which may be a name in it; None for what is none of ours."""
    if not module.startswith("encoder."):
        return None
    path = ENCODER.joinpath(*module.split(".")[1:])
    while not path.is_dir() and path != ENCODER:
        path = path.parent
    return path.relative_to(ENCODER).as_posix().removeprefix(".")


def test_every_module_is_in_a_room() -> None:
    assert {path.name for path in modules() if room(path) == ""} == LOOSE
    assert {room(path) for path in modules()} == MAY_IMPORT.keys()


def test_dependencies_go_one_way() -> None:
    wrong = []
    for path in modules():
        allowed = MAY_IMPORT.get(room(path), set())
        for there in sorted({there for module in imports(path) if (there := home(module))}):
            if there != room(path) and there not in allowed and there.split("/")[0] not in allowed:
                wrong.append(f"{path.relative_to(ENCODER)} imports from {there}")
    assert wrong == []


SAME_NAME = {
    "Acquire": "linux-kernel.cat has sets of these names, the program statements",
    "Release": "likewise",
}


def test_one_word_for_one_thing() -> None:
    """No class, and no alias of a type, is defined in two modules."""
    found: dict[str, list[str]] = {}
    for path in modules():
        for name in defined(path):
            found.setdefault(name, []).append(str(path.relative_to(ENCODER)))
    assert {name: places for name, places in found.items() if len(places) > 1 and name not in SAME_NAME} == {}


def defined(path: Path) -> list[str]:
    """The classes and aliases of a module: names that begin with a capital letter and have others."""
    names = []
    for node in ast.parse(path.read_text("utf-8")).body:
        match node:
            case (
                ast.ClassDef(name=name)
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                names.append(name)
    return [name for name in names if name[0].isupper() and not name.isupper()]


def test_one_folder_speaks_each_language() -> None:
    wrong = []
    for path in modules():
        for module in imports(path):
            speaker = SPEAKS.get(module.split(".")[0])
            if speaker and not path.is_relative_to(ENCODER / speaker):
                wrong.append(f"{path.relative_to(ENCODER)} imports {module}")
    assert wrong == []


def test_interpreter_and_encoder_share_only_the_program_and_the_axioms() -> None:
    for folder in ("concrete", "graph", "smt"):
        for path in (ENCODER / folder).rglob("*.py"):
            shared = {m for m in imports(path) if m.startswith("encoder.program")}
            assert shared <= {"encoder.program.core", "encoder.program.traverse"}, path
