"""Terms: interned, simplified expressions over the values that events read, with bounds on their own values.

A term is Boolean or an integer. Integers are mathematical: an operation that may exceed its 32-bit type is wrapped
explicitly, so a bit-vector just wide enough for a term's range represents it exactly.
"""

from collections.abc import Iterable
from typing import Final

from encoder.graph.domain import MAX_EXACT, Domain, bounds, calculate, union


class Term:
    """One node. `low`..`high` are inclusive bounds of an integer; `values` is the exact set of its possible values
    where that is small, else None."""

    __slots__ = ("args", "high", "ident", "is_bool", "low", "name", "op", "values")

    def __init__(
        self,
        ident: int,
        op: str,
        args: "tuple[Term, ...]",
        name: str,
        values: frozenset[int] | None,
        low: int,
        high: int,
    ) -> None:
        self.ident = ident
        self.op = op
        self.args = args
        self.name = name
        self.values = values
        self.low = low
        self.high = high
        self.is_bool = op in BOOLEAN

    @property
    def value(self) -> int | None:
        """The value of a constant, else None."""
        return self.low if self.op == "const" else None

    def __repr__(self) -> str:
        if not self.args:
            return self.name or str(self.low)
        return f"({self.op} {' '.join(map(repr, self.args))})"


BOOLEAN: Final = frozenset({"true", "false", "lit", "not", "and", "or", "eq", "le"})


