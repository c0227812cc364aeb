"""A problem in which much is asserted outright, without what follows from that: for a solver it is far smaller."""

import re

CLAUSE = "(assert (or "
LITERAL = re.compile(r"\(not \|[^|]*\|\)|\|[^|]*\|")
UNIT = re.compile(r"\(assert (\(not \|[^|]*\|\)|\|[^|]*\|)\)")


def settled(text: str) -> str:
    """The same problem: clauses that hold by what is asserted of single literals are gone, and literals that cannot
    hold. What the remaining ones make single literals is asserted and used likewise, until nothing more follows.

    Every model of the text is one of the answer and the other way round: a literal that is used stays asserted.
    """
    kept: list[str] = []
    clauses: list[list[str]] = []
    true: set[str] = set()
    for line in text.splitlines():
        literals = _literals(line)
        if literals is not None:
            clauses.append(literals)
            continue
        kept.append(line)
        if unit := UNIT.fullmatch(line):
            true.add(unit[1])
    while True:
        clauses, new = _propagated(clauses, true, {negated(each) for each in true})
        if not new:
            break
        true |= new
        kept += [f"(assert {each})" for each in sorted(new)]
    rest = [f"{CLAUSE}{' '.join(each)}))" if each else "(assert false)" for each in clauses]
    return "\n".join([*kept, *rest, ""])


def negated(literal: str) -> str:
    return literal[5:-1] if literal.startswith("(not ") else f"(not {literal})"


def _literals(line: str) -> list[str] | None:
    """The literals of a clause, None for a line that is none of literals alone."""
    if not line.startswith(CLAUSE):
        return None
    inner = line[len(CLAUSE) : -2]
    found = LITERAL.findall(inner)
    return found if " ".join(found) == inner else None


def _propagated(clauses: list[list[str]], true: set[str], false: set[str]) -> tuple[list[list[str]], set[str]]:
    """The clauses that are left, and the literals of those that have become single. One that has none left stays: it
    says `false`."""
    left: list[list[str]] = []
    new: set[str] = set()
    for clause in clauses:
        if not true.isdisjoint(clause):
            continue
        if not false.isdisjoint(clause):
            clause = [each for each in clause if each not in false]
        if len(clause) == 1:
            new.add(clause[0])
        else:
            left.append(clause)
    return left, new
