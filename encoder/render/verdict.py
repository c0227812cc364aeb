"""A verdict in one sentence with its platform, or its memory model and flush, and how far it reaches."""

from dataclasses import dataclass
from typing import assert_never

from encoder.base.result import Proved, Question, Refuted, Report, Unknown, Unlimited, Vacuous, word

FLUSHES = {
    "ipi": "IPI flush", "deferred": "deferred flush", "broadcast": "broadcast flush",
    "deferred-broadcast": "deferred broadcast flush",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """`WORD WHERE: CLAIM`; behind the place stands the depth, where the answer is bounded."""

    word: str
    where: str
    claim: str

    def __str__(self) -> str:
        return f"{self.word} {self.where}: {self.claim}"


def where(question: Question) -> str:
    """`on x86`; of what is asked of no machine `under LKMM, IPI flush`."""
    return f"on {question.platform}" if question.platform else under(question.model, question.flush)


def under(model: str, flush: str) -> str:
    """`under LKMM, IPI flush`."""
    return f"under {model.upper()}, {FLUSHES.get(flush, flush)}"


def sentence(report: Report) -> Sentence:
    """The verdict."""
    question = report.question
    place, broken = where(question), question.property
    match report.verdict:
        case Proved(complete=True):
            return Sentence("PROVED", place, f"no schedule breaks {broken}")
        case Proved() as proved:
            return Sentence("PROVED", place + _limit(question, proved), f"no such schedule breaks {broken}")
        case Refuted(witness=witness):
            return Sentence("REFUTED", place, f"a schedule of {in_steps(len(witness.schedule))} breaks {broken}")
        case Vacuous() as vacuous:
            return Sentence("VACUOUS", place, f"the situation that {broken} speaks of is {_never(report, vacuous)}")
        case Unknown(reason=reason):
            return Sentence("UNKNOWN", place, reason)
        case never:
            assert_never(never)


def against_base(report: Report) -> tuple[str, ...]:
    """`REFUTED, its base v6.12 is PROVED`, where the base was asked."""
    base, own = report.base, word(report.verdict)
    if base is None:
        return ()
    is_ = f"as its base {base.variant} is" if base.word == own else f"its base {base.variant} is {base.word.upper()}"
    return (f"{own.upper()}, {is_}",)


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
