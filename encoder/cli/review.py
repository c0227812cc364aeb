"""`review` and `impact`: a patch in, verdicts out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from encoder.base.errors import InputError
from encoder.cli import exits
from encoder.cli.ci import CiForms, Github, JunitFile, SarifFile
from encoder.cli.options import AsOneObject, Jobs, KernelConfiguration, costs, give_up, granted, processes, unknown
from encoder.cli.telling import fitted, telling

if TYPE_CHECKING:
    from encoder.review.asking import Compared
    from encoder.review.review import Outcome, Review
    from encoder.spec.model import Library

PatchName = Annotated[
    str,
    typer.Argument(
        metavar="PATCH", help="A diff, a mail with one, `-`, or commits of the git tree `--kernel`: A..B.",
        show_default=False,
    ),
]  # fmt: skip
OptionalTree = Annotated[
    Path | None,
    typer.Option(
        "--kernel", metavar="DIR", help="The kernel that the patch is for; without it hunks are placed by themselves.",
        show_default=False,
    ),
]  # fmt: skip
BaseOf = Annotated[
    str | None,
    typer.Option(
        "--base", metavar="V", help="The kernel as released that the patch is for (default: the one that fits best).",
        show_default=False,
    ),
]  # fmt: skip


def review(
    patch: PatchName,
    kernel: OptionalTree = None,
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", metavar="P", help="A machine; may be repeated (default: all).", show_default=False),
    ] = None,
    base: BaseOf = None,
    config: KernelConfiguration = "x86-64",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Write the draft of the variant there; never over a file.",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", metavar="S", help="Seconds for all questions together.")] = 300,
    memory: Annotated[
        str | None,
        typer.Option("--memory", metavar="SIZE", help="Memory that they may take, as 2G.", show_default=False),
    ] = None,
    jobs: Jobs = 0,
    json: AsOneObject = False,
    junit: JunitFile = None,
    sarif: SarifFile = None,
    github: Github = False,
) -> int:  # fmt: skip
    """What a patch does to the proofs: outside the model, beside the steps, a variant that is asked, or needs you."""
    problems = costs(timeout, memory, jobs)
    for name in platform or ():
        from encoder.spec.load import document_names

        problems += unknown("platform", name, document_names("platforms"))
    if problems:
        raise InputError(problems)
    forms = CiForms(junit=junit, sarif=sarif, github=github)
    forms.check(json=json)
    if output is not None and output.exists():
        give_up(f"`--output {output}` is there already, and nothing is written over", "a file that is not there")
    library, found = _read(patch, kernel, base, config, output)
    from encoder.review.text import conclusion, head

    written_to = None if output is None or not found.draft else _write(output, found.draft)
    if not json:
        with fitted():
            sys.stdout.write(head(library, found, written_to))
            sys.stdout.flush()
    outcome = _ask(library, found, platform or [], timeout, memory, processes(jobs), shows=not json)
    if json:
        from encoder.review.review_json import render

        sys.stdout.write(render(found, outcome, written_to))
    elif found.variant is not None:
        with fitted():
            sys.stdout.write(conclusion(outcome))
    if forms.wanted:
        from encoder.review.ci import cases_of, places_in

        cases = cases_of(library, found, outcome)
        forms.write(cases, places_in(library, found, kernel, config), f"pinproof review {found.patch.name}")
    return _code(found, outcome)


def impact(
    patch: PatchName,
    kernel: OptionalTree = None,
    base: BaseOf = None,
    config: KernelConfiguration = "x86-64",
    json: AsOneObject = False,
) -> int:
    """Which steps, variants and claims a patch touches; nothing is asked."""
    library, found = _read(patch, kernel, base, config, None)
    from encoder.review.impact import impact as impact_of
    from encoder.review.review_json import render_impact
    from encoder.review.text import head, impact_text

    rests = impact_of(library, found)
    with fitted():
        text = render_impact(found, rests) if json else head(library, found, "") + impact_text(found, rests)
        sys.stdout.write(text)
    return exits.OK


def _read(
    patch: str, kernel: Path | None, base: str | None, config: str, output: Path | None
) -> "tuple[Library, Review]":
    from encoder.kernel.released import released
    from encoder.review.review import review as reviewed
    from encoder.review.revisions import patch_and_source
    from encoder.spec.load import load_library

    read, source = patch_and_source(patch, kernel, config)
    library = load_library()
    if base is not None and (problems := unknown("kernel as released", base, released(library))):
        raise InputError(problems)
    return library, reviewed(library, read, source, base, output)


def _ask(
    library: "Library", found: "Review", chosen: list[str], seconds: float, memory: str | None, jobs: int, *,
    shows: bool,
) -> "Outcome":  # fmt: skip
    """The answers, in the order of the questions, with what is being asked told on standard error. With `shows` those
    about a scenario are printed as soon as all of them are there."""
    from encoder.base.pool import LocalPool
    from encoder.review.asking import Begun, Compared, Inquiry, OutOfTime, Planned
    from encoder.review.review import Outcome

    if found.variant is None:
        return Outcome()
    inquiry = Inquiry(
        library, found.variant, chosen=chosen, seconds=seconds, memory=granted(memory, jobs), pool=LocalPool(jobs)
    )
    answers, asking = _Answers(shows=shows), ""
    late: list[str] = []
    with telling(lambda: [f"{answers}; being asked: {asking}"]) as look:
        for event in inquiry.ask():
            match event:
                case Compared():
                    answers.current.append(event)
                case Planned(questions=questions):
                    answers.begin(questions)
                case Begun(what=what):
                    asking = what
                case OutOfTime(scenarios=scenarios):
                    late += scenarios
            look()
        answers.end()
    return Outcome(compared=tuple(answers.ended), late=tuple(late))


class _Answers:
    """The answers so far: of scenarios that have `ended`, and of the `current` one, to these `questions`."""

    def __init__(self, *, shows: bool) -> None:
        self.shows = shows
        self.ended: list[Compared] = []
        self.current: list[Compared] = []
        self.questions: tuple[tuple[str, str], ...] = ()
        self.planned = 0

    def begin(self, questions: tuple[tuple[str, str], ...]) -> None:
        """Begin with another scenario."""
        self.end()
        self.questions = questions
        self.planned += len(questions)

    def end(self) -> None:
        """Print what becomes of the current scenario's properties, if it is to be shown."""
        from encoder.review.text import scenario_verdicts

        found = sorted(self.current, key=lambda each: self.questions.index((each.property, each.platform)))
        self.ended += found
        self.current = []
        if self.shows and found:
            with fitted():
                sys.stdout.write(scenario_verdicts(found))
                sys.stdout.flush()

    def __str__(self) -> str:
        """`332 of 348 decided`."""
        return f"{len(self.ended) + len(self.current)} of {self.planned} decided"


def _write(path: Path, text: str) -> str:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return str(path)


def _code(found: "Review", outcome: "Outcome") -> int:
    """10 if something gets worse, 0 if nothing does and all was decided, else 5."""
    if outcome.of("worse"):
        return exits.REFUTED
    decided = found.variant is not None and outcome.compared and not outcome.of("undecided") and not outcome.late
    return exits.OK if decided else exits.UNDECIDED
