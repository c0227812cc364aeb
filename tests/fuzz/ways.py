"""Random programs asked in several ways that must come to the same: with and without what makes answers come sooner."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from unittest.mock import patch

from encoder.base.errors import InputError, SelfCheckError
from encoder.base.result import SHORTCUTS, Proved, Question, Report, word
from encoder.memory import MODELS
from encoder.program.core import Block, Code, Exit, Loop, Program, Property, Statement, Thread
from encoder.program.traverse import rewrite_statements, statements
from encoder.smt.thread_symmetry import identical_threads
from encoder.verify.engine import answer
from encoder.verify.knowledge import Knowledge
from tests.arm64 import compiled
from tests.fuzz.asked import Asker
from tests.fuzz.differ import Compared
from tests.fuzz.maker import Limits, Maker
from tests.fuzz.shown import shown
from tests.fuzz.told import MOST_STATES
from tests.fuzz.twins import of_each
from tests.fuzz.twisted import Twisted

SHAPES = ((2, 3), (2, 4), (2, 5), (3, 3), (3, 4))
LOOPS, MORE = 2, 2  # rounds, and how many more must change nothing
SHARES: Mapping[str, float] = {
    **{f"{model} {said}": 4 for model in MODELS for said in ("refuted", "proved")}, "weak alone": 100,
    "all at once": 150, "cycles when they show": 100, "fewer threads": 50, "one more like it": 10, "more rounds": 5,
}  # fmt: skip
"""As `programs.SHARES`."""


def examined(seed: int) -> Compared:
    """One program of a long run, under one of the models by turns."""
    return by_ways(random.Random(seed), tuple(MODELS)[seed % len(MODELS)])


def by_ways(chance: random.Random, model: str) -> Compared:
    """A program asked two properties, in every way."""
    maker, found = Twisted if chance.random() < 0.4 else Maker, Compared()
    made = compiled(_with_twins(chance, maker(chance, Limits(shapes=SHAPES, wrong=False)).program()))
    properties = tuple(replace(_property(chance, made), name=name) for name in "pq")
    ways = _Ways(replace(made, properties=properties), model)
    for asked in properties:
        plain = ways.told(ways.plain(asked.name))
        found.counts[f"{model} {plain}"] += 1
        for way, told in ways.others(asked.name, plain):
            found.counts[way] += 1
            if told != plain:
                found.wrong.append(f"{model}: {way}: {told}, else {plain}\n{shown(made, asked, None)}")
    return found


def _property(chance: random.Random, made: Program) -> Property:
    return of_each(chance, made) if chance.random() < 0.4 else Asker(chance).anything(made)


def _with_twins(chance: random.Random, made: Program) -> Program:
    """The program, now and then with a thread that does what another one does."""
    if chance.random() < 0.5:
        return made
    *others, last = made.threads
    return replace(made, threads=(*others[:2], last, copy(last, "e")))


def copy(thread: Thread, name: str) -> Thread:
    """The same thread again, with blocks of its own."""

    def moved(each: Statement) -> Code:
        return (replace(each, id=each.id + 1000 * ord(name)) if isinstance(each, Block | Loop | Exit) else each,)

    return replace(thread, name=name, body=rewrite_statements(thread.body, moved))


def longer(made: Program) -> Program:
    """The program with more rounds of each loop that has a bound of its own."""

    def more(each: Statement) -> Code:
        return (replace(each, bound=each.bound + MORE) if isinstance(each, Loop) and each.bound is not None else each,)

    return replace(made, threads=tuple(replace(t, body=rewrite_statements(t.body, more)) for t in made.threads))


@dataclass(frozen=True, slots=True)
class _Ways:
    """The ways to ask a program about its properties under a model."""

    made: Program
    model: str

    def plain(self, prop: str) -> Question:
        """Without anything that makes answers come sooner."""
        return Question(
            scenario="s", variant="v", property=prop, model=self.model, loops=LOOPS, without=SHORTCUTS,
            interleavings=False,
        )  # fmt: skip

    def told(self, question: Question, made: Program | None = None, known: Knowledge | None = None) -> str:
        """The verdict in a word, or what is wrong with the program."""
        try:
            return word(self.report(question, made, known).verdict)
        except InputError as error:
            return f"refused {error.problems[0].code}"
        except SelfCheckError as error:
            return f"the replay disagrees: {error}"

    def report(self, question: Question, made: Program | None = None, known: Knowledge | None = None) -> Report:
        with patch("encoder.verify.close_loops.STATES", MOST_STATES):
            return answer(made or self.made, question, known=known)

    def others(self, prop: str, plain: str) -> Iterator[tuple[str, str]]:
        """The verdicts by other ways."""
        question = self.plain(prop)
        if self.model != "sc":
            yield "weak alone", self.told(replace(question, interleavings=True))
            with patch("encoder.smt.axiomatic.acyclicity.MOST_ELIMINATED", 0):
                yield "cycles when they show", self.told(replace(question, without=SHORTCUTS[:1]))
        known, names = Knowledge(self.made, LOOPS, several=True), [each.name for each in self.made.properties]
        for each in sorted(names, key=lambda name: name == prop):
            together = self.told(replace(question, property=each, without=SHORTCUTS[:1]), known=known)
        yield "all at once", together
        if any(len(members) > 1 for members in identical_threads(self.made.threads).values()):
            yield "fewer threads", self.told(replace(question, without=()))
        if plain == "proved":
            yield from self._proved(question)

    def _proved(self, question: Question) -> Iterator[tuple[str, str]]:
        """What must be proved, too."""
        report = self.report(replace(question, unlimited=True))
        complete = isinstance(report.verdict, Proved) and report.verdict.complete
        if complete and any(isinstance(each, Loop) for t in self.made.threads for each in statements(t.body)):
            yield "more rounds", self.told(replace(question, loops=LOOPS + MORE), longer(self.made))
        if report.unlimited is not None and report.unlimited.holds:
            (twin,) = (each for each in self.made.threads if each.name == report.unlimited.thread)
            more = replace(self.made, threads=(*self.made.threads, copy(twin, "f")))
            yield "one more like it", self.told(question, more)
