"""The names that all parts of a scenario may use: types, constants, ghosts, primitives, procedures, objects."""

from collections.abc import Mapping
from dataclasses import dataclass

from encoder.base.source import Span
from encoder.program.core import BOOL, INT, UNSIGNED, CellName, Const, Expr, Op, Place, Scalar
from encoder.program.fold import arith
from encoder.program.index import choose_value
from encoder.program.problems import Problems
from encoder.program.values import Location, ObjectList, RecordValue, Type, Value, WordType, zero_value
from encoder.spec.model import Field, Ghost, ObjectDecl, Primitive, Procedure, StructType, TypeName

NUMBERS = {"int": INT, "unsigned": UNSIGNED, "bool": BOOL}


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolTable:
    """`objects` gives each object's struct and index, `members` each struct's objects in the scenario's order, `fixed`
    the values of const fields and parameters by (object, name), `declared` the declaration of each object. The
    procedures in `gone` exist no longer in this `kernel`. `edited_steps` are the places of the steps that the variant
    itself inserts."""

    words: Mapping[str, WordType]
    structs: Mapping[str, StructType]
    constants: Mapping[str, int]
    ghosts: Mapping[str, Ghost]
    primitives: Mapping[str, Primitive]
    procedures: Mapping[str, Procedure]
    kernel: str
    gone: frozenset[str]
    objects: Mapping[str, Const]
    members: Mapping[str, tuple[str, ...]]
    fixed: dict[tuple[str, str], Value]
    declared: Mapping[str, ObjectDecl]
    flush: str
    problems: Problems
    edited_steps: frozenset[Span] = frozenset()

    def type(self, name: TypeName) -> Type:
        """The type of a value, or of an element of an array or list. Raises Rejected."""
        if name.pointer:
            if name.name not in self.structs:
                raise self.problems.reject(
                    "S221", f"unknown struct `{name.name}`", name.span, word=name.name, known=self.structs
                )
            return Scalar(kind="pointer", struct=name.name)
        if name.name == "lock":
            return INT
        found = NUMBERS.get(name.name) or self.words.get(name.name)
        if found is None:
            known = (*NUMBERS, *self.words)
            expected = f"`{name.name} *`" if name.name in self.structs else ""
            raise self.problems.reject(
                "S221", f"unknown type `{name.name}`", name.span, expected=expected, word=name.name, known=known
            )
        return found

    def field(self, struct: str, name: str, span: Span) -> Field:
        """A field or parameter of a struct. Raises Rejected."""
        declared = self.structs[struct]
        for field in (*declared.fields, *declared.parameters):
            if field.name == name:
                return field
        raise self.problems.reject(
            "S222", f"struct `{struct}` has no field `{name}`", span, word=name, known=[f.name for f in declared.fields]
        )

    def is_memory(self, struct: str, field: Field) -> bool:
        """Whether the field is a memory location: neither const nor a parameter."""
        return not field.const and field not in self.structs[struct].parameters

    def location(self, base: Expr, struct: str, field: Field) -> Location:
        """The location of a field that is memory."""
        return Location(base, struct, field.name, self.type(field.type), field.type.name == "lock")

    def targets(self, location: Location) -> tuple[tuple[int, CellName], ...]:
        """The cells that a location may be, by the value of its base."""
        names = self.members.get(location.struct, ())
        cells = tuple((index, CellName(name, location.field)) for index, name in enumerate(names, start=1))
        if isinstance(location.base, Const):
            return tuple(cell for cell in cells if cell[0] == location.base.value)
        return cells

    def place(self, location: Location) -> Place:
        return Place(base=location.base, struct=location.struct, field=location.field, targets=self.targets(location))

    def fixed_value(self, base: Expr, struct: str, field: Field, span: Span) -> Value:
        """What a const field holds; an unknown base chooses among the objects. Raises Rejected."""
        names = self.members.get(struct, ())
        if isinstance(base, Const):
            return self._fixed(names[base.value - 1], field, span) if base.value else self.zero_of(field)
        if field.type.shape == "list":
            message = f"which list `{field.name}` is has to be known when the spec is read"
            raise self.problems.reject("S229", message, span)
        result: Value = zero_value(self.type(field.type))
        for index in range(len(names), 0, -1):
            held = self._fixed(names[index - 1], field, span)
            here = arith(Op.EQ, base, Const(index, Scalar(kind="pointer", struct=struct)))
            assert isinstance(held, Expr | RecordValue) and isinstance(result, Expr | RecordValue)
            result = choose_value(here, held, result)
        return result

    def _fixed(self, object: str, field: Field, span: Span) -> Value:
        found = self.fixed.get((object, field.name))
        if found is None:
            message = f"`{field.name}` of `{object}` is not known yet"
            raise self.problems.reject("S302", message, span, expected="objects in an order in which it is")
        return found

    def zero_of(self, field: Field) -> Value:
        """0, NULL or an empty list."""
        return ObjectList(field.type.name, ()) if field.type.shape == "list" else zero_value(self.type(field.type))
