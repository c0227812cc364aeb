"""The edits that a changed function means for the steps of a procedure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from encoder.kernel.c import JUMPS, CFunction, CStatement, walk
from encoder.kernel.claims import Claims
from encoder.kernel.placing import PlacedStep
from encoder.kernel.sources import SourcePlace, places_of
from encoder.kernel.vocabulary import KernelWords
from encoder.program.unparse import unparse
from encoder.program.variant import PatchedKernel
from encoder.review.dictionary import learn
from encoder.review.differences import CodeChange, differences
from encoder.review.doubts import Doubts
from encoder.review.old_code import OldCode
from encoder.review.site import Anchor, StepSite
from encoder.review.statements import is_renaming, jump_text, lines_of, simple_of
from encoder.review.steps import NewStep, Translation, kept_labels
from encoder.review.words import NotUnderstoodError, Speech, bits_of, speech_fields
from encoder.spec.model import Library, Primitive, Procedure
from encoder.spec.syntax import Evaluate, Goto, IfHead, Step
from encoder.spec.walk import all_steps, blocks, called_functions


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
    """What a changed function means for one procedure. `passed` are changed lines that no step stands for."""

    edits: tuple[DraftEdit, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    passed: tuple[str, ...] = ()


class Drafter:
    """Knows the base: its words, its procedures and primitives."""

    def __init__(
        self, library: Library, kernel: PatchedKernel, words: KernelWords, modelled: frozenset[str],
        brought: frozenset[str],
    ) -> None:  # fmt: skip
        """`modelled` are the functions in which steps stand, `brought` those that the patch adds."""
        self.kernel = kernel
        self.brought = brought
        self.modelled = modelled
        self.words = words
        callables: list[Primitive | Procedure] = [*library.primitives, *kernel.procedures]
        self.functions: Mapping[str, Primitive | Procedure] = {each.name: each for each in callables}
        self.getters, self.setters, self.fields = speech_fields(library)
        self.bits = bits_of(library)
        self.constants = frozenset(name for name, _ in library.types.constants)

    def drafts(
        self, sites: Sequence[StepSite], before: CFunction, after: CFunction, claims: Claims
    ) -> Iterator["Drafted"]:
        """What becomes of the steps in a function, of which all procedures together have these `claims`. What stands
        between steps and is none is of the procedure that has most steps there. Procedures that abridge another are
        read where they can be: what is read in full says what the patch does to the lines that both have."""
        most = max((len(site.sights) for site in sites), default=0)
        full = [site for site in sites if not site.placed.procedure.abridges]
        for site in sites:
            draft = ChangedFunction(self, site, before, after, claims).drafted(home=len(site.sights) == most)
            if site in full or not (
                (draft.unclear and site.shares_lines({label for each in draft.unclear for label in each.labels}, full))
                or (site.part and any(site.is_other(edit.label, full) for edit in draft.edits))
            ):
                yield draft

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


class ChangedFunction:
    """One function before and after, for one procedure."""

    def __init__(self, drafter: Drafter, site: StepSite, before: CFunction, after: CFunction, claims: Claims) -> None:
        self.drafter, self.site, self.before, self.after = drafter, site, before, after
        self.in_full = not site.placed.procedure.abridges  # else it returns something of its own
        renamed = is_renaming(before.statements, after.statements, self._is_fixed)
        self.changes = [] if renamed else [*differences(before.statements, after.statements)]
        self.old = OldCode(site, before, self.changes, claims)
        self.speech = self._speech()
        self.doubts = Doubts(site, claims, self.speech, self.old, drafter.modelled)
        self.translation = Translation(
            speech=self.speech, kept=self.old.kept, ignored=self.old.ignored, leaves=self.old.leaves,
            jumps=self.old.jumps(returns=self.in_full), ghosts=drafter.ghosts,
            labels={step.label for step in all_steps(site.placed.procedure.steps)},
            returns=self.in_full and site.place in places_of(site.placed.procedure.source)[:1],
        )  # fmt: skip

    def _is_fixed(self, word: str) -> bool:
        """Whether a name is no variable of the function."""
        drafter = self.drafter
        known = word in drafter.words.meanings or word in drafter.fields or word in drafter.modelled
        return known or word in self.before.parameters or word in drafter.constants

    def drafted(self, *, home: bool) -> Drafted:
        edits: list[DraftEdit] = []
        unclear: list[Unclear] = []
        passed: list[str] = []
        for change in self.changes:
            hit = self.site.steps_in(change.removed)
            if not home and not hit and not self._brings(change):
                continue
            passed += [] if hit or self.doubts.is_step(change) else [f"-{line}" for line in lines_of(change.removed)]
            try:
                found = [*self._edits(change, hit)]
            except NotUnderstoodError as error:
                unclear.append(self._unclear(change, hit, str(error)))
            else:
                edits += found
                passed += [] if found or hit else [f"+{line}" for line in lines_of(change.added)]
        passed += [line for text in self.translation.dropped if (line := f"+{text};") not in passed]
        return Drafted(edits=tuple(edits), unclear=tuple(unclear), passed=tuple(passed))

    def _brings(self, change: CodeChange) -> bool:
        """Whether a step of the procedure comes here from elsewhere in the function."""
        return any(self.old.kept(each) for each in walk(change.added))

    def _edits(self, change: CodeChange, hit: Sequence[PlacedStep]) -> Iterator[DraftEdit]:
        self.doubts.check(change, hit)
        if (untested := self._untested(change)) is not None:
            yield untested
            return
        self.doubts.check_calls(change)
        self.doubts.check_claims(change)
        parts = [each for each in hit if not self.site.is_whole(each, self.old.removed)]
        before = len(self.translation.dropped)
        new = self.translation.steps(change.added)
        if hit:
            self.doubts.check_dropped(self.translation.dropped[before:])
        if parts and (new or change.removed):
            names = ", ".join(f"`{each.step.label}`" for each in parts)
            if self._says_the_same(change):
                return
            if (changed := self._guarded(change, parts, new)) is not None:
                yield self._edit("replace", parts[0].step.label, (changed,))
                return
            raise NotUnderstoodError(names, "also stands in lines that stay: what is left of it?")
        tops = self.site.outermost(hit)
        if [step.label for step in tops] == [each.label for each in new] and all(each.kept for each in new):
            return
        gone = [*tops]
        if gone and new:
            if len(gone) == 1 and len(new) == 1 and gone[0].label not in kept_labels(new):
                new = (replace(new[0], label=gone[0].label),)
            self.doubts.check_below(gone, new)
            self.doubts.check_said(hit, new)
            self.doubts.check_alone(gone)
            yield self._edit("replace", gone[0].label, new)
            gone = gone[1:]
        elif new:
            yield self._inserted(change, new)
        for step in gone:
            yield self._deleted(step)

    def _untested(self, change: CodeChange) -> DraftEdit | None:
        """Of `if (f()) return;` that goes: where all of f() is one test, what that test guards always happens, and what
        it would leave for never."""
        match change.removed, change.added:
            case (
                CStatement(kind="if", then=(CStatement(kind="return" | "goto" | "break" | "continue"),)) as gone,
            ), ():
                pass
            case _:
                return None
        called = [token.text for token in gone.tokens if token.text in self.drafter.modelled]
        placed = self.site.placed.steps
        inside = [each for each in placed if any(sight.place.function in called for sight in each.sights)]
        if gone.otherwise or len(called) != 1 or len(inside) != 1:
            return None
        match (step := inside[0].step).statement:
            case IfHead(statement=None) if not step.otherwise:
                kept = tuple(NewStep(label=each.label, text=each.text, kept=each) for each in step.then)
                return self._edit("replace", step.label, kept)
            case IfHead(statement=simple) if simple is not None:
                return self._deleted(step)
            case _:
                return None

    def _edit(self, action: str, label: str, steps: tuple[NewStep, ...] = ()) -> DraftEdit:
        place = self.site.place
        source = "" if places_of(self.site.step(label).source)[:1] == (place,) else str(place)
        procedure = self.site.placed.procedure.name
        return DraftEdit(procedure=procedure, action=action, label=label, steps=steps, place=place, source=source)

    def _inserted(self, change: CodeChange, new: tuple[NewStep, ...]) -> DraftEdit:
        at = self.site.anchor(change)
        if at is None:
            raise NotUnderstoodError(new[0].text, "stands where the steps around it do not say when it happens")
        self.doubts.check_sure([at.label])
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
        simple = (simple_of(each) for each in all_steps(self.site.placed.procedure.steps))
        wanted = any(isinstance(each, Goto) and each.label == step.label for each in simple)
        parent = self.site.parents.get(step.label)
        alone = parent is not None and len(blocks(parent[0])[parent[1]]) == 1
        if wanted or alone:
            return self._edit("replace", step.label, (NewStep(label=step.label, text=";"),))
        return self._edit("delete", step.label)

    def _guarded(self, change: CodeChange, parts: Sequence[PlacedStep], new: Sequence[NewStep]) -> NewStep | None:
        """A test on one line of which only what it does has changed, as one with what it does now."""
        if len(parts) != 1 or len(change.removed) != 1 or len(new) != 1 or change.removed[0].then or new[0].then:
            return None
        step = parts[0].step
        if not isinstance(step.statement, IfHead) or step.statement.statement is None or new[0].body:
            return None
        asked = called_functions(step.statement.condition)
        gone = [sight for sight in parts[0].sights if sight.spot.statement is change.removed[0]]
        if any(sight.needle.says in asked for sight in gone):  # what is asked has changed
            return None
        return replace(new[0], label=step.label, text=f"if ({unparse(step.statement.condition)}) {new[0].text}")

    def _says_the_same(self, change: CodeChange) -> bool:
        """Whether the statements that call what the model knows, and the jumps, are the same before and after."""

        def known(statements: Sequence[CStatement]) -> list[str]:
            return [
                each.head
                for each in walk(statements)
                if each.kind in JUMPS or any(self.speech.is_known(token.text) for token in each.tokens)
            ]

        seen = {id(spot.statement) for _, sight in self.site.sights for spot in sight.spots}
        gone = {each.head for each in walk(change.removed) if id(each) in seen}
        return gone <= {each.head for each in walk(change.added)} and known(change.removed) == known(change.added)

    def _speech(self) -> Speech:
        drafter, procedure = self.drafter, self.site.placed.procedure
        known = {parameter.name for parameter in (*procedure.parameters, *procedure.locals)}
        unseen = known if self.before.parameters == () else known & set(self.before.parameters)
        meanings = learn(self.site.placed, self.site.place.file, self.before, drafter.functions)
        return Speech(
            words=drafter.words, functions=drafter.functions, getters=drafter.getters, setters=drafter.setters,
            fields=drafter.fields, bits=drafter.bits, meanings=meanings,
            same=frozenset(unseen | drafter.constants), brought=drafter.brought,
        )  # fmt: skip

    def _unclear(self, change: CodeChange, hit: Sequence[PlacedStep], why: str) -> Unclear:
        line = (change.added or change.removed)[0].line
        return Unclear(
            place=self.site.place, line=line, was=tuple(lines_of(change.removed)), now=tuple(lines_of(change.added)),
            procedure=self.site.placed.procedure.name, labels=tuple(each.step.label for each in hit), why=why,
        )  # fmt: skip
