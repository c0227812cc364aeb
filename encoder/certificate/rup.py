"""Checks a proof that clauses cannot be met together: lemmas that another program has learnt of them.

A lemma follows by reverse unit propagation (RUP) when, with all its literals false, clauses of which only one literal
is left force others, until one is left none. The proof holds when the empty clause follows. Each lemma is checked, then
counts as a clause. What follows stays true whatever is forgotten, so the deletions of a DRUP trace, which are there for
speed alone, are not needed.

A clause is literals, whole numbers other than 0; -x is the negation of x. No solver is imported, and nothing of how the
clauses came to be. Clauses are found by two of their literals (Zhang and Stickel 1996): while neither of the two that
are watched, the first two of the list, is false, a clause forces nothing.
"""

from collections.abc import Iterable, Sequence

Clause = Sequence[int]
EMPTY = "the empty clause does not follow"


def fault(clauses: Iterable[Clause], lemmas: Iterable[Clause]) -> str:
    """Why the lemmas are no proof that the clauses cannot be met together: "" where they are one.

    Raises ValueError for a literal 0. Lemmas after the contradiction are not looked at.
    """
    known = [_literals(clause) for clause in clauses]
    steps = [_literals(lemma) for lemma in lemmas]
    state = _State(max((abs(literal) for clause in (*known, *steps) for literal in clause), default=0))
    if any(state.add(clause) for clause in known) or state.clashes():
        return ""
    for number, lemma in enumerate(steps, 1):
        if not state.follows(lemma):
            return f"lemma {number} does not follow by unit propagation"
        if state.add(lemma) or state.clashes():
            return ""
    return f"{EMPTY} from the {len(steps)} lemmas"


def _literals(clause: Clause) -> list[int]:
    if 0 in clause:
        raise ValueError("0 is no literal")
    return list(dict.fromkeys(clause))


class _State:
    """What is known: clauses, and in `trail` the literals that they force, in the order in which they came.

    `value` has 1 for a literal that is true, -1 for one that is false, 0 for one that is open; it and `watching` are
    indexed by literals, negative ones from the end. `done` literals of the trail have been propagated.
    """

    def __init__(self, variables: int) -> None:
        self.value = [0] * (2 * variables + 1)
        self.watching: list[list[list[int]]] = [[] for _ in self.value]
        self.trail: list[int] = []
        self.done = 0

    def add(self, clause: list[int]) -> bool:
        """Count on a clause from now on. Whether all its literals are false already."""
        clause.sort(key=lambda literal: self.value[literal] < 0)
        if not clause or self.value[clause[0]] < 0:
            return True
        if len(clause) == 1 or self.value[clause[1]] < 0:
            self._hold(clause[0])
        else:
            self.watching[clause[0]].append(clause)
            self.watching[clause[1]].append(clause)
        return False

    def follows(self, lemma: list[int]) -> bool:
        """Whether a contradiction comes of the lemma's literals being false."""
        known = len(self.trail)
        found = any(self._hold(-literal) for literal in lemma) or self.clashes()
        for literal in self.trail[known:]:
            self.value[literal] = self.value[-literal] = 0
        del self.trail[known:]
        self.done = known
        return found

    def _hold(self, literal: int) -> bool:
        """Let a literal be true. Whether it is false."""
        if self.value[literal] == 0:
            self.value[literal], self.value[-literal] = 1, -1
            self.trail.append(literal)
        return self.value[literal] < 0

    def clashes(self) -> bool:
        """Propagate to the end. Whether a clause is left without a literal that may be true."""
        while self.done < len(self.trail):
            self.done += 1
            if self._falsify(-self.trail[self.done - 1]):
                return True
        return False

    def _falsify(self, false: int) -> bool:
        """Of those that watch a literal that is now false: watch another, or force the last. Whether one has none."""
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
