"""From a library to a program: one scenario, with one variant's procedures, on one platform."""

from encoder.program.core import Program
from encoder.program.kernels import reached, threads
from encoder.program.problems import Problems
from encoder.program.properties import properties, unknown_properties
from encoder.program.setting import world_of
from encoder.program.start import initial
from encoder.program.thread import inlined
from encoder.program.variant import patched
from encoder.spec.model import Library, Scenario

FLUSHES = ("ipi", "broadcast", "deferred")


def resolve(library: Library, scenario: str, variant: str, flush: str = "ipi") -> Program:
    """The program that a scenario runs with a variant where TLB flushes behave as `flush` says.

    Raises InputError with every mistake that is found in the scenario, the variant and the procedures that run.
    """
    problems = Problems()
    chosen = _scenario(library, scenario, problems)
    if flush not in FLUSHES:
        expected = f"one of {', '.join(FLUSHES)}"
        problems.note("S308", f"there is no flush `{flush}`", None, expected=expected, word=flush, known=FLUSHES)
    problems.raise_any()
    assert chosen is not None
    code = patched(library, variant)
    world = world_of(library, code, chosen, flush, problems)
    start = initial(world, chosen)
    running = tuple(inlined(world, declaration) for declaration in threads(chosen, code.kernel))
    if problems.found:
        unknown_properties(library, chosen, problems)
    problems.raise_any()
    asked = properties(library, chosen, world, running)
    problems.raise_any()
    return Program(
        scenario=chosen.name,
        variant=code.variant.name,
        kernel=code.kernel,
        flush=flush,
        scope=chosen.scope,
        objects=tuple(world.members.items()),
        cells=start.cells,
        symbols=start.symbols,
        assumptions=start.assumptions,
        threads=tuple(each.thread for each in running),
        properties=asked,
        variant_title=code.variant.title,
        irq_readers=any(kind == "irq" and reached(first, code.kernel) for kind, first in library.readers),
        as_deferred=not world.differing,
        notes=tuple(f"{each.name}: {each.reading}" for each in code.chain if each.reading),
    )


def _scenario(library: Library, name: str, problems: Problems) -> Scenario | None:
    for scenario in library.scenarios:
        if scenario.name == name:
            return scenario
    problems.note("S301", f"there is no scenario `{name}`", None, word=name, known=[s.name for s in library.scenarios])
    return None
