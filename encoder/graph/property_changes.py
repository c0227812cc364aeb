"""Whether the threads of a program can change what a property reads."""

from encoder.graph.events import Graph
from encoder.program.core import CellName, Final, Leaf, Property, ThreadVar, Var
from encoder.program.traverse import leaves


def untouched(graph: Graph, prop: Property) -> bool:
    """Whether the property's `never` reads some location or variable and no thread changes any of them: they keep their
    initial values. (Symbols do not count: they name initial values.)"""
    observed = {leaf for each in prop.instances for leaf in leaves(each.violation) if not isinstance(leaf, Var)}
    written = {e.cell for e in graph.events if e.may_write}
    names = [thread.name for thread in graph.program.threads]
    assigned = {
        (name, d.variable) for name, thread in zip(names, graph.threads, strict=True) for d in thread.definitions
    }
    return bool(observed) and not any(_changes(leaf, written, assigned) for leaf in observed)


def _changes(leaf: Leaf, written: set[CellName | None], assigned: set[tuple[str, str]]) -> bool:
    """Whether the leaf can change during an execution."""
    match leaf:
        case Final(cell=cell):
            return cell in written
        case ThreadVar(thread=thread, name=name):
            return (thread, name) in assigned
        case _:
            return True
