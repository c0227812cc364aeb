"""What was found: verdicts with their evidence, plain data that needs no solver to be drawn or recorded."""

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from encoder.certificate.file import QueryProof

Who = Literal["explorer", "cvc5", "certificate"]


FEWER_THREADS, LAZY_CYCLES = SHORTCUTS = ("fewer-threads", "lazy-cycles")
"""Ways to an answer that can be switched off: a proof about fewer threads (`verify/fewer_threads.py`); under a weak
model cycles that are forbidden when they show (`smt/formula.py`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked. `model` and `flush` are those of the `platform`; without one they describe no machine. `depth` is
    the limit on the schedule's steps (None: any number), `loops` the rounds of a loop that has no bound of its own,
    `timeout` seconds for the whole question. With `interleavings` one of them is looked for first under a weak model:
    it is easier to read, and sooner found where there is one. With `unlimited` it is asked of a proof whether it holds
    for any number of threads; `opinions` are those who are asked of the verdict. With `checks` it is asked what every
    verdict takes for granted. `without` names those of the SHORTCUTS that are not taken."""

    scenario: str
    variant: str
    property: str
    platform: str = ""
    model: str = "sc"
    flush: str = "ipi"
    depth: int | None = None
    loops: int = 4
    timeout: float = 60.0
    interleavings: bool = True
    unlimited: bool = False
    opinions: tuple[Who, ...] = ()
    checks: bool = False
    without: tuple[str, ...] = ()

    @builtins.property
    def program(self) -> tuple[str, str, str, int]:
        """What makes the program that it is about, and its graph."""
        return self.scenario, self.variant, self.flush, self.loops


def asked_of(question: Question, *, explorable: bool, refuted: bool) -> tuple[Who, ...]:
    """Those of the question's `opinions` who can say something: the explorer only where the model is `explorable`, and
    only what cannot be has a proof."""
    able = {"explorer": explorable, "cvc5": True, "certificate": not refuted}
    return tuple(who for who in question.opinions if able[who])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStep:
    """One step of a schedule, numbered from 1.

    `index` is the number of this event among all events the thread executes, from 0: the replay's handle.
    `location` and `value` are drawn for people (`p._refcount`, `1025`, `{present p writable}`); `value` is what a
    read returned or a write stored, "old -> new" for a read-modify-write. `source` is the kernel file and function.
    Under a weak model `reads_from` is the step whose write a read sees (0: the start), and `stale` the latest step
    drawn above whose store to the location this read missed. `racing` marks the two steps that race on one location, or
    one where there are none (`concrete/interleaving/race.py`).
    """

    step: int
    index: int
    cpu: int
    thread: str
    procedure: str
    label: str
    path: tuple[str, ...]
    event: str
    location: str
    value: str
    source: str
    reads_from: int | None = None
    stale: int | None = None
    racing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A schedule that breaks the property.

    `symbols` are the chosen numbers; `initial` the start drawn for people, (location, value); `final` likewise at the
    end; `violated` says which instance of the property broke, in words, and `broken` has the values that broke it:
    (location, local or symbol, its value at the start or "", its value at the end).

    Under a weak model the steps are drawn in an order that extends the model's own. `coherence` then has for each
    location with several writes their steps in coherence order, and `cycle` the edges, in words, of one cycle of
    `po | rf | co | fr` and of waits that came before a section: what no interleaving could have (none where the
    schedule is an interleaving).
    """

    symbols: tuple[tuple[str, int], ...]
    initial: tuple[tuple[str, str], ...]
    schedule: tuple[ScheduleStep, ...]
    final: tuple[tuple[str, str], ...]
    violated: str
    broken: tuple[tuple[str, str, str], ...] = ()
    coherence: tuple[tuple[str, tuple[int, ...]], ...] = ()
    cycle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """`complete`: no schedule is longer than `steps`, but for further rounds of the `idle_loops`, which change nothing,
    and of the `searched_loops`, which a search of all `states` has followed to the end. Otherwise schedules up to
    `Question.depth` steps were looked at, or loops up to their bounds (`open_loops` names those that may go on)."""

    complete: bool
    steps: int
    open_loops: tuple[str, ...] = ()
    idle_loops: tuple[str, ...] = ()
    searched_loops: tuple[str, ...] = ()
    states: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuted:
    witness: Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacuous:
    """The situation the property speaks of is unreachable, or unless `complete` not reached as far as was looked
    (`complete` and `idle_loops` as in Proved)."""

    complete: bool
    steps: int
    idle_loops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The solver gave up: `reason`, how far it got (`reached`), what to try (`advice`)."""

    reason: str
    reached: str
    advice: str


