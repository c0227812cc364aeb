"""The platforms that a question is asked of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from encoder.base.errors import InputError, Problem, nearest
from encoder.base.result import Question
from encoder.memory import MODELS
from encoder.program.kernels import flush_in
from encoder.spec.load import kernel_of, load_platforms
from encoder.spec.load_primitives import FLUSHES
from encoder.spec.model import Platform


def all_platforms(root: Path | None = None) -> tuple[Platform, ...]:
    """The platforms of the shipped specs, or of those in the folder `root`, strongest first: in the order of their
    memory models, and where that is the same of what their flushes order in the latest kernel. Raises InputError for a
    file that is wrong, or names no memory model."""
    found = load_platforms(root)
    unknown = [
        Problem(
            code="Q107", message=f"there is no memory model `{each.model}`", span=each.model_span,
            nearest=nearest(each.model, MODELS), expected=f"one of {', '.join(MODELS)}",
        )
        for each in found
        if each.model not in MODELS
    ]  # fmt: skip
    if unknown:
        raise InputError(unknown)
    models = list(MODELS)
    return tuple(
        sorted(found, key=lambda each: (models.index(each.model), FLUSHES.index(each.flushes[-1][1]), each.name))
    )


def asked_of(question: Question, platforms: Iterable[Platform], root: Path | None = None) -> tuple[Question, ...]:
    """The question on each of these platforms, in the kernel that its variant is a patch of. Raises InputError for
    wrong specs."""
    kernel = kernel_of(question.variant, root)
    return tuple(on_platform(question, each, kernel) for each in platforms)


def on_platform(question: Question, platform: Platform, kernel: str) -> Question:
    """The question on a platform, in a kernel version."""
    return replace(question, platform=platform.name, model=platform.model, flush=flush_in(platform, kernel))


def machines_of(platforms: Sequence[Platform]) -> dict[str, str]:
    """The machine that each platform is, by name; those that are none are left out."""
    return {each.name: each.machine for each in platforms if each.machine}
