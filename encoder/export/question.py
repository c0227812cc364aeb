"""A scenario with a variant, and one property, as a C litmus test of the kernel's memory model.

Each CPU of the scenario is a thread of the test. Beside them

- a thread of choices writes bits that others read: how many each symbol is, and where each CPU stops, for a property
  may be broken before all is done;
- where the start has symbols a thread writes it, and the CPUs begin once they have seen that (store-release,
  load-acquire);
- a thread that has seen every CPU end reads all that the property speaks of, and computes whether it is broken.

The edges that these add lead only into or only out of what the CPUs do, so they forbid nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from encoder.export.conditions import negated
from encoder.export.expressions import c_expression, truth, value_of
from encoder.export.layout import Layout
from encoder.export.names import Unwritable, identifier
from encoder.export.thread import BAD, BEYOND_ID, REACHED, STOP, ThreadWriter
from encoder.program.core import (
    Cell,
    Ended,
    Final,
    Flush,
    Grace,
    Leaf,
    Program,
    Property,
    ThreadVar,
    Var,
)
from encoder.program.traverse import events, leaves

LEFT_OUT = "Sections with interrupts off have no word here; nothing in this test waits for them."
READERS = "Sections with interrupts off are read-side sections of RCU here: its grace periods wait for them."


@dataclass(slots=True)
class LitmusThread:
    """A thread of the test."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)
    registers: dict[str, None] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        parameters = ", ".join(f"{type} *{name}" for name, type in sorted(self.parameters.items()))
        declared = [f"\tint {name};" for name in self.registers]
        return "\n".join([f"{self.name}({parameters})", "{", *declared, *self.lines, "}", ""])


