"""A schedule in a few lines that fit a mail, from which it can be run again: below its drawing, quoted or not.

    replay: gup-vs-fork baseline writable-while-pinned lkmm
    start: others=0 in_swap_cache=1
    steps: 1<0 1 0<0 0 1.4<3
    order: p._refcount 17 18 24; mm.has_pinned 3 9

A step is the number of its CPU. Where the schedule is no interleaving there stand with it the number of the event in
its thread, from 0, if it is not the next one, and the step that it reads from; `order` has the coherence orders.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from encoder.base.result import Question, Witness
from encoder.concrete.axiomatic.replay import interleaving_as_execution, replay_weak
from encoder.concrete.axiomatic.thread_runs import WitnessStep
from encoder.concrete.interleaving.replay import replay
from encoder.concrete.rerun import witness_from
from encoder.memory import MODELS
from encoder.program.core import Program, Property
from encoder.render.layout import WIDTH, wrap

KEY = re.compile(r"(replay|loops|start|steps|order):(?:\s|$)")
QUOTED = re.compile(r"^[>|\s]*")
STEP = re.compile(r"(\d+)(?:\.(\d+))?(?:<(\d+))?")
LOOPS = 4
"""The bound on the rounds of loops that is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """`name` is the id of the obligation that asks this. `steps` has for each step its CPU, the number of its event in
    the thread, and the step that it reads from, None where the schedule is an interleaving, or the step reads nothing.
    """

    name: str
    loops: int
    symbols: tuple[tuple[str, int], ...]
    steps: tuple[tuple[int, int, int | None], ...]
    coherence: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def interleaved(self) -> bool:
        return all(source is None for _, _, source in self.steps)


def recording_lines(name: str, question: Question, witness: Witness) -> tuple[str, ...]:
    """The lines of a witness; `name` is the id of the obligation that asks this."""
    weak = bool(witness.cycle)
    done: dict[int, int] = {}
    steps = []
    for step in witness.schedule:
        index = "" if step.index == done.get(step.cpu, 0) else f".{step.index}"
        done[step.cpu] = max(done.get(step.cpu, 0), step.index + 1)
        source = "" if step.reads_from is None else f"<{step.reads_from}"
        steps.append(f"{step.cpu}{index}{source}" if weak else str(step.cpu))
    orders = "; ".join(f"{where} {' '.join(map(str, order))}" for where, order in witness.coherence)
    told = [
        ("replay", name.replace("/", " ")),
        ("loops", "" if question.loops == LOOPS else str(question.loops)),
        ("start", " ".join(f"{symbol}={value}" for symbol, value in witness.symbols)),
        ("steps", " ".join(steps)),
        ("order", orders if weak else ""),
    ]
    return tuple(line for key, text in told if text for line in wrap(f"{key}: {text}", WIDTH, rest="  "))


def recording_in(text: str) -> Recording | None:
    """The first recording in a text, None where there is none. Raises ValueError, in words, for one that is none."""
    parts = dict(_parts(text))
    if "replay" not in parts:
        return None
    done: dict[int, int] = {}
    steps = []
    for word in parts.get("steps", "").split():
        found = STEP.fullmatch(word)
        if found is None:
            raise ValueError(f"`{word}` is no step")
        cpu = int(found[1])
        index = done.get(cpu, 0) if found[2] is None else int(found[2])
        done[cpu] = max(done.get(cpu, 0), index + 1)
        steps.append((cpu, index, None if found[3] is None else int(found[3])))
    return Recording(
        name="/".join(parts["replay"].split()),
        loops=_number(parts.get("loops", str(LOOPS))),
        symbols=tuple((name, _number(value)) for name, value in _pairs(parts.get("start", "").split())),
        steps=tuple(steps),
        coherence=tuple(_order(each.split()) for each in parts.get("order", "").split(";") if each.strip()),
    )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """What stands behind each key, from `replay:` to the first empty line."""
    lines = iter(text.splitlines())
    found: list[str] = []
    for line in lines:
        bare = QUOTED.sub("", line).rstrip()
        if bare.startswith("replay:") or (found and bare):
            found.append(bare)
        elif found:
            break
    pieces = KEY.split(" ".join(found))
    yield from zip(pieces[1::2], pieces[2::2], strict=True)


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        name, _, value = word.partition("=")
        yield name, value


def _number(word: str) -> int:
    if not re.fullmatch(r"-?\d+", word.strip(), re.ASCII):
        raise ValueError(f"`{word.strip()}` is no number")
    return int(word)


def _order(words: Sequence[str]) -> tuple[str, tuple[int, ...]]:
    return words[0], tuple(map(_number, words[1:]))


def rebuilt(program: Program, asked: Property, question: Question, recording: Recording) -> Witness:
    """The witness, run again. Raises SelfCheckError where the program cannot run so, or nothing is broken, and Misfit
    where the symbols give no start."""
    names = [thread.name for thread in program.threads]
    threads = [names[cpu] if cpu < len(names) else f"cpu{cpu}" for cpu, _, _ in recording.steps]
    symbols, model = dict(recording.symbols), MODELS[question.model]
    if model.total:
        return witness_from(recording.symbols, replay(program, asked, symbols, threads, question.loops))
    steps: Sequence[WitnessStep]
    if recording.interleaved:
        steps, coherence = interleaving_as_execution(program, symbols, threads, question.loops)
    else:
        steps = [
            WitnessStep(name, index, source) for name, (_, index, source) in zip(threads, recording.steps, strict=True)
        ]
        coherence = dict(recording.coherence)
    found = replay_weak(program, asked, model, symbols, steps, coherence, question.loops)
    return witness_from(recording.symbols, found)
