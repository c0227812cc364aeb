"""Where those differ that answer the same question about a program."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from encoder.base.errors import SelfCheckError
from encoder.concrete.explorer.reachable_values import excluded_by_values
from encoder.memory import MODELS
from encoder.program.core import Assign, Block, Exit, Fence, Grace, If, Loop, Program, Property, Rmw, Statement
from encoder.program.traverse import expressions, statements
from encoder.spec.walk import walk
from tests.concrete.enumerate import TooMany
from tests.fuzz.renamed import renamed
from tests.fuzz.told import EXPLORED, OPPONENTS, Executions, Told, encoder, faulty, opinion
from tests.memory.weak import fence
from tests.opponent.expression import unpicked, variables


@dataclass(slots=True, kw_only=True)
class Compared:
    """What was compared and how it ended: `counts` by words, `wrong` in a sentence each."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def compare(made: Program, asked: Property, depth: int | None, executions: Executions | None) -> Compared:
    """The encoder against everybody else under every model, and against itself by the laws."""
    found = Compared()
    told: dict[str, Told] = {}
    for model in MODELS:
        try:
            told[model] = encoder(made, asked, model, depth)
        except SelfCheckError as error:
            found.wrong.append(f"{model}: the replay disagrees: {error}")
            return found
        found.counts[f"{model} {told[model].word}"] += 1
    fault = {m: None if told["sc"].refused == "Q103" else faulty(made, depth, m) for m in EXPLORED}
    fault |= {model: fault["sc"] for model in MODELS if model not in fault}
    for model in MODELS:
        for who, other in others(made, asked, depth, model, told, executions if not fault[model] else None):
            found.counts[f"{model} against {who}"] += 1
            if wrong := difference(told[model], other, fault[model]):
                found.wrong.append(f"{model}: {wrong}: the encoder says {told[model]}, {who} {other}")
    for model in EXPLORED:
        verdict = told[model].verdict
        if verdict is not None:
            said = opinion(made, asked, depth, model, verdict)
            found.counts[f"{model} {said.word}"] += 1
            if said.word == "disagrees":
                found.wrong.append(f"{model}: the encoder says {verdict}, the opinion {said.detail}")
    found.wrong += laws(made, told)
    found.wrong += excluded(made, asked, told)
    refuted = [model for model in MODELS if told[model].word == "refuted"]
    found.counts["refuted, not under sc"] += bool(refuted) and "sc" not in refuted
    found.counts["refuted under lkmm alone"] += refuted == ["lkmm"]
    found.counts["interleavings"] += any(each.interleaving for each in told.values())
    return found


def others(
    made: Program, asked: Property, depth: int | None, model: str, told: dict[str, Told], executions: Executions | None
) -> Iterator[tuple[str, Told]]:
    """What everybody else says."""
    for who, opponent in OPPONENTS[model].items():
        if (other := opponent(made, asked, depth)) is not None:
            yield who, other
    if executions is not None and told[model].word != "refused":
        with suppress(TooMany):
            yield "the axioms", executions.told(asked, model, depth)


def difference(one: Told, other: Told, fault: bool | None) -> str | None:
    """What the encoder and somebody else do not agree on. Where there are faults nothing is asked of what is beyond
    them, and an interleaving is as short as interleavings are. That only values from thin air break a property may be
    said where somebody else has not thought of such values, never where others break it."""
    if one.word == "refused":
        return "refused" if one.refused != other.refused and fault is False else None
    if one.word == "nothing":
        return "verdict" if other.word == "refuted" and not fault else None
    if one.word != other.word:
        return None if fault and "refuted" in (one.word, other.word) else "verdict"
    if one.word == "refuted":
        longer = one.interleaving and one.steps is not None and other.steps is not None and other.steps < one.steps
        return None if one.steps == other.steps or fault or longer else "length"
    return "loops" if None not in (one.beyond, other.beyond) and one.beyond != other.beyond else None


def laws(made: Program, told: dict[str, Told]) -> Iterator[str]:
    """What is proved is proved under every stronger model."""
    arm64 = [pair for name in ("arm64", "arm64-llsc") for pair in (("sc", name), (name, "lkmm"))]
    for strong, weak in (("sc", "tso"), ("tso", "lkmm"), *arm64):
        if strong == "tso" and not lkmm_is_weakest(made):
            continue
        if strong.startswith("arm64") and not depends_alike(made):
            continue
        if told[strong].word == "refuted" and told[weak].word not in ("refuted", "nothing"):
            yield f"refuted under {strong}, {told[weak].word} under {weak}"


def excluded(made: Program, asked: Property, told: dict[str, Told]) -> Iterator[str]:
    """What no values of the variables can be, no model reaches."""
    for vacuous in (False, True):
        said = excluded_by_values(made, asked, vacuous=vacuous)
        for model in MODELS:
            if said.word == "agrees" and told[model].word in (("refuted", "proved") if vacuous else ("refuted",)):
                yield f"{model}: {told[model]}, and apart says: {said.detail}"


def lkmm_is_weakest(made: Program) -> bool:
    """Not with a barrier beside a read-modify-write: x86 has none where that fails."""
    kinds = {each.kind for each in walk(made.threads) if isinstance(each, Fence)}
    return not kinds & {"before-atomic", "after-atomic"}


def depends_alike(made: Program) -> bool:
    """Whether arm64 has the dependencies to reads that LKMM has: not with a comparison or choice in what is stored or
    pointed to, nor with an smp_rmb() after an atomic operation whose read it leaves alone."""
    every = [each for thread in made.threads for each in statements(thread.body)]
    used = [expr for each in every if not isinstance(each, If) for expr in expressions(each)]
    unread = any(isinstance(each, Rmw) and "noreturn" in (each.read_order, each.write_order) for each in every)
    rmb = any(isinstance(each, Fence) and each.kind == "rmb" for each in every)
    return all(unpicked(expr) == variables(expr) for expr in used) and not (unread and rmb)


def agreement(made: Program, asked: Property) -> Compared:
    """With `smp_mb()` between all accesses, all of them marked, all models say the same."""
    fenced = replace(made, threads=tuple(replace(t, body=apart_by_barriers(t.body)) for t in made.threads))
    told = {model: encoder(fenced, asked, model) for model in MODELS}
    found = Compared(counts=Counter({"with barriers": 1}))
    if len({each.word for each in told.values()} - {"nothing"}) > 1:
        found.wrong.append(f"not the same with smp_mb() everywhere: {told}")
    return found


def apart_by_barriers(body: Sequence[Statement]) -> tuple[Statement, ...]:
    """The statements with a full barrier before each of their events."""
    made: list[Statement] = []
    for each in body:
        match each:
            case If(then=then, otherwise=otherwise):
                arms = apart_by_barriers(then), apart_by_barriers(otherwise)
                made.append(replace(each, then=arms[0], otherwise=arms[1]))
            case Block(body=inner) | Loop(body=inner):
                made.append(replace(each, body=apart_by_barriers(inner)))
            case Assign() | Exit() | Grace(begin=False):
                made.append(each)
            case _:
                made += [fence("mb"), each]
    return tuple(made)


def names_matter(made: Program, asked: Property, depth: int | None) -> Iterator[str]:
    """With every thread and object renamed, the names sorted the other way round, all is the same."""
    for model in MODELS:
        one, other = encoder(made, asked, model, depth), encoder(renamed(made), renamed(asked), model, depth)
        if one != other:
            yield f"{model}: {one}, and with other names {other}"
