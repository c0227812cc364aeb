"""All mutants of the procedures that a scenario runs with a variant, in the order in which the specs are written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from encoder.errors import InputError
from encoder.mutation.accesses import groups
from encoder.mutation.mutant import Mutant
from encoder.mutation.rewrite import events, rewritten
from encoder.mutation.steps import Acts, Change, changes
from encoder.program.core import Acquire, Fence, Flush, Program, Region, Release, Rmw, Store
from encoder.program.frame import all_steps
from encoder.program.resolve import resolve
from encoder.program.variant import patched
from encoder.spec.model import Edit, Library, Procedure, Scenario, Variant
from encoder.spec.syntax import Call
from encoder.spec.walk import walk

MUTANT = "a mutant"
"""The name of a variant that holds a mutant's edits: no file can have it."""
EFFECTS = Store | Rmw | Acquire | Release | Region | Flush


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A mutant with the edit, if it has one, that tells whether any execution comes to what it changes."""

    mutant: Mutant
    probe: Edit | None = None


def mutants(source: Source, program: Program) -> tuple[Made, ...]:
    """The mutants of the program that `source` gives, each name once."""
    procedures = _run(source, program)
    ranks = {each.name: rank for rank, each in enumerate(procedures)}
    lines = {each.name: _lines(each) for each in procedures}
    found: dict[str, Made] = {}
    for each in (*_of_steps(source, program, procedures), *_of_events(program)):
        found.setdefault(each.mutant.name, each)

    def place(each: Made) -> tuple[int, int]:
        return ranks[each.mutant.procedure], lines[each.mutant.procedure][each.mutant.step]

    return tuple(sorted(found.values(), key=place))


def _lines(procedure: Procedure) -> dict[str, int]:
    return {step.label: line for line, step in enumerate(all_steps(procedure.steps))}


def _run(source: Source, program: Program) -> tuple[Procedure, ...]:
    """The procedures that have an event in the program, in the order in which the threads call them."""
    known = {each.name: each for each in patched(source.library, source.variant)}
    scenario = next(each for each in source.library.scenarios if each.name == source.scenario)
    used = {event.site.procedure for event in events(program)}
    return tuple(known[name] for name in _called(scenario, known) if name in used)


def _called(scenario: Scenario, known: dict[str, Procedure]) -> tuple[str, ...]:
    """The procedures that a scenario's threads call, callers before what they call."""
    order: dict[str, None] = {}
    todo: list[object] = [scenario.threads]
    while todo:
        names = [each.function for each in walk(todo.pop(0)) if isinstance(each, Call)]
        for name in dict.fromkeys(names):
            if name in known and name not in order:
                order[name] = None
                todo.append(known[name])
    return tuple(order)


def _of_steps(source: Source, program: Program, procedures: tuple[Procedure, ...]) -> Iterator[Made]:
    for procedure in procedures:
        for change in changes(procedure, _acts(program, procedures, procedure)):
            mutant = _edited(source, change)
            if mutant.program is not None or change.kind != "swap":
                yield Made(mutant=mutant, probe=change.probe)


def _acts(program: Program, procedures: tuple[Procedure, ...], procedure: Procedure) -> Acts:
    own = [event for event in events(program) if event.site.procedure == procedure.name]
    fences = {event.site.label for event in own if isinstance(event, Fence)}
    return Acts(
        events=frozenset(event.site.label for event in own),
        fences=frozenset(fences - {event.site.label for event in own if not isinstance(event, Fence)}),
        effects=frozenset(event.site.label for event in own if isinstance(event, EFFECTS)),
        procedures=frozenset(each.name for each in procedures),
    )


def _edited(source: Source, change: Change) -> Mutant:
    program, problem = None, ""
    try:
        program = source.edited(*change.edits)
    except InputError as error:
        problem = error.problems[0].message
    return Mutant(
        procedure=change.procedure,
        label=change.label,
        change=change.what,
        kind=change.kind,
        step=change.label,
        program=program,
        problem=problem,
    )


def _of_events(program: Program) -> Iterator[Made]:
    for group in groups(program):
        yield Made(
            mutant=Mutant(
                procedure=group.procedure,
                label=group.label,
                change=group.what,
                kind=group.kind,
                step=group.step,
                program=rewritten(program, group.rewrite),
            )
        )
