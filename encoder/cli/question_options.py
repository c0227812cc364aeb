"""The options of a question, for the commands that ask one."""

from typing import Annotated

import typer

from encoder.base.result import SHORTCUTS
from encoder.cli.complete import models, names_in
from encoder.cli.help import ASKED, BELIEF, LIMITS, OUTPUT
from encoder.memory import MODELS
from encoder.spec.load_primitives import FLUSHES

ScenarioName = Annotated[
    str | None, typer.Argument(metavar="SCENARIO", show_default=False, autocompletion=names_in("scenarios"))
]
VariantName = Annotated[
    str | None,
    typer.Option(
        "--variant",
        metavar="V",
        help="The variant: a patch or a kernel release.",
        show_default=False,
        rich_help_panel=ASKED,
        autocompletion=names_in("variants"),
    ),
]
PropertyName = Annotated[
    str | None,
    typer.Option(
        "--property",
        metavar="P",
        help="What must never happen (default: the scenario's first).",
        show_default=False,
        rich_help_panel=ASKED,
        autocompletion=names_in("properties"),
    ),
]
Platforms = Annotated[
    list[str] | None,
    typer.Option(
        "--platform",
        metavar="P",
        help="A machine, by its name in `list`; may be repeated (default: all, each with its own timeout).",
        show_default=False,
        rich_help_panel=ASKED,
        autocompletion=names_in("platforms"),
    ),
]
OnePlatform = Annotated[
    str | None,
    typer.Option(
        "--platform",
        metavar="P",
        help="A machine, by its name in `list`. (default: sc)",
        rich_help_panel=ASKED,
        autocompletion=names_in("platforms"),
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="M",
        help=f"An experiment, which describes no machine: under this memory model. {', '.join(MODELS)}.",
        show_default=False,
        rich_help_panel=ASKED,
        autocompletion=models,
    ),
]
FlushName = Annotated[
    str | None,
    typer.Option(
        "--flush",
        metavar="F",
        help=f"An experiment, which describes no machine: with TLB flushes of this kind. {', '.join(FLUSHES)}.",
        show_default=False,
        rich_help_panel=ASKED,
    ),
]
Depth = Annotated[
    int | None,
    typer.Option(
        "--depth",
        metavar="K",
        help="Look at schedules of at most K steps (default: any number).",
        show_default=False,
        rich_help_panel=LIMITS,
    ),
]
Loops = Annotated[
    int,
    typer.Option(
        "--loops",
        metavar="N",
        help="Loop bound: rounds of each loop that has no bound of its own.",
        rich_help_panel=LIMITS,
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="S",
        help="Time limit in seconds; beyond it the answer is `unknown`.",
        rich_help_panel=LIMITS,
    ),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Memory limit, as 500M or 2G (default: three quarters of the machine's); "
        "beyond it the answer is `unknown`.",
        show_default=False,
        rich_help_panel=LIMITS,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print JSON and nothing else: an object, or a list of them where several platforms are asked.",
        rich_help_panel=OUTPUT,
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="NAME",
        help=f"Do not take this shortcut: {', '.join(SHORTCUTS)}.",
        show_default=False,
        rich_help_panel=BELIEF,
    ),
]
Dump = Annotated[
    str | None,
    typer.Option(
        "--dump-smt",
        metavar="FILE",
        help="Write the solver's input as SMT-LIB, for the first platform that is asked.",
        show_default=False,
        rich_help_panel=OUTPUT,
    ),
]
