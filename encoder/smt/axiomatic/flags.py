"""A model's flags, such as data races, as formulas: the execution has a pair in the flag's relation.

Axioms forbid pairs, so they get by with conditions that are only implied by a pair. Flags ask for pairs: what a flag
requires is built from exact rf, co and po; only what is subtracted may use implied conditions.
"""

from encoder.memory.model import MemoryModel
from encoder.memory.relation import Relation, RelationOp, po
from encoder.smt.axiomatic.relations import RelationEncoder
from encoder.smt.axiomatic.static_predicates import PairTest, all_tests, intersected, is_static, operand
from encoder.smt.text.script import FALSE, either
from encoder.smt.text.script import both as all_of

Formulas = dict[tuple[int, int], str]


class Flags:
    """Builds a formula for each flag of the model."""

    def __init__(self, relations: RelationEncoder, model: MemoryModel) -> None:
        self.relations = relations
        self.clauses = relations.clauses
        self.model = model

    def formulas(self) -> dict[str, str]:
        """For each flag the formula that its relation has a pair."""
        formulas = {}
        for name, relation in self.model.flags:
            pairs = self.pairs(relation)
            formulas[name] = either(*(pairs[p] for p in sorted(pairs)))
        return formulas

    def pairs(self, relation: Relation) -> Formulas:
        """The pairs that may be in the relation, each with the formula that it is. Raises TimeoutError after the
        deadline."""
        self.clauses.check_deadline()
        if self.relations.is_empty(relation):
            return {}
        match relation.op:
            case RelationOp.LET:
                return self.pairs(operand(relation, 0))
            case RelationOp.UNION:
                one, other = self.pairs(operand(relation, 0)), self.pairs(operand(relation, 1))
                return {p: either(one.get(p, FALSE), other.get(p, FALSE)) for p in one.keys() | other.keys()}
            case RelationOp.DIFFERENCE:
                return self._difference(self.pairs(operand(relation, 0)), operand(relation, 1))
            case RelationOp.INTERSECTION:
                return self._intersection(relation)
            case RelationOp.SEQUENCE:
                left = self.pairs(operand(relation, 0))
                return self._sequence(left, self.pairs(operand(relation, 1))) if left else left
            case RelationOp.INVERSE:
                return {(b, a): formula for (a, b), formula in self.pairs(operand(relation, 0)).items()}
            case RelationOp.STAR:
                return self._star(self.pairs(operand(relation, 0)))
            case RelationOp.OPTION:
                return self.pairs(operand(relation, 0)) | self._encoded(self.relations.identity)
            case RelationOp.NAME if not is_static(relation):
                return self._base_relation(relation.name)
            case _:
                return self._encoded(self.relations.relation(relation))

    def _base_relation(self, name: str, keep: PairTest | None = None) -> Formulas:
        """A base relation exactly; the single condition of a pair elsewhere may hold although the pair is absent. Of po
        pairs that do not pass the test `keep` are left out."""
        alternatives = self.relations.base_relations.alternatives(name, keep)
        formula = self.clauses.formula
        return {
            (a, b): either(*(formula(way) for way in ways))
            for a, row in alternatives.items()
            for b, ways in row.items()
        }

    def _encoded(self, relation: dict[int, dict[int, frozenset[int]]]) -> Formulas:
        """A relation as it is encoded for axioms."""
        return {(a, b): self.clauses.formula(c) for a, row in relation.items() for b, c in row.items()}

    def _difference(self, left: Formulas, subtracted: Relation) -> Formulas:
        """The pairs without those of `subtracted`, which is evaluated only if there are pairs."""
        if not left:
            return left
        pairs = self.relations.relation(subtracted)
        formulas: Formulas = {}
        for (a, b), formula in left.items():
            condition = pairs.get(a, {}).get(b)
            formulas[a, b] = (
                formula if condition is None else all_of(formula, f"(not {self.clauses.formula(condition)})")
            )
        return formulas

    def _intersection(self, relation: Relation) -> Formulas:
        """The pairs in all members of an intersection."""
        parts = intersected(relation)
        keep = all_tests(self.relations.pair_test(part) for part in parts if is_static(part))
        formulas: Formulas | None = None
        for part in parts:
            if not is_static(part):
                pairs = self._base_relation("po", keep) if part is po else self.pairs(part)
                formulas = (
                    pairs if formulas is None else {p: all_of(f, pairs[p]) for p, f in formulas.items() if p in pairs}
                )
        assert formulas is not None
        tests = {(a, b): keep(a, b) for a, b in formulas}
        return {p: all_of(f, self.clauses.formula(c)) for p, f in formulas.items() if (c := tests[p]) is not None}

    def _star(self, steps: Formulas) -> Formulas:
        """The reflexive transitive closure, by simple paths."""
        formulas = self._encoded(self.relations.identity)
        for start in sorted({a for a, _ in steps}):
            todo: list[tuple[tuple[int, ...], str]] = [((start,), formulas[start, start])]
            while todo:
                path, formula = todo.pop()
                for (a, b), step in steps.items():
                    if a == path[-1] and b not in path:
                        todo.append(((*path, b), all_of(formula, step)))
                        formulas[start, b] = either(formulas.get((start, b), FALSE), todo[-1][1])
        return formulas

    def _sequence(self, left: Formulas, right: Formulas) -> Formulas:
        """The composition of two relations."""
        following: dict[int, list[tuple[int, str]]] = {}
        for (b, c), formula in right.items():
            following.setdefault(b, []).append((c, formula))
        alternatives: dict[tuple[int, int], list[str]] = {}
        for (a, b), first in left.items():
            for c, second in following.get(b, []):
                alternatives.setdefault((a, c), []).append(all_of(first, second))
        return {p: either(*ways) for p, ways in alternatives.items()}
