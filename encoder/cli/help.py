"""`--help`, with commands and options in groups."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from typer.core import TyperCommand, TyperGroup

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Ask": ("prove", "witness", "explain", "matrix", "mutate"),
    "Look": ("list", "show", "show-witness", "report", "schema"),
    "Check": ("verify", "replay", "check"),
    "Bring a patch, or a kernel": ("review", "impact", "drift", "new"),
    "Litmus tests": ("litmus", "export"),
}
OTHERS, ARGUMENTS, OPTIONS = "More", "Arguments", "Options"
ASKED, LIMITS, BELIEF, OUTPUT = "What is asked", "How far", "Who else says so", "What is printed"
"""The groups of options."""


class GroupedCommands(TyperGroup):
    """All commands, by what they are for."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        left = dict.fromkeys(self.list_commands(ctx))
        width = max((len(name) for name in left), default=0)
        for title, names in (*GROUPS.items(), (OTHERS, tuple(left))):
            own = [name for name in names if name in left]
            for name in own:
                del left[name]
            _section(formatter, title, [(name.ljust(width), self._first_sentence(ctx, name)) for name in own])

    def _first_sentence(self, ctx: Any, name: str) -> str:
        command = self.get_command(ctx, name)
        return "" if command is None else str(command.get_short_help_str(limit=sys.maxsize))


class GroupedOptions(TyperCommand):
    """A command, its options by what they are about: their `rich_help_panel`."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in self.get_params(ctx):
            record = each.get_help_record(ctx)
            if record is None or (each.param_type_name == "argument" and not record[1]):
                continue
            kind = ARGUMENTS if each.param_type_name == "argument" else OPTIONS
            groups.setdefault(getattr(each, "rich_help_panel", None) or kind, []).append(record)
        for title in (*(title for title in groups if title != OPTIONS), OPTIONS):
            _section(formatter, title, groups.get(title, ()))


def _section(formatter: Any, title: str, rows: Iterable[tuple[str, str]]) -> None:
    told = list(rows)
    if told:
        with formatter.section(title):
            formatter.write_dl(told)
