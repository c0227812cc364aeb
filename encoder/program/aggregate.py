"""Values of compound literals and lists, from the values of their parts."""

from encoder.program.coerce import coerce_scalar
from encoder.program.core import Const, Expr
from encoder.program.scope import Scope
from encoder.program.values import ObjectList, RecordValue, describe
from encoder.spec.syntax import Compound, ListOf


def record_value(scope: Scope, expression: Compound, values: list[Expr]) -> RecordValue:
    """`(type){.field = value, …}`; fields that are not named are 0. Raises Rejected."""
    word = scope.table.words.get(expression.type)
    if word is None:
        message = f"unknown word type `{expression.type}`"
        raise scope.problems.reject("S221", message, expression.span, word=expression.type, known=scope.table.words)
    types = dict(word.parts)
    given: dict[str, Expr] = {}
    for (name, written), value in zip(expression.fields, values, strict=True):
        if name not in types:
            message = f"`{word.name}` has no `{name}`"
            raise scope.problems.reject("S222", message, written.span, word=name, known=types)
        if name in given:
            raise scope.problems.reject("S222", f"`.{name}` is given twice", written.span)
        given[name] = coerce_scalar(scope, value, types[name], written.span)
    return RecordValue(word, tuple((name, given.get(name, Const(0, type))) for name, type in word.parts))


def object_list(scope: Scope, expression: ListOf, values: list[Expr]) -> ObjectList:
    """`[a, b]`: objects of one struct, which must be known when the spec is read. Raises Rejected."""
    items: list[Const] = []
    for item, value in zip(expression.items, values, strict=True):
        if not isinstance(value, Const) or not value.type.struct:
            raise scope.problems.reject("S229", "a list holds objects that are known when the spec is read", item.span)
        if items and items[0].type != value.type:
            message = f"{describe(value)} in a list of {describe(items[0])}"
            raise scope.problems.reject("S223", message, item.span)
        items.append(value)
    return ObjectList(items[0].type.struct if items else "", tuple(items))
