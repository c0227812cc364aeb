"""All mutants of the procedures that a scenario runs with a variant, in spec order."""

from collections.abc import KeysView
from dataclasses import dataclass, replace

from encoder.mutation.accesses import event_mutants
from encoder.mutation.mutant import Mutant
from encoder.mutation.rewrite import program_events, rewrite_events
from encoder.mutation.steps import StepEffects, step_mutants
from encoder.program.core import Acquire, Fence, Flush, Grace, Program, Region, Release, Rmw, Store
from encoder.program.kernels import threads_for_kernel
from encoder.program.resolve import resolve
from encoder.program.variant import apply_variant
from encoder.spec.model import Edit, Library, Procedure, ThreadDecl, Variant
from encoder.spec.syntax import Call
from encoder.spec.walk import all_steps, walk

MUTANT = "mutants/one"
"""The name of the variant that holds a mutant's edits. No file can define it, as variants are named after their
files."""
EFFECTS = Store | Rmw | Acquire | Release | Region | Flush | Grace


@dataclass(frozen=True, slots=True, kw_only=True)
class MutantSource:
    """What mutants are made from: a scenario's program with a variant, where TLB flushes behave as `flush` says. They
    are those of the `platform`, if there is one."""

    library: Library
    scenario: str
    variant: str
    flush: str
    platform: str = ""

    def program(self) -> Program:
        """The unmutated program. Raises InputError."""
        return resolve(self.library, self.scenario, self.variant, self.flush)

    def edited(self, *edits: Edit) -> Program:
        """The program with edits on top of the variant. Raises InputError where the result does not resolve."""
        base = next(variant for variant in self.library.variants if variant.name == self.variant)
        mutant = replace(base, name=MUTANT, kernel="", base=base.name, reading="", fields=(), edits=edits)
        variants: tuple[Variant, ...] = (*self.library.variants, mutant)
        return resolve(replace(self.library, variants=variants), self.scenario, MUTANT, self.flush)


def mutants(source: MutantSource, program: Program) -> tuple[Mutant, ...]:
    """The mutants of the program that `source` gives, each name once, in spec order."""
    procedures = _procedures_run(source, program)
    ranks = {each.name: rank for rank, each in enumerate(procedures)}
    lines = {each.name: {step.label: n for n, step in enumerate(all_steps(each.steps))} for each in procedures}
    found: dict[str, Mutant] = {}
    of_the_steps = [each for p in procedures for each in step_mutants(p, _step_effects(program, procedures, p))]
    for each in (*of_the_steps, *event_mutants(program)):
        found.setdefault(each.name, each)
    return tuple(sorted(found.values(), key=lambda each: (ranks[each.procedure], lines[each.procedure][each.step])))


def apply_mutant(source: MutantSource, program: Program, mutant: Mutant) -> Program:
    """The mutated program. Raises InputError where it does not resolve."""
    return source.edited(*mutant.edits) if mutant.rewrite is None else rewrite_events(program, mutant.rewrite)


def _procedures_run(source: MutantSource, program: Program) -> tuple[Procedure, ...]:
    """The procedures that have an event in the program, or call one that has; in the order in which the threads call
    them."""
    code = apply_variant(source.library, source.variant)
    known = {each.name: each for each in code}
    scenario = next(each for each in source.library.scenarios if each.name == source.scenario)
    called, used = (
        _called_procedures(threads_for_kernel(scenario, code.kernel), known),
        {event.site.procedure for event in program_events(program)},
    )
    while more := {name for name in called if name not in used and used & _calls_in(known[name])}:
        used |= more
    return tuple(known[name] for name in called if name in used)


def _called_procedures(running: tuple[ThreadDecl, ...], known: dict[str, Procedure]) -> tuple[str, ...]:
    """The procedures that the threads call, each caller before what it calls (breadth first)."""
    order: dict[str, None] = {}
    todo: list[object] = [running]
    while todo:
        for name in _calls_in(todo.pop(0)):
            if name in known and name not in order:
                order[name] = None
                todo.append(known[name])
    return tuple(order)


def _calls_in(node: object) -> KeysView[str]:
    """The functions that are called in it, in the order of the text."""
    return dict.fromkeys(each.function for each in walk(node) if isinstance(each, Call)).keys()


def _step_effects(program: Program, procedures: tuple[Procedure, ...], procedure: Procedure) -> StepEffects:
    own = [event for event in program_events(program) if event.site.procedure == procedure.name]
    fences = {event.site.label for event in own if isinstance(event, Fence)}
    return StepEffects(
        events=frozenset(event.site.label for event in own),
        fences=frozenset(fences - {event.site.label for event in own if not isinstance(event, Fence)}),
        effects=frozenset(event.site.label for event in own if isinstance(event, EFFECTS)),
        procedures=frozenset(each.name for each in procedures),
    )
