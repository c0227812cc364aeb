"""The world of a scenario: its types, its objects and what is fixed about them."""

from encoder.program.coerce import coerce
from encoder.program.core import Const, Scalar
from encoder.program.evaluate import evaluate
from encoder.program.problems import Problems, Rejected
from encoder.program.start import StartScope
from encoder.program.symbol_table import NUMBERS, SymbolTable
from encoder.program.values import ObjectList, Value, WordType, describe, parts_of
from encoder.program.variant import Patched
from encoder.spec.model import Field, Library, ObjectDecl, Scenario, StructType, Types
from encoder.spec.syntax import Expression
from encoder.spec.walk import all_steps


def world_of(library: Library, code: Patched, scenario: Scenario, flush: str, problems: Problems) -> SymbolTable:
    """Types, functions and objects by name. What is wrong with them is noted."""
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
    world = SymbolTable(
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
        differing=set(),
        edited=frozenset(step.span for edit in code.variant.edits for step in all_steps(edit.steps)),
    )
    _refuse_twins(world, scenario)
    for declaration in scenario.objects:
        if declaration.name in objects:
            _fix(world, scenario, declaration)
    return world


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


def _refuse_twins(world: SymbolTable, scenario: Scenario) -> None:
    """Objects, symbols and constants share one set of names."""
    for symbol in scenario.symbols:
        if symbol.name in world.objects or symbol.name in world.constants:
            kind = "an object" if symbol.name in world.objects else "a constant"
            world.problems.note("S302", f"`{symbol.name}` is {kind} too", symbol.span)
    for declaration in scenario.objects:
        if declaration.name in world.constants:
            world.problems.note("S302", f"`{declaration.name}` is a constant too", declaration.span)


def _fix(world: SymbolTable, scenario: Scenario, declaration: ObjectDecl) -> None:
    """Note what an object's const fields and parameters are; those that are not given are 0."""
    struct = world.structs[declaration.struct]
    known = {field.name: field for field in (*struct.parameters, *(f for f in struct.fields if f.const))}
    scope = StartScope(world=world, symbols=frozenset(symbol.name for symbol in scenario.symbols))
    given = dict(declaration.values)
    for name, expression in declaration.values:
        if name not in known:
            memory = [field.name for field in struct.fields if not field.const]
            expected = f"`{declaration.name}->{name} = …` under `init`" if name in memory else ""
            message = f"`{declaration.struct}` has no const field or parameter `{name}`"
            world.problems.note("S302", message, expression.span, expected=expected, word=name, known=known)
            continue
        try:
            world.fixed[declaration.name, name] = _value(scope, known[name], expression)
        except Rejected:
            continue
    for name, field in known.items():
        if name not in given:
            try:
                world.fixed[declaration.name, name] = world.nothing(field)
            except Rejected:
                continue


def _value(scope: StartScope, field: Field, expression: Expression) -> Value:
    problems = scope.world.problems
    if field.type.shape == "list":
        found = evaluate(scope, expression)
        if isinstance(found, ObjectList) and found.struct in (field.type.name, ""):
            return found
        raise problems.reject("S302", f"{describe(found)} for `{field.name}`", expression.span)
    value = coerce(scope, evaluate(scope, expression), scope.world.type(field.type), expression.span)
    if field.const and not all(isinstance(part, Const) for _, part in parts_of(value)):
        raise problems.reject("S302", f"the const field `{field.name}` does not depend on symbols", expression.span)
    return value
