"""A model's expressions to sparse relations over the nodes of a graph."""

from collections.abc import Callable
from typing import assert_never

from encoder.graph.dependency import Deps
from encoder.memory.relation import Events, Op, Relation
from encoder.smt.clauses import ALWAYS, Clauses, Cond, both
from encoder.smt.communication import Communication
from encoder.smt.nodes import Node, exclusive, together
from encoder.smt.sparse import Alternatives, Closure, Sparse, add, compose, intersect, inverse, settle, union

Filter = Callable[[int, int], Cond | None]
PREDICATES = ("int", "ext", "loc", "id")


class Evaluator:
    """`relation` evaluates an expression once; `after(left, r)` gives `left ; r` without all of r."""

    def __init__(self, clauses: Clauses, nodes: list[Node], communication: Communication) -> None:
        self.clauses = clauses
        self.nodes = nodes
        self.communication = communication
        self.everything: Sparse = {n.number: {n.number: n.guard} for n in nodes}
        self._relations: dict[Relation, Sparse] = {}
        self._bases: dict[str, Sparse] = {}
        self._sets: dict[Events, dict[int, Cond]] = {}
        self._closures: dict[int, tuple[Sparse, Sparse]] = {}
        self._after: dict[tuple[int, Relation], tuple[Sparse, Sparse]] = {}
        self._recursive: dict[str, Sparse] = {}

    # Sets

    def events(self, events: Events) -> dict[int, Cond]:
        """The nodes of a set, each with the condition (besides happening) under which it is one."""
        found = self._sets.get(events)
        if found is None:
            found = self._sets[events] = self._events(events)
        return found

    def _events(self, events: Events) -> dict[int, Cond]:
        if events.op is Op.TAG:
            return {n.number: n.tags[events.name] for n in self.nodes if events.name in n.tags}
        if events.op in (Op.DOMAIN, Op.RANGE):
            return self._ends(events)
        parts = [self.events(p) for p in events.args if isinstance(p, Events)]
        if events.op is Op.COMPLEMENT:
            return self._without({n.number: ALWAYS for n in self.nodes}, parts[0])
        left, right = parts
        if events.op is Op.DIFFERENCE:
            return self._without(left, right)
        if events.op is Op.INTERSECTION:
            meets = {n: both(c, right[n]) for n, c in left.items() if n in right}
            return {n: c for n, c in meets.items() if c is not None}
        assert events.op is Op.UNION
        return {n: self._either(left.get(n), right.get(n)) for n in sorted(left.keys() | right.keys())}

    def _either(self, a: Cond | None, b: Cond | None) -> Cond:
        ways = [c for c in (a, b) if c is not None]
        return self.clauses.any(ways)

    def _ends(self, events: Events) -> dict[int, Cond]:
        (relation,) = events.args
        assert isinstance(relation, Relation)
        pairs = self.relation(relation)
        rows = pairs if events.op is Op.DOMAIN else inverse(pairs)
        return {n: self.clauses.any([c - self.nodes[n].guard for c in row.values()]) for n, row in rows.items()}

    @staticmethod
    def _without(left: dict[int, Cond], right: dict[int, Cond]) -> dict[int, Cond]:
        """Raises ValueError where it depends on the execution: relations may only grow."""
        if any(right[n] for n in left if n in right):
            raise ValueError("a set that depends on the execution cannot be taken away")
        return {n: c for n, c in left.items() if n not in right}

    # Relations

    def relation(self, relation: Relation) -> Sparse:
        found = self._relations.get(relation)
        if found is None:
            found = self._evaluate(relation)
            self._relations[relation] = found
        return found

    def _evaluate(self, relation: Relation) -> Sparse:
        operands = [a for a in relation.args if isinstance(a, Relation)]
        match relation.op:
            case Op.NAME:
                return self._recursive[relation.name] if relation.name in self._recursive else self.base(relation.name)
            case Op.LET:
                return self.relation(operands[0])
            case Op.REC:
                return self._least(relation, operands[0])
            case Op.UNION:
                return union(self.clauses, [self.relation(o) for o in operands])
            case Op.INTERSECTION:
                return self._intersection(relation)
            case Op.DIFFERENCE:
                return self._difference(operands[0], operands[1])
            case Op.SEQUENCE:
                return self.after(self.relation(operands[0]), operands[1])
            case Op.OPTION | Op.STAR:
                return self.after(self.everything, relation)
            case Op.PLUS:
                return compose(self.clauses, self.relation(operands[0]), self._closure(self.relation(operands[0])))
            case Op.INVERSE:
                return inverse(self.relation(operands[0]))
            case Op.IDENTITY:
                return self.after(self.everything, relation)
            case Op.PRODUCT:
                return self._filtered(self._all(), self.filter(relation))
            case _:
                raise ValueError(f"{relation.op} is no relation")

    def after(self, left: Sparse, relation: Relation) -> Sparse:
        """`left ; relation`."""
        if not left:
            return left
        key = (id(left), relation)
        found = self._after.get(key)
        if found is None:
            found = (left, self._step(left, relation))
            self._after[key] = found
        return found[1]

    def _step(self, left: Sparse, relation: Relation) -> Sparse:
        first = relation.args[0] if relation.args else None
        match relation.op:
            case Op.IDENTITY:
                assert isinstance(first, Events)
                members = self.events(first)
                kept = {a: {b: both(c, members[b]) for b, c in row.items() if b in members} for a, row in left.items()}
                return {a: {b: c for b, c in row.items() if c is not None} for a, row in kept.items() if row}
            case Op.SEQUENCE:
                assert isinstance(first, Relation)
                second = relation.args[1]
                assert isinstance(second, Relation)
                return self.after(self.after(left, first), second)
            case Op.UNION:
                return union(self.clauses, [self.after(left, a) for a in relation.args if isinstance(a, Relation)])
            case Op.OPTION:
                assert isinstance(first, Relation)
                return union(self.clauses, [left, self.after(left, first)])
            case Op.STAR:
                assert isinstance(first, Relation)
                closed = self._closure(self.relation(first))
                return closed if left is self.everything else compose(self.clauses, left, closed)
            case _:
                return compose(self.clauses, left, self.relation(relation))

    def _closure(self, relation: Sparse) -> Sparse:
        """`relation*`."""
        found = self._closures.get(id(relation))
        if found is None:
            found = self._closures[id(relation)] = (relation, Closure(self.clauses, relation).after(self.everything))
        return found[1]

    # Intersection and difference

    def _intersection(self, relation: Relation) -> Sparse:
        parts = flatten(relation)
        filters = [self.filter(part) for part in parts if is_filter(part)]
        others = [part for part in parts if not is_filter(part)]
        found = self.relation(others[0]) if others else self._all()
        for each in filters:
            found = self._filtered(found, each)
        for part in others[1:]:
            if not found:
                break
            found = intersect(found, self.relation(part))
        return found

    def _difference(self, left: Relation, right: Relation) -> Sparse:
        """Raises ValueError unless what is taken away is the same in every execution."""
        if not (right.op is Op.NAME and right.name == "id"):
            raise ValueError("a relation that depends on the execution cannot be taken away")
        return {a: {b: c for b, c in row.items() if a != b} for a, row in self.relation(left).items()}

    def _filtered(self, relation: Sparse, keep: Filter) -> Sparse:
        found: Sparse = {}
        for a, row in relation.items():
            for b, condition in row.items():
                extra = keep(a, b)
                meet = None if extra is None else both(condition, extra)
                if meet is not None:
                    found.setdefault(a, {})[b] = meet
        return found

    def _all(self) -> Sparse:
        found: Sparse = {}
        for a in self.nodes:
            for b in self.nodes:
                guard = both(a.guard, b.guard)
                if guard is not None:
                    found.setdefault(a.number, {})[b.number] = guard
        return found

    def filter(self, relation: Relation) -> Filter:
        """A test of pairs, for what says nothing about how the execution went."""
        nodes = self.nodes
        match relation.op:
            case Op.NAME if relation.name == "int":
                return lambda a, b: ALWAYS if nodes[a].thread == nodes[b].thread else None
            case Op.NAME if relation.name == "ext":
                return lambda a, b: ALWAYS if nodes[a].thread != nodes[b].thread else None
            case Op.NAME if relation.name == "loc":
                return lambda a, b: ALWAYS if nodes[a].cell is not None and nodes[a].cell == nodes[b].cell else None
            case Op.NAME:
                return lambda a, b: ALWAYS if a == b else None
            case Op.PRODUCT:
                left, right = (self.events(e) for e in relation.args if isinstance(e, Events))
                return lambda a, b: both(left[a], right[b]) if a in left and b in right else None
            case Op.LET:
                return self.filter(operand(relation, 0))
            case Op.UNION:
                one, other = self.filter(operand(relation, 0)), self.filter(operand(relation, 1))
                return lambda a, b: self._first(one(a, b), other(a, b))
            case _:
                one, other = self.filter(operand(relation, 0)), self.filter(operand(relation, 1))
                return lambda a, b: meet(one(a, b), other(a, b))

    def _first(self, a: Cond | None, b: Cond | None) -> Cond | None:
        return None if a is None and b is None else self._either(a, b)

    # Recursion

    def _least(self, relation: Relation, body: Relation) -> Sparse:
        """A name for every pair that may be in the least relation, and the rules that put it there."""
        assert relation.name not in self._recursive
        clauses = self.clauses
        growing = mentioning(body, relation.name)
        may: Sparse = {}
        while True:
            self._recursive[relation.name] = may
            grown = self._fresh_evaluation(body, growing)
            if all(b in may.get(a, {}) for a, row in grown.items() for b in row):
                break
            may = {a: {b: may.get(a, {}).get(b) or frozenset((clauses.fresh(),)) for b in row} for a, row in grown.items()}
        for a, row in grown.items():
            for b, condition in row.items():
                (head,) = may[a][b]
                if head not in condition:
                    clauses.forbid(condition, head)
        del self._recursive[relation.name]
        return may

    def _fresh_evaluation(self, body: Relation, growing: set[Relation]) -> Sparse:
        """Evaluate what mentions a relation that is still growing, remembering nothing of it."""
        self._relations = {r: found for r, found in self._relations.items() if r not in growing}
        self._after = {key: found for key, found in self._after.items() if key[1] not in growing}
        return self.relation(body)

    # What every execution has

    def base(self, name: str) -> Sparse:
        found = self._bases.get(name)
        if found is None:
            found = self._bases[name] = self._base(name)
        return found

    def _base(self, name: str) -> Sparse:
        pairs: Alternatives = {}
        match name:
            case "po":
                for a, b in self._po():
                    add(pairs, a.number, b.number, together(a, b))
            case "rf" | "co":
                given = self.communication.rf() if name == "rf" else self.communication.co()
                for a, b, condition in given:
                    add(pairs, a.number, b.number, condition)
            case "fr":
                for a, b, ways in self.communication.fr():
                    pairs.setdefault(a.number, {})[b.number] = ways
            case "rmw":
                for a, b in self.communication.rmw:
                    add(pairs, a.number, b.number, together(a, b))
            case "addr" | "data" | "ctrl":
                self._dependencies(pairs, {"addr": "address", "data": "data", "ctrl": "control"}[name])
            case "rcu-rscs":
                self._nested(pairs, "Rcu-lock", "Rcu-unlock")
            case "irq-rscs":
                self._nested(pairs, "Irq-begin", "Irq-end")
            case _:
                return self._filtered(self._all(), self.filter(Relation(Op.NAME, name=name)))
        return settle(self.clauses, pairs)

    def _po(self) -> list[tuple[Node, Node]]:
        threads: dict[int, list[Node]] = {}
        for node in self.nodes:
            threads.setdefault(node.thread, []).append(node)
        terms = self.clauses.terms
        return [
            (a, b) for own in threads.values() for i, a in enumerate(own) for b in own[i + 1 :]
            if not (a.path and b.path and exclusive(terms, a, b))
        ]  # fmt: skip

    def _dependencies(self, pairs: Alternatives, kind: str) -> None:
        """From the read half of each event that feeds the address, the value written or a branch."""
        readers = {(n.thread, n.event.uid): n for n in self.nodes if n.half == "R"}
        for node in self.nodes:
            if node.half == "F" or (kind == "data" and node.half == "R"):
                continue
            deps: Deps = getattr(node.event, kind)
            for uid, under in deps:
                reader = readers.get((node.thread, uid))
                condition = None if reader is None else self.clauses.condition(under)
                guards = None if reader is None else together(reader, node)
                if reader is not None and condition is not None and guards is not None:
                    add(pairs, reader.number, node.number, both(condition, guards))

    def _nested(self, pairs: Alternatives, begin: str, end: str) -> None:
        """Begins and ends of regions, matched by nesting on every path."""
        marks = [n for n in self.nodes if begin in n.tags or end in n.tags]
        for position, close in enumerate(marks):
            if end in close.tags:
                depth = 0
                for open_ in reversed(marks[:position]):
                    if open_.thread != close.thread or exclusive(self.clauses.terms, open_, close):
                        continue
                    if end in open_.tags:
                        depth += 1
                    elif depth:
                        depth -= 1
                    else:
                        add(pairs, open_.number, close.number, together(open_, close))
                        if open_.path <= close.path:
                            break