class ExportedQuestion:
    """The test of one property of a program."""

    def __init__(self, program: Program, asked: Property, loops: int) -> None:
        self.program = program
        self.asked = asked
        self.loops = loops
        self.layout = Layout(program)
        self.leaves = list(leaves(*(part for each in asked.instances for part in (each.situation, each.violation))))
        self.grace = any(isinstance(event, Grace) for thread in program.threads for event in events(thread.body))
        self.readers = program.irq_readers and self.grace
        self.choices: list[str] = []
        self.functions: list[LitmusThread] = []

    def text(self, name: str, said: Sequence[str]) -> str:
        """The whole test. Raises Unwritable for what has no word in it."""
        self._refuse()
        symbolic = [cell for cell in self.program.cells if any(value_of(each) is None for each in cell.init)]
        begins = bool(symbolic or self.program.symbols)
        cpus = [self._cpu(number, begins=begins) for number in range(len(self.program.threads))]
        start = self._start(symbolic, len(cpus)) if begins else None
        others = [start] if start else []
        observer = self._observer(len(cpus) + len(others) + 1)
        every = [*cpus, *others, self._choices(len(cpus) + len(others)), observer]
        used = [variable for each in every for variable in each.parameters]
        values = {cell.name: 0 if cell in symbolic else self._constant(cell) for cell in self.program.cells}
        head = [
            f"C {name}",
            "",
            "(*",
            *(f" * {line}" for line in (*said, READERS if self.readers else LEFT_OUT, *self._legend())),
            " *)",
            "",
        ]
        body = [each.text() for each in every]
        bad = [f"{number}:{BAD}=0" for number in range(len(cpus) + len(others))]
        asked = " /\\ ".join([f"{len(every) - 1}:broken=1", f"{len(every) - 1}:{BAD}=0", *bad])
        return "\n".join([*head, "{", *self.layout.declared(used, values), "}", "", *body, f"exists ({asked})"]) + "\n"

    def _refuse(self) -> None:
        for thread in self.program.threads:
            for event in events(thread.body):
                if isinstance(event, Flush):
                    raise Unwritable(f"a TLB flush that waits for CPUs ({event.site.event})")
                if isinstance(event, Grace) and event.kind != "rcu":
                    raise Unwritable(f"a grace period of SRCU ({event.site.event})")
        for leaf in self.leaves:
            if not isinstance(leaf, Final | ThreadVar | Ended | Var):
                raise Unwritable(f"a property about where a thread is ({type(leaf).__name__})")

    def _legend(self) -> Iterator[str]:
        """How records are packed, and which number each pointer is."""
        for cell in self.program.cells:
            if parts := self.layout.parts(cell.name):
                told = ", ".join(
                    f"{p.name} {'is bit' if p.bits == 1 else f'the {p.bits} bits from'} {p.shift}" for p in parts
                )
                yield f"{cell.name}: {told}."
        for struct, names in self.program.objects:
            yield f"{struct}: " + ", ".join(f"{number} is {name}" for number, name in enumerate(names, 1)) + "."

    def _constant(self, cell: Cell) -> int:
        values = [value_of(each) or 0 for each in cell.init]
        parts = self.layout.parts(cell.name)
        return sum(value << part.shift for value, part in zip(values, parts, strict=True)) if parts else values[0]

    # The CPUs

    def _cpu(self, number: int, *, begins: bool) -> LitmusThread:
        thread = self.program.threads[number]
        cells = {leaf.cell for leaf in self.leaves if isinstance(leaf, Final)}
        asked = [leaf.name for leaf in self._variables(thread.name)]
        writer = ThreadWriter(
            thread=thread,
            layout=self.layout,
            loops=self.loops,
            cells=cells,
            variables=frozenset(asked),
            grace=self.grace,
            readers=self.readers,
        )
        found = writer.sequence_of_thread()
        function = LitmusThread(f"P{number}", parameters=dict(writer.used))
        lines = self._begin(function) if begins else []
        lines += self._chosen(function, STOP, f"stop_{number}", (writer.stops + 1).bit_length())
        lines += [f"\t{REACHED} = {writer.stops} < {STOP};", *writer.lines]
        lines.append(f"\t{BAD} = {BAD} | ({REACHED} == 0);")
        for name in asked:
            out = identifier(f"out_{thread.name}_{name}")
            function.parameters[out] = "int"
            lines.append(f"\tWRITE_ONCE(*{out}, {writer.variable(name)});")
        if any(isinstance(leaf, Ended) and leaf.thread == thread.name for leaf in self.leaves):
            function.parameters[f"out_{thread.name}_ended"] = "int"
            beyond = found.when.get(BEYOND_ID, "0")
            ended = f"({writer.stops} < {STOP}) & {negated(beyond)}"
            lines.append(f"\tWRITE_ONCE(*out_{thread.name}_ended, {ended});")
        function.parameters[f"done_{number}"] = "int"
        function.registers = {STOP: None, REACHED: None, BAD: None, "r": None} | writer.registers
        function.lines = [*lines, f"\tsmp_store_release(done_{number}, 1);"]
        return function

    def _variables(self, thread: str) -> list[ThreadVar]:
        own = (leaf for leaf in self.leaves if isinstance(leaf, ThreadVar) and leaf.thread == thread)
        return list({leaf.name: leaf for leaf in own}.values())

    def _begin(self, function: LitmusThread) -> list[str]:
        """Nothing is done before the start is seen."""
        function.parameters["begun"] = "int"
        return ["\tr = smp_load_acquire(begun);", f"\t{BAD} = {BAD} | (r != 1);"]

    def _chosen(self, function: LitmusThread, register: str, name: str, bits: int) -> list[str]:
        """A number of so many bits that the thread of choices has chosen."""
        lines = [f"\t{register} = 0;"]
        for bit in range(bits):
            variable = f"{name}_{bit}"
            self.choices.append(variable)
            function.parameters[variable] = "int"
            added = f"r * {1 << bit}" if bit else "r"
            lines += [f"\tr = READ_ONCE(*{variable});", f"\t{register} = {register} + {added};"]
        return lines

    # What stands beside them

    def _start(self, symbolic: Sequence[Cell], number: int) -> LitmusThread:
        function = LitmusThread(f"P{number}", registers={BAD: None, "r": None})
        for symbol in self.program.symbols:
            register = f"v_{identifier(symbol.name)}"
            function.registers[register] = None
            function.lines += self._chosen(
                function, register, f"symbol_{identifier(symbol.name)}", (symbol.last - symbol.first).bit_length()
            )
            function.lines += [f"\t{register} = {register} + {symbol.first};"] if symbol.first else []
            function.lines.append(f"\t{BAD} = {BAD} | ({symbol.last} < {register});")
            out = f"out_{identifier(symbol.name)}"
            if any(isinstance(leaf, Var) and leaf.name == symbol.name for leaf in self.leaves):
                function.parameters[out] = "int"
                function.lines.append(f"\tWRITE_ONCE(*{out}, {register});")
        for cell in symbolic:
            function.parameters[self.layout.variable(cell.name)] = "int"
            function.lines.append(f"\tWRITE_ONCE(*({self.layout.fixed(cell.name)}), {self._symbolic(cell)});")
        for assumption in self.program.assumptions:
            function.lines.append(f"\t{BAD} = {BAD} | ({c_expression(assumption.condition, _symbol)} == 0);")
        function.parameters["begun"] = "int"
        function.lines.append("\tsmp_store_release(begun, 1);")
        return function

    def _symbolic(self, cell: Cell) -> str:
        values = [c_expression(each, _symbol) for each in cell.init]
        parts = self.layout.parts(cell.name)
        if not parts:
            return values[0]
        shifted = (
            f"({value} * {1 << part.shift})" if part.shift else value for value, part in zip(values, parts, strict=True)
        )
        return " | ".join(shifted)

    def _choices(self, number: int) -> LitmusThread:
        return LitmusThread(
            f"P{number}", parameters=dict.fromkeys(self.choices, "int"),
            lines=[f"\tWRITE_ONCE(*{name}, 1);" for name in self.choices],
        )  # fmt: skip

    def _observer(self, number: int) -> LitmusThread:
        function = LitmusThread(f"P{number}", registers={BAD: None, "r": None, "broken": None})
        for each in range(len(self.program.threads)):
            function.parameters[f"done_{each}"] = "int"
            function.lines += [f"\tr = smp_load_acquire(done_{each});", f"\t{BAD} = {BAD} | (r != 1);"]
        if any(isinstance(leaf, Var) for leaf in self.leaves):
            function.lines += self._begin(function)
        known: dict[str, str] = {}
        for instance in self.asked.instances:
            names = {leaf: self._read(function, leaf, known) for leaf in leaves(instance.situation, instance.violation)}
            broken = " & ".join(truth(part, names.__getitem__) for part in (instance.situation, instance.violation))
            function.lines.append(f"\tbroken = broken | ({broken});")
        return function

    def _read(self, function: LitmusThread, leaf: Leaf, known: dict[str, str]) -> str:
        """A register with what a leaf is at the end."""
        match leaf:
            case Final(cell=name, component=component):
                whole = self._once(function, known, self.layout.variable(name), self.layout.fixed(name))
                for part in self.layout.parts(name):
                    if part.name == component:
                        return part.of(whole)
                return whole
            case ThreadVar(thread=thread, name=variable):
                out = identifier(f"out_{thread}_{variable}")
            case Ended(thread=thread):
                out = f"out_{thread}_ended"
            case Var(name=symbol):
                out = f"out_{identifier(symbol)}"
            case _:
                raise AssertionError(leaf)
        return self._once(function, known, out, out)

    def _once(self, function: LitmusThread, known: dict[str, str], variable: str, pointer: str) -> str:
        if pointer not in known:
            known[pointer] = f"f{len(known)}"
            function.parameters[variable] = "int"
            function.registers[known[pointer]] = None
            function.lines.append(f"\t{known[pointer]} = READ_ONCE(*({pointer}));")
        return known[pointer]


def _symbol(leaf: Leaf) -> str:
    assert isinstance(leaf, Var)
    return f"v_{identifier(leaf.name)}"
