"""One schedule as a C litmus test of the kernel's memory model: its accesses and no others, and the values they had.

What a step depends on is kept: data by an addition, a branch by an `if` around what is inside it. Addresses are fixed,
so nothing depends on them, and what has no word there is left out: each allows more executions, never fewer, so the
race stays one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from encoder.concrete.interleaving.format_values import format_word
from encoder.concrete.semantics.action import CellWord
from encoder.export.names import NO_VALUE, identifier, load_call, other_call, store_call, suffix_of
from encoder.program.core import Cell, CellName, Load, Rmw, Store
from encoder.witness.timeline import Moment, Timeline

LEFT_OUT = "Sections with interrupts off, TLB flushes and the waits of the one for the other have no word here."


@dataclass(slots=True)
class Numbering:
    """Words as ints: a number is itself, a record the number of its first appearance."""

    cells: Mapping[CellName, Cell]
    known: dict[str, dict[CellWord, int]] = field(default_factory=dict)

    def of(self, name: CellName, word: CellWord) -> int:
        if len(word) == 1:
            return word[0]
        codes = self.known.setdefault(self.cells[name].struct + "." + name.field, {(0,) * len(word): 0})
        return codes.setdefault(word, len(codes))


def race(found: Timeline, name: str, said: Sequence[str] = ()) -> str:
    """The test. `said` are sentences that stand at its head. Raises Unwritable."""
    return _Race(found).text(name, said)


class _Race:
    def __init__(self, found: Timeline) -> None:
        self.found = found
        self.codes = Numbering(found.cells)
        self.by_step = {each.step.step: each for each in found.moments}

    def text(self, name: str, said: Sequence[str]) -> str:
        threads = list(dict.fromkeys(each.name for each in self.found.program.threads))
        own = [self.found.of_thread(thread) for thread in threads]
        bodies = [self._thread(number, each) for number, each in enumerate(own)]
        start = [
            f"\tint {identifier(cell)} = {self.codes.of(cell, word)};"
            for cell, word in self.found.start.items()
            if self._used(cell) and not self.found.cells[cell].lock and self.codes.of(cell, word)
        ]
        head = ["C " + name, "", "(*", *(f" * {line}" for line in (*said, LEFT_OUT, *self._legend())), " *)", ""]
        return "\n".join([*head, "{", *start, "}", "", *bodies, self._question(own)]) + "\n"

    def _used(self, cell: CellName) -> bool:
        return any(each.cell == cell for each in self.found.moments)

    def _legend(self) -> list[str]:
        """What the numbers of records stand for."""
        lines = []
        for struct, codes in self.codes.known.items():
            cell = next(c for c in self.found.program.cells if f"{c.struct}.{c.name.field}" == struct)
            told = ", ".join(f"{code} is {format_word(self.found.program, cell, word)}" for word, code in codes.items())
            lines.append(f"{struct}: {told}.")
        return lines

    def _thread(self, number: int, moments: Sequence[Moment]) -> str:
        cells = sorted({each.cell for each in moments if each.cell is not None})
        kinds = {cell: "spinlock_t" if self.found.cells[cell].lock else "int" for cell in cells}
        parameters = ", ".join(f"{kinds[cell]} *{identifier(cell)}" for cell in cells)
        lines = [f"P{number}({parameters})", "{"]
        lines += [f"\tint {', '.join(registers)};"] if (registers := self._registers(moments)) else []
        inside: list[int] = []
        for each in moments:
            needed = each.control & self._readable()
            while not needed.issuperset(inside):
                inside.pop()
                lines.append("\t" * (len(inside) + 1) + "}")
            for read in sorted(needed - set(inside)):
                lines.append("\t" * (len(inside) + 1) + f"if (r{read} == {self._value_read(self.by_step[read])}) {{")
                inside.append(read)
            if statement := self._statement(each):
                where = f"{each.step.procedure} {each.step.label}".strip()
                lines.append("\t" * (len(inside) + 1) + f"{statement}; /* {each.step.step}: {where} */")
        while inside:
            inside.pop()
            lines.append("\t" * (len(inside) + 1) + "}")
        lines += ["\trcu_read_unlock();"] * sum(
            times for (kind, _), times in (moments[-1].held if moments else ()) if kind == "rcu"
        )
        return "\n".join([*lines, "}", ""])

    def _readable(self) -> set[int]:
        """The steps whose reads have a register."""
        return {step for step, each in self.by_step.items() if self._has_register(each)}

    def _has_register(self, each: Moment) -> bool:
        match each.event:
            case Load():
                return True
            case Rmw():
                return each.written is None or (each.event.read_order, each.event.write_order) != NO_VALUE
            case _:
                return False

    def _registers(self, moments: Sequence[Moment]) -> list[str]:
        return [f"r{each.step.step}" for each in moments if self._has_register(each)]

    def _value_read(self, each: Moment) -> int:
        assert each.cell is not None and each.read is not None
        return self.codes.of(each.cell, each.read)

    def _statement(self, each: Moment) -> str:
        event, register = each.event, f"r{each.step.step}"
        target = "" if each.cell is None else identifier(each.cell)
        match event:
            case Load():
                return f"{register} = {load_call(event, target)}"
            case Store():
                return store_call(event, target, self._written(each, set()))
            case Rmw() if each.written is None:
                return f"{register} = READ_ONCE(*{target})"
            case Rmw():
                return self._modified(each, event, target, register)
            case _:
                return other_call(event, target)

    def _modified(self, each: Moment, event: Rmw, target: str, register: str) -> str:
        """A read-modify-write that wrote: an addition where it writes what it has read with a change, else an
        exchange."""
        assert each.cell is not None and each.written is not None
        delta = self.codes.of(each.cell, each.written) - self._value_read(each)
        if (event.read_order, event.write_order) == NO_VALUE:
            return f"atomic_add({delta}, {target})"
        end = suffix_of(event)
        if each.step.step in each.data:
            return f"{register} = atomic_fetch_add{end}({delta}, {target})"
        return f"{register} = xchg{end}({target}, {self._written(each, {each.step.step})})"

    def _written(self, each: Moment, without: set[int]) -> str:
        """The value as what it depends on and the rest: `r4 + 1`."""
        assert each.cell is not None and each.written is not None
        reads = sorted((each.data & self._readable()) - without)
        rest = self.codes.of(each.cell, each.written) - sum(self._value_read(self.by_step[read]) for read in reads)
        words = " + ".join(f"r{read}" for read in reads)
        if not words:
            return str(rest)
        return words if not rest else f"{words} {'+' if rest > 0 else '-'} {abs(rest)}"

    def _question(self, own: Sequence[Sequence[Moment]]) -> str:
        atoms = [
            f"{number}:r{each.step.step}={self._value_read(each)}"
            for number, moments in enumerate(own)
            for each in moments
            if self._has_register(each)
        ]
        for cell, order in self.found.orders.items():
            if order and not self.found.cells[cell].lock:
                last = self.by_step[order[-1]]
                assert last.written is not None
                atoms.append(f"{identifier(cell)}={self.codes.of(cell, last.written)}")
        return "exists (" + " /\\ ".join(atoms or ["true"]) + ")"
