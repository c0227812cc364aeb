"""Functions that a patch adds, in the place of their calls: code that has only moved into one is what it was."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from encoder.kernel.c import CFunction, CStatement, Token, walk
from encoder.review.dictionary import arguments_of
from encoder.review.words import is_operand

NESTED = 3
"""How deep added functions that call each other are followed."""


def expanded(function: CFunction, helpers: Mapping[str, CFunction]) -> CFunction:
    """The function with what these helpers do where it calls them, as far as that can be written there."""
    statements = function.statements
    for _ in range(NESTED):
        statements = tuple(_all(statements, helpers))
    return replace(function, statements=statements)


def _all(statements: Sequence[CStatement], helpers: Mapping[str, CFunction]) -> Iterator[CStatement]:
    for each in statements:
        then, otherwise = (tuple(_all(block, helpers)) for block in (each.then, each.otherwise))
        for one in _in_statement(replace(each, then=then, otherwise=otherwise), helpers):
            yield replace(one, tokens=_in_expression(one.tokens, helpers))


def _in_statement(each: CStatement, helpers: Mapping[str, CFunction]) -> Iterator[CStatement]:
    """What `f(x);`, `y = f(x);` or `return f(x);` does."""
    words = [token.text for token in each.tokens]
    at = next((n for n, word in enumerate(words) if word in helpers and words[n + 1 : n + 2] == ["("]), None)
    simple = each.kind in ("expression", "declaration", "return")
    if at is None or not simple or _closing(words, at + 1) != len(words) - 2:
        yield each
        return
    body = _with_arguments(helpers[words[at]], arguments_of(words, at + 1))
    returns = [inner for inner in walk(body) if inner.kind == "return"]
    if words[:at] == ["return"] or (at == 0 and not returns):
        yield from body
    elif words[at - 1 : at] == ["="] and returns and returns == [body[-1]]:
        yield from body[:-1]
        yield replace(each, tokens=(*each.tokens[:at], *body[-1].tokens[1:]))
    else:
        yield each


def _in_expression(tokens: tuple[Token, ...], helpers: Mapping[str, CFunction]) -> tuple[Token, ...]:
    """Calls of helpers that only return an expression, as that expression."""
    words = [token.text for token in tokens]
    for at, word in enumerate(words[:-1]):
        helper = helpers.get(word)
        if helper is not None and words[at + 1] == "(" and [one.kind for one in helper.statements] == ["return"]:
            (body,) = _with_arguments(helper, arguments_of(words, at + 1))
            value, end = body.tokens[1:-1], _closing(words, at + 1) + 1
            if not is_operand([token.text for token in value]):
                value = (Token("(", tokens[at].line), *value, Token(")", tokens[at].line))
            return (*tokens[:at], *value, *_in_expression(tokens[end:], helpers))
    return tokens


def _with_arguments(helper: CFunction, arguments: Sequence[tuple[str, ...]]) -> tuple[CStatement, ...]:
    """The statements of a function with what is passed in the place of its parameters."""
    given = dict(zip(helper.parameters, arguments, strict=False))
    return tuple(_substituted(each, given) for each in _body(helper))


def _body(helper: CFunction) -> tuple[CStatement, ...]:
    """Of `do { … } while (0)` what is in it."""
    match helper.statements:
        case (CStatement(kind="loop", head="do while ( 0 ) ;") as once,):
            return once.then
        case _:
            return helper.statements


def _substituted(each: CStatement, given: Mapping[str, tuple[str, ...]]) -> CStatement:
    words = ["", *(token.text for token in each.tokens)]
    tokens = tuple(
        Token(word, token.line)
        for before, token in zip(words, each.tokens, strict=False)
        for word in (given.get(token.text, (token.text,)) if before not in ("->", ".") else (token.text,))
    )
    then, otherwise = (tuple(_substituted(one, given) for one in block) for block in (each.then, each.otherwise))
    return replace(each, tokens=tokens, then=then, otherwise=otherwise)


def _closing(words: Sequence[str], opening: int) -> int:
    """The bracket that closes the one at a place."""
    depth = 0
    for at in range(opening, len(words)):
        depth += (words[at] == "(") - (words[at] == ")")
        if depth == 0:
            return at
    return len(words)
