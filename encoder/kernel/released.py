"""Kernels as released, of which variants are patches."""

from encoder.program.kernels import is_earlier
from encoder.spec.model import Library


def released(library: Library) -> tuple[str, ...]:
    """The variants that are kernels as released, newest first."""
    found = [each for each in library.variants if each.base is None]
    found.sort(key=lambda one: sum(is_earlier(one.kernel, other.kernel) for other in found))
    return tuple(each.name for each in found)
