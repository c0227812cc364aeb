"""What the old code of a changed function says of the new: what is kept, and what is taken for granted."""

from collections.abc import Iterator, Sequence

from encoder.kernel.c import JUMPS, CFunction, CStatement, walk
from encoder.kernel.claims import Claims
from encoder.review.differences import CodeChange
from encoder.review.site import StepSite
from encoder.review.statements import jump_text, simple_of, whole
from encoder.review.steps import left_of, split
from encoder.review.words import bare
from encoder.spec.syntax import IfHead, Step


class OldCode:
    """A function with the steps that stand in it, before these changes. `ignored` are the tests, and parts of tests, of
    which no step has anything, where they change: what the model takes them for. `guarded` is what a test does by
    itself, by `id`."""

    def __init__(self, site: StepSite, before: CFunction, changes: Sequence[CodeChange], claims: Claims) -> None:
        self.site, self.before = site, before
        self.left_out = {id(claims.spots[number].statement) for number in claims.left_out.intersection(claims.calls)}
        self.removed = [each for change in changes for each in walk(change.removed)]
        self.by_text: dict[tuple[object, ...], CStatement] = {}
        for each in self.removed:
            self.by_text.setdefault(whole(each), each)
        self.ignored = dict(self._silent())
        self.guarded = {
            id(below)
            for each in walk(before.statements)
            if each.kind == "if"
            for below in (*each.then, *each.otherwise)
            if below.kind in (*JUMPS, "expression")
        }

    def kept(self, statement: CStatement) -> tuple[Step, ...] | None:
        """The steps that a statement of the old code is; None for one that is new, or is only a part of a step, as is
        what a test on one line does; none for one that is left out on purpose."""
        old = self.by_text.get(whole(statement)) or self._alike(statement)
        if old is None:
            return None
        found = self.site.steps_in((old,))
        if not found and old.kind not in JUMPS and self.left_out.intersection(map(id, walk((old,)))):
            return ()
        if not found or (id(old) in self.guarded and any(isinstance(each.step.statement, IfHead) for each in found)):
            return None
        first = {
            each.step.label: sight.spot.statement
            for value in (True, False)
            for each, sight in reversed(self.site.sights)
            if (sight.needle.kind == "value") == value
        }
        inside = {id(each) for each in walk((old,))}
        return tuple(step for step in self.site.outermost(found) if id(first[step.label]) in inside) or None

    def _alike(self, statement: CStatement) -> CStatement | None:
        """A test of the old code that is the same but for parts that the model takes for granted."""
        if statement.kind != "if":
            return None
        wanted = self._test(statement)
        return next((each for each in self.removed if each.kind == "if" and self._test(each) == wanted), None)

    def _test(self, statement: CStatement) -> tuple[object, ...]:
        left = left_of([token.text for token in statement.tokens[2:-1]], self.ignored)
        blocks_below = (tuple(map(whole, statement.then)), tuple(map(whole, statement.otherwise)))
        return left if isinstance(left, bool) else " ".join(bare(left)), *blocks_below

    def leaves(self, statement: CStatement) -> bool:
        """Whether an `if` has the blocks of one whose test is a step by itself and whose blocks have none."""
        own = (tuple(map(whole, statement.then)), tuple(map(whole, statement.otherwise)))
        for each in self.removed:
            if each.kind == "if" and not self.site.steps_in((*each.then, *each.otherwise)):
                heads = [step for step, sight in self.site.sights if sight.spot.statement is each]
                tests = any(isinstance(step.step.statement, IfHead) for step in heads)
                if heads and not tests and own == (tuple(map(whole, each.then)), tuple(map(whole, each.otherwise))):
                    return True
        return False

    def _silent(self) -> Iterator[tuple[str, bool]]:
        seen = {id(sight.spot.statement) for _, sight in self.site.sights}
        for each in self.removed:
            if each.kind == "if":
                condition = [token.text for token in each.tokens[2:-1]]
                if id(each) not in seen and self.site.steps_in(each.then):
                    yield " ".join(condition), True
                for sign, value in (("||", False), ("&&", True)):
                    yield from ((part, value) for part in self._silent_parts(each, condition, sign))

    def _silent_parts(self, statement: CStatement, condition: Sequence[str], sign: str) -> Iterator[str]:
        """The parts, between these signs, of a test of which a step has another part."""
        tokens = {id(sight.spot.token) for _, sight in self.site.sights if sight.spot.statement is statement}
        at = 2
        parts = split(condition, sign)
        for part in parts:
            inside = {id(token) for token in statement.tokens[at : at + len(part)]}
            at += len(part) + 1
            if len(parts) > 1 and tokens and not inside & tokens:
                yield " ".join(part)

    def jumps(self, *, returns: bool) -> dict[str, str]:
        """What the jumps of the function are in the procedure; with `returns` those with a value too."""
        found: dict[str, str] = {}
        for each, sight in self.site.sights:
            simple = simple_of(each.step)
            text = jump_text(simple) if sight.needle.kind == "jump" and simple is not None else None
            if text is not None and (returns or not text.startswith("return ")):
                found.setdefault(sight.spot.statement.head, text)
        return found
