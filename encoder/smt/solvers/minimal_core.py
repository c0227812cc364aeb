"""The facts that a proof rests on: as few as there need be, none of which can be spared."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from encoder.smt.encoding import Encoding
from encoder.smt.solvers.z3_solver import GoalSolver, Session
from encoder.smt.text.script import negate, quote
from encoder.smt.text.selectors import Fact, Selectors, selector_name

SEARCH = 0.7  # of the time is for the search: what it finds has to be confirmed too


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCore:
    """`minimal`: the goal can be met once any one of the facts is switched off; else time ran out before."""

    facts: frozenset[Fact]
    minimal: bool


class MinimalCore:
    """Asks a problem with named facts which of them keep a goal from being met.

    `encoding` are those of `axiomatic.encode.encode_executions`, made with `selectors`. Every method raises TimeoutError
    where the solver gives up and after the deadline, a `time.monotonic()` value, `core` only if nothing is known by
    then. The search leaves a part of the time for what `confirms`.
    """

    def __init__(self, encoding: Encoding, selectors: Selectors, deadline: float) -> None:
        self.encoding = encoding
        self.selectors = selectors
        self.deadline = deadline
        now = time.monotonic()
        self.session = Session(encoding.text, now + SEARCH * (deadline - now))
        self.facts_by_name = {selector_name(number): fact for fact, number in selectors.numbers.items()}

    def rests_on(self, goal: str, facts: Iterable[Fact]) -> frozenset[Fact] | None:
        """Facts among these that keep the goal from being met; None where it can be met with all of them."""
        numbers = self.selectors.numbers
        selectors = [quote(selector_name(number)) for number in sorted(numbers[fact] for fact in facts)]
        answer = self.session.check(self.encoding.goals[goal], *selectors)
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        if answer.word == "sat":
            return None
        return frozenset(self.facts_by_name[each] for each in self.session.core() if each in self.facts_by_name)

    def core(self, goal: str) -> ProofCore | None:
        """A core of the goal; None where all the facts do not keep it from being met.

        Facts are spared one by one, those mentioned last first, before all others barriers that are part of something
        else: one that is a step of its own says more. What is left depends on what is satisfiable alone, not
        on the cores that the solver finds: they only tell what need not be asked.
        """
        on = frozenset(self.selectors.numbers)
        used = self.rests_on(goal, on)
        if used is None:
            return None
        try:
            for fact in sorted(self.selectors.numbers, key=self._weight):
                fewer = on - {fact}
                found = used if used <= fewer else self.rests_on(goal, fewer)
                if found is not None:
                    on, used = fewer, found
        except TimeoutError:
            return ProofCore(facts=used, minimal=False)
        return ProofCore(facts=on, minimal=True)

    def _weight(self, fact: Fact) -> tuple[bool, int]:
        return fact.detail not in ("full", "flush"), -self.selectors.numbers[fact]

    def confirms(self, goal: str, facts: frozenset[Fact]) -> bool:
        """Whether a plain query, with these facts asserted and the others denied, is unsatisfiable too."""
        chosen = (
            quote(selector_name(number)) if fact in facts else negate(quote(selector_name(number)))
            for fact, number in self.selectors.numbers.items()
        )
        text = self.encoding.text + "".join(f"(assert {each})\n" for each in chosen)
        answer = GoalSolver(text, self.deadline, fresh_context=True).decide(self.encoding.goals[goal])
        if answer.word == "unknown":
            raise TimeoutError(answer.reason)
        return answer.word == "unsat"
