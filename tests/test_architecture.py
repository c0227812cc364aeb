"""Dependencies go one way, and only one folder speaks each of the outside languages."""

import ast
from pathlib import Path

ENCODER = Path(__file__).parents[1] / "encoder"
MAY_IMPORT = {
    "spec": {"catalog", "errors", "source"},
    "program": {"spec", "errors", "source"},
    "concrete": {"memory", "program", "result", "errors", "source"},
    "graph": {"program", "source"},
    "memory": set(),
    "smt": {"errors", "graph", "memory", "program"},
    "litmus": {"errors", "graph", "memory", "program", "smt", "source", "spec"},
    "certificate": set(),
    "mutation": {"concrete", "graph", "memory", "program", "result", "smt", "spec", "errors", "source"},
    "render": {"explanation", "mutation", "program", "spec", "result", "errors", "source"},
    "ledger": {
        *("engine", "memory", "mutation", "program", "render", "result", "spec", "smt", "catalog", "errors", "source"),
        *("certificate", "limits", "worker"),
    },
}
SPEAKS = {"z3": "smt", "cvc5": "smt", "pysat": "smt", "yaml": "spec", "lark": "spec", "typer": "cli"}


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


def test_dependencies_go_one_way() -> None:
    wrong = []
    for folder, allowed in MAY_IMPORT.items():
        for path in sorted((ENCODER / folder).rglob("*.py")):
            inner = {m.split(".")[1] for m in imports(path) if m.startswith("encoder.")}
            wrong += [
                f"{path.relative_to(ENCODER)} imports {m}" for m in sorted(inner - allowed - {folder, "__version__"})
            ]
    assert wrong == []


def test_one_folder_speaks_each_language() -> None:
    wrong = []
    for path in sorted(ENCODER.rglob("*.py")):
        for module in imports(path):
            home = SPEAKS.get(module.split(".")[0])
            if home and path.relative_to(ENCODER).parts[0] != home:
                wrong.append(f"{path.relative_to(ENCODER)} imports {module}")
    assert wrong == []


def test_interpreter_and_encoder_share_only_the_program_and_the_axioms() -> None:
    for folder in ("concrete", "graph", "smt"):
        for path in (ENCODER / folder).rglob("*.py"):
            shared = {m for m in imports(path) if m.startswith("encoder.program")}
            assert shared <= {"encoder.program.core"}, path
