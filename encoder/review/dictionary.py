"""What the kernel calls the things that the steps of a procedure speak of, learned from the steps that stand in a
function."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from encoder.kernel.align import spots_of
from encoder.kernel.c import CFunction, CStatement
from encoder.kernel.placing import PlacedProcedure, Sight
from encoder.kernel.vocabulary import tokens_in
from encoder.program.unparse import unparse
from encoder.spec.model import Primitive, Procedure
from encoder.spec.syntax import Assignment, Call, Name, Return, Step
from encoder.spec.walk import walk

Words = tuple[str, ...]
ANY = "_"
FIELD = ("->", ".")


@dataclass(frozen=True, slots=True)
class Meaning:
    """On `line` of the kernel these `words` are what the specs call `text`."""

    words: Words
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class CallPattern:
    """How the kernel calls something: for each argument its words, in which parameters stand for what is passed."""

    name: str
    arguments: tuple[Words, ...] | None
    """None for a name alone: its arguments say nothing."""


def patterns_of(function: Primitive | Procedure) -> tuple[CallPattern, ...]:
    """The ways in which the kernel calls a primitive or procedure; its own name with its parameters is one."""
    written = [_pattern(text) for text in function.stands_for]
    own = CallPattern(function.name, tuple((parameter.name,) for parameter in function.parameters))
    return (*written, own)


def _pattern(text: str) -> CallPattern:
    words = tokens_in(text)
    return CallPattern(words[0], arguments_of(words, 1) if len(words) > 1 else None)


def arguments_of(words: Sequence[str], opening: int) -> tuple[Words, ...]:
    """The arguments in the brackets that open at a place."""
    found: list[Words] = []
    current: list[str] = []
    depth = 0
    for word in words[opening:]:
        depth += (word in ("(", "[", "{")) - (word in (")", "]", "}"))
        if depth == 0:
            break
        if depth == 1 and word == ",":
            found.append(tuple(current))
            current = []
        elif not (depth == 1 and word == "(" and not current and not found):
            current.append(word)
    return (*found, tuple(current)) if current or found else ()


def fitting(patterns: Sequence[CallPattern], name: str, arguments: Sequence[Words]) -> CallPattern | None:
    """The first pattern of this name with as many arguments."""
    for each in patterns:
        if each.name == name and each.arguments is not None and len(each.arguments) == len(arguments):
            return each
    return None


def learn(
    placed: PlacedProcedure, file: str, function: CFunction, functions: Mapping[str, Primitive | Procedure]
) -> tuple[Meaning, ...]:
    """What can be learned from the steps that stand in a function."""
    words = [spot.token.text for spot in spots_of(function)]
    found = [Meaning(tokens_in(said), text, function.line) for said, text in placed.procedure.called]
    for each, sight in placed.sights():
        if (sight.place.file, sight.place.function) == (file, function.name):
            found += _from_call(each.step, sight, words, functions)
            found += _from_statement(each.step, sight.spot.statement)
    return tuple(dict.fromkeys(found))


def _from_call(
    step: Step, sight: Sight, words: Sequence[str], functions: Mapping[str, Primitive | Procedure]
) -> Iterator[Meaning]:
    name, line = words[sight.number], sight.spot.token.line
    if words[sight.number + 1 : sight.number + 2] != ["("]:
        return
    arguments = arguments_of(words, sight.number + 1)
    for call in (node for node in walk(step.statement) if isinstance(node, Call)):
        callee = functions.get(call.function)
        if callee is None or (call.function != sight.needle.says and name not in _names(callee)):
            continue
        pattern = fitting(patterns_of(callee), name, arguments)
        if pattern is None or pattern.arguments is None:
            continue
        given = {p.name: unparse(a) for p, a in zip(callee.parameters, call.arguments, strict=False)}
        for meant, said in zip(pattern.arguments, arguments, strict=True):
            yield from _bound(meant, said, given, line)


def _names(function: Primitive | Procedure) -> set[str]:
    return {each.name for each in patterns_of(function)}


def _bound(meant: Words, said: Words, given: Mapping[str, str], line: int) -> Iterator[Meaning]:
    """What an argument says of the words in it."""
    if len(meant) == 1 and meant[0] in given:
        yield from _meanings(said, given[meant[0]], line)
    elif meant[:1] == ("&",) and len(meant) == 2 and meant[1] in given:
        bare = said[1:] if said[:1] == ("&",) else said
        yield from _meanings(bare, given[meant[1]], line)


def _meanings(said: Words, text: str, line: int) -> Iterator[Meaning]:
    """The words mean the text; without the address of both, and without the same field behind both, they still do."""
    if not any(word[0].isalpha() or word[0] == "_" for word in said) or any(sign in text for sign in "{?"):
        return
    yield Meaning(said, text, line)
    if said[0] == "&" and text.startswith("&"):
        said, text = said[1:], text[1:]
        yield Meaning(said, text, line)
    while not text.startswith("&") and len(said) > 2 and said[-2] in FIELD and text.endswith(said[-2] + said[-1]):
        text = text[: -len(said[-2] + said[-1])]
        said = said[:-2]
        yield Meaning(said, text, line)


def _from_statement(step: Step, statement: CStatement) -> Iterator[Meaning]:
    """`nr_pinned = gup_fast(…)` where the step assigns `n`; `return nr_pinned;` where it returns `n`."""
    words = tuple(token.text for token in statement.tokens)
    match step.statement:
        case Assignment(target=Name() as target) if "=" in words and statement.kind in ("expression", "declaration"):
            left = words[: words.index("=")]
            said = left[-1:] if statement.kind == "declaration" else left
            yield from _meanings(said, unparse(target), statement.line)
        case Return(value=value) if value is not None and statement.kind == "return" and len(words) == 3:
            yield from _meanings(words[1:-1], unparse(value), statement.line)
        case _:
            return
