"""A thread while it is lowered: its statements so far, its variables, and the open calls."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from encoder.base.source import Span
from encoder.program import cause, fold
from encoder.program.core import (
    BOOL,
    INT,
    PLAIN_LOAD,
    Arm64Code,
    Assign,
    Code,
    Const,
    Expr,
    If,
    Load,
    Op,
    Place,
    Scalar,
    Site,
    Statement,
    Var,
)
from encoder.program.frame import CallFrame, root_name
from encoder.program.naming import expression_text
from encoder.program.problems import Problems
from encoder.program.symbol_table import SymbolTable
from encoder.program.traverse import variables
from encoder.program.values import (
    Location,
    RecordValue,
    Storage,
    Type,
    Value,
    build_value,
    parts_of,
    type_of,
    variable_names,
)
from encoder.spec.syntax import Call, Expression, Name, Position, Subscript

Inliner = Callable[["Lowering", Call], Value | None]


@dataclass(frozen=True, slots=True)
class AssertionCheck:
    """An assertion: the variable that is 1 once it has failed, and the text for messages."""

    variable: str
    text: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A step inserted by the variant that was lowered: where it is written, its path in the thread, and whether it is
    in unreachable code."""

    span: Span
    path: tuple[str, ...]
    dead: bool


@dataclass(slots=True, kw_only=True)
class Lowering:
    """The scope of expressions in a thread, and the statements emitted so far.

    `inline` turns a call into statements; it is passed in because procedures contain statements and statements contain
    calls. `buffers` is a stack of statement lists, `unreachable_depth` counts enclosing unreachable code, `loops`
    enclosing loops. `reading_ghosts` is set while ghosts may be read.
    """

    thread: str
    table: SymbolTable
    inline: Inliner
    frames: list[CallFrame] = field(default_factory=list)
    buffers: list[list[Statement]] = field(default_factory=lambda: [[]])
    variables: dict[str, Scalar] = field(default_factory=dict)
    ghosts: dict[str, Storage] = field(default_factory=dict)
    checks: list[AssertionCheck] = field(default_factory=list)
    stems: Counter[str] = field(default_factory=Counter)
    visits: list[Visit] = field(default_factory=list)
    called_procedures: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    first_call: str = ""
    blocks: int = 0
    unreachable_depth: int = 0
    loops: int = 0
    reading_ghosts: bool = False

    @property
    def problems(self) -> Problems:
        return self.table.problems

    @property
    def frame(self) -> CallFrame:
        return self.frames[-1]

    # Names

    def lookup(self, name: Name) -> Value:
        frame = self.frame
        if name.name in frame.broken_names:
            raise self.problems.give_up()
        if name.name in frame.names:
            value = frame.names[name.name].value
            if value is None:
                raise self.problems.reject("S229", f"the list `{name.name}` has not been given yet", name.span)
            return value
        if name.name in self.ghosts:
            if self.reading_ghosts:
                return self.ghosts[name.name]
            expected = "ghosts are read by properties, assertions and other ghosts only"
            raise self.problems.reject("S228", f"`{name.name}` is a ghost", name.span, expected=expected)
        objects = self.table.objects if frame.script else {}
        if name.name in objects:
            return objects[name.name]
        raise self.problems.reject(
            "S220",
            f"`{name.name}` has no value here",
            name.span,
            expected="a parameter, a variable that was assigned before, a declared local or a constant",
            word=name.name,
            known=[*frame.names, *self.table.constants, *objects],
        )

    def text(self, expression: Expression) -> str:
        """The expression as messages and events show it in this call."""
        return expression_text(self.table, self.frame, expression)

    def ghost_variables(self) -> set[str]:
        """The variables that `ghost_first` assignments of the open steps change during a call."""
        names: set[str] = set()
        for frame in self.frames:
            for ghost in frame.step.ghost_first if frame.step else ():
                binding = frame.names.get(root_name(ghost.target))
                if binding is not None:
                    names.update(variable_names(binding.storage))
        return names

    # Variables

    def unique_name(self, stem: str) -> str:
        """`stem`, with `#2`, `#3`… where it has been used before."""
        self.stems[stem] += 1
        return stem if self.stems[stem] == 1 else f"{stem}#{self.stems[stem]}"

    def fresh_name(self, stem: str) -> str:
        """`stem!1`, `stem!2`…: a name that no spec can contain."""
        self.stems[f"{stem}!"] += 1
        return f"{stem}!{self.stems[f'{stem}!']}"

    def variable(self, name: str, type: Type) -> Expr | RecordValue:
        """A new variable of this thread, one for each component of the type."""

        def part(component: str, scalar: Scalar) -> Var:
            full = f"{name}.{component}" if component else name
            self.variables[full] = scalar
            return Var(full, scalar)

        return build_value(type, part)

    def temporary(self, type: Type) -> Expr | RecordValue:
        """A new variable whose name no spec can contain."""
        step = self.frame.step
        return self.variable(self.fresh_name(f"{self.frame.prefix}{step.label if step else ''}"), type)

    def assign(self, storage: Expr | RecordValue, value: Expr | RecordValue) -> None:
        """Assign all components simultaneously."""
        pairs = [(old, new) for (_, old), (_, new) in zip(parts_of(storage), parts_of(value), strict=True)]
        self.assign_all([(old, new) for old, new in pairs if isinstance(old, Var)])

    def assign_all(self, pairs: list[tuple[Var, Expr]]) -> None:
        """Assign several variables simultaneously."""
        written: set[str] = set()
        clash = False
        for target, value in pairs:
            clash = clash or not written.isdisjoint(variables(value))
            written.add(target.name)
        if clash:
            pairs = [(target, self._copy(value)) for target, value in pairs]
        self.emit(*(Assign(variable=target.name, value=value) for target, value in pairs))

    def _copy(self, value: Expr) -> Expr:
        copy = self.temporary(type_of(value))
        self.emit(*(Assign(variable=var.name, value=value) for _, var in parts_of(copy) if isinstance(var, Var)))
        return next(part for _, part in parts_of(copy))

    # Statements

    def emit(self, *code: Statement) -> None:
        self.buffers[-1].extend(code)

    @contextmanager
    def buffer(self) -> Iterator[list[Statement]]:
        """Collect the emitted statements in a list instead of the enclosing code."""
        held: list[Statement] = []
        self.buffers.append(held)
        try:
            yield held
        finally:
            self.buffers.pop()

    @contextmanager
    def conditional(self) -> Iterator[list[Statement]]:
        """Collect statements that do not happen in every run of the body."""
        frame = self.frame
        frame.depth += 1
        try:
            with self.buffer() as held:
                yield held
        finally:
            frame.depth -= 1

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Check statements that never happen, and drop them."""
        self.unreachable_depth += 1
        try:
            with self.conditional():
                yield
        finally:
            self.unreachable_depth -= 1

    @contextmanager
    def in_call(self, frame: CallFrame, name: str) -> Iterator[None]:
        """In this context the body of the call is lowered."""
        frame.unreachable_depth = self.unreachable_depth
        self.frames.append(frame)
        self.calls.append(name)
        self.problems.calls.append(frame.call if frame.generic else None)
        try:
            yield
        finally:
            self.frames.pop()
            self.calls.pop()
            self.problems.calls.pop()

    def block(self) -> int:
        """The id of a new block of this frame that can be left."""
        self.blocks += 1
        self.frame.exits[self.blocks] = len(self.frame.pending_ghosts)
        return self.blocks

    def site(self, event: str) -> Site:
        """The site of an event of the current step."""
        frame = self.frame
        assert frame.step is not None
        step = frame.step
        return Site(
            thread=self.thread,
            path=(*frame.path, step.label),
            procedure=frame.procedure,
            text=step.text,
            event=event,
            source=frame.source(step),
            span=step.span,
            patched=frame.patched(step),
        )

    def place(self, location: Location, expression: Expression) -> Place:
        """The place of a location that `expression` denotes. Raises Rejected for NULL."""
        if isinstance(location.base, Const) and location.base.value == 0 and not self.unreachable_depth:
            raise cause.null_dereference(self.table, self.frames, location, expression)
        return self.table.place(location)

    # What the scope of an expression offers

    def load(self, location: Location, expression: Expression) -> Value:
        """A plain read."""
        return self.read(location, "plain", PLAIN_LOAD, self.text(expression), expression)

    def read(
        self, location: Location, order: str, arm64: Arm64Code | None, event: str, expression: Expression
    ) -> Expr | RecordValue:
        """Emit an event that reads a location into new variables; returns these."""
        value = self.temporary(location.type)
        into = tuple((name, part.name) for name, part in parts_of(value) if isinstance(part, Var))
        place = self.place(location, expression)
        self.emit(Load(place=place, into=into, order=order, site=self.site(event), arm64=arm64))
        return value

    def parameter(self, base: Expr, struct: str, name: str, span: Span) -> Value:
        message = f"`{name}` of `{struct}` is a number for the start, not a memory location"
        raise self.problems.reject("S224", message, span)

    def position(self, position: Position) -> Expr:
        raise self.problems.reject("S227", "`at` is for properties only", position.span)

    def call(self, call: Call) -> Value | None:
        return self.inline(self, call)

    def index(self, index: Expr, length: int, expression: Subscript) -> None:
        if isinstance(index, Const):
            if not 0 <= index.value < length and not self.unreachable_depth:
                raise cause.index_out_of_range(self.table, self.frames, index.value, length, expression)
            return
        first, last = self.frame.ranges.get(getattr(expression.index, "name", ""), (0, length + 1))
        if first >= 0 and last <= length:
            return
        inside = fold.conjunction(fold.arith(Op.LE, Const(0, INT), index), fold.arith(Op.LT, index, Const(length, INT)))
        self.check(inside, f"`{self.text(expression)}` stays inside its {length} elements")

    def capture(self, evaluation: Callable[[], Expr]) -> tuple[Expr, Code]:
        with self.conditional() as code:
            value = evaluation()
        return value, tuple(code)

    def join(self, condition: Expr, then: tuple[Expr, Code], otherwise: tuple[Expr, Code]) -> Expr:
        result = self.temporary(type_of(then[0]))
        assert isinstance(result, Var)
        arms = tuple((*code, Assign(variable=result.name, value=value)) for value, code in (then, otherwise))
        self.emit(If(condition=condition, then=arms[0], otherwise=arms[1], site=self.site("")))
        return result

    def check(self, holds: Expr, said: str) -> None:
        """Emit a check: a variable records whether `holds` has ever been false here. There is no branch, so what
        follows does not depend on it."""
        if self.unreachable_depth or holds == fold.TRUE:
            return
        variable = self.fresh_name("assert")
        self.variables[variable] = BOOL
        site = self.site("")
        self.checks.append(AssertionCheck(variable, f"{said} at {' / '.join(site.path)}"))
        self.emit(Assign(variable=variable, value=fold.disjunction(Var(variable, BOOL), fold.negation(holds))))