Verdict = Proved | Refuted | Vacuous | Unknown
VerdictWord = Literal["proved", "refuted", "vacuous", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlimited:
    """Whether a proof holds for any number of threads like `thread`, which run `procedure`; `why` it does not."""

    thread: str
    procedure: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody else says of a verdict. `by` is who ("explorer", "cvc5", "certificate", "apart"); `detail` says in
    a few words what was looked at ("41353 states"), why nothing was decided, or the other story."""

    by: str
    word: Literal["agrees", "disagrees", "gave up"]
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something bad that may happen beside the property. `witness` is a schedule in which it is found, replayed,
    `reason` why it is not decided."""

    status: Literal["none", "found", "undecided"]
    witness: Witness | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreached:
    """The steps of the variant's own edits, as PROCEDURE/LABEL, that no schedule reaches, and those of which that was
    `undecided`, for this `reason`. `elsewhere`: there are edits, and none is in what the scenario's threads run."""

    steps: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    reason: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What a verdict takes for granted: that no threads wait for each other for ever (`deadlock`), that none ends with
    something `held`, that the variant's steps are reached. Nothing is said of rounds of `open_loops` beyond their
    bounds."""

    deadlock: Check
    held: Check
    unreached: Unreached
    open_loops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds, and sizes of what was built. Never recorded in the ledger."""

    load: float = 0.0
    build: float = 0.0
    solve: float = 0.0
    events: int = 0
    clauses: int = 0


@dataclass(frozen=True, slots=True)
class BaseVerdict:
    """What becomes of the same question about the `variant` that the question's own is a patch of."""

    variant: str
    word: VerdictWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An answer: the question, the verdict with its evidence, and what it holds for.

    `kernel` and `scope` say what it speaks of, `assumptions` what was assumed, `flags` what was seen beside the
    verdict, `property_title`/`property_text` what was asked in words, `variant_title` the patch, `longest` the number
    of steps of the longest schedule, `loops` (label, rounds) per loop, `solver` name, version and seed. `unlimited` is
    there for a complete proof if that was asked, `opinions` are those of others who were asked, `proofs` what a
    certificate holds.
    `checks` are there if they were asked and there was time; `untouched` says that the property is about something that
    no thread changes. `base` is there if it was asked and there is one.
    """

    question: Question
    verdict: Verdict
    kernel: str
    scope: str
    variant_title: str
    property_title: str
    property_text: str
    longest: int
    loops: tuple[tuple[str, int], ...]
    flags: tuple[str, ...]
    assumptions: tuple[str, ...]
    solver: str
    timing: Timing
    unlimited: Unlimited | None = None
    opinions: tuple[Opinion, ...] = ()
    proofs: tuple[QueryProof, ...] = ()
    checks: Checks | None = None
    untouched: bool = False
    base: BaseVerdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an answer has come that is not there yet, `reached`, in words; where parts are counted, that `done` are
    behind it `of` those planned. The rest is as in the report that is to come, as far as it is known."""

    reached: str
    timing: Timing = Timing()
    done: int = 0
    of: int = 0
    longest: int = 0
    loops: tuple[tuple[str, int], ...] = ()
    untouched: bool = False


Tell = Callable[[Progress | Report], None]
"""Gets, stage by stage, how far an answer is, and once there is a verdict the report so far, before anything is asked
beyond it."""


def silent(told: Progress | Report) -> None:
    """A `Tell` for those who do not want to know."""


def word(verdict: Verdict) -> VerdictWord:
    """The verdict in one word."""
    match verdict:
        case Proved():
            return "proved"
        case Refuted():
            return "refuted"
        case Vacuous():
            return "vacuous"
        case Unknown():
            return "unknown"
