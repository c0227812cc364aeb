"""Minimal unsatisfiable sets of facts: what a proof rests on."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from encoder.smt.encoding import Encoding
from encoder.smt.solvers.z3_solver import GoalSolver, Session
from encoder.smt.text.script import negate, quote
from encoder.smt.text.selectors import Fact, Selectors, selector_name

SEARCH = 0.7  # the part of the time that the search may take; the rest is for `confirms`


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCore:
    """Facts with which a goal is unsat. `minimal`: it is satisfiable once any one of them is switched off; otherwise
    time ran out before that was known."""

    facts: frozenset[Fact]
    minimal: bool


class MinimalCore:
    """Finds out which facts make a goal unsat.

    `encoding` is that of `axiomatic.encode.encode_executions`, built with `selectors`. Every method raises TimeoutError
    if the solver gives up and after the deadline, a `time.monotonic()` value; `core` does so only if nothing is known
    by then. The search leaves part of the time to `confirms`.
    """

    def __init__(self, encoding: Encoding, selectors: Selectors, deadline: float) -> None:
        self.encoding = encoding
        self.selectors = selectors
        self.deadline = deadline
        now = time.monotonic()
        self.session = Session(encoding.formula, now + SEARCH * (deadline - now))
        self.facts_by_name = {selector_name(number): fact for fact, number in selectors.numbers.items()}

    def rests_on(self, goal: str, facts: Iterable[Fact]) -> frozenset[Fact] | None:
        """Facts among these with which the goal is unsat; None if it is satisfiable with all of them."""
        numbers = self.selectors.numbers
        selectors = [quote(selector_name(number)) for number in sorted(numbers[fact] for fact in facts)]
        answer = self.session.check(self.encoding.goals[goal], *selectors)
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        if answer.word == "sat":
            return None
        return frozenset(self.facts_by_name[each] for each in self.session.core() if each in self.facts_by_name)

    def core(self, goal: str, told: Callable[[int, int], None] = lambda *_: None) -> ProofCore | None:
        """A minimal set of facts with which the goal is unsat; None if it is satisfiable with all facts.

        Facts are dropped one by one if they can be: first barriers that are part of another operation (a fence of its
        own explains more), then all others, the last mentioned first. What remains depends only on which queries are
        satisfiable, not on the cores that the solver returns: those only save queries. `told` gets how many facts were
        tried, and how many there are.
        """
        on = frozenset(self.selectors.numbers)
        used = self.rests_on(goal, on)
        if used is None:
            return None
        try:
            for number, fact in enumerate(sorted(self.selectors.numbers, key=self._weight)):
                told(number, len(self.selectors.numbers))
                fewer = on - {fact}
                smaller = used if used <= fewer else self.rests_on(goal, fewer)
                if smaller is not None:
                    on, used = fewer, smaller
        except TimeoutError:
            return ProofCore(facts=used, minimal=False)
        return ProofCore(facts=on, minimal=True)

    def _weight(self, fact: Fact) -> tuple[bool, int]:
        """The order in which facts are dropped."""
        return fact.detail not in ("full", "flush"), -self.selectors.numbers[fact]

    def confirms(self, goal: str, facts: frozenset[Fact]) -> bool:
        """Whether a plain query, with these facts asserted and all others denied, is unsat too."""
        chosen = (
            quote(selector_name(number)) if fact in facts else negate(quote(selector_name(number)))
            for fact, number in self.selectors.numbers.items()
        )
        problem = self.encoding.formula.plus("".join(f"(assert {each})\n" for each in chosen))
        answer = GoalSolver(problem, self.deadline, fresh_context=True).decide(self.encoding.goals[goal])
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer.word == "unsat"
