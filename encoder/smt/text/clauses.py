"""Clauses over numbered literals, and conditions (conjunctions of literals) that sparse relations carry."""

import time
from collections.abc import Iterable
from math import inf

from encoder.graph.term import Term, Terms
from encoder.program.core import Site
from encoder.smt.text.script import FALSE, TRUE, Script, negate
from encoder.smt.text.selectors import Topic

Cond = frozenset[int]  # a conjunction of literals; a negative number is the negation
ALWAYS: Cond = frozenset()
MAX_UNNAMED = 4  # a condition of more literals gets a literal of its own


def both(a: Cond, b: Cond) -> Cond | None:
    """The conjunction; None if it is contradictory."""
    if a <= b:
        return b
    if b <= a:
        return a
    for literal in a if len(a) < len(b) else b:
        if -literal in a or -literal in b:
            return None
    return a | b


class Clauses:
    """Writes clauses over numbered literals to a script. Literal -x is the negation of literal x. `deadline` is a
    `time.monotonic()` value."""

    def __init__(self, script: Script, terms: Terms, deadline: float = inf) -> None:
        self.script = script
        self.terms = terms
        self.deadline = deadline
        self.names = [""]
        self.negated = [""]
        self._numbers: dict[str, int] = {}
        self._named: dict[frozenset[Cond], Cond] = {}
        self._implied_by: dict[int, list[Cond]] = {}
        self._fresh = 0

    def literal(self, text: str) -> int:
        """The number of a literal, given as a name or a negated name."""
        if text.startswith("(not "):
            return -self.literal(negate(text))
        number = self._numbers.get(text)
        if number is None:
            number = self._numbers[text] = len(self.names)
            self.names.append(text)
            self.negated.append(f"(not {text})")
        return number

    def boolean(self, name: str) -> int:
        """The literal of a Boolean that is declared under this name."""
        return self.literal(self.script.boolean(name))

    def selector(self, topic: Topic, site: Site | None, detail: str = "") -> Cond:
        """The condition that a fact is switched on, see `Script.selector_literal`; always true without selectors."""
        if self.script.selectors is None:
            return ALWAYS
        return frozenset((self.literal(self.script.selector_literal(topic, site, detail)),))

    def fresh(self) -> int:
        """A new Boolean variable."""
        self._fresh += 1
        return self.boolean(f"x{self._fresh}")

    def text(self, literal: int) -> str:
        """The SMT-LIB text of a literal."""
        return self.names[literal] if literal > 0 else f"(not {self.names[-literal]})"

    def condition(self, term: Term) -> Cond | None:
        """A Boolean term as a condition; None if it is false."""
        literals: set[int] = set()
        for part in self.terms.conjuncts(term):
            text = self.script.truth(part)
            if text == FALSE:
                return None
            if text != TRUE:
                literals.add(self.literal(text))
        return None if any(-x in literals for x in literals) else frozenset(literals)

    def clause(self, *literals: int) -> None:
        """Assert that one of the literals, all different, holds."""
        self.script.disjunction([self.names[x] if x > 0 else self.negated[-x] for x in literals])

    def forbid(self, condition: Cond, *unless: int) -> None:
        """Assert that the condition does not hold, unless one of the literals `unless` does."""
        names, negated = self.names, self.negated
        parts = [negated[x] if x > 0 else names[-x] for x in sorted(condition)]
        self.script.disjunction(parts + [names[x] if x > 0 else negated[-x] for x in unless])

    def formula(self, condition: Cond) -> str:
        """The condition as SMT-LIB text."""
        parts = [self.text(x) for x in sorted(condition)]
        return TRUE if not parts else parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})"

    def implied_literal(self, condition: Cond) -> Cond:
        """A condition of at most one literal that `condition` implies; the converse need not hold."""
        return condition if len(condition) < 2 else self._name([condition])

    def check_deadline(self) -> None:
        """Raises TimeoutError after the deadline."""
        if time.monotonic() > self.deadline:
            raise TimeoutError(f"{self.script.clauses} constraints were built")

    def any_of(self, alternatives: Iterable[Cond]) -> Cond:
        """A condition that every alternative implies: the only alternative, or a new literal. The converse need not
        hold."""
        kept = minimal(alternatives)
        if len(kept) == 1 and len(kept[0]) <= MAX_UNNAMED:
            return kept[0]
        return self._name(kept)

    def _name(self, kept: list[Cond]) -> Cond:
        """A new literal that each of the conditions implies, the same for the same conditions."""
        key = frozenset(kept)
        name = self._named.get(key)
        if name is None:
            head = self.fresh()
            for condition in kept:
                self.forbid(condition, head)
            name = self._named[key] = frozenset((head,))
            self._implied_by[head] = kept
        return name

    def make_exact(self, condition: Cond) -> None:
        """Assert the converse of what `any_of` has asserted: the literals that it has made hold only if an alternative
        does. To be called for conditions that are negated."""
        for head in sorted(condition):
            if (alternatives := self._implied_by.pop(head, None)) is not None:
                self.script.clause(negate(self.text(head)), *map(self.formula, alternatives))
                for each in alternatives:
                    self.make_exact(each)


def minimal(alternatives: Iterable[Cond]) -> list[Cond]:
    """The alternatives without those that imply another one, in a fixed order."""
    conditions = set(alternatives)
    if len(conditions) == 1:
        return list(conditions)
    if ALWAYS in conditions:
        return [ALWAYS]
    kept: list[Cond] = []
    for condition in sorted(conditions, key=lambda each: (len(each), sorted(each))):
        if len(condition) < 2 or not any(map(condition.issuperset, kept)):
            kept.append(condition)
    return kept
