"""Checks proofs of unsatisfiability that consist of lemmas learnt by another program.

A lemma follows by reverse unit propagation (RUP) if, with all its literals false, unit propagation leaves some clause
without a literal. The proof is valid if the empty clause follows. Each lemma is checked, then used as a clause. What
follows stays true if nothing is deleted, so the deletions of a DRUP trace, which only serve speed, are not needed.

A clause is a list of literals, integers other than 0; -x is the negation of x. No solver is imported, nor anything of
how the clauses were made. Clauses are indexed by two watched literals (Zhang and Stickel 1996), the first two of the
list: while neither is false, a clause propagates nothing.
"""

from collections.abc import Iterable, Sequence

Clause = Sequence[int]
EMPTY = "the empty clause does not follow"


def proof_fault(clauses: Iterable[Clause], lemmas: Iterable[Clause]) -> str:
    """Why the lemmas do not prove the clauses unsatisfiable: "" where they do.

    Raises ValueError for a literal 0. Lemmas after the contradiction are not checked.
    """
    known = [_literals(clause) for clause in clauses]
    steps = [_literals(lemma) for lemma in lemmas]
    state = _PropagationState(max((abs(literal) for clause in (*known, *steps) for literal in clause), default=0))
    if any(state.add(clause) for clause in known) or state.propagate_to_conflict():
        return ""
    for number, lemma in enumerate(steps, 1):
        if not state.implies(lemma):
            return f"lemma {number} does not follow by unit propagation"
        if state.add(lemma) or state.propagate_to_conflict():
            return ""
    return f"{EMPTY} from the {len(steps)} lemmas"


def _literals(clause: Clause) -> list[int]:
    if 0 in clause:
        raise ValueError("0 is no literal")
    return list(dict.fromkeys(clause))


class _PropagationState:
    """The clauses so far, and in `trail` the literals that they force, in the order of propagation.

    `value` is 1 for a true literal, -1 for a false one, 0 for an unassigned one; it and `watching` are indexed by
    literals, negative ones from the end. The first `done` literals of the trail have been propagated.
    """

    def __init__(self, variables: int) -> None:
        self.value = [0] * (2 * variables + 1)
        self.watching: list[list[list[int]]] = [[] for _ in self.value]
        self.trail: list[int] = []
        self.done = 0

    def add(self, clause: list[int]) -> bool:
        """Add a clause. Returns whether all its literals are already false."""
        clause.sort(key=lambda literal: self.value[literal] < 0)
        if not clause or self.value[clause[0]] < 0:
            return True
        if len(clause) == 1 or self.value[clause[1]] < 0:
            self._assign(clause[0])
        else:
            self.watching[clause[0]].append(clause)
            self.watching[clause[1]].append(clause)
        return False

    def implies(self, lemma: list[int]) -> bool:
        """Whether propagation leads to a conflict when the lemma's literals are false."""
        known = len(self.trail)
        found = any(self._assign(-literal) for literal in lemma) or self.propagate_to_conflict()
        for literal in self.trail[known:]:
            self.value[literal] = self.value[-literal] = 0
        del self.trail[known:]
        self.done = known
        return found

    def _assign(self, literal: int) -> bool:
        """Make a literal true. Returns whether it is false already."""
        if self.value[literal] == 0:
            self.value[literal], self.value[-literal] = 1, -1
            self.trail.append(literal)
        return self.value[literal] < 0

    def propagate_to_conflict(self) -> bool:
        """Propagate until nothing changes. Returns whether some clause is left with all literals false."""
        while self.done < len(self.trail):
            self.done += 1
            if self._falsify(-self.trail[self.done - 1]):
                return True
        return False

    def _falsify(self, false: int) -> bool:
        """Update the clauses that watch a literal that is now false: watch another one, or force the last. Returns
        whether some clause has none left."""
        value, watching = self.value, self.watching
        visited = iter(watching[false])
        kept = watching[false] = []
        for clause in visited:
            other = clause[0]
            if other == false:
                other = clause[0] = clause[1]
                clause[1] = false
            if value[other] <= 0:
                for place in range(2, len(clause)):
                    literal = clause[place]
                    if value[literal] >= 0:
                        clause[1], clause[place] = literal, false
                        watching[literal].append(clause)
                        break
                else:
                    kept.append(clause)
                    if value[other] < 0:
                        kept.extend(visited)
                        return True
                    value[other], value[-other] = 1, -1
                    self.trail.append(other)
                continue
            kept.append(clause)
        return False
