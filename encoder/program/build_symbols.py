"""Builds the symbol table of a scenario: its types, functions, objects and their constant fields."""

from encoder.program.coerce import coerce
from encoder.program.core import Const, Scalar
from encoder.program.evaluate import evaluate
from encoder.program.problems import Problems, Rejected
from encoder.program.start import StartScope
from encoder.program.symbol_table import NUMBERS, SymbolTable
from encoder.program.values import ObjectList, Value, WordType, describe, parts_of
from encoder.program.variant import PatchedKernel
from encoder.spec.model import Field, Library, ObjectDecl, Scenario, StructType, Types
from encoder.spec.syntax import Expression
from encoder.spec.walk import all_steps


def build_symbol_table(
    library: Library, code: PatchedKernel, scenario: Scenario, flush: str, problems: Problems
) -> SymbolTable:
    """The symbol table of a scenario with a variant's procedures. Mistakes are noted in `problems`."""
    structs = {struct.name: struct for struct in code.structs}
    objects: dict[str, Const] = {}
    members: dict[str, list[str]] = {name: [] for name in structs}
    for declaration in scenario.objects:
        if declaration.struct not in structs:
            message = f"unknown struct `{declaration.struct}`"
            problems.note("S302", message, declaration.span, word=declaration.struct, known=structs)
            continue
        members[declaration.struct].append(declaration.name)
        type = Scalar(kind="pointer", struct=declaration.struct)
        objects[declaration.name] = Const(len(members[declaration.struct]), type)
    table = SymbolTable(
        words=_words(library.types, structs, problems),
        structs=structs,
        constants=dict(library.types.constants),
        ghosts={ghost.name: ghost for ghost in library.types.ghosts},
        primitives={primitive.name: primitive for primitive in library.primitives},
        procedures={procedure.name: procedure for procedure in code.procedures},
        kernel=code.kernel,
        gone=code.gone,
        objects=objects,
        members={name: tuple(found) for name, found in members.items()},
        fixed={},
        declared={declaration.name: declaration for declaration in scenario.objects},
        flush=flush,
        problems=problems,
        edited_steps=frozenset(step.span for edit in code.variant.edits for step in all_steps(edit.steps)),
    )
    _reject_duplicate_names(table, scenario)
    for declaration in scenario.objects:
        if declaration.name in objects:
            _add_const_values(table, scenario, declaration)
    return table


def _words(types: Types, structs: dict[str, StructType], problems: Problems) -> dict[str, WordType]:
    words: dict[str, WordType] = {}
    for word in types.words:
        parts: list[tuple[str, Scalar]] = []
        for field in word.fields:
            type = field.type
            if type.pointer and type.name in structs:
                parts.append((field.name, Scalar(kind="pointer", struct=type.name)))
            elif not type.pointer and type.name in NUMBERS:
                parts.append((field.name, NUMBERS[type.name]))
            else:
                known = structs if type.pointer else NUMBERS
                problems.note("S221", f"unknown type `{type.name}`", type.span, word=type.name, known=known)
        words[word.name] = WordType(word.name, tuple(parts))
    return words


def _reject_duplicate_names(table: SymbolTable, scenario: Scenario) -> None:
    """Note names that are used twice among objects, symbols and constants."""
    for symbol in scenario.symbols:
        if symbol.name in table.objects or symbol.name in table.constants:
            kind = "an object" if symbol.name in table.objects else "a constant"
            table.problems.note("S302", f"`{symbol.name}` is {kind} too", symbol.span)
    for declaration in scenario.objects:
        if declaration.name in table.constants:
            table.problems.note("S302", f"`{declaration.name}` is a constant too", declaration.span)


def _add_const_values(table: SymbolTable, scenario: Scenario, declaration: ObjectDecl) -> None:
    """Add the values of an object's const fields and parameters; those that are not given are 0."""
    struct = table.structs[declaration.struct]
    known = {field.name: field for field in (*struct.parameters, *(f for f in struct.fields if f.const))}
    scope = StartScope(table=table, symbols=frozenset(symbol.name for symbol in scenario.symbols))
    given = dict(declaration.values)
    for name, expression in declaration.values:
        if name not in known:
            memory = [field.name for field in struct.fields if not field.const]
            expected = f"`{declaration.name}->{name} = …` under `init`" if name in memory else ""
            message = f"`{declaration.struct}` has no const field or parameter `{name}`"
            table.problems.note("S302", message, expression.span, expected=expected, word=name, known=known)
            continue
        try:
            table.fixed[declaration.name, name] = _value(scope, known[name], expression)
        except Rejected:
            continue
    for name, field in known.items():
        if name not in given:
            try:
                table.fixed[declaration.name, name] = table.zero_of(field)
            except Rejected:
                continue


def _value(scope: StartScope, field: Field, expression: Expression) -> Value:
    problems = scope.table.problems
    if field.type.shape == "list":
        found = evaluate(scope, expression)
        if isinstance(found, ObjectList) and found.struct in (field.type.name, ""):
            return found
        raise problems.reject("S302", f"{describe(found)} for `{field.name}`", expression.span)
    value = coerce(scope, evaluate(scope, expression), scope.table.type(field.type), expression.span)
    if field.const and not all(isinstance(part, Const) for _, part in parts_of(value)):
        raise problems.reject("S302", f"the const field `{field.name}` does not depend on symbols", expression.span)
    return value
