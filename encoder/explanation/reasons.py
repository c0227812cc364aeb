"""Explanations of verdicts, as plain data that can be rendered without a solver."""

from dataclasses import dataclass
from typing import Literal

from encoder.base.result import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a step is needed. `kind` is a `smt.text.selectors.Topic`, `detail` a fence or a tag, `words` says both for
    people."""

    kind: str
    detail: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLine:
    """A step of a spec, in all threads that run it (`threads`), and why it is needed.

    `text` is the statement as written, `source` the kernel file and function, `file` and `line` its place in the spec.
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
    """The initial value of a location, as written at `file` and `line`."""

    location: str
    text: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofReasons:
    """An unsat core: these facts together prove the property, as a query of its own has confirmed.

    `minimal`: without any one of them there is a counterexample; else time ran out before that was known. `known` is
    the number of facts that the encoding names.
    """

    lines: tuple[CoreLine, ...]
    starts: tuple[InitialValue, ...]
    minimal: bool
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Barriers:
    """The barriers that order anything under the model, by step.

    `properties` are those of the scenario that no execution breaks. `needed`: without it, all others in place, one of
    these is refuted. `spared`: all of these together can be removed and every property is still proved, as queries of
    their own have confirmed. `either`: each can be removed by itself, but not together with all of `spared`. `whole`:
    all were tried in time; those that were not are in no list, and `spared` is empty.
    """

    properties: tuple[str, ...]
    needed: tuple[CoreLine, ...]
    either: tuple[CoreLine, ...]
    spared: tuple[CoreLine, ...]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRef:
    """A step of the counterexample; `text`, `source`, `file` and `line` as in `CoreLine`."""

    thread: str
    procedure: str
    label: str
    text: str
    source: str
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change that would have prevented the counterexample, as the solver has confirmed.

    `kind` "barrier": `what` (a fence, in the kernel's words) between the steps `first` and `last`; it may stand before
    any step after `first` up to `last`, and the outcome holds for each such place. `more` has further pairs of
    neighbours with the same barrier between them, where one barrier is not enough. `kind` "order": the access of the
    step `first` is `what` (acquire or release). `kind` "atomic": no step of another thread comes between `first` and
    `last`, which are `steps` steps of the thread. `kind` "move": of the two in their block of the spec, `last` is moved
    before `first` (`what` "before"), or `first` behind `last` ("behind"). `kind` "lock": one new lock is held from
    `first` to `last`, and over the one pair of `more`; whether this can deadlock is not checked.

    `steps` of a barrier: how many barriers there are. `outcome`: with the change the property is proved; or refuted by
    another counterexample, of which the shortest that was found in time has `remaining` steps; or vacuous, as its
    situation is no longer reached; or unknown, as time was too short.
    """

    kind: Literal["barrier", "order", "atomic", "move", "lock"]
    what: str
    first: StepRef
    last: StepRef
    steps: int
    outcome: Literal["proved", "refuted", "vacuous", "unknown"]
    remaining: int | None = None
    more: tuple[tuple[StepRef, StepRef], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """The nearest `changes` that would have prevented the counterexample, of the `tried` that were tried.

    `model` is the one under which it was examined: SC for an interleaving, which no barrier prevents. `skipped` counts
    those that contain the wait of a flush or grace period, which cannot be atomic with what it waits for. `whole`: all
    were tried in time, and the property was decided with each.
    """

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
    grounds: ProofReasons | None = None
    barriers: Barriers | None = None
    remedies: Fixes | None = None

    @property
    def explained(self) -> bool:
        """Whether there is a verdict and an explanation of it."""
        tried = self.remedies is not None and (self.remedies.whole or bool(self.remedies.changes))
        return self.grounds is not None or tried
