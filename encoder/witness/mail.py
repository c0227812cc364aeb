"""A witness as text for a mail: what was asked of what, how to ask it again, the schedule drawn, and recorded."""

from encoder import __version__
from encoder.base.result import Question, Witness
from encoder.render.layout import WIDTH, wrap
from encoder.render.text import witness_lines
from encoder.render.verdict import in_steps, where
from encoder.witness.recording import LOOPS, recording_lines


def command(question: Question, verb: str = "witness") -> str:
    """What is typed to ask this again."""
    place = f"--platform {question.platform}" if question.platform else f"--model {question.model}"
    words = ["pinproof", verb, question.scenario, "--variant", question.variant, "--property", question.property, place]
    words += [] if question.platform else ["--flush", question.flush]
    words += ["--depth", str(question.depth)] if question.depth is not None else []
    words += ["--loops", str(question.loops)] if question.loops != LOOPS else []
    return " ".join(words)


def header(question: Question, witness: Witness, *, titles: dict[str, str]) -> tuple[str, ...]:
    """Lines that say what is shown. `titles` may have those of the `variant`, the `platform` and the `property`."""

    def named(kind: str, name: str) -> str:
        return f"{name} ({titles[kind]})" if titles.get(kind) else name

    limit = "of any length" if question.depth is None else f"of at most {in_steps(question.depth)}"
    told = [
        ("Variant", named("variant", question.variant)),
        ("Platform", named("platform", question.platform) if question.platform else f"none, {where(question)}"),
        ("Property", named("property", question.property)),
        (
            "Bound",
            f"schedules {limit}, loops to {question.loops} rounds; this one has {in_steps(len(witness.schedule))}",
        ),
        ("Tool", f"pinproof {__version__}"),
    ]
    lines = [line for key, text in told for line in wrap(f"{key + ':':<10}{text}", WIDTH, rest=" " * 10)]
    return (*lines, "", *_typed(command(question)))


def _typed(words: str) -> tuple[str, ...]:
    """A command in lines that a shell takes back."""
    lines = wrap(words, WIDTH - 2, first="$ ", rest="      ")
    return (*(f"{line} \\" for line in lines[:-1]), lines[-1])


def text(name: str, question: Question, witness: Witness, *, titles: dict[str, str] | None = None) -> str:
    """The drawing with the lines from which it can be run again; with `titles` below a header."""
    head = (*header(question, witness, titles=titles), "") if titles is not None else ()
    drawn = witness_lines(witness, question.model)
    return "\n".join([*head, *drawn, "", *recording_lines(name, question, witness)]) + "\n"
