"""What is known of a program from the questions that were asked about it: its event graphs, and what no interleaving
breaks. Further questions are answered sooner for it, and otherwise the same.

Whoever is given a graph gets terms of its own to add to, numbered as if the graph had been built for it alone: an
encoding, and the schedule that a solver finds with it, do not depend on what was asked before.
"""

from dataclasses import replace
from functools import cached_property

from encoder.graph.build import build, with_dependencies
from encoder.graph.events import Graph
from encoder.memory.model import MemoryModel
from encoder.program.core import Program, Property
from encoder.smt.encode import needs_dependencies
from encoder.verify.query_result import QueryResult


class Knowledge:
    """What is known of a program. `loops` is that of `build`; `unbroken` are the properties of which it was decided
    that no interleaving of any length breaks them, each with the answers to whether interleavings reach its situation,
    and go on beyond the loops' bounds, as far as they are yes."""

    def __init__(self, program: Program, loops: int) -> None:
        self.program = program
        self.loops = loops
        self.unbroken: dict[Property, tuple[QueryResult, ...]] = {}

    def plain_graph(self) -> Graph:
        """The graph for models without dependencies, as `build` makes it."""
        return _with_own_terms(self._plain)

    def model_graph(self, model: MemoryModel) -> Graph:
        """The graph that the model needs, as `graph_for` makes it."""
        return _with_own_terms(self._dependent if needs_dependencies(self._plain, model) else self._plain)

    def both_graphs(self, model: MemoryModel) -> tuple[Graph, Graph]:
        """The plain graph and the model's, with terms in common."""
        graph = self.model_graph(model)
        return replace(self._plain, terms=graph.terms), graph

    @cached_property
    def _plain(self) -> Graph:
        return build(self.program, self.loops)

    @cached_property
    def _dependent(self) -> Graph:
        return with_dependencies(self.plain_graph(), self.loops)


def _with_own_terms(graph: Graph) -> Graph:
    return replace(graph, terms=graph.terms.copy())
