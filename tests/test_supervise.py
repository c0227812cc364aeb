"""Questions in a worker: how far they got, what is left of one that was killed."""

import re
from functools import partial
from io import StringIO

import pytest

from encoder.base.errors import InputError, SelfCheckError
from encoder.base.limits import Limits
from encoder.base.result import Progress, Question, Report, Unknown
from encoder.base.worker import Disagreed, Failed, Job, NoAnswer, Refused, Worker
from encoder.verify import isolation as supervise
from encoder.verify.engine import ask
from encoder.verify.isolation import run_isolated
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


def stages(model: str) -> list[str]:
    """What is told on the way to an answer, sizes left out."""
    told: list[Progress | Report] = []
    question = Question(scenario=QUESTION.scenario, variant=QUESTION.variant, property="", model=model)
    program = supervise.load(question)
    supervise.answer(program, question, tell=told.append)
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
    here, there = StringIO(), StringIO()
    expected = ask(question, dump=here)
    with run_isolated(question, LIMITS, dump=there) as report:
        found = report()
    assert (found.question, found.verdict) == (expected.question, expected.verdict)
    assert there.getvalue() == here.getvalue() != ""


def test_what_is_not_asked_there_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="has no property"), run_isolated(
        Question(scenario=QUESTION.scenario, variant=QUESTION.variant, property="x"), LIMITS
    ):  # fmt: skip
        pass


class Late(Worker[Report]):
    """A worker that sleeps, and is beyond its time as soon as it has told all that it tells."""

    def __init__(self, job: Job[Report], limits: Limits, so_far: Progress, modules: list[str]) -> None:
        super().__init__(jobs.sleeps, limits, so_far, modules)

    def look(self) -> Report | NoAnswer | None:
        if self.dumped:
            self._ends = 0
        return super().look()


def test_one_that_is_killed_leaves_the_dump_and_says_how_far_it_got(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "Worker", Late)
    dump = StringIO()
    with run_isolated(QUESTION, Limits(seconds=0.25), dump=dump) as report:
        found = report().verdict
    assert dump.getvalue() == "(check-sat)\n"
    assert found == Unknown(
        reason="killed: no answer within 0.25 s",
        reached="2 events were built",
        advice="raise --timeout, or ask a smaller question with --depth",
    )


class Done:
    """A worker that has ended."""

    def __init__(self, outcome: Report | NoAnswer, *_: object) -> None:
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
        (Disagreed("step 3 reads 1, the replay 0"), SelfCheckError, "step 3 reads 1"),
        (Failed("the worker failed: KeyError: 'x'", "in line 7"), RuntimeError, "(?s)KeyError.*line 7"),
    ],
)
def test_what_is_no_answer_is_raised(outcome, error, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "Worker", partial(Done, outcome))
    with pytest.raises(error, match=words) as raised, run_isolated(QUESTION, LIMITS) as report:
        report()
    if isinstance(raised.value, InputError):
        assert raised.value.problems == (jobs.PROBLEM,)
