"""The command `pinproof`: what it understands, and how its commands end."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from io import StringIO
from typing import Annotated, ParamSpec

import typer

from encoder import __version__
from encoder.base.errors import InputError, SelfCheckError
from encoder.base.garbage import look_rarely
from encoder.cli.exits import BROKEN_PIPE, INTERRUPTED, SELF_CHECK, UNDECIDED, USAGE
from encoder.cli.help import GroupedCommands, GroupedOptions

P = ParamSpec("P")
HELP = "Can these code paths of the kernel's page-pinning protocol race? A proof, or the schedule that breaks it."

COMMANDS = {
    "prove": ("encoder.cli.ask", "prove"),
    "witness": ("encoder.cli.ask", "witness"),
    "explain": ("encoder.cli.explain", "explain"),
    "matrix": ("encoder.cli.matrix", "matrix"),
    "verify": ("encoder.cli.verify", "verify"),
    "review": ("encoder.cli.review", "review"),
    "impact": ("encoder.cli.review", "impact"),
    "drift": ("encoder.cli.drift", "drift"),
    "new": ("encoder.cli.new", "new"),
    "check": ("encoder.cli.check", "check"),
    "mutate": ("encoder.cli.mutate", "mutate"),
    "litmus": ("encoder.cli.litmus", "litmus"),
    "list": ("encoder.cli.listing", "list_"),
    "show": ("encoder.cli.listing", "show"),
    "replay": ("encoder.cli.replay", "replay"),
    "show-witness": ("encoder.cli.show_witness", "show_witness"),
    "export": ("encoder.cli.export", "export"),
    "report": ("encoder.cli.report", "report"),
    "schema": ("encoder.cli.schema", "schema"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (the process's own by default) and give its exit code."""
    look_rarely()
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.set_int_max_str_digits(0)  # a constant of a spec may be of any length; an error message says which it is
    if sys.stderr is None:  # it was closed
        sys.stderr = StringIO()
    if sys.stdout is None:
        print("error[C105]: standard output is closed", file=sys.stderr)
        return USAGE
    return _guarded(_run, given)


def _run(given: list[str]) -> int:
    try:
        _application(given[0] if given else "")(args=given, prog_name="pinproof")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else USAGE
    return 0


def _application(command: str) -> typer.Typer:
    """The command that is asked for, or all of them: what is not asked for need not be imported."""
    app = typer.Typer(
        cls=GroupedCommands, help=HELP, rich_markup_mode=None, no_args_is_help=True, pretty_exceptions_enable=False
    )
    app.callback()(_top)
    for name in [command] if command in COMMANDS else () if command == "--version" else COMMANDS:
        module, function = COMMANDS[name]
        app.command(name, cls=GroupedOptions)(_ends(getattr(import_module(module), function)))
    return app


def _ends(command: Callable[P, int]) -> Callable[P, None]:
    """A command that gives its exit code, as typer wants it; errors that people cause end it without a traceback."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        raise typer.Exit(_guarded(command, *args, **kwargs))

    return run


def _guarded(command: Callable[P, int], *args: P.args, **kwargs: P.kwargs) -> int:
    try:
        code = command(*args, **kwargs)
        sys.stdout.flush()
        return code
    except InputError as error:
        from encoder.base.source import render_problem

        _complain("\n\n".join(render_problem(problem) for problem in error.problems))
        return USAGE
    except SelfCheckError as error:
        _complain(f"self-check failed: {error}\nThis is a bug in Pinproof: no verdict is given.")
        return SELF_CHECK
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _broken_pipe()
    except MemoryError:
        _complain("out of memory: nothing more is decided")
        return UNDECIDED
    except OSError as error:
        named = error.filename2 or error.filename
        which = f"`{named}`" if named else "a file"
        _complain(f"error[C105]: {which} cannot be read or written: {error.strerror}")
        _forget()
        return USAGE


def _complain(text: str) -> None:
    """Tell people, if anybody can be told: the exit code is that of the mistake all the same."""
    try:
        print(text, file=sys.stderr)
    except OSError:
        sys.stderr = StringIO()


def _broken_pipe() -> int:
    """The reader has gone."""
    _forget()
    return BROKEN_PIPE


def _forget() -> None:
    """What is still buffered must not fail again when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pinproof {__version__}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass
