"""Why a verdict is what it is: the lines that a proof rests on. Plain data that needs no solver to be drawn."""

from dataclasses import dataclass
from typing import Literal

from encoder.base.result import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What of a step is needed. `kind` is a `smt.text.selectors.Topic`, `detail` says more (a fence, a tag), `words`
    both for people."""

    kind: str
    detail: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLine:
    """A step of a spec, in all threads that run it (`threads`), with what of it is needed.

    `text` is the statement as written, `source` the kernel file and function, `file` and `line` where the spec has it.
    """

    threads: tuple[str, ...]
    procedure: str
    label: str
    text: str
    source: str
    file: str
    line: int
    patched: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialValue:
    """What a location holds at the start, as written at `file` and `line`."""

    location: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a proof rests on: these facts together prove the property, as a query of its own has confirmed. `minimal`:
    without any one of them there is a schedule that breaks it; else time ran out before that was known. `known` is how
    many facts the model has names for."""

    lines: tuple[CoreLine, ...]
    starts: tuple[InitialValue, ...]
    minimal: bool
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Barriers:
    """The barriers that order anything under the model, by step. `properties` are those of the scenario that no
    execution breaks. `needed`: without it, all others in place, one of them is refuted. `spared`: all of these together
    can go, and every property is still proved, as queries of their own have confirmed. `either`: each can go by itself,
    but not with all of `spared`. `whole`: time did not run out before all were tried; those that were not are in no
    list, and `spared` is empty."""

    properties: tuple[str, ...]
    needed: tuple[CoreLine, ...]
    either: tuple[CoreLine, ...]
    spared: tuple[CoreLine, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A step of the schedule that was found; `text`, `source`, `file` and `line` as in `CoreLine`."""

    thread: str
    procedure: str
    label: str
    text: str
    source: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that would have stopped the schedule that was found, as the solver has confirmed.

    `kind` "barrier": `what` (a fence, in the kernel's words) between the steps `first` and `last`; it may stand before
    any step after `first` up to `last`, and what is said of it holds of each such place. `more` has further pairs of
    neighbours with the same barrier between them, where one barrier is not enough.
    `kind` "order": the access of the step `first` is `what` (acquire or release). `kind` "atomic": nothing of other
    threads comes between `first` and `last`, which are `steps` steps of the thread. `kind` "move": of the two in their
    block of the spec, `last` is moved before `first` (`what` "before"), or `first` behind `last` ("behind").
    `kind` "lock": one new lock is held from `first` to `last`, and over the one pair of `more`; who might wait for ever
    is not looked at.

    `steps` of a barrier: how many there are. `outcome`: with the change the property is proved, or refuted by another
    schedule, the shortest that was found in the time for it has `remaining` steps, or vacuous: its situation no longer
    comes about, or unknown: the time for it was too short.
    """

    kind: Literal["barrier", "order", "atomic", "move", "lock"]
    what: str
    first: Spot
    last: Spot
    steps: int
    outcome: Literal["proved", "refuted", "vacuous", "unknown"]
    remaining: int | None = None
    more: tuple[tuple[Spot, Spot], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """The nearest `changes` that would have stopped the schedule that was found, of the `tried` that were tried.
    `model` is that under which the schedule was looked at: SC for an interleaving, which no barrier stops. `skipped`
    contain the wait of a flush, which cannot be one piece with what it waits for. `whole`: time did not run out before
    all were tried and what becomes of the property was known of each."""

    model: str
    changes: tuple[Change, ...]
    tried: int
    skipped: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A verdict and why: `grounds` of a proof and what its `barriers` are for (None under SC, where they order nothing,
    and where time ran out), `remedies` for a refutation."""

    report: Report
    grounds: Grounds | None = None
    barriers: Barriers | None = None
    remedies: Remedies | None = None

    @property
    def explained(self) -> bool:
        """Whether there is a verdict and something to say why."""
        tried = self.remedies is not None and (self.remedies.whole or bool(self.remedies.changes))
        return self.grounds is not None or tried
