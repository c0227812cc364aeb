"""The command `pinproof`: what it understands, and how its commands end."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Annotated, ParamSpec

import typer

from encoder import __version__
from encoder.cli.ask import prove, witness
from encoder.cli.exits import BROKEN_PIPE, INTERRUPTED, SELF_CHECK, USAGE
from encoder.cli.litmus import litmus
from encoder.cli.look import list_, schema, show
from encoder.cli.replay import replay
from encoder.cli.verify import verify
from encoder.errors import InputError, SelfCheckError

P = ParamSpec("P")
HELP = "Can these code paths of the kernel's page-pinning protocol race? A proof, or the schedule that breaks it."

app = typer.Typer(
    help=HELP, rich_markup_mode=None, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (the process's own by default) and give its exit code."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="pinproof")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _broken_pipe()
    return 0


def _ends(command: Callable[P, int]) -> Callable[P, None]:
    """A command that gives its exit code, as typer wants it; errors that people cause end it without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_code(command, *args, **kwargs))

    del run.__annotations__["return"]
    return run


def _code(command: Callable[P, int], *args: P.args, **kwargs: P.kwargs) -> int:
    try:
        code = command(*args, **kwargs)
        sys.stdout.flush()
        return code
    except InputError as error:
        from encoder.source import render_problem

        print("\n\n".join(render_problem(problem) for problem in error.problems), file=sys.stderr)
        return USAGE
    except SelfCheckError as error:
        print(f"self-check failed: {error}\nThis is a bug in Pinproof: no verdict is given.", file=sys.stderr)
        return SELF_CHECK
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _broken_pipe()


def _broken_pipe() -> int:
    """The reader has gone; what is still buffered must not fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pinproof {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


COMMANDS: dict[str, Callable[..., int]] = {
    "prove": prove,
    "witness": witness,
    "verify": verify,
    "litmus": litmus,
    "list": list_,
    "show": show,
    "replay": replay,
    "schema": schema,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(_ends(_command))
