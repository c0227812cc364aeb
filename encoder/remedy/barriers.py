"""Barriers that would have stopped an execution that is no interleaving."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from encoder.errors import SelfCheckError
from encoder.graph.events import Step
from encoder.memory import MODELS
from encoder.memory.relation import ordering_tags
from encoder.program.core import Program
from encoder.reasons import Change
from encoder.remedy.changes import Changes, spot
from encoder.result import Question, Witness
from encoder.smt.facts import Fact, Facts, Topic
from encoder.smt.facts import name as fact_name
from encoder.smt.fixed import Fixed
from encoder.smt.nodes import OFFERED
from encoder.smt.prefix import Changes as Changed
from encoder.smt.prefix import prefixes
from encoder.smt.script import quote
from encoder.smt.solver import Session
from encoder.wording import TAGS


class Barriers(Changes):
    """Barriers that would have stopped an execution that is no interleaving, between neighbours of the schedule in a
    thread, and acquires and releases of its accesses."""

    def __init__(self, program: Program, question: Question, witness: Witness, deadline: float) -> None:
        super().__init__(program, question, witness, deadline, MODELS[question.model])
        self.offers = Facts()
        self.problems = prefixes(self.graph, self.model, self.asked, None, deadline, Changed(offers=self.offers))
        self.known = ordering_tags(self.model)
        self.this = Session(self.problems.text + self._fixed(), deadline)

    def _fixed(self) -> str:
        sources = {
            self.steps[s.step]: self.steps.get(s.reads_from) for s in self.witness.schedule if s.reads_from is not None
        }
        coherence = [[self.steps[s] for s in order] for _, order in self.witness.coherence]
        made = list(self.steps.values())
        return Fixed(self.problems, self.graph).execution(made, sources, coherence, dict(self.witness.symbols))

    def changes(self) -> Iterator[Change]:
        if not self.met(self.this):
            raise SelfCheckError("the schedule that was found is none of the encoding's executions")
        for own in self.threads():
            places = [(a, b) for a, b in pairwise(own) if a.site.path != b.site.path]
            offered = [(tag, a, b) for tag in OFFERED for a, b in places]
            offered += [(tag, step, step) for tag in ("Acquire", "Release") for step in own]
            run: Change | None = None
            for tag, before, step in offered:
                change = self._change(tag, before, step)
                if run is not None and (change is None or not continues(run, change)):
                    yield run
                    run = None
                if change is not None:
                    run = change if run is None else replace(run, last=change.last)
            if run is not None:
                yield run

    def _change(self, tag: str, before: Step, step: Step) -> Change | None:
        """The barrier before `step` if it stops the schedule."""
        fact = Fact(Topic.BARRIER, step.site.procedure, step.site.label, tag)
        if tag not in self.known or fact not in self.offers.numbers:
            return None
        self.tried += 1
        selector = quote(fact_name(self.offers.numbers[fact]))
        if self.met(self.this, selector):
            return None
        word, remaining = self.outcome(self.problems, selector)
        kernel = self.program.kernel
        return Change(
            kind="barrier" if tag in OFFERED else "order", what=TAGS[tag],
            first=spot(before.site, kernel), last=spot(step.site, kernel), steps=1, outcome=word, remaining=remaining,
        )  # fmt: skip


def continues(run: Change, change: Change) -> bool:
    """Whether a barrier is the same as the one before, one place later, with the same outcome."""
    same = (run.kind, run.what, run.outcome, run.remaining) == (
        change.kind,
        change.what,
        change.outcome,
        change.remaining,
    )
    return same and run.kind == "barrier" and run.last == change.first
