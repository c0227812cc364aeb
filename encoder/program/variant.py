"""A patch applied: the procedures of a kernel version with the edits of a variant and of its bases."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from encoder.program.edits import apply
from encoder.program.problems import Problems
from encoder.spec.model import Library, Procedure, StructType, Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """What a variant runs. `chain` is the variants whose edits it holds, the kernel as released first."""

    variant: Variant
    chain: tuple[Variant, ...]
    kernel: str
    procedures: tuple[Procedure, ...]
    structs: tuple[StructType, ...]

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self.procedures)


def patched(library: Library, name: str) -> Patched:
    """The procedures and structs of a variant, sorted by name.

    A kernel version uses of each procedure the file of its own version or, where there is none, the latest earlier one.
    Raises InputError for a variant, base, procedure, label or struct that is not there and for edits that do not fit.
    """
    problems = Problems()
    chain = _chain(library, name, problems)
    problems.raise_any()
    kernel = chain[0].kernel
    procedures = {each.name: each for each in _released(library.procedures, kernel)}
    if not procedures and library.procedures:
        known = {each.kernel for each in library.procedures}
        message = f"no procedure is described for kernel {kernel} or an earlier one"
        problems.note("S210", message, chain[0].span, word=kernel, known=known)
    structs = {each.name: each for each in library.types.structs}
    for variant in chain:
        structs = _with_fields(structs, variant, problems)
        procedures = apply(procedures, variant, problems)
    problems.raise_any()
    return Patched(
        variant=chain[-1],
        chain=chain,
        kernel=kernel,
        procedures=tuple(procedures[name] for name in sorted(procedures)),
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


def holds_since(first: str, kernel: str) -> bool:
    """Whether what holds since kernel version `first` holds for a kernel."""
    return first == kernel or _earlier(first, kernel)


def _released(procedures: Iterable[Procedure], kernel: str) -> Iterator[Procedure]:
    """Of each procedure the file that holds for a kernel version."""
    best: dict[str, Procedure] = {}
    for procedure in procedures:
        if not holds_since(procedure.kernel, kernel):
            continue
        other = best.get(procedure.name)
        if other is None or procedure.kernel == kernel or _earlier(other.kernel, procedure.kernel):
            best[procedure.name] = procedure
    yield from best.values()


def _earlier(one: str, other: str) -> bool:
    """Whether kernel version `one` is older than `other`; names that are no versions are not comparable."""
    pattern = re.compile(r"v(\d+(?:\.\d+)*)")
    found = pattern.fullmatch(one), pattern.fullmatch(other)
    if found[0] is None or found[1] is None:
        return False
    first, second = ([int(part) for part in match[1].split(".")] for match in (found[0], found[1]))
    return first < second


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
