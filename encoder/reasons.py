"""Why a verdict is what it is: the lines that a proof rests on. Plain data that needs no solver to be drawn."""

from dataclasses import dataclass

from encoder.result import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What of a step is needed. `kind` is a `smt.facts.Topic`, `detail` says more (a fence, a tag), `words` both for
    people."""

    kind: str
    detail: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
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
class Start:
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

    lines: tuple[Line, ...]
    starts: tuple[Start, ...]
    minimal: bool
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A verdict and why: `grounds` of a proof."""

    report: Report
    grounds: Grounds | None = None

    @property
    def explained(self) -> bool:
        """Whether there is a verdict and something to say why."""
        return self.grounds is not None
