"""Specs with one variant more."""

from dataclasses import replace
from pathlib import Path
from shutil import copytree

from encoder.base.result import Question

SPECS = Path(__file__).parents[2] / "specs"


def changed(folder: Path, question: Question, edits: str) -> tuple[Question, Path]:
    """The question about its variant with more edits, and the specs that have them."""
    root = folder / "specs"
    copytree(SPECS, root)
    text = f"variant: changed\ntitle: changed\nauthor: a test\nbase: {question.variant}\nedits:\n{edits}"
    (root / "variants" / "changed.yaml").write_text(text)
    return replace(question, variant="changed"), root
