"""The edits that a changed function means for the steps of a procedure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.kernel.c import CFunction, CStatement, text_of, walk
from encoder.kernel.placing import PlacedStep
from encoder.kernel.sources import SourcePlace, places_of
from encoder.kernel.vocabulary import KernelWords
from encoder.program.unparse import unparse
from encoder.program.variant import PatchedKernel
from encoder.review.dictionary import learn
from encoder.review.differences import CodeChange, differences
from encoder.review.site import Anchor, StepSite
from encoder.review.steps import NewStep, Translation, split
from encoder.review.words import NotUnderstoodError, Speech, bits_of, speech_fields
from encoder.spec.model import Library, Primitive, Procedure
from encoder.spec.syntax import Break, Continue, Empty, Evaluate, Goto, IfHead, Return, Step
from encoder.spec.walk import all_steps, blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEdit:
    """An edit of a variant: `action` at a label, with new steps."""

    procedure: str
    action: str
    label: str
    steps: tuple[NewStep, ...] = ()
    place: SourcePlace
    source: str
    """Of the new steps: "" where it is that of the step at the label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Lines of the patch that were not understood: what stood there, what stands there, and `why`; the steps that were
    there are `labels`."""

    place: SourcePlace
    line: int
    was: tuple[str, ...]
    now: tuple[str, ...]
    procedure: str
    labels: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a changed function means for one procedure. `touched` are the steps that the edits are at."""

    edits: tuple[DraftEdit, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    touched: tuple[str, ...] = ()


class Drafter:
    """Knows the base: its words, its procedures and primitives."""

    def __init__(self, library: Library, kernel: PatchedKernel, words: KernelWords) -> None:
        self.kernel = kernel
        self.words = words
        callables: list[Primitive | Procedure] = [*library.primitives, *kernel.procedures]
        self.functions: Mapping[str, Primitive | Procedure] = {each.name: each for each in callables}
        self.getters, self.setters, self.fields = speech_fields(library)
        self.bits = bits_of(library)
        self.constants = frozenset(name for name, _ in library.types.constants)

    def draft(self, site: StepSite, before: CFunction, after: CFunction, *, home: bool) -> Drafted:
        """What becomes of the procedure's steps in this function; what stands between steps that are of none is of the
        procedure whose `home` the function is."""
        return _Function(self, site, before, after).drafted(home)

    def ghosts(self, text: str) -> tuple[tuple[str, str], ...]:
        """The keys that go with a call: those that another step with the same call has, for what is passed here."""
        for step in (each for procedure in self.kernel for each in all_steps(procedure.steps)):
            if isinstance(step.statement, Evaluate) and (step.ghost_first or step.ghost_last):
                own = unparse(step.statement.value)
                name, field = own.split("(")[0], own.rpartition("->")[2]
                match = re.fullmatch(rf"{re.escape(name)}\(&(?P<base>.+)->{re.escape(field)}", text)
                if match is not None:
                    base = own.removeprefix(f"{name}(&").removesuffix(f"->{field}")
                    return tuple(
                        (key, f"{unparse(each.target)} = {unparse(each.value).replace(base, match['base'])}")
                        for key, found in (("ghost_first", step.ghost_first), ("ghost_last", step.ghost_last))
                        for each in found
                    )
        return ()


class _Function:
    """One function before and after, for one procedure."""

    def __init__(self, drafter: Drafter, site: StepSite, before: CFunction, after: CFunction) -> None:
        self.drafter, self.site, self.before, self.after = drafter, site, before, after
        self.changes = [*differences(before.statements, after.statements)]
        self.removed = [each for change in self.changes for each in walk(change.removed)]
        self.by_text: dict[tuple[object, ...], CStatement] = {}
        for each in self.removed:
            self.by_text.setdefault(whole(each), each)
        self.speech = self._speech()
        self.translation = Translation(
            speech=self.speech, kept=self._kept, ignored=frozenset(self._ignored()), jumps=self._jumps(),
            ghosts=drafter.ghosts, labels={step.label for step in all_steps(site.placed.procedure.steps)},
            returns=site.place in places_of(site.placed.procedure.source)[:1],
        )  # fmt: skip

    def drafted(self, home: bool) -> Drafted:
        edits: list[DraftEdit] = []
        unclear: list[Unclear] = []
        touched: list[str] = []
        for change in self.changes:
            hit = self.site.steps_in(change.removed)
            if not hit and not home:
                continue
            try:
                found = [*self._edits(change, hit)]
            except NotUnderstoodError as error:
                unclear.append(self._unclear(change, hit, str(error)))
            else:
                edits += found
                touched += [each.label for each in found]
        return Drafted(edits=tuple(edits), unclear=tuple(unclear), touched=tuple(dict.fromkeys(touched)))

    def _edits(self, change: CodeChange, hit: Sequence[PlacedStep]) -> Iterator[DraftEdit]:
        parts = [each for each in hit if not self.site.is_whole(each, self.removed)]
        new = self.translation.steps(change.added)
        if parts and (new or change.removed):
            names = ", ".join(f"`{each.step.label}`" for each in parts)
            if self._says_the_same(change):
                return
            raise NotUnderstoodError(names, "also stands in lines that stay: what is left of it?")
        tops = self.site.outermost(hit)
        if [step.label for step in tops] == [each.label for each in new] and all(each.kept for each in new):
            return
        gone = [*tops]
        if gone and new:
            if len(gone) == 1 and len(new) == 1 and new[0].kept is None:
                new = (replace(new[0], label=gone[0].label),)
            yield self._edit("replace", gone[0].label, new)
            gone = gone[1:]
        elif new:
            yield self._inserted(change, new)
        for step in gone:
            yield self._deleted(step)

    def _edit(self, action: str, label: str, steps: tuple[NewStep, ...] = ()) -> DraftEdit:
        place = self.site.place
        source = "" if places_of(self.site.step(label).source)[:1] == (place,) else str(place)
        procedure = self.site.placed.procedure.name
        return DraftEdit(procedure=procedure, action=action, label=label, steps=steps, place=place, source=source)

    def _inserted(self, change: CodeChange, new: tuple[NewStep, ...]) -> DraftEdit:
        at = self.site.anchor(change)
        if at is None:
            raise NotUnderstoodError(new[0].text, "stands where the steps around it do not say when it happens")
        if at.inside:
            return self._edit("replace", at.label, (self._opened(at, new),))
        return self._edit(at.action, at.label, new)

    def _opened(self, at: Anchor, new: tuple[NewStep, ...]) -> NewStep:
        """A test on one line, with the new steps before what it does."""
        step = self.site.step(at.label)
        assert isinstance(step.statement, IfHead) and step.statement.statement is not None
        simple = jump_text(step.statement.statement) or step.text.partition(") ")[2]
        text = f"if ({unparse(step.statement.condition)})"
        last = NewStep(label=self.translation.label_of(simple), text=simple)
        return NewStep(label=step.label, text=text, then=(*new, last))

    def _deleted(self, step: Step) -> DraftEdit:
        """Without the step; a `goto` to it, and a block that would be empty, keep its place."""
        simple = (_simple(each) for each in all_steps(self.site.placed.procedure.steps))
        wanted = any(isinstance(each, Goto) and each.label == step.label for each in simple)
        parent = self.site.parents.get(step.label)
        alone = parent is not None and len(blocks(parent[0])[parent[1]]) == 1
        if wanted or alone:
            return self._edit("replace", step.label, (NewStep(label=step.label, text=";"),))
        return self._edit("delete", step.label)

    def _says_the_same(self, change: CodeChange) -> bool:
        """Whether what the model knows is the same before and after."""
        words = self.speech

        def known(statements: Sequence[CStatement]) -> list[str]:
            return [
                token.text
                for each in walk(statements)
                for token in each.tokens
                if words.is_known(token.text) or each.kind in ("return", "goto", "break", "continue")
            ]

        return known(change.removed) == known(change.added)

    def _kept(self, statement: CStatement) -> tuple[Step, ...] | None:
        """The steps that a statement of the old code is; None for one that is new, or is only a part of a step."""
        old = self.by_text.get(whole(statement))
        if old is None:
            return None
        found = self.site.steps_in((old,))
        if not found:
            return None
        first = {each.step.label: sight.spot.statement for each, sight in reversed(self.site.sights)}
        inside = {id(each) for each in walk((old,))}
        return tuple(step for step in self.site.outermost(found) if id(first[step.label]) in inside)

    def _ignored(self) -> Iterator[str]:
        """The tests, and parts of tests, of the old function of which no step has anything."""
        seen = {id(sight.spot.statement) for _, sight in self.site.sights}
        for each in walk(self.before.statements):
            if each.kind == "if":
                condition = [token.text for token in each.tokens[2:-1]]
                if id(each) not in seen and self.site.steps_in(each.then):
                    yield " ".join(condition)
                for sign in ("||", "&&"):
                    yield from self._silent_parts(each, condition, sign)

    def _silent_parts(self, statement: CStatement, condition: Sequence[str], sign: str) -> Iterator[str]:
        tokens = {id(sight.spot.token) for _, sight in self.site.sights if sight.spot.statement is statement}
        at = 2
        parts = split(condition, sign)
        for part in parts:
            inside = {id(token) for token in statement.tokens[at : at + len(part)]}
            at += len(part) + 1
            if len(parts) > 1 and not inside & tokens:
                yield " ".join(part)

    def _jumps(self) -> dict[str, str]:
        """What the jumps of the function are in the procedure."""
        found: dict[str, str] = {}
        for each, sight in self.site.sights:
            simple = _simple(each.step)
            if sight.needle.kind == "jump" and simple is not None and (text := jump_text(simple)) is not None:
                found.setdefault(sight.spot.statement.head, text)
        return found

    def _speech(self) -> Speech:
        drafter, procedure = self.drafter, self.site.placed.procedure
        known = {parameter.name for parameter in (*procedure.parameters, *procedure.locals)}
        unseen = known if self.before.parameters == () else known & set(self.before.parameters)
        meanings = learn(self.site.placed, self.site.place.file, self.before, drafter.functions)
        return Speech(
            words=drafter.words, functions=drafter.functions, getters=drafter.getters, setters=drafter.setters,
            fields=drafter.fields, bits=drafter.bits, meanings=meanings,
            same=frozenset(unseen | drafter.constants),
        )  # fmt: skip

    def _unclear(self, change: CodeChange, hit: Sequence[PlacedStep], why: str) -> Unclear:
        line = (change.added or change.removed)[0].line
        return Unclear(
            place=self.site.place, line=line, was=tuple(lines_of(change.removed)), now=tuple(lines_of(change.added)),
            procedure=self.site.placed.procedure.name, labels=tuple(each.step.label for each in hit), why=why,
        )  # fmt: skip


def whole(statement: CStatement) -> tuple[object, ...]:
    """What makes two statements the same, with all below them."""
    return tuple((each.kind, each.head, len(each.then), len(each.otherwise)) for each in walk((statement,)))


def lines_of(statements: Sequence[CStatement], indent: str = "") -> Iterator[str]:
    """Statements as C, one a line."""
    for each in statements:
        yield f"{indent}{text_of(each.tokens)}"
        yield from lines_of(each.then, indent + "    ")
        if each.otherwise:
            yield f"{indent}else"
            yield from lines_of(each.otherwise, indent + "    ")


def jump_text(simple: object) -> str | None:
    """A jump as it is written, None for another statement."""
    match simple:
        case Return(value=None):
            return "return"
        case Return(value=value) if value is not None:
            return f"return {unparse(value)}"
        case Goto(label=label):
            return f"goto {label}"
        case Break():
            return "break"
        case Continue():
            return "continue"
        case Empty():
            return ";"
        case _:
            return None


def _simple(step: Step) -> object:
    """The simple statement of a step, that of a test on one line too."""
    return step.statement.statement if isinstance(step.statement, IfHead) else step.statement
