"""From the solver's model to a witness: the schedule to show, replayed by code that shares nothing with the solver."""

from encoder.base.errors import SelfCheckError
from encoder.base.result import Question, Witness
from encoder.concrete.axiomatic.linearize import linearize
from encoder.concrete.axiomatic.replay import interleaving_as_execution, replay_weak
from encoder.concrete.axiomatic.thread_runs import WitnessStep
from encoder.concrete.interleaving.replay import ReplayResult, replay
from encoder.concrete.rerun import witness_from
from encoder.graph.events import Graph, GraphStep
from encoder.memory import MODELS
from encoder.program.core import Program, Property
from encoder.smt.axiomatic.encode import AxiomaticEncoding
from encoder.smt.axiomatic.shortest_execution import FoundExecution, ShortestExecution
from encoder.smt.interleaving.encode import InterleavingEncoding
from encoder.smt.interleaving.shortest_schedule import Schedule, ShortestSchedule
from encoder.smt.solvers.z3_solver import Session, SolverModel

NOT_SHORTEST = "time ran out before the solver could say that no shorter schedule exists"
INTERLEAVING = "the schedule is an interleaving; shorter executions that are not interleavings were not searched for"


class WitnessBuilder:
    """Builds witnesses of violations of a property. The methods return a witness and flags for the report, and raise
    SelfCheckError if the replay disagrees with the solver."""

    def __init__(self, program: Program, prop: Property, question: Question) -> None:
        self.program = program
        self.prop = prop
        self.question = question
        self.model = MODELS[question.model]

    def interleaved(self, schedule: Schedule) -> tuple[Witness, tuple[str, ...]]:
        """Of an interleaving that violates the property; a weaker model's axioms judge it too."""
        threads = [self._name(s.thread) for s in schedule.steps]
        replayed = replay(self.program, self.prop, dict(schedule.symbols), threads, self.question.loops)
        self._check_agreement(schedule.steps, replayed)
        flags = () if schedule.shortest else (NOT_SHORTEST,)
        if not self.model.total:
            symbols = dict(schedule.symbols)
            steps, coherence = interleaving_as_execution(self.program, symbols, threads, self.question.loops)
            replayed = replay_weak(self.program, self.prop, self.model, symbols, steps, coherence, self.question.loops)
            flags = (*flags, INTERLEAVING)
        return witness_from(schedule.symbols, replayed), flags

    def weak(
        self, encoding: AxiomaticEncoding, graph: Graph, session: Session, model: SolverModel
    ) -> tuple[Witness, tuple[str, ...]]:
        """The shortest execution of a weak model that violates the property."""
        goal = encoding.goals.get("grounded", encoding.goals["violation"])
        execution = ShortestExecution(session, encoding, graph, goal, model).run()
        symbols, loops = dict(execution.symbols), self.question.loops
        listed, written = self._numbered_steps(execution)
        steps, coherence = linearize(self.program, self.prop, self.model, symbols, listed, written, loops)
        replayed = replay_weak(self.program, self.prop, self.model, symbols, steps, coherence, loops)
        threads = {t.name: own for t, own in zip(self.program.threads, execution.steps, strict=True)}
        self._check_agreement([threads[s.thread][s.index] for s in replayed.steps], replayed)
        return witness_from(execution.symbols, replayed), () if execution.shortest else (NOT_SHORTEST,)

    def _numbered_steps(self, execution: FoundExecution) -> tuple[list[WitnessStep], dict[str, tuple[int, ...]]]:
        """The execution's steps, numbered from 1, each after the one that it reads from; and the coherence order of
        each location with several writes."""
        order = sources_first(execution)
        number = {step: place for place, step in enumerate(order, 1)}
        index = {step: place for own in execution.steps for place, step in enumerate(own)}
        steps = []
        for step in order:
            reads_from = None
            if step in execution.sources:
                source = execution.sources[step]
                reads_from = 0 if source is None else number[source]
            steps.append(WitnessStep(self._name(step.thread), index[step], reads_from))
        coherence = {
            str(cell): tuple(number[s] for s in written)
            for cell, written in execution.coherence.items()
            if len(written) > 1
        }
        return steps, coherence

    def _name(self, number: int) -> str:
        return self.program.threads[number].name

    def _check_agreement(self, steps: list[GraphStep] | tuple[GraphStep, ...], found: ReplayResult) -> None:
        """Raises SelfCheckError if the replay took another path than the solver."""
        for step, replayed in zip(steps, found.steps, strict=True):
            if step.site.path != replayed.path or step.site.event != replayed.event:
                raise SelfCheckError(
                    f"step {replayed.step}: the solver has {self._name(step.thread)} at {'/'.join(step.site.path)} "
                    f"({step.site.event}), the replay at {'/'.join(replayed.path)} ({replayed.event})"
                )


def shortest_interleaving(encoding: InterleavingEncoding, session: Session, model: SolverModel) -> Schedule:
    """The shortest interleaving that violates the property of the encoding; `model` is one that does."""
    return ShortestSchedule(session, encoding.constraints, encoding.goals["violation"], model).run()


def sources_first(execution: FoundExecution) -> list[GraphStep]:
    """The steps, each after the one it reads from, and in program order as far as that allows."""
    order: dict[GraphStep, None] = {}
    waiting = [step for own in execution.steps for step in own]
    while waiting:
        heads = {step.thread: step for step in reversed(waiting)}
        ready = [s for s in waiting if execution.sources.get(s) is None or execution.sources[s] in order]
        in_order = [s for s in ready if heads[s.thread] is s]
        step = (in_order or ready)[0]
        order[step] = None
        waiting.remove(step)
    return list(order)
