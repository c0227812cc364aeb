"""Builds a `LitmusText` from Lark's parse tree of a litmus test; C statements become steps of the statement
language."""

from typing import Literal

from lark import Tree

from encoder.base.errors import InputError, Problem
from encoder.base.source import Origin, Span
from encoder.spec.build import SyntaxTree, assignment, expression, parse_number, parts_of, span_of
from encoder.spec.litmus import (
    Atom,
    Connective,
    Constant,
    CParameter,
    Function,
    Global,
    InitEntry,
    Literally,
    LitmusAddress,
    LitmusText,
    Negation,
    Observable,
    Proposition,
    Register,
    Truth,
)
from encoder.spec.syntax import Assignment, Evaluate, IfHead, Name, SourceStatement, Step

UNSUPPORTED = {
    "c_while": "`while` loops",
    "c_do": "`do` loops",
    "c_for": "`for` loops",
    "c_return": "`return`",
    "c_break": "`break`",
    "c_continue": "`continue`",
    "c_goto": "`goto`",
}
CONNECTIVES: dict[str, Literal["and", "or", "implies"]] = {"/\\": "and", "\\/": "or", "=>": "implies"}
QUANTIFIERS: dict[str, Literal["exists", "~exists", "forall"]] = {"exists": "exists", "forall": "forall"}


def build_litmus_test(tree: SyntaxTree, text: str, origin: Origin) -> LitmusText:
    """The whole test. Raises InputError for constructs that are not supported."""
    parts = _LitmusBuilder(text, origin)
    children = [child for child in parts_of(tree)[1] if isinstance(child, Tree)]
    by_rule: dict[str, list[SyntaxTree]] = {}
    for child in children:
        by_rule.setdefault(str(child.data), []).append(child)
    _, (quantifier, proposition) = parts_of(by_rule["question"][0])
    return LitmusText(
        start=tuple(parts.start(each) for each in by_rule.get("start", [])),
        functions=tuple(parts.function(each) for each in by_rule.get("thread", [])),
        locations=tuple(
            parts.cell(_only_tree(each))
            for listing in by_rule.get("locations", [])
            for each in parts_of(listing)[1]
            if isinstance(each, Tree)
        ),
        filters=tuple(parts.proposition(parts_of(each)[1][1]) for each in by_rule.get("filter", [])),
        quantifier=QUANTIFIERS.get(str(quantifier), "~exists"),
        proposition=parts.proposition(proposition),
        span=parts.span(by_rule["question"][0]),
    )


