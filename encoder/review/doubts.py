"""Why a change is not for a program to read: each of these is for people to say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from encoder.kernel.c import CStatement, Token, text_of, walk
from encoder.kernel.claims import ASSERTION, Claims
from encoder.kernel.placing import PlacedStep
from encoder.kernel.vocabulary import KernelWords
from encoder.review.differences import CodeChange
from encoder.review.old_code import OldCode
from encoder.review.site import StepSite
from encoder.review.steps import NewStep, all_new, kept_labels
from encoder.review.words import ORDERING, NotUnderstoodError, Speech
from encoder.spec.syntax import Step
from encoder.spec.walk import all_steps

ASSIGNING = ("=", "+=", "-=", "|=", "&=", "++", "--")


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of the steps of one procedure in a function, of which all procedures together have these `claims`. `modelled` are
    the functions in which steps stand. What checks raises NotUnderstoodError."""

    site: StepSite
    claims: Claims
    speech: Speech
    old: OldCode
    modelled: frozenset[str]

    def check(self, change: CodeChange, hit: Sequence[PlacedStep]) -> None:
        """All that can be said of a change before it is read."""
        self._check_base(change, hit)
        self.check_sure([each.step.label for each in hit])
        if not hit:
            self._check_deciding(change)

    def _check_base(self, change: CodeChange, hit: Sequence[PlacedStep]) -> None:
        """What the model knows changes in a function that is not as the base has it, or of which the hunks do not show
        which step it is."""
        changed = [token.text for each in walk((*change.removed, *change.added)) for token in each.tokens]
        if not self.speech.knows(changed):
            return
        if lost := self.site.lost(set(changed)):
            raise NotUnderstoodError(", ".join(lost), "is not here: this kernel is not the base (`pinproof drift`)")
        gone = [token.text for each in walk(change.removed) for token in each.tokens]
        if self.site.part and not hit and self.speech.knows(gone):
            raise NotUnderstoodError(text_of(gone), "is no step that the hunk shows: --kernel DIR tells")

    def _check_deciding(self, change: CodeChange) -> None:
        """A variable is given another value by which the function decides whether steps happen."""
        sides = [
            Counter((each.head, _assigned(each)) for each in walk(side)) for side in (change.removed, change.added)
        ]
        changed = {name for _, name in (sides[0] - sides[1]) + (sides[1] - sides[0])} - {""}
        steps = {id(self.claims.spots[number].statement) for number in self.claims.by_steps}
        for each in walk(self.old.before.statements) if changed else ():
            if steps.intersection(map(id, walk((*each.then, *each.otherwise)))):
                for name in sorted(changed & _variables(each)):
                    raise NotUnderstoodError(name, f"decides in `{text_of(each.tokens)}` whether steps happen")

    def check_sure(self, labels: Sequence[str]) -> None:
        """Hunks alone do not say which step a line is."""
        for label in labels:
            if self.site.is_unsure(label):
                raise NotUnderstoodError(label, "or another step like it? The hunk does not say: --kernel DIR does")

    def check_calls(self, change: CodeChange) -> None:
        """A function is no longer called in which steps stand, and no step is the call."""
        seen = {id(sight.spot.token) for _, sight in self.site.sights}
        for each in walk(change.removed):
            for token, behind in zip(each.tokens, each.tokens[1:], strict=False):
                if behind.text == "(" and token.text in self.modelled and id(token) not in seen:
                    raise NotUnderstoodError(f"{token.text}()", "has steps of its own: what becomes of them?")

    def check_claims(self, change: CodeChange) -> None:
        """Something changes that the model knows, or that orders what others see, and no step stands for it; where it
        is left out on purpose the reason may be one no longer."""
        numbers = {id(spot.token): number for number, spot in enumerate(self.claims.spots)}
        stays = Counter(each.head for each in walk(change.added))
        for each in walk(change.removed):
            lost = [
                token for token in _mattering(each, self.claims.words) if numbers[id(token)] not in self.claims.by_steps
            ]
            reasons = [self.claims.reasons.get(numbers[id(token)]) for token in lost]
            stays[each.head] -= 1
            for token, reason in zip(lost, reasons, strict=True):
                if reason is None:
                    raise NotUnderstoodError(f"{token.text}()", "is no step, and not left out on purpose")
                if stays[each.head] < 0:
                    raise NotUnderstoodError(f"{token.text}()", f"is left out ({reason}): and now?")

    def is_step(self, change: CodeChange) -> bool:
        """Whether something that is removed is a step, of whatever procedure."""
        inside = {id(each) for each in walk(change.removed)}
        return any(id(self.claims.spots[number].statement) in inside for number in self.claims.by_steps)

    def check_dropped(self, dropped: Sequence[str]) -> None:
        """Where steps stood stand calls of what the model does not know."""
        for text in dropped:
            if "(" in text:
                raise NotUnderstoodError(text, "is no primitive or procedure, and stands where there was a step")

    def check_below(self, gone: Sequence[Step], new: Sequence[NewStep]) -> None:
        """Steps below one that is another now stand in code that stays."""
        below = {each.label for step in gone for each in all_steps((step,))} - kept_labels(new)
        for each in self.site.placed.steps:
            if each.step.label in below and (each.missing or not self.site.is_whole(each, self.old.removed)):
                raise NotUnderstoodError(each.step.label, "stands in lines that stay, below what changes")

    def check_said(self, hit: Sequence[PlacedStep], new: Sequence[NewStep]) -> None:
        """A statement is another, and the same in the words of the specs, as where an argument changes that they do not
        have."""
        old = {each.step.text: each.step.label for each in hit if each.step.label not in kept_labels(new)}
        for step in all_new(new):
            if step.kept is None and step.text in old:
                raise NotUnderstoodError(
                    old[step.text], "says the same in the words of the specs: what changes has none"
                )

    def check_alone(self, gone: Sequence[Step]) -> None:
        """A statement that is another now was several steps, on paths that part."""
        for one, other in pairwise(gone):
            lines = [self._lines(step.label) for step in (one, other)]
            apart = self.site.parents.get(one.label) != self.site.parents.get(other.label) or not self._adjoin(
                one, other
            )
            if lines[0] & lines[1] and apart:
                raise NotUnderstoodError(f"`{one.label}`, `{other.label}`", "are one line: which of them becomes what?")

    def _lines(self, label: str) -> set[int]:
        return {id(spot.statement) for each, s in self.site.sights if each.step.label == label for spot in s.spots}

    def _adjoin(self, one: Step, other: Step) -> bool:
        """Whether no step stands between two, those below the first aside."""
        between = range(self.site.order[one.label] + 1, self.site.order[other.label])
        return len(between) == len([*all_steps((one,))]) - 1


def _mattering(statement: CStatement, words: KernelWords) -> list[Token]:
    """The names of what a statement calls that is of interest; assertions aside."""
    if ASSERTION.match(statement.head):
        return []
    return [
        token
        for token, behind in pairwise(statement.tokens)
        if behind.text == "(" and (token.text in words.known or ORDERING.fullmatch(token.text))
    ]


def _assigned(statement: CStatement) -> str:
    """The variable that a statement gives a value, "" if there is none."""
    words = ["", *(token.text for token in statement.tokens)]
    if statement.kind in ("expression", "declaration"):
        for before, word, behind in zip(words, words[1:], words[2:], strict=False):
            if (behind in ASSIGNING or before in ("++", "--")) and word.isidentifier() and before not in ("->", "."):
                return word
    return ""


def _variables(statement: CStatement) -> set[str]:
    """The variables in the head of a statement."""
    words = ["", *(token.text for token in statement.tokens), ""]
    return {
        word
        for before, word, behind in zip(words, words[1:], words[2:], strict=False)
        if word.isidentifier() and before not in ("->", ".") and behind != "("
    }
