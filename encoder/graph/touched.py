"""What the threads of a program change, against what a property speaks of."""

from encoder.graph.events import Graph
from encoder.program.core import CellName, Final, Leaf, Property, ThreadVar, Var
from encoder.program.traverse import leaves


def untouched(graph: Graph, asked: Property) -> bool:
    """Whether no thread changes a location or variable that the property's `never` reads: it is about something, and
    that stays as it is at the start. (A symbol says what was at the start.)"""
    spoken = {leaf for each in asked.instances for leaf in leaves(each.violation) if not isinstance(leaf, Var)}
    written = {e.cell for e in graph.events if e.may_write}
    names = [thread.name for thread in graph.program.threads]
    defined = {
        (name, d.variable) for name, thread in zip(names, graph.threads, strict=True) for d in thread.definitions
    }
    return bool(spoken) and not any(_changes(leaf, written, defined) for leaf in spoken)


def _changes(leaf: Leaf, written: set[CellName | None], defined: set[tuple[str, str]]) -> bool:
    match leaf:
        case Final(cell=cell):
            return cell in written
        case ThreadVar(thread=thread, name=name):
            return (thread, name) in defined
        case _:
            return True