class _LitmusBuilder:
    """Builds the parts of one test; `text` is what was parsed, for the steps' texts."""

    def __init__(self, text: str, origin: Origin) -> None:
        self.text = text
        self.origin = origin
        self.declared: list[str] = []

    def span(self, tree: SyntaxTree) -> Span:
        return span_of(tree, self.origin)

    def unsupported(self, what: str, tree: SyntaxTree) -> InputError:
        verb = "are" if what.endswith("s") else "is"
        message = f"{what} {verb} not supported in litmus tests"
        return InputError([Problem(code="L101", message=message, span=self.span(tree))])

    # The start

    def start(self, tree: SyntaxTree) -> InitEntry:
        children = parts_of(tree)[1]
        type = str(children.pop(0)).strip() if not isinstance(children[0], Tree) else ""
        values = self.values(children[2]) if len(children) > 2 else ()
        return InitEntry(type=type, cell=self.cell(children[0], size=len(values)), values=values, span=self.span(tree))

    def values(self, tree: SyntaxTree) -> tuple[Constant, ...]:
        match parts_of(tree):
            case "initialiser", [name, _, value, _]:
                if name != "ATOMIC_INIT":
                    raise self.unsupported(f"the initialiser `{name}`", tree)
                return (self.constant(value),)
            case "array_value", [_, *values, _]:
                return tuple(self.constant(value) for value in values[::2])
            case _:
                return (self.constant(_only_tree(tree)),)

    def constant(self, tree: SyntaxTree) -> Constant:
        match parts_of(tree):
            case "integer", tokens:
                return Literally(value=parse_number("".join(map(str, tokens))), span=self.span(tree))
            case "address", tokens:
                names = [str(token) for token in tokens if token != "&"]
                index = parse_number(names[2]) if len(names) > 1 else 0
                return LitmusAddress(name=names[0], index=index, span=self.span(tree))
            case "group", [_, inner, _]:
                return self.constant(inner)
            case rule, _:
                raise AssertionError(f"grammar.lark has no constant {rule}")

    def cell(self, tree: SyntaxTree, size: int | None = None) -> Observable:
        """A variable, array element or register; `size` is the length of `x[]`. Raises InputError where `x[]` has
        none."""
        span = self.span(tree)
        match parts_of(tree):
            case "global_", tokens:
                return Global(name=str(tokens[len(tokens) // 2]), index=None, span=span)
            case "element", [name, _, index, _]:
                return Global(name=str(name), index=parse_number(str(index)), span=span)
            case "element", [name, *_]:
                if not size:
                    raise self.unsupported("an array without a size", tree)
                return Global(name=str(name), index=size, span=span)
            case "register", [thread, _, name]:
                return Register(thread=parse_number(str(thread).lstrip("P")), name=str(name), span=span)
            case rule, _:
                raise AssertionError(f"grammar.lark has no cell {rule}")

    # What is asked

    def proposition(self, tree: SyntaxTree) -> Proposition:
        match parts_of(tree):
            case "connective", [left, op, right]:
                return Connective(op=CONNECTIVES[str(op)], left=self.proposition(left), right=self.proposition(right))
            case "negation", [_, operand]:
                return Negation(operand=self.proposition(operand))
            case "group", [_, inner, _]:
                return self.proposition(inner)
            case "truth", [word]:
                return Truth(value=word == "true")
            case "atom", [*stars, cell, op, value]:
                assert len(stars) < 2
                known = self.cell(value) if parts_of(value)[0] == "register" else self.constant(value)
                assert not isinstance(known, Global)
                return Atom(left=self.cell(cell), equal=op != "!=", right=known)
            case rule, _:
                raise AssertionError(f"grammar.lark has no proposition {rule}")

    # Threads

    def function(self, tree: SyntaxTree) -> Function:
        trees = [child for child in parts_of(tree)[1] if isinstance(child, Tree)]
        name = next(child for child in parts_of(tree)[1] if getattr(child, "type", "") in ("NAME", "THREAD"))
        *parameters, body = trees
        self.declared = []
        steps = self.block(body)
        return Function(
            name=str(name), parameters=tuple(p for each in parameters for p in self.parameter(each)),
            declared=tuple(self.declared), steps=steps, span=self.span(name),
        )  # fmt: skip

    def parameter(self, tree: SyntaxTree) -> tuple[CParameter, ...]:
        type, *rest = parts_of(tree)[1]
        if not rest:
            return ()
        return (CParameter(type=str(type).strip(), name=str(rest[0]), span=self.span(rest[0])),)

    def block(self, tree: SyntaxTree) -> tuple[Step, ...]:
        if parts_of(tree)[0] == "block":
            return tuple(step for child in parts_of(tree)[1][1:-1] for step in self.block(child))
        return self.statement(tree)

    def statement(self, tree: SyntaxTree) -> tuple[Step, ...]:
        match parts_of(tree):
            case "empty", _:
                return ()
            case "declaration", [_, *declarators, _]:
                return tuple(step for each in declarators[::2] for step in self.declarator(each))
            case "c_assignment", [inner, _]:
                return (self.step(tree, assignment(inner, self.origin)),)
            case "c_evaluate", [inner, _]:
                return (self.step(tree, Evaluate(value=expression(inner, self.origin), span=self.span(inner))),)
            case "c_if", [_, _, condition, close, then, *otherwise]:
                head = IfHead(condition=expression(condition, self.origin), statement=None, span=self.span(tree))
                rest = self.block(otherwise[1]) if otherwise else ()
                return (self.step(tree, head, self.block(then), rest, last=close),)
            case rule, _:
                raise self.unsupported(UNSUPPORTED[rule], tree)

    def declarator(self, tree: SyntaxTree) -> tuple[Step, ...]:
        """Declares a local variable; returns the assignment of its initial value, if it has one."""
        name, *rest = (part for part in parts_of(tree)[1] if part != "*")
        if rest and rest[0] == "[":
            raise self.unsupported("local arrays", tree)
        self.declared.append(str(name))
        if not rest:
            return ()
        target = Name(name=str(name), span=self.span(name))
        value = expression(rest[1], self.origin)
        return (self.step(tree, Assignment(target=target, value=value, span=self.span(tree))),)

    def step(
        self,
        tree: SyntaxTree,
        statement: SourceStatement,
        then: tuple[Step, ...] = (),
        otherwise: tuple[Step, ...] = (),
        last: SyntaxTree | None = None,
    ) -> Step:
        """A step labelled with its line, as litmus tests have no labels."""
        span = self.span(tree)
        begin, _ = _ends(tree)
        _, end = _ends(last if last is not None else tree)
        text = " ".join(self.text[begin:end].rstrip(";").split())
        return Step(
            label=f"line {span.line}", statement=statement, text=text, source="", span=span, label_span=span,
            then=then, otherwise=otherwise,
        )  # fmt: skip


def _only_tree(tree: SyntaxTree) -> SyntaxTree:
    """The only child of a tree that is not a token."""
    return next(child for child in parts_of(tree)[1] if isinstance(child, Tree))


def _ends(tree: SyntaxTree) -> tuple[int, int]:
    first = last = tree
    while isinstance(first, Tree):
        first = first.children[0]
    while isinstance(last, Tree):
        last = last.children[-1]
    return first.start_pos or 0, last.end_pos or 0
