"""Kernels as released, of which variants are patches."""

from encoder.program.kernels import is_earlier
from encoder.spec.model import Library


def released(library: Library) -> tuple[str, ...]:
    """The variants that are kernels as released, newest first."""
    found = [each for each in library.variants if each.base is None]
    later = {each.name: sum(is_earlier(each.kernel, other.kernel) for other in found) for each in found}
    return tuple(sorted(later, key=lambda name: later[name]))
