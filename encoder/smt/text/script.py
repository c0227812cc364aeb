"""Writes SMT-LIB text: declarations, clauses in titled groups, and terms as bit-vectors of minimal width."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from encoder.graph.term import Term
from encoder.program.core import Site
from encoder.smt.text.selectors import Selectors, Topic

TRUE = "true"
FALSE = "false"


def negate(literal: str) -> str:
    """The negation of a literal: a name, a negated name, true or false."""
    if literal == TRUE:
        return FALSE
    if literal == FALSE:
        return TRUE
    return literal[5:-1] if literal.startswith("(not ") else f"(not {literal})"


def variable_of(literal: str) -> str:
    """The name in a literal that is a name or a negated one."""
    return negate(literal) if literal.startswith("(not ") else literal


def quote(name: str) -> str:
    """The SMT-LIB symbol of a name."""
    return f"|{name}|"


@dataclass(slots=True)
class Script:
    """Collects the text of an encoding. `lines`, which is what was not taken yet, is SMT-LIB 2 over Booleans and
    bit-vectors only; `clauses` counts all assertions.

    If there are `selectors`, constraints are switched on by selector literals. If there are `candidate_barriers`, each
    barrier named there, which the program does not have, is present if its selector holds.
    """

    lines: list[str] = field(default_factory=list)
    clauses: int = 0
    selectors: Selectors | None = None
    candidate_barriers: Selectors | None = None
    _terms: dict[int, tuple[str, int]] = field(default_factory=dict)
    _names: set[str] = field(default_factory=set)
    _declared: set[str] = field(default_factory=set)
    _equal: dict[str, str] = field(default_factory=dict)
    _aliases: dict[str, str] = field(default_factory=dict)
    _defined: int = 0

    def group(self, name: str) -> None:
        """Start a group of constraints; its title is a comment in the text."""
        self.lines.append(f"; {name}")

    def boolean(self, name: str) -> str:
        """The literal of a Boolean variable, which is declared at its first use."""
        if name not in self._names:
            self._names.add(name)
            self._declared.add(quote(name))
            self.lines.append(f"(declare-const {quote(name)} Bool)")
        return quote(name)

    def selector_literal(self, topic: Topic, site: Site | None, detail: str = "") -> str:
        """The literal that switches a fact on; `true` without selectors."""
        return TRUE if self.selectors is None else self.boolean(self.selectors.selector(topic, site, detail))

    def declared(self, literal: str) -> str:
        """A literal of a declared variable, of which models have values, that is equal to this literal, which may be of
        a defined name."""
        name = variable_of(literal)
        if name in self._declared:
            return literal
        if name not in self._equal:
            self._equal[name] = self.boolean(f"value of {name.strip('|')}")
            self.lines.append(f"(assert (= {self._equal[name]} {name}))")
        return self._equal[name] if name == literal else negate(self._equal[name])

    def define(self, name: str, body: str) -> str:
        """Define a name for a Boolean expression."""
        self._names.add(name)
        self.lines.append(f"(define-fun {quote(name)} () Bool {body})")
        return quote(name)

    def alias(self, name: str, literal: str) -> None:
        """Let a Boolean name stand for a literal, without a definition in the text. The name must not be in use yet."""
        self._aliases[name] = literal

    def clause(self, *literals: str) -> None:
        """Assert that one of the literals holds."""
        kept = [x for x in dict.fromkeys(literals) if x != FALSE]
        if TRUE in kept:
            return
        self.clauses += 1
        if not kept:
            self.lines.append("(assert false)")
        elif len(kept) == 1:
            self.lines.append(f"(assert {kept[0]})")
        else:
            self.lines.append(f"(assert (or {' '.join(kept)}))")

    def disjunction(self, literals: list[str]) -> None:
        """Assert that one of the literals holds: names or negated names, all different."""
        self.clauses += 1
        if len(literals) > 1:
            self.lines.append(f"(assert (or {' '.join(literals)}))")
        else:
            self.lines.append(f"(assert {literals[0] if literals else FALSE})")

    def take_text(self) -> str:
        """The text that was added since the last call."""
        text = "".join(f"{line}\n" for line in self.lines)
        self.lines.clear()
        return text

    # Terms

    def truth(self, term: Term) -> str:
        """The literal of a Boolean term."""
        return self._emit(term)[0]

    def number(self, term: Term) -> tuple[str, int]:
        """The bit-vector (two's complement) of a term and its width; a Boolean is 0 or 1."""
        text, width = self._emit(term)
        return (f"(ite {text} #b01 #b00)", 2) if term.is_bool else (text, width)

    def equal(self, a: Term, b: Term) -> str:
        """The formula that two terms are equal."""
        if a.is_bool and b.is_bool:
            return f"(= {self.truth(a)} {self.truth(b)})"
        return self._compare("=", a, b)

    def _compare(self, op: str, a: Term, b: Term) -> str:
        (x, m), (y, n) = self.number(a), self.number(b)
        width = max(m, n)
        return f"({op} {extend(x, m, width)} {extend(y, n, width)})"

    def _emit(self, term: Term) -> tuple[str, int]:
        text = self._terms.get(term.ident)
        if text is None:
            for arg in term.args:
                self._emit(arg)
            text = self._terms[term.ident] = self._body(term)
        return text

    def _body(self, term: Term) -> tuple[str, int]:
        match term.op:
            case "true" | "false":
                return term.op, 0
            case "lit":
                return self._aliases.get(term.name) or self.boolean(term.name), 0
            case "not":
                return negate(self.truth(term.args[0])), 0
            case "and" | "or":
                joined = (both if term.op == "and" else either)(*(self.truth(a) for a in term.args))
                return self._name(joined, 0) if joined.startswith(f"({term.op} ") else (joined, 0)
            case "eq":
                return self._name(self.equal(*term.args), 0)
            case "le":
                return self._name(self._compare("bvsle", *term.args), 0)
            case "const":
                width = bit_width(term)
                return f"(_ bv{term.low % 2**width} {width})", width
            case "var":
                return self._variable(term), bit_width(term)
            case "wrap":
                return self._wrap(term)
            case _:
                return self._arith(term)

    def _name(self, body: str, width: int) -> tuple[str, int]:
        sort = "Bool" if width == 0 else f"(_ BitVec {width})"
        self._defined += 1
        self.lines.append(f"(define-fun t{self._defined} () {sort} {body})")
        return f"t{self._defined}", width

    def _variable(self, term: Term) -> str:
        name = quote(term.name)
        if term.name in self._names:
            return name
        self._names.add(term.name)
        width = bit_width(term)
        self.lines.append(f"(declare-const {name} (_ BitVec {width}))")
        if term.values is not None:
            options = " ".join(f"(= {name} (_ bv{v % 2**width} {width}))" for v in sorted(term.values))
            self.lines.append(f"(assert (or {options}))")
        else:
            self.lines.append(f"(assert (bvsle (_ bv{term.low % 2**width} {width}) {name}))")
            self.lines.append(f"(assert (bvsle {name} (_ bv{term.high % 2**width} {width})))")
        return name

    def _wrap(self, term: Term) -> tuple[str, int]:
        text, width = self.number(term.args[0])
        low = f"((_ extract 31 0) {extend(text, width, max(width, 32))})"
        return (self._name(low, 32)) if term.name != "0" else self._name(f"((_ zero_extend 1) {low})", 33)

    def _arith(self, term: Term) -> tuple[str, int]:
        operands = [self.number(a) for a in (term.args[1:] if term.op == "ite" else term.args)]
        shift = 7 if term.op in ("<<", ">>") else 0
        width = max([bit_width(term), shift] + [w for _, w in operands])
        parts = [extend(x, w, width) for x, w in operands]
        if term.op == "ite":
            parts.insert(0, self.truth(term.args[0]))
        body = f"({FUNCTION[term.op]} {' '.join(parts)})"
        if term.op == "<<":
            body = f"(ite (bvult {parts[1]} (_ bv32 {width})) {body} (_ bv0 {width}))"
        return self._name(body, width)


FUNCTION = {
    "+": "bvadd", "-": "bvsub", "*": "bvmul", "&": "bvand", "|": "bvor", "^": "bvxor",
    "<<": "bvshl", ">>": "bvashr", "ite": "ite",
}  # fmt: skip


def bit_width(term: Term) -> int:
    """The width in two's complement that holds the term's whole range."""
    return 1 + max(1, *((v if v >= 0 else v + 1).bit_length() for v in (term.low, term.high)))


def extend(text: str, width: int, wanted: int) -> str:
    """The bit-vector sign-extended to the wanted width."""
    return text if width == wanted else f"((_ sign_extend {wanted - width}) {text})"


def both(*literals: str) -> str:
    """The conjunction of literals."""
    kept = [x for x in dict.fromkeys(literals) if x != TRUE]
    if FALSE in kept:
        return FALSE
    return TRUE if not kept else kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})"


def either(*literals: str) -> str:
    """The disjunction of literals."""
    kept = [x for x in dict.fromkeys(literals) if x != FALSE]
    if TRUE in kept:
        return TRUE
    return FALSE if not kept else kept[0] if len(kept) == 1 else f"(or {' '.join(kept)})"


def at_most(number: int, literals: Iterable[str]) -> str:
    """The formula that at most `number` of the literals hold. (z3 rejects `at-most` without operands, and with a number
    of more than 31 bits.)"""
    every = list(literals)
    if number < 0:
        return FALSE
    return f"((_ at-most {number}) {' '.join(every)})" if number < len(every) else TRUE
