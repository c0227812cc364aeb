"""A verdict in one sentence with its memory model and platform, and how far it reaches."""

from dataclasses import dataclass
from typing import assert_never

from encoder.base.result import Proved, Question, Refuted, Report, Unknown, Unlimited, Vacuous

FLUSHES = {"ipi": "IPI flush", "broadcast": "broadcast flush", "deferred": "deferred flush"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """`WORD under MODEL, PLATFORM: CLAIM`. The platform has the depth behind it where the answer is bounded."""

    word: str
    model: str
    platform: str
    claim: str

    def __str__(self) -> str:
        return f"{self.word} under {self.model}, {self.platform}: {self.claim}"


def sentence(report: Report, broken: str) -> Sentence:
    """The verdict; `broken` is what stands for the property: its name, or `it` where the name stands nearby."""
    question = report.question
    model, flush = question.model.upper(), FLUSHES.get(question.flush, question.flush)
    match report.verdict:
        case Proved(complete=True):
            return Sentence("PROVED", model, flush, f"no schedule breaks {broken}")
        case Proved() as proved:
            return Sentence("PROVED", model, flush + _limit(question, proved), f"no such schedule breaks {broken}")
        case Refuted(witness=witness):
            return Sentence("REFUTED", model, flush, f"a schedule of {in_steps(len(witness.schedule))} breaks {broken}")
        case Vacuous() as vacuous:
            return Sentence(
                "VACUOUS", model, flush, f"the situation that {broken} speaks of is {_never(report, vacuous)}"
            )
        case Unknown(reason=reason):
            return Sentence("UNKNOWN", model, flush, reason)
        case never:
            assert_never(never)


def reach(report: Report) -> tuple[str, ...]:
    """How far the verdict reaches, or what to try; a sentence each."""
    return (*_depth(report), *_number(report.unlimited))


def _number(unlimited: Unlimited | None) -> tuple[str, ...]:
    """For how many threads a proof holds."""
    if unlimited is None:
        return ()
    said = f"for any number of {unlimited.procedure} (threads like {unlimited.thread})"
    if not unlimited.procedure:
        said = f"for any number of threads like {unlimited.thread}"
    return (said,) if unlimited.holds else (f"not proved {said}: {unlimited.why}",)


def _depth(report: Report) -> tuple[str, ...]:
    question = report.question
    match report.verdict:
        case Proved() as proved if not proved.complete and (proved.open_loops or question.depth is None):
            rounds = dict(report.loops)
            names = (
                f"{name} ({_count(rounds[name], 'round')})" if name in rounds else name for name in proved.open_loops
            )
            return ("loops that may go on beyond their bound: " + (", ".join(names) or "not known"),)
        case Proved(complete=True, searched_loops=loops, states=states) if loops:
            return (
                f"complete (unbounded retries): any number of rounds of {', '.join(loops)} was searched, "
                f"{states} states in all",
            )
        case Proved(complete=True, idle_loops=idle) | Vacuous(complete=True, idle_loops=idle) if idle:
            return (f"complete (unbounded retries): a further round of {', '.join(idle)} changes nothing",)
        case Proved(complete=complete, steps=steps) | Vacuous(complete=complete, steps=steps):
            if complete:
                return (f"complete: no schedule is longer than {in_steps(steps)}",)
            depth = "" if question.depth is None else f" than {in_steps(question.depth)}"
            return (f"bounded: longer schedules{depth} exist and were not looked at",)
        case Unknown(reached=reached, advice=advice):
            return tuple(f"{key}: {text}" for key, text in (("reached", reached), ("try", advice)) if text)
        case Refuted():
            return ()
        case never:
            assert_never(never)


def _limit(question: Question, proved: Proved) -> str:
    """` to depth K (bounded)`."""
    depth = f" to depth {question.depth}" if question.depth is not None else ""
    loops = "" if depth and not proved.open_loops else ", loops to their bounds"
    return f"{depth}{loops} (bounded)"


def _never(report: Report, vacuous: Vacuous) -> str:
    """How far it is known that a situation does not come about."""
    depth = report.question.depth
    if vacuous.complete:
        return "unreachable"
    return "not reached within the loops' bounds" if depth is None else f"not reached within {in_steps(depth)}"


def in_steps(count: int) -> str:
    return _count(count, "step")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
