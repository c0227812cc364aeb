"""Programs under other names."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from encoder.program.core import At, CellName, Ended, Site, Thread, ThreadVar


def renamed(value: Any) -> Any:
    """The program with every thread and object renamed, the names sorted the other way round."""
    match value:
        case CellName(object=object, field=field):
            return CellName(_other(object), field)
        case Site() | ThreadVar() | At() | Ended():
            return replace(value, thread=_other(value.thread))
        case Thread():
            return replace(value, name=_other(value.name), body=renamed(value.body))
        case tuple():
            return tuple(renamed(each) for each in value)
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{each.name: renamed(getattr(value, each.name)) for each in fields(value)})
        case _:
            return value


def _other(name: str) -> str:
    return f"{chr(219 - ord(name[0]))}_{name}" if name else name
