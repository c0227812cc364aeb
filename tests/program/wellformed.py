"""What every resolved program promises to those who read it."""

from collections.abc import Iterator, Mapping, Sequence

from encoder.program.core import (
    BOOL,
    Acquire,
    Arith,
    Assign,
    At,
    Block,
    Cell,
    CellName,
    Choose,
    Const,
    Convert,
    Ended,
    Exit,
    Expr,
    Fence,
    Final,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Not,
    Op,
    Place,
    Program,
    Region,
    Release,
    Rmw,
    Scalar,
    Statement,
    Store,
    Thread,
    ThreadVar,
    Var,
)
from encoder.program.traverse import events
from encoder.program.values import type_of

COMPARISONS = {Op.EQ, Op.NE, Op.LT, Op.LE}


def check(program: Program) -> None:
    """Fail if the program breaks a promise of encoder/program/core.py."""
    cells = {cell.name: cell for cell in program.cells}
    assert len(cells) == len(program.cells)
    symbols = {symbol.name: Scalar(kind="int") for symbol in program.symbols}
    for cell in program.cells:
        for component, value in zip(cell.components, cell.init, strict=True):
            assert type_of(value) == component.type
            expression(value, symbols)
    for assumption in program.assumptions:
        boolean(assumption.condition, symbols)
    for thread in program.threads:
        variables = dict(thread.variables)
        assert len(variables) == len(thread.variables)
        Checker(thread, variables, cells).code(thread.body, frozenset())
    known = {thread.name: dict(thread.variables) for thread in program.threads}
    labels = {t.name: {label for e in events(t.body) for label in e.site.path} for t in program.threads}
    for asked in program.properties:
        assert asked.instances
        for instance in asked.instances:
            for part in (instance.situation, instance.violation):
                boolean(part, symbols)
                for leaf in leaves(part):
                    seen(leaf, known, labels, cells)


class Checker:
    """The statements of one thread; block ids may not come twice in one another's reach."""

    def __init__(self, thread: Thread, variables: Mapping[str, Scalar], cells: Mapping[CellName, Cell]) -> None:
        self.thread = thread
        self.variables = variables
        self.cells = cells
        self.ids: set[int] = set()

    def code(self, code: Sequence[Statement], around: frozenset[int]) -> None:
        for position, statement in enumerate(code):
            self.statement(statement, around, position == len(code) - 1)

    def statement(self, statement: Statement, around: frozenset[int], last: bool) -> None:
        match statement:
            case Assign():
                self.fits(statement.variable, type_of(statement.value))
                expression(statement.value, self.variables)
            case If():
                boolean(statement.condition, self.variables)
                assert statement.then or statement.otherwise
                self.code(statement.then, around)
                self.code(statement.otherwise, around)
            case Block() | Loop():
                assert statement.id not in self.ids
                self.ids.add(statement.id)
                self.code(statement.body, around | {statement.id})
            case Exit():
                assert statement.id in around
                assert last, "nothing may follow an exit"
            case Fence() | Region() | Grace(place=None):
                self.site(statement)
            case Flush():
                self.site(statement)
                expression(statement.mm, self.variables)
                assert type_of(statement.mm).struct
            case _:
                self.site(statement)
                self.access(statement)

    def site(self, event: Statement) -> None:
        site = event.site  # type: ignore[union-attr]
        assert site.thread == self.thread.name
        assert all(site.path)
        assert site.event and site.text

    def fits(self, variable: str, type: Scalar) -> None:
        assert self.variables[variable] == type, (variable, self.variables[variable], type)

    def access(self, event: Load | Store | Rmw | Acquire | Release) -> None:
        cells = self.place(event.place)
        parts = [(c.name, c.type) for c in cells[0].components] if cells else []
        locks = {cell.lock for cell in cells}
        match event:
            case Load():
                self.into(event.into, dict(parts))
            case Store():
                assert locks <= {False}
                self.values(event.values, parts)
            case Rmw():
                assert locks <= {False}
                self.into(event.into, dict(parts))
                self.values(event.values, parts)
                boolean(event.when, self.variables)
                boolean(event.await_, self.variables)
            case Acquire():
                assert locks <= {True}
                if event.into is not None:
                    self.fits(event.into, BOOL)
            case Release():
                assert locks <= {True}

    def into(self, into: tuple[tuple[str, str], ...], parts: Mapping[str, Scalar]) -> None:
        for component, variable in into:
            self.fits(variable, parts.get(component, self.variables[variable]))

    def values(self, values: tuple[tuple[str, Expr], ...], parts: list[tuple[str, Scalar]]) -> None:
        for _, value in values:
            expression(value, self.variables)
        if parts:
            assert [(name, type_of(value)) for name, value in values] == parts

    def place(self, place: Place) -> list[Cell]:
        expression(place.base, self.variables)
        assert type_of(place.base) == Scalar(kind="pointer", struct=place.struct)
        assert all(name.field == place.field and value > 0 for value, name in place.targets)
        if isinstance(place.base, Const):
            assert [value for value, _ in place.targets] == [place.base.value]
        return [self.cells[name] for _, name in place.targets]


def boolean(expr: Expr, variables: Mapping[str, Scalar]) -> None:
    assert type_of(expr) == BOOL
    expression(expr, variables)


def expression(expr: Expr, variables: Mapping[str, Scalar]) -> None:
    """Types fit, and every variable is one of the thread's."""
    match expr:
        case Var():
            assert variables[expr.name] == expr.type
        case Not():
            boolean(expr.operand, variables)
        case Convert():
            assert expr.type.kind in ("int", "unsigned") and type_of(expr.operand).kind != "pointer"
            expression(expr.operand, variables)
        case Choose():
            boolean(expr.condition, variables)
            assert type_of(expr.then) == type_of(expr.otherwise)
            expression(expr.then, variables)
            expression(expr.otherwise, variables)
        case Arith():
            operands(expr)
            expression(expr.left, variables)
            expression(expr.right, variables)
        case Const():
            kind, value = expr.type.kind, expr.value
            assert {"bool": value in (0, 1), "int": -(2**31) <= value < 2**31}.get(kind, 0 <= value < 2**32)
        case _:
            pass


def operands(expr: Arith) -> None:
    left, right = type_of(expr.left), type_of(expr.right)
    if expr.op in (Op.LAND, Op.LOR):
        assert (left, right, expr.type) == (BOOL, BOOL, BOOL)
    elif expr.op in COMPARISONS:
        assert left == right and expr.type == BOOL
    elif expr.op in (Op.SHL, Op.SHR):
        assert left == expr.type and right.kind in ("int", "unsigned")
    else:
        assert left == right == expr.type and left.kind in ("int", "unsigned")


def leaves(expr: Expr) -> Iterator[Expr]:
    match expr:
        case Not() | Convert():
            yield from leaves(expr.operand)
        case Arith():
            yield from leaves(expr.left)
            yield from leaves(expr.right)
        case Choose():
            for part in (expr.condition, expr.then, expr.otherwise):
                yield from leaves(part)
        case _:
            yield expr


def seen(
    leaf: Expr,
    variables: Mapping[str, Mapping[str, Scalar]],
    labels: Mapping[str, set[str]],
    cells: Mapping[CellName, Cell],
) -> None:
    match leaf:
        case ThreadVar():
            assert variables[leaf.thread][leaf.name] == leaf.type
        case Final():
            assert (leaf.component, leaf.type) in [(c.name, c.type) for c in cells[leaf.cell].components]
        case At():
            assert leaf.label in labels[leaf.thread]
        case Ended():
            assert leaf.thread in variables
        case _:
            assert isinstance(leaf, Const | Var)
