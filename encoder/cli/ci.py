"""The forms in which `verify` and `review` tell continuous integration what they have found."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from encoder.base.errors import InputError, Problem
from encoder.cli.files import write
from encoder.cli.options import usage
from encoder.render.ci import CiCase, StepPlaces

JunitFile = Annotated[
    Path | None,
    typer.Option("--junit", metavar="FILE", help="Write every case there, as JUnit XML.", show_default=False),
]
SarifFile = Annotated[
    Path | None,
    typer.Option("--sarif", metavar="FILE", help="Write what fails there, as SARIF 2.1.0.", show_default=False),
]
Github = Annotated[bool, typer.Option("--github", help="Annotations for GitHub's runners, and a summary for the step.")]
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True, kw_only=True)
class CiForms:
    """What was asked for. Files are written over, as a run of CI does."""

    junit: Path | None
    sarif: Path | None
    github: bool

    @property
    def wanted(self) -> bool:
        return self.junit is not None or self.sarif is not None or self.github

    def check(self, *, json: bool) -> None:
        """Raises InputError, before anything is decided, for files that cannot be written, and for annotations where
        JSON is printed."""
        problems: list[Problem] = []
        if json and self.github:
            problems.append(usage("`--github` prints lines, and `--json` an object and nothing else", "one of them"))
        for option, path in (("--junit", self.junit), ("--sarif", self.sarif)):
            if path is not None and (path.is_dir() or not path.parent.is_dir()):
                what = "is a folder" if path.is_dir() else f"there is no folder `{path.parent}`"
                problems.append(usage(f"`{option} {path}`: {what}", "a file in a folder that is there"))
        if self.junit is not None and self.sarif is not None and self.junit.resolve() == self.sarif.resolve():
            problems.append(usage(f"`--junit` and `--sarif` are both `{self.junit}`", "a file for each"))
        if problems:
            raise InputError(problems)

    def write(self, cases: Sequence[CiCase], places: StepPlaces, title: str) -> None:
        """Write all forms."""
        from encoder.render import github, junit, sarif

        if self.junit is not None:
            write(self.junit, junit.render(cases, title))
        if self.sarif is not None:
            write(self.sarif, sarif.render(cases, places))
        if self.github:
            sys.stdout.write(github.annotations(cases))
            if (summary := os.environ.get(STEP_SUMMARY)) is not None:
                with Path(summary).open("a", encoding="utf-8") as file:
                    file.write(github.summary(cases, title))
