"""All mutants of the procedures that a scenario runs with a variant, in the order in which the specs are written."""

from collections.abc import KeysView
from dataclasses import dataclass, replace

from encoder.mutation.accesses import of_events
from encoder.mutation.mutant import Mutant
from encoder.mutation.rewrite import events, rewritten
from encoder.mutation.steps import Acts, of_steps
from encoder.program.core import Acquire, Fence, Flush, Grace, Program, Region, Release, Rmw, Store
from encoder.program.kernels import threads
from encoder.program.resolve import resolve
from encoder.program.variant import patched
from encoder.spec.model import Edit, Library, Procedure, ThreadDecl, Variant
from encoder.spec.syntax import Call
from encoder.spec.walk import all_steps, walk

MUTANT = "mutants/one"
"""The name of a variant that holds a mutant's edits: no file can have it, as variants are called like their files."""
EFFECTS = Store | Rmw | Acquire | Release | Region | Flush | Grace


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantSource:
    """What mutants are made of: a scenario's program with a variant where TLB flushes behave as `flush` says."""

    library: Library
    scenario: str
    variant: str
    flush: str

    def program(self) -> Program:
        """The program as it is. Raises InputError."""
        return resolve(self.library, self.scenario, self.variant, self.flush)

    def edited(self, *edits: Edit) -> Program:
        """The program with edits on top of the variant. Raises InputError where they leave nothing that resolves."""
        base = next(variant for variant in self.library.variants if variant.name == self.variant)
        mutant = replace(base, name=MUTANT, kernel="", base=base.name, reading="", fields=(), edits=edits)
        variants: tuple[Variant, ...] = (*self.library.variants, mutant)
        return resolve(replace(self.library, variants=variants), self.scenario, MUTANT, self.flush)


def mutants(source: MutantSource, program: Program) -> tuple[Mutant, ...]:
    """The mutants of the program that `source` gives, each name once, in the order of the specs."""
    procedures = _run(source, program)
    ranks = {each.name: rank for rank, each in enumerate(procedures)}
    lines = {each.name: {step.label: n for n, step in enumerate(all_steps(each.steps))} for each in procedures}
    found: dict[str, Mutant] = {}
    of_the_steps = [each for p in procedures for each in of_steps(p, _acts(program, procedures, p))]
    for each in (*of_the_steps, *of_events(program)):
        found.setdefault(each.name, each)
    return tuple(sorted(found.values(), key=lambda each: (ranks[each.procedure], lines[each.procedure][each.step])))


def mutated(source: MutantSource, program: Program, mutant: Mutant) -> Program:
    """The program that a mutant makes. Raises InputError where nothing is left that resolves."""
    return source.edited(*mutant.edits) if mutant.rewrite is None else rewritten(program, mutant.rewrite)


def _run(source: MutantSource, program: Program) -> tuple[Procedure, ...]:
    """The procedures that have an event in the program, or call one that has, in the order in which the threads call
    them."""
    code = patched(source.library, source.variant)
    known = {each.name: each for each in code}
    scenario = next(each for each in source.library.scenarios if each.name == source.scenario)
    called, used = _called(threads(scenario, code.kernel), known), {event.site.procedure for event in events(program)}
    while more := {name for name in called if name not in used and used & _calls(known[name])}:
        used |= more
    return tuple(known[name] for name in called if name in used)


def _called(running: tuple[ThreadDecl, ...], known: dict[str, Procedure]) -> tuple[str, ...]:
    """The procedures that threads call, callers before what they call."""
    order: dict[str, None] = {}
    todo: list[object] = [running]
    while todo:
        for name in _calls(todo.pop(0)):
            if name in known and name not in order:
                order[name] = None
                todo.append(known[name])
    return tuple(order)


def _calls(node: object) -> KeysView[str]:
    """The functions that are called in it, as they come."""
    return dict.fromkeys(each.function for each in walk(node) if isinstance(each, Call)).keys()


def _acts(program: Program, procedures: tuple[Procedure, ...], procedure: Procedure) -> Acts:
    own = [event for event in events(program) if event.site.procedure == procedure.name]
    fences = {event.site.label for event in own if isinstance(event, Fence)}
    return Acts(
        events=frozenset(event.site.label for event in own),
        fences=frozenset(fences - {event.site.label for event in own if not isinstance(event, Fence)}),
        effects=frozenset(event.site.label for event in own if isinstance(event, EFFECTS)),
        procedures=frozenset(each.name for each in procedures),
    )
