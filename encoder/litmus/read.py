"""Reads a litmus file: a resolved program, and what is asked of its complete executions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from encoder.litmus.condition import TRUE, lower_proposition
from encoder.litmus.function import lower_function
from encoder.litmus.header import split_header
from encoder.litmus.memory import SharedVariables
from encoder.litmus.primitive import expand_primitive
from encoder.litmus.problems import input_error
from encoder.litmus.thread import LitmusLowering
from encoder.program.core import (
    BOOL,
    INT,
    Arith,
    Expr,
    Instance,
    Op,
    Program,
    Property,
    Thread,
    ThreadVar,
)
from encoder.spec.litmus import Function, Global, LitmusText, Observable, Register
from encoder.spec.load import Vocabulary
from encoder.spec.model import Primitive
from encoder.spec.parse import parse_litmus
from encoder.spec.syntax import Call, Name, Unary
from encoder.spec.walk import walk


@dataclass(frozen=True, slots=True, kw_only=True)
class LitmusTest:
    """`proposition` is the quantified proposition; `filter` selects the executions that count.

    `observed` are the cells and registers that the test shows, `addresses` the variables by their addresses; `flags`
    warn about the test as written.
    """

    name: str
    program: Program
    quantifier: Literal["exists", "~exists", "forall"]
    proposition: Expr
    filter: Expr
    observed: tuple[Observable, ...]
    addresses: dict[int, str]
    flags: tuple[str, ...]


class LitmusReader:
    """Reads tests with the primitives of one spec folder, each loaded once."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        self.vocabulary = vocabulary or Vocabulary()
        self.primitives: dict[str, Primitive | None] = {}

    def find(self, name: str) -> Primitive | None:
        """The primitive of this name."""
        if name not in self.primitives:
            self.primitives[name] = self.vocabulary.find(name)
        return self.primitives[name]

    def read(self, file: str, text: str) -> LitmusTest:
        """The test in a file's text. Raises InputError for what is wrong or not supported."""
        source = split_header(file, text)
        parsed = parse_litmus(source.text, source.origin)
        memory = SharedVariables(parsed)
        memory.locks |= self.locks(parsed)
        _check_locks(memory)
        lines = source.text.split("\n")
        functions = {_thread_number(function): function for function in parsed.functions}
        _check_threads(functions, parsed)
        threads = {number: self.thread(functions[number], parsed, memory, lines) for number in sorted(functions)}
        names = {
            number: {p.name: memory.variables[p.name].address for p in function.parameters}
            for number, function in functions.items()
        }
        proposition = lower_proposition(parsed.proposition, memory, threads, names)
        filtered: Expr = TRUE
        for each in parsed.filters:
            filtered = Arith(Op.LAND, filtered, lower_proposition(each, memory, threads, names), BOOL)
        observed = _observed_cells(parsed)
        return LitmusTest(
            name=source.name,
            program=_program(source.name, memory, tuple(threads.values()), proposition, filtered, observed),
            quantifier=parsed.quantifier, proposition=proposition, filter=filtered, observed=observed,
            addresses={v.address + i: v.cell(i).object for v in memory.variables.values() for i in range(len(v.init))},
            flags=_flags(parsed, memory),
        )  # fmt: skip

    def thread(self, function: Function, parsed: LitmusText, memory: SharedVariables, lines: Sequence[str]) -> Thread:
        start = [
            (entry.cell.name, memory.constant(value))
            for entry in parsed.start
            if isinstance(entry.cell, Register) and entry.cell.thread == _thread_number(function)
            for value in entry.values
        ]
        low = LitmusLowering(
            function=function, memory=memory, find=self.find, known=self.vocabulary.names, expand=expand_primitive,
            lines=lines,
        )  # fmt: skip
        return lower_function(low, start)

    def locks(self, parsed: LitmusText) -> set[str]:
        """The variables that are declared as locks or passed to lock primitives."""
        primitives = {s.cell.name for s in parsed.start if isinstance(s.cell, Global) and _is_lock(s.type, stars=0)}
        for function in parsed.functions:
            primitives |= {p.name for p in function.parameters if _is_lock(p.type, stars=1)}
            for call in (node for node in walk(function.steps) if isinstance(node, Call)):
                primitive = self.find(call.function)
                for parameter, argument in zip(primitive.parameters if primitive else (), call.arguments, strict=False):
                    if isinstance(argument, Unary):
                        argument = argument.operand
                    if parameter.type and parameter.type.name == "lock" and isinstance(argument, Name):
                        primitives.add(argument.name)
        return primitives


def _is_lock(type: str, *, stars: int) -> bool:
    """Whether a declaration with at most this many stars is one of a lock; with more it is one of a pointer to a
    lock."""
    return "spinlock" in type and type.count("*") <= stars


def _thread_number(function: Function) -> int:
    if function.name[:1] != "P" or not function.name[1:].isdecimal():
        raise input_error("L113", f"`{function.name}` is no thread", function.span, expected="P0, P1, …")
    return int(function.name[1:101])


def _check_threads(functions: dict[int, Function], parsed: LitmusText) -> None:
    """Raises InputError for threads that are defined twice, missing, or used by the init block without being
    defined."""
    for position, function in enumerate(parsed.functions):
        if functions[_thread_number(function)] is not function:
            raise input_error("L113", f"there are two threads {function.name}", function.span)
        if position not in functions:
            raise input_error(
                "L113", f"there is no thread P{position}", function.span, expected="P0, P1, … without a gap"
            )
    for start in parsed.start:
        if isinstance(start.cell, Register) and start.cell.thread not in functions:
            raise input_error("L112", f"there is no thread P{start.cell.thread}", start.cell.span)


def _check_locks(memory: SharedVariables) -> None:
    for name in sorted(memory.locks & memory.variables.keys()):
        variable = memory.variables[name]
        if any(variable.init):
            raise input_error("L114", f"the lock `{name}` is not free at the start", variable.span)


def _observed_cells(parsed: LitmusText) -> tuple[Observable, ...]:
    shown = [*parsed.locations]
    shown += [node for node in walk((parsed.filters, parsed.proposition)) if isinstance(node, Global | Register)]
    return tuple({(getattr(o, "thread", -1), o.name, getattr(o, "index", None)): o for o in shown}.values())


def _flags(parsed: LitmusText, memory: SharedVariables) -> tuple[str, ...]:
    """`lock-final`: the test reads the final value of a lock."""
    looked = [node for node in walk((parsed.locations, parsed.filters, parsed.proposition)) if isinstance(node, Global)]
    return ("lock-final",) if any(each.name in memory.locks for each in looked) else ()


def _program(
    name: str,
    memory: SharedVariables,
    threads: tuple[Thread, ...],
    proposition: Expr,
    filtered: Expr,
    observed: tuple[Observable, ...],
) -> Program:
    """The program. Its properties only say which variables are observed: those of the proposition, then those that a
    witness shows."""
    shown = [ThreadVar(f"P{each.thread}", each.name, INT) for each in observed if isinstance(each, Register)]
    return Program(
        scenario=name, variant="", kernel="", flush="ipi", scope="", objects=(), cells=memory.cells(), symbols=(),
        assumptions=(), threads=threads,
        properties=(
            _property("asked", filtered, proposition),
            *(_property("shown", TRUE, variable) for variable in shown),
        ),
    )  # fmt: skip


def _property(name: str, situation: Expr, violation: Expr) -> Property:
    instance = Instance(binding=(), situation=situation, violation=violation, text=name)
    return Property(name=name, title="", text="", instances=(instance,))
