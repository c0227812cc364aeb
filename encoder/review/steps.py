"""Statements of C as steps."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from encoder.base.errors import InputError
from encoder.base.source import Origin
from encoder.kernel.c import CStatement, text_of, walk
from encoder.review.words import NotUnderstoodError, Speech
from encoder.spec.parse import parse_statement
from encoder.spec.reserved_names import KEYWORDS
from encoder.spec.syntax import Step
from encoder.spec.walk import all_steps

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
CALL = re.compile(r"(\w+)\(")
ASSIGNED = re.compile(r"(\w+)\S* = ")
HEADS = {"for ": "each", "while ": "again"}
PREFIXES = ("smp_", "raw_", "folio_", "page_", "__")
NO_EFFECT = re.compile(r"(VM_)?(BUG|WARN)_ON|pr_|trace_|count_|mod_|inc_|dec_|add_|lockdep_|might_|cond_resched|printk")
"""Functions that are called for nothing that the model knows: assertions, messages, statistics."""
SPUN = "2"
"""Rounds of a `while` loop that are explored, as in other variants that wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """A step of a draft; `kept` is the step of the base that it is, with all below it. `line` is that of the C."""

    label: str
    text: str
    line: int = 0
    kept: Step | None = None
    then: tuple["NewStep", ...] = ()
    otherwise: tuple["NewStep", ...] = ()
    body: tuple["NewStep", ...] = ()
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Into the steps of one procedure. `kept` gives the steps that a statement of the old code already is (None: it was
    not there), `ignored` are conditions that the model takes for true or false, `leaves` says of an `if` whether the
    model leaves out what it does, `jumps` what a jump of the function is in the
    procedure, `ghosts` the keys that go with a call; `labels` are taken. With `returns` a return from the function is
    one from the procedure."""

    speech: Speech
    kept: Callable[[CStatement], tuple[Step, ...] | None]
    ignored: Mapping[str, bool]
    leaves: Callable[[CStatement], bool]
    jumps: Mapping[str, str]
    ghosts: Callable[[str], tuple[tuple[str, str], ...]]
    labels: set[str] = field(default_factory=set)
    reused: set[str] = field(default_factory=set)
    dropped: list[str] = field(default_factory=list)
    """Statements that are no steps."""
    returns: bool = False

    def steps(self, statements: Sequence[CStatement], looped: bool = False) -> tuple[NewStep, ...]:
        """The steps that these statements are. Raises NotUnderstoodError."""
        return tuple(step for each in statements for step in self._steps(each, looped))

    def _steps(self, each: CStatement, looped: bool) -> Iterator[NewStep]:
        if (kept := self.kept(each)) is not None:
            yield from (self._kept(step, each.line) for step in kept)
            return
        tokens = [token.text for token in each.tokens]
        match each.kind:
            case "declaration":
                yield from self._declaration(tokens, each.line)
            case "expression":
                yield from self._expression(tokens[:-1], each.line)
            case "if":
                yield from self._if(each, tokens[2:-1], looped)
            case "loop":
                yield from self._loop(each, tokens, looped)
            case "return" | "goto" | "break" | "continue":
                yield self._step(self._jump(each, looped), each.line)
            case "label" | "case" | "switch" | "other" | "block":
                if any(self.speech.is_known(token.text) for inner in walk((each,)) for token in inner.tokens):
                    raise NotUnderstoodError(each.head, "is no statement of the language")

    def _kept(self, step: Step, line: int) -> NewStep:
        """A step of the base as it is; again with a label of its own where a statement comes twice."""
        if step.label not in self.reused:
            self.reused.add(step.label)
            return NewStep(label=step.label, text=step.text, line=line, kept=step)
        if step.then or step.otherwise or step.body:
            raise NotUnderstoodError(step.text, "comes twice")
        return self._step(step.text, line)

    def _declaration(self, tokens: list[str], line: int) -> Iterator[NewStep]:
        """`int i;` is a new variable, and `pte_t pte = ptep_get(ptep);` an assignment too."""
        if "=" not in tokens:
            self.speech.own.update(_declared(tokens))
            return
        at = tokens.index("=")
        try:
            value = self.speech.expression(tokens[at + 1 : -1], line)
        except NotUnderstoodError:
            if self.speech.knows(tokens):
                raise
            return
        name = tokens[at - 1]
        target = self.speech.means([name], line)
        if target is None:
            self.speech.own.add(name)
        yield self._step(f"{target or name} = {value}", line)

    def _expression(self, tokens: list[str], line: int) -> Iterator[NewStep]:
        if not tokens:  # `;`
            return
        setter = next((n for n, word in enumerate(tokens) if word in self.speech.setters), None)
        if setter == 2 and tokens[1] == "=":
            yield from self._set(tokens, line)
        elif self._is_beside(tokens):
            self.dropped.append(text_of(tokens))
        elif len(tokens) > 1 and tokens[-1] in ("++", "--"):
            target = self.speech.expression(tokens[:-1], line)
            yield self._step(f"{target} = {target} {tokens[-1][0]} 1", line)
        elif (at := next((n for n, word in enumerate(tokens) if word in OPERATED), None)) is not None:
            target = self.speech.expression(tokens[:at], line)
            value = self.speech.expression(tokens[at + 1 :], line)
            yield self._step(f"{target} = {target} {tokens[at][:-1]} {value}", line)
        elif "=" in tokens:
            at = tokens.index("=")
            target, value = (self.speech.expression(part, line) for part in (tokens[:at], tokens[at + 1 :]))
            if target != value:
                yield self._step(f"{target} = {value}", line)
        else:
            yield self._step(self.speech.expression(tokens, line), line)

    def _set(self, tokens: list[str], line: int) -> Iterator[NewStep]:
        """`pte = pte_wrprotect(old)`."""
        name, value = self.speech.setters[tokens[2]]
        depth = next((n for n, word in enumerate(tokens[4:]) if word in (",", ")")), 1)
        target, source = self.speech.expression(tokens[:1], line), self.speech.expression(tokens[4 : 4 + depth], line)
        if target != source:
            yield self._step(f"{target} = {source}", line)
        yield self._step(f"{target}.{name} = {value}", line)

    def _is_beside(self, tokens: list[str]) -> bool:
        """Whether a statement calls and changes nothing that the model knows of."""
        if NO_EFFECT.match(tokens[0]) and "=" not in tokens:
            return True
        speech = self.speech
        return not speech.knows(tokens) and not speech.speaks_of(tokens) and not speech.orders(tokens)

    def _if(self, each: CStatement, condition: list[str], looped: bool) -> Iterator[NewStep]:
        if self.leaves(each):  # a call that may fail: what happens then is not modelled
            yield self._step(self.speech.expression(condition, each.line), each.line)
            return
        then, otherwise = self.steps(each.then, looped), self.steps(each.otherwise, looped)
        left = left_of(condition, self.ignored)
        if isinstance(left, bool):  # all of the condition is what the model takes for granted
            yield from then if left else otherwise
            return
        if not then and not otherwise and not self.speech.knows(left):
            return
        text = f"if ({self.speech.expression(left, each.line)})"
        if len(then) == 1 and not otherwise and _is_simple(then[0]):
            self.labels.discard(then[0].label)
            yield self._step(f"{text} {then[0].text}", each.line)
        else:
            step = self._step(text, each.line)
            yield replace(step, then=then or (self._step(";", each.line),), otherwise=otherwise)

    def _loop(self, each: CStatement, tokens: list[str], looped: bool) -> Iterator[NewStep]:
        if tokens[0] == "do" and not any(inner.kind in ("break", "continue") for inner in walk(each.then)):
            yield from self.steps(each.then, looped)
            tokens = tokens[1:-1]
        if tokens[0] == "while":
            body = self.steps(each.then, looped=True)
            step = self._step(f"while ({self.speech.expression(tokens[2:-1], each.line)})", each.line)
            yield replace(step, body=body, keys=(("bound", SPUN),))
            return
        head = [_strip(part) for part in split(tokens[2:-1], ";")]
        if tokens[0] != "for" or len(head) != 3 or not _counts(*head):
            raise NotUnderstoodError(each.head, "is no loop that the language has: `for (i = A; i < B; i++)`, `while`")
        (name, _, *first), (_, less, *last), _ = head
        self.speech.own.add(name)
        end = self.speech.expression(last, each.line) + (" + 1" if less == "<=" else "")
        step = self._step(f"for {name} in {self.speech.expression(first, each.line)} .. {end}", each.line)
        body = self.steps(each.then, looped=True)
        yield replace(step, body=body, keys=_bound(name, end, body))

    def _jump(self, each: CStatement, looped: bool) -> str:
        if looped and each.kind in ("break", "continue"):
            return each.kind
        known = self.jumps.get(each.head)
        if known is None and each.kind == "return" and self.returns:
            value = self.speech.expression([token.text for token in each.tokens[1:-1]], each.line)
            return f"return {value}".rstrip()
        if known is None:
            raise NotUnderstoodError(each.head, "goes where no other step of this function goes")
        if looped and known in ("break", "continue"):
            raise NotUnderstoodError(each.head, "leaves a loop of the steps from inside another")
        return known

    def _step(self, text: str, line: int) -> NewStep:
        try:
            parse_statement(text, Origin("draft"))
        except InputError as error:
            raise NotUnderstoodError(text, f"is no statement of the language: {error.problems[0].message}") from None
        return NewStep(label=self.label_of(text), text=text, line=line, keys=self.ghosts(text))

    def label_of(self, text: str) -> str:
        """A label that is free, from what the statement calls."""
        found = CALL.findall(text.removeprefix("if "))
        assigned = ASSIGNED.match(text)
        word = found[0] if found else f"set_{assigned[1]}" if assigned else "leave"
        word = "test" if text.startswith("if ") and not found else word
        word = next((short for begins, short in HEADS.items() if text.startswith(begins)), word)
        for prefix in PREFIXES:
            word = word.removeprefix(prefix)
        word = CAMEL.sub("_", word).lower().strip("_") or "new"
        free = word if word not in self.labels and word not in KEYWORDS else ""
        number = 2
        while not free:
            free = f"{word}_{number}" if f"{word}_{number}" not in self.labels else ""
            number += 1
        self.labels.add(free)
        return free


def left_of(condition: list[str], ignored: Mapping[str, bool]) -> list[str] | bool:
    """A condition without the parts that are taken for granted; its value where that is all of it."""
    for sign, neutral in (("||", False), ("&&", True)):
        parts = split(condition, sign)
        if len(parts) > 1:
            left = [part for part in parts if ignored.get(" ".join(part)) is not neutral]
            return [word for n, part in enumerate(left) for word in ([sign] if n else []) + part] or neutral
    return ignored.get(" ".join(condition), condition)


OPERATED = ("+=", "-=", "|=", "&=")


def _declared(tokens: Sequence[str]) -> set[str]:
    """The names in `int i, *p;`."""
    return {
        word for n, word in enumerate(tokens) if word.isidentifier() and tokens[n + 1 : n + 2] in ([","], [";"], ["["])
    }


def split(tokens: Sequence[str], sign: str) -> list[list[str]]:
    """The parts between these signs outside of brackets."""
    parts: list[list[str]] = [[]]
    depth = 0
    for word in tokens:
        depth += (word in ("(", "[")) - (word in (")", "]"))
        if word == sign and depth == 0:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _strip(part: list[str]) -> list[str]:
    return [word for word in part if word != ";"]


def _counts(first: Sequence[str], test: Sequence[str], step: Sequence[str]) -> bool:
    """Whether a loop counts one variable up to a limit."""
    name = first[0] if first[1:2] == ["="] else ""
    up = [*step] in ([name, "++"], ["++", name], [name, "+=", "1"])
    return bool(name) and test[:1] == [name] and test[1:2] in (["<"], ["<="]) and up


def _bound(name: str, end: str, body: Sequence[NewStep]) -> tuple[tuple[str, str], ...]:
    """As many rounds as the array has that the loop goes through; nothing where they are known."""
    if end.isdigit() or end.startswith("len("):
        return ()
    indexed = re.compile(rf"(\w+)\[{re.escape(name)}\]")
    found = [match[1] for step in all_new(body) if (match := indexed.search(step.text))]
    return (("bound", f"len({found[0]})"),) if found else ()


def all_new(steps: Sequence[NewStep]) -> Iterator[NewStep]:
    """The steps and all below them that are of the draft itself."""
    for step in steps:
        yield step
        for block in (step.then, step.otherwise, step.body):
            yield from all_new(block)


def kept_labels(steps: Sequence[NewStep]) -> set[str]:
    """The labels of the steps of the base that are among these, or below them."""
    return {below.label for step in all_new(steps) if step.kept is not None for below in all_steps((step.kept,))}


def _is_simple(step: NewStep) -> bool:
    """Whether it can stand on the line of its test."""
    blocks = step.then or step.otherwise or step.body or step.keys or step.kept
    return not blocks and not step.text.startswith(("if ", "for ", "while "))
