"""Unrolls a thread to events: all paths at once, with guards for branches and copies for loop iterations."""

from dataclasses import replace
from typing import assert_never

from encoder.graph.dependency import (
    Arm,
    SourcesJoin,
    VariableSources,
    common_arms,
    falls_through,
    join_deps,
    merge_deps,
)
from encoder.graph.emit import EventEmitter
from encoder.graph.evaluate import Variables, VariablesJoin
from encoder.graph.events import BranchTest, ControlPoint, Cutoff, EventKind, FirstIteration, ThreadGraph
from encoder.graph.idle_iterations import first_iteration, set_before_read
from encoder.graph.lock_balance import (
    join_counts,
)
from encoder.graph.path_state import PathState, control_deps, join_held
from encoder.graph.term import Term
from encoder.program.core import (
    Acquire,
    Assign,
    Block,
    Exit,
    Fence,
    Flush,
    Grace,
    If,
    Load,
    Loop,
    Region,
    Release,
    Rmw,
    Site,
    Statement,
    Store,
    Thread,
)
from encoder.program.traverse import exits


class Unroller:
    """Unrolls one thread, whose events the emitter makes."""

    def __init__(self, thread: Thread, emitter: EventEmitter) -> None:
        self.thread = thread
        self.emitter = emitter
        self.terms = emitter.terms
        self.options = emitter.options
        self.bounds: list[Cutoff] = []
        self.repeated: dict[int, tuple[Loop, PathState, PathState, int, int]] = {}
        self.tests: list[BranchTest] = []
        self.control_points: list[ControlPoint] = []
        self.loops: dict[str, int] = {}
        self.exits: dict[int, list[PathState]] = {}
        self.skipped: dict[int, list[tuple[Arm, ...]]] = {}
        self.branches = 0

    def unrolled(self) -> ThreadGraph:
        """The thread's graph. To be called once."""
        start = PathState(Variables({}, None), self.terms.true, {}, (), 0, VariableSources({}, None), (), (), {}, {})
        end, made = self.body(self.thread.body, start), self.emitter
        return ThreadGraph(
            steps=tuple(made.steps), events=tuple(made.events), definitions=tuple(made.definitions),
            bounds=tuple(self.bounds), faults=tuple(made.faults), loops=tuple(sorted(self.loops.items())),
            longest=made.longest, unheld=tuple(made.unheld), tests=tuple(self.tests),
            control_points=tuple(self.control_points),
            held_at_end=() if end is None else tuple(end.held_counts.items()),
            misused_bits=frozenset(made.misused_bits),
        )  # fmt: skip

    def with_first_iterations(self, graph: ThreadGraph) -> ThreadGraph:
        """The graph that `unrolled` has returned, with the first iterations of its loops, which take long to tell."""
        bounds = [replace(each, first_iteration=self.first_iteration(n)) for n, each in enumerate(graph.bounds)]
        return replace(graph, bounds=tuple(bounds))

    # Control

    def body(
        self, statements: tuple[Statement, ...], path: PathState | None, block: int | None = None
    ) -> PathState | None:
        """The path after the statements, which may be those of a block, None if no execution gets there."""
        for number, statement in enumerate(statements):
            if path is None:
                return None
            before, path = path, self.statement(statement, path)
            if path is None and falls_through(statement):
                self.skip(statements[number + 1 :], before.branches, block)
        return path

    def skip(self, statements: tuple[Statement, ...], branches: tuple[Arm, ...], block: int | None = None) -> None:
        """Record which blocks the unreachable `statements`, which may be the last of a block, lead to the end of. For
        dependencies, arms join where the text of the program joins them, whether or not an execution gets there; that
        includes the end of a loop, where iterations beyond its bound would arrive."""
        left = exits(statements)
        if block is not None and all(map(falls_through, statements)):
            left.add(block)
        for ident in left:
            self.skipped.setdefault(ident, []).append(branches)

    def statement(self, statement: Statement, path: PathState) -> PathState | None:
        """The path after the statement, None if no execution gets there."""
        match statement:
            case Assign(variable=variable, value=value, site=site):
                self.note_control_point(site, path)
                return self.emitter.define(
                    path, variable, self.emitter.value(value, path), self.emitter.sources_of(value, path)
                )
            case If():
                return self.branch(statement, path)
            case Block(id=ident, body=body):
                return self.joined_exits(ident, self.body(body, path, ident))
            case Exit(id=ident, site=site):
                self.note_control_point(site, path)
                self.exits.setdefault(ident, []).append(path)
                return None
            case Loop():
                return self.loop(statement, path)
            case Load() | Store() | Rmw() | Acquire() | Release():
                return self.emitter.access(statement, path)
            case Fence(kind=kind, site=site, arm64=arm64):
                return self.emitter.event_without_access(path, site, EventKind.FENCE, tags=(kind,), arm64=arm64)
            case Region(kind=kind, begin=begin, site=site):
                return self.emitter.event_without_access(
                    path, site, EventKind.REGION_BEGIN if begin else EventKind.REGION_END, region=kind
                )
            case Flush():
                return self.emitter.flush(statement, path)
            case Grace():
                return self.emitter.grace(statement, path)
            case _:
                assert_never(statement)

    def branch(self, statement: If, path: PathState) -> PathState | None:
        """The path after an `if`."""
        self.note_control_point(statement.site, path)
        condition = self.terms.as_bool(self.emitter.value(statement.condition, path))
        sources = self.emitter.sources_of(statement.condition, path)
        deps = merge_deps(self.terms, sources.data, sources.control)
        if self.options.both_branches and deps:
            condition = self.terms.lit(f"either.{self.emitter.index}.{self.branches}")
        else:
            condition = self.branch_literal(condition, statement.site)
        self.branches += 1
        number, around = self.branches, merge_deps(self.terms, control_deps(path), deps)
        path = path._replace(branched=merge_deps(self.terms, path.branched, sources.data))
        ends: list[PathState | None] = []
        sides = (True, condition, statement.then), (False, self.terms.not_(condition), statement.otherwise)
        for taken, lock_counts, body in sides:
            arm, branches = self.emitter.restricted(path, lock_counts), (*path.branches, Arm(number, taken, around))
            if arm is None:
                self.skip(body, branches)
                ends.append(None)
            else:
                ends.append(self.body(body, arm._replace(branches=branches)))
        end = self.merge(ends[0], ends[1])
        if end is not None and all(all(map(falls_through, arm)) for arm in (statement.then, statement.otherwise)):
            end = end._replace(branches=common_arms(end.branches, path.branches))
        return end

    def note_control_point(self, site: Site | None, path: PathState) -> None:
        """Record that the thread gets to a branch, a loop or a local step."""
        if site is not None:
            self.control_points.append(ControlPoint(guard=path.guard, after=len(self.emitter.steps), path=site.path))

    def branch_literal(self, condition: Term, site: Site | None) -> Term:
        """The condition of a branch as guards contain it: a literal of its own with `named_branches`, else the
        condition itself."""
        if not self.options.named_branches or site is None or condition in (self.terms.true, self.terms.false):
            return condition
        taken = self.terms.lit(f"test.{self.emitter.index}.{self.branches}")
        self.tests.append(BranchTest(taken=taken, condition=condition, site=site, after=len(self.emitter.steps)))
        return taken

    def joined_exits(self, ident: int, path: PathState | None) -> PathState | None:
        """The path after the block or loop `ident`: the join of `path` and of all exits from it."""
        for left in self.exits.pop(ident, []):
            path = self.merge(left, path)
        for branches in self.skipped.pop(ident, []):
            path = path and path._replace(branches=common_arms(path.branches, branches))
        return path

    def loop(self, loop: Loop, path: PathState) -> PathState | None:
        """The path after a loop. An execution that would go on beyond the bound stops at a `Cutoff`."""
        bound = self.options.loops if loop.bound is None else loop.bound
        self.loops["/".join(loop.site.path)] = bound
        self.note_control_point(loop.site, path)
        start, going = len(self.emitter.steps), self.body(loop.body, path) if bound else path
        once, end = going, len(self.emitter.steps)
        for _ in range(bound - 1):
            going = self.body(loop.body, going)
        going = self.body(loop.tests, going)
        if going is not None:
            self.skipped.setdefault(loop.id, []).append(going.branches)
            if once is not None and bound and not self.options.both_branches:
                self.repeated[len(self.bounds)] = loop, path, once, start, end
            after = len(self.emitter.steps)
            self.bounds.append(Cutoff(guard=going.guard, after=after, site=loop.site, iterations=bound))
        return self.joined_exits(loop.id, None)

    def first_iteration(self, place: int) -> FirstIteration | None:
        """The first iteration of the loop that this bound is of, between two visits of its head; None where there is
        none."""
        if place not in self.repeated:
            return None
        loop, before, after, first, end = self.repeated[place]
        used = sorted(self.emitter.types.keys() - set_before_read(loop.body))
        return first_iteration(self.terms, used, self.emitter.observed, before, after, first=first, end=end)

    def merge(self, a: PathState | None, b: PathState | None) -> PathState | None:
        """The join of two mutually exclusive paths."""
        if a is None or b is None:
            return a or b
        guard = self.terms.or_(a.guard, b.guard)
        always = self.terms.true
        under = (always, always) if self.options.both_branches else (a.guard, b.guard)
        held = {cell: both for cell in a.held.keys() & b.held.keys() if (both := join_held(self.terms, a, b, cell))}
        return PathState(
            variables=Variables({}, VariablesJoin(self.terms, a.guard, a.variables, b.variables, self.emitter.types)),
            guard=guard,
            held=held,
            flush_begins=tuple(dict.fromkeys(a.flush_begins + b.flush_begins)),
            length=max(a.length, b.length),
            sources=VariableSources({}, SourcesJoin(self.terms, a.sources, under[0], b.sources, under[1])),
            branches=common_arms(a.branches, b.branches),
            branched=join_deps(self.terms, a.branched, under[0], b.branched, under[1]),
            lock_counts=join_counts(self.terms, a.lock_counts, a.guard, b.lock_counts),
            held_counts=join_counts(self.terms, a.held_counts, a.guard, b.held_counts),
        )
