"""Questions in a worker: how far they got, what is left of one that was killed."""

import re
from functools import partial
from io import StringIO

import pytest

from encoder.base import pool
from encoder.base.errors import InputError, SelfCheckError
from encoder.base.limits import Limits
from encoder.base.pool import Finished
from encoder.base.result import Progress, Question, Report, Unknown
from encoder.base.worker import Disagreed, Failed, Job, NoAnswer, Refused, Worker
from encoder.verify.engine import answer, ask
from encoder.verify.isolation import run_isolated
from encoder.verify.load import load
from tests import jobs

QUESTION = Question(scenario="gup-vs-soft-dirty", variant="linus-soft-dirty-seq", property="")
LIMITS = Limits(seconds=60)
BUILT = r"\d+ events and \d+ constraints were built; "
PROPERTY = "whether the property breaks was not decided"
HOLDS = [
    PROPERTY,
    *(
        f"no schedule breaks the property; whether {what}"
        for what in (
            "one follows NULL or releases what is not held was not decided",
            "its situation is reached was not decided",
            "loops go on beyond their bounds was not decided",
        )
    ),
]
BREAKS = [PROPERTY, "the solver found a schedule that breaks the property; it was neither shortened nor replayed"]


def finished(question: Question, limits: Limits, *, dumps: bool = False) -> tuple[Report, str]:
    """The report of a question, and what was dumped."""
    events = run_isolated([question], limits, dumped=question if dumps else None)
    (end,) = (event for event in events if isinstance(event, Finished))
    assert isinstance(end.outcome, Report)
    return end.outcome, end.dumped


def stages(model: str) -> list[str]:
    """What is told on the way to an answer, sizes left out."""
    told: list[Progress | Report] = []
    question = Question(scenario=QUESTION.scenario, variant=QUESTION.variant, property="", model=model)
    program = load(question)
    answer(program, question, tell=told.append)
    reached = [each.reached for each in told if isinstance(each, Progress)]
    assert len(reached) == len(told)
    return [re.sub(BUILT, "", re.sub(r"\d+ events were", "events were", each)) for each in reached]


@pytest.mark.parametrize(("model", "weak"), [("tso", HOLDS), ("lkmm", BREAKS)])
def test_it_tells_how_far_it_is(model: str, weak: list[str]) -> None:
    begun, unbuilt = "the specs were loaded; nothing was built", "events were built, but not their constraints"
    among = "of interleavings alone: "
    assert stages("sc") == [begun, unbuilt, *HOLDS]
    assert stages(model) == [begun, *(among + each for each in (unbuilt, *HOLDS)), unbuilt, *weak]


@pytest.mark.parametrize("model", ["sc", "lkmm"])
def test_the_answer_and_the_dump_are_the_engines(model: str) -> None:
    question = Question(scenario=QUESTION.scenario, variant=QUESTION.variant, property="", model=model)
    here = StringIO()
    expected = ask(question, dump=here)
    found, dumped = finished(question, LIMITS, dumps=True)
    assert (found.question, found.verdict) == (expected.question, expected.verdict)
    assert dumped == here.getvalue() != ""


def test_what_is_not_asked_there_is_refused_at_once() -> None:
    asked = Question(scenario=QUESTION.scenario, variant=QUESTION.variant, property="x")
    with pytest.raises(InputError, match="has no property"):
        finished(asked, LIMITS)


class Late(Worker[Report]):
    """A worker that sleeps, and is beyond its time as soon as it has told all that it tells."""

    def __init__(self, job: Job[Report], limits: Limits, *, modules: list[str]) -> None:
        super().__init__(jobs.sleeps, limits, None, modules)

    def look(self) -> Report | NoAnswer | None:
        if self.dumped:
            self._ends = 0
        return super().look()


def test_one_that_is_killed_leaves_the_dump_and_says_how_far_it_got(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "Worker", Late)
    found, dumped = finished(QUESTION, Limits(seconds=0.25), dumps=True)
    assert dumped == "(check-sat)\n"
    assert found.verdict == Unknown(
        reason="killed: no answer within 0.25 s",
        reached="2 events were built",
        advice="raise --timeout, or ask a smaller question with --depth",
    )


class Done:
    """A worker that has ended."""

    so_far = None
    dumped = ""
    pipe = -1

    def __init__(self, outcome: Report | NoAnswer, *_: object, modules: list[str]) -> None:
        self.outcome = outcome
        self.killed = False

    def look(self) -> Report | NoAnswer:
        return self.outcome

    def kill(self) -> None:
        self.killed = True


@pytest.mark.parametrize(
    ("outcome", "error", "words"),
    [
        (Refused((jobs.PROBLEM,)), InputError, "contradiction"),
        (Disagreed("step 3 reads 1, the replay 0"), SelfCheckError, "^sc: step 3 reads 1"),
        (Failed("the worker failed: KeyError: 'x'", "in line 7"), RuntimeError, "(?s)KeyError.*line 7"),
    ],
)
def test_what_is_no_answer_is_raised(outcome, error, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "Worker", partial(Done, outcome))
    monkeypatch.setattr(pool, "wait", lambda workers: None)
    with pytest.raises(error, match=words) as raised:
        finished(QUESTION, LIMITS)
    if isinstance(raised.value, InputError):
        assert raised.value.problems == (jobs.PROBLEM,)