class Terms:
    """Builds terms. Equal terms are one object, so `is` compares them."""

    def __init__(self) -> None:
        self._interned: dict[tuple[object, ...], Term] = {}
        self._implied: dict[tuple[int, int], bool] = {}
        self._contradict: dict[tuple[int, int], bool] = {}
        self._equal: dict[tuple[int, int], Term] = {}
        self._constants: dict[int, Term] = {}
        self.true = self._make("true")
        self.false = self._make("false")

    def copy(self) -> "Terms":
        """The same terms, to which others can be added without their being added here."""
        other = Terms()
        other._interned, other._implied = self._interned.copy(), self._implied.copy()
        other._contradict = self._contradict.copy()
        other._equal, other._constants = self._equal.copy(), self._constants.copy()
        other.true, other.false = self.true, self.false
        return other

    def _make(self, op: str, args: tuple[Term, ...] = (), name: str = "", domain: Domain = (0, 1)) -> Term:
        values = domain if isinstance(domain, frozenset) and len(domain) <= MAX_EXACT else None
        low, high = (min(domain), max(domain)) if isinstance(domain, frozenset) else domain
        key = (op, args, name, low, high, values)
        term = self._interned.get(key)
        if term is None:
            term = Term(len(self._interned), op, args, name, values, low, high)
            self._interned[key] = term
        return term

    # Leaves

    def const(self, value: int) -> Term:
        """An integer constant."""
        term = self._constants.get(value)
        if term is None:
            term = self._constants[value] = self._make("const", domain=frozenset({value}))
        return term

    def var(self, name: str, domain: Domain) -> Term:
        """An integer variable with the given possible values; a single value makes it a constant."""
        if isinstance(domain, frozenset) and len(domain) == 1:
            return self.const(next(iter(domain)))
        return self._make("var", name=name, domain=domain)

    def lit(self, name: str) -> Term:
        """A Boolean variable."""
        return self._make("lit", name=name)

    # Booleans

    def truth(self, value: bool) -> Term:
        """The Boolean constant."""
        return self.true if value else self.false

    def not_(self, a: Term) -> Term:
        if a is self.true:
            return self.false
        if a is self.false:
            return self.true
        return a.args[0] if a.op == "not" else self._make("not", (a,))

    def and_(self, *parts: Term) -> Term:
        return self._join("and", parts, self.true, self.false)

    def or_(self, *parts: Term) -> Term:
        """A disjunction; of two conjunctions common parts are factored out."""
        if len(parts) == 2:
            if parts[0] is parts[1]:
                return parts[0]
            factored = self._factor(*parts)
            if factored is not None:
                return factored
        return self._join("or", parts, self.false, self.true)

    def _join(self, op: str, parts: Iterable[Term], unit: Term, zero: Term) -> Term:
        """A flattened conjunction or disjunction. `unit` and `zero` are its neutral and absorbing elements."""
        flat: dict[int, Term] = {}
        for part in parts:
            for p in part.args if part.op == op else (part,):
                if p is zero:
                    return zero
                if p is not unit:
                    flat[p.ident] = p
        if any(p.op == "not" and p.args[0].ident in flat for p in flat.values()):
            return zero
        if len(flat) == 1:
            return next(iter(flat.values()))
        return self._make(op, tuple(flat[i] for i in sorted(flat))) if flat else unit

    def contradict(self, a: Term, b: Term) -> bool:
        """Whether the conjunction is syntactically false."""
        key = a.ident, b.ident
        if key not in self._contradict:
            parts = (*self.conjuncts(a), *self.conjuncts(b))
            idents = {part.ident for part in parts}
            self._contradict[key] = any(
                part is self.false or (part.op == "not" and part.args[0].ident in idents) for part in parts
            )
        return self._contradict[key]

    def conjuncts(self, a: Term) -> tuple[Term, ...]:
        """The parts of a conjunction; any other term is its own only part."""
        return a.args if a.op == "and" else (a,)

    def _factor(self, a: Term, b: Term) -> Term | None:
        """`a or b` where both share conjuncts and the remainders absorb or complement each other, else None."""
        left, right = self.conjuncts(a), self.conjuncts(b)
        shared = [t for t in left if t in right]
        rest_a = self.and_(*(t for t in left if t not in shared))
        rest_b = self.and_(*(t for t in right if t not in shared))
        if rest_a is self.true or rest_b is self.true or rest_a is self.not_(rest_b):
            return self.and_(*shared)
        return None

    def implied(self, a: Term, b: Term) -> bool:
        """Whether `a` syntactically implies `b`: `b` is a conjunct of it, or every disjunct of it implies `b`."""
        key = a.ident, b.ident
        if key not in self._implied:
            parts = (self.implied(x, b) for x in a.args)
            self._implied[key] = a is b or a is self.false or b is self.true or (
                any(parts) if a.op == "and" else a.op == "or" and all(parts)
            )  # fmt: skip
        return self._implied[key]

    def implies(self, a: Term, b: Term) -> Term:
        return self.or_(self.not_(a), b)

    # Mixed

    def as_bool(self, a: Term) -> Term:
        """The term as a truth value: an integer is true if it is not 0."""
        return a if a.is_bool else self.not_(self.eq(a, self.const(0)))

    def as_int(self, a: Term) -> Term:
        """The term as an integer: a Boolean is 0 or 1."""
        return self.choose(a, self.const(1), self.const(0)) if a.is_bool else a

    def choose(self, condition: Term, a: Term, b: Term) -> Term:
        """`a` where the condition holds, else `b`."""
        if condition is self.true or a is b:
            return a
        if condition is self.false:
            return b
        if a.is_bool and b.is_bool:
            return self.or_(self.and_(condition, a), self.and_(self.not_(condition), b))
        a, b = self.as_int(a), self.as_int(b)
        if a is b:
            return a
        if condition.op == "not":
            condition, a, b = condition.args[0], b, a
        return self._make("ite", (condition, a, b), domain=union(possible_values(a), possible_values(b)))

    def eq(self, a: Term, b: Term) -> Term:
        """`a == b`."""
        if a.is_bool and b.is_bool:
            return self.or_(self.and_(a, b), self.and_(self.not_(a), self.not_(b)))
        a, b = self.as_int(a), self.as_int(b)
        if a is b:
            return self.true
        if a.value is not None:
            a, b = b, a
        if _disjoint(a, b):
            return self.false
        if b.value is not None and a.op == "ite":
            return self._eq_choice(a, b)
        return self._make("eq", (a, b) if a.ident < b.ident else (b, a))

    def _eq_choice(self, a: Term, b: Term) -> Term:
        """`a == b` for an if-then-else and a constant; cached, since such terms share parts."""
        equality = self._equal.get((a.ident, b.ident))
        if equality is None:
            then, otherwise = self.eq(a.args[1], b), self.eq(a.args[2], b)
            if then in (self.true, self.false) or otherwise in (self.true, self.false):
                equality = self.choose(a.args[0], then, otherwise)
            else:
                equality = self._make("eq", (a, b) if a.ident < b.ident else (b, a))
            self._equal[a.ident, b.ident] = equality
        return equality

    def le(self, a: Term, b: Term) -> Term:
        """`a <= b`."""
        a, b = self.as_int(a), self.as_int(b)
        if a.high <= b.low or a is b:
            return self.true
        if a.low > b.high:
            return self.false
        unwrapped = self._le_unsigned(a, b)
        if unwrapped is not None:
            return unwrapped
        for one, other, flipped in ((a, b, False), (b, a, True)):
            if one.op == "ite" and other.value is not None:
                parts = [self.le(other, x) if flipped else self.le(x, other) for x in one.args[1:]]
                if any(p in (self.true, self.false) for p in parts):
                    return self.choose(one.args[0], parts[0], parts[1])
        return self._make("le", (a, b))

    def _le_unsigned(self, a: Term, b: Term) -> Term | None:
        """The comparison of a constant with an int converted to unsigned, expressed on the int itself: negative values
        are large. None if the operands have another form."""
        zero = self.const(0)
        if _is_unsigned_view(b) and a.value is not None and 0 < a.value <= 2**31:
            x = b.args[0]
            return self.or_(self.not_(self.le(zero, x)), self.le(a, x))
        if _is_unsigned_view(a) and b.value is not None and 0 <= b.value < 2**31:
            x = a.args[0]
            return self.and_(self.le(zero, x), self.le(x, b))
        return None

    def lt(self, a: Term, b: Term) -> Term:
        return self.not_(self.le(b, a))

    # Integers

    def arith(self, op: str, a: Term, b: Term) -> Term:
        """`a op b` for an `op` of + - * & | ^ << >>, on mathematical integers (bit operations in two's complement). A
        shift by a negative count, or by 32 or more, shifts every bit out."""
        a, b = self.as_int(a), self.as_int(b)
        if b.value == 0 and op in ("+", "-", "|", "^", "<<", ">>"):
            return a
        if a.value == 0 and op in ("+", "|", "^"):
            return b
        if a is b and op in ("-", "^"):
            return self.const(0)
        if a.values is not None and b.values is not None and len(a.values) * len(b.values) <= 256:
            domain: Domain = frozenset(calculate(op, x, y) for x in a.values for y in b.values)
            if len(domain) == 1:
                return self.const(next(iter(domain)))
        else:
            domain = bounds(op, (a.low, a.high), (b.low, b.high))
        return self._make(op, (a, b), domain=domain)

    def wrap(self, a: Term, low: int) -> Term:
        """The operand modulo 2^32 in low .. low + 2^32 - 1; the operand itself where its bounds are within that
        range."""
        a = self.as_int(a)
        if low <= a.low and a.high < low + 2**32:
            return a
        if a.values is not None:
            domain: Domain = frozenset((v - low) % 2**32 + low for v in a.values)
            if len(domain) == 1:
                return self.const(next(iter(domain)))
        else:
            domain = (low, low + 2**32 - 1)
        return self._make("wrap", (a,), name=str(low), domain=domain)


def _is_unsigned_view(a: Term) -> bool:
    """Whether the term is an int converted to unsigned."""
    return a.op == "wrap" and a.name == "0" and a.args[0].low >= -(2**31) and a.args[0].high < 2**31


def possible_values(term: Term) -> Domain:
    """The possible values of a term; a Boolean is 0 or 1."""
    if term.is_bool:
        return frozenset({int(term.op == "true")}) if term.op in ("true", "false") else frozenset({0, 1})
    return term.values if term.values is not None else (term.low, term.high)


def _disjoint(a: Term, b: Term) -> bool:
    """Whether the two terms can never be equal, by their bounds or value sets."""
    if a.high < b.low or b.high < a.low:
        return True
    return a.values is not None and b.values is not None and not a.values & b.values