def meet(a: Cond | None, b: Cond | None) -> Cond | None:
    return None if a is None or b is None else both(a, b)


def operand(relation: Relation, index: int) -> Relation:
    found = relation.args[index]
    assert isinstance(found, Relation)
    return found


def flatten(relation: Relation) -> list[Relation]:
    """The members of an intersection."""
    if relation.op is not Op.INTERSECTION:
        return [relation]
    return flatten(operand(relation, 0)) + flatten(operand(relation, 1))


def is_filter(relation: Relation) -> bool:
    """Whether the relation tests pairs without asking how the execution went."""
    if relation.op is Op.NAME:
        return relation.name in PREDICATES
    if relation.op is Op.PRODUCT:
        return True
    return relation.op in (Op.LET, Op.UNION, Op.INTERSECTION) and all(
        isinstance(a, Relation) and is_filter(a) for a in relation.args
    )


def mentioning(relation: Relation, name: str) -> set[Relation]:
    """The parts of an expression in which a name occurs."""
    known: dict[Relation, bool] = {}

    def visit(part: Relation) -> bool:
        if part not in known:
            inner = [visit(a) for a in part.args if isinstance(a, Relation)]
            known[part] = any(inner) or (part.op is Op.NAME and part.name == name)
        return known[part]

    visit(relation)
    return {part for part, mentions in known.items() if mentions}
