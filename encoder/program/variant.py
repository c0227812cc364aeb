"""Applies a patch: the procedures of a kernel version with the edits of a variant and of its bases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from encoder.program.edits import apply_edits
from encoder.program.kernels import is_earlier, is_reached
from encoder.program.problems import Problems
from encoder.spec.model import Library, Procedure, StructType, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchedKernel:
    """What a variant runs. `chain` has the variants whose edits it contains, the kernel as released first; `gone` names
    the procedures that this kernel no longer has."""

    variant: Variant
    chain: tuple[Variant, ...]
    kernel: str
    procedures: tuple[Procedure, ...]
    gone: frozenset[str]
    structs: tuple[StructType, ...]

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self.procedures)


def apply_variant(library: Library, name: str) -> PatchedKernel:
    """The procedures and structs of a variant, sorted by name.

    Of each procedure a kernel version has the file of its own version or, failing that, of the latest earlier one,
    unless that file says that the kernel no longer has it. Raises InputError for a variant, base, procedure, label or
    struct that does not exist, and for edits that do not fit.
    """
    problems = Problems()
    chain = _chain(library, name, problems)
    problems.raise_any()
    kernel = chain[0].kernel
    released = _released(library.procedures, kernel)
    procedures = {name: each for name, each in released.items() if not _gone(each, kernel)}
    if not released and library.procedures:
        known = {each.kernel for each in library.procedures}
        message = f"no procedure is described for kernel {kernel} or an earlier one"
        problems.note("S210", message, chain[0].span, word=kernel, known=known)
    structs = {each.name: each for each in library.types.structs}
    for variant in chain:
        structs = _with_fields(structs, variant, problems)
        procedures = apply_edits(procedures, variant, problems)
    problems.raise_any()
    return PatchedKernel(
        variant=chain[-1],
        chain=chain,
        kernel=kernel,
        procedures=tuple(procedures[name] for name in sorted(procedures)),
        gone=frozenset(released.keys() - procedures.keys()),
        structs=tuple(structs[name] for name in sorted(structs)),
    )


def _chain(library: Library, name: str, problems: Problems) -> tuple[Variant, ...]:
    """The variant and its bases, the last base first."""
    known = {variant.name: variant for variant in library.variants}
    chain: list[Variant] = []
    wanted: str | None = name
    while wanted is not None:
        span = chain[-1].base_span if chain else None
        if wanted in [variant.name for variant in chain]:
            names = [variant.name for variant in chain]
            cycle = " -> ".join((*names[names.index(wanted) :], wanted))
            problems.note("S205", f"the variants are based on each other: {cycle}", span)
            break
        if wanted not in known:
            problems.note("S201", f"there is no variant `{wanted}`", span, word=wanted, known=known)
            break
        chain.append(known[wanted])
        wanted = known[wanted].base
    return tuple(reversed(chain))


def _released(procedures: Iterable[Procedure], kernel: str) -> dict[str, Procedure]:
    """For each procedure the file of the latest version that the kernel has reached."""
    best: dict[str, Procedure] = {}
    for procedure in procedures:
        other = best.get(procedure.name)
        if is_reached(procedure.kernel, kernel) and (other is None or is_earlier(other.kernel, procedure.kernel)):
            best[procedure.name] = procedure
    return best


def _gone(procedure: Procedure, kernel: str) -> bool:
    return procedure.gone != "" and is_reached(procedure.gone, kernel)


def _with_fields(structs: dict[str, StructType], variant: Variant, problems: Problems) -> dict[str, StructType]:
    """The structs with the fields that the variant adds."""
    result = dict(structs)
    for added in variant.fields:
        span = added.field.span
        struct = result.get(added.struct)
        if struct is None:
            problems.note("S209", f"unknown struct `{added.struct}`", span, word=added.struct, known=structs)
        elif added.field.name in [field.name for field in (*struct.fields, *struct.parameters)]:
            problems.note("S209", f"`{added.struct}` has a field `{added.field.name}` already", span)
        else:
            result[added.struct] = replace(struct, fields=(*struct.fields, added.field))
    return result
