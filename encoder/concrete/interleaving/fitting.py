"""What was recorded of a schedule against what the specs do."""

from encoder.base.errors import Misfit
from encoder.base.result import ScheduleStep
from encoder.program.core import Site

StepPlaces = tuple[tuple[str, str], ...]
"""Locations with their values."""
SITE = ("procedure", "path", "label", "event", "source")
"""What a step is in the specs."""


def fits(number: int, recorded: ScheduleStep, site: Site) -> None:
    """Raises Misfit where the thread is about to do something else than what was recorded."""
    for name in SITE:
        first, second = (_written(getattr(each, name)) for each in (recorded, site))
        same(f"step {number}, {name}", first, second, "schedule", number - 1, name)


def _written(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " / ".join(value)


def no_thread(name: str, number: int) -> Misfit:
    """The problem of a step by a thread that there is not."""
    return Misfit(f"replay, step {number}: there is no thread {name}", "schedule", number - 1, "thread")


def same_places(what: str, recorded: StepPlaces, found: StepPlaces, *place: str | int) -> None:
    """Raises Misfit for the first location that is not there, or has another value."""
    known = dict(recorded)
    for location, value in found:
        same(f"{what}, {location}", known.pop(location, "nothing"), value, *place)
    for location, value in known.items():
        same(f"{what}, {location}", value, "nothing", *place)


def same(what: str, recorded: object, found: object, *place: str | int) -> None:
    """Raises Misfit with its `place` in the report where the two differ."""
    if recorded != found:
        message = f"{what}: the witness records {recorded!r}, the replay finds {found!r}"
        raise Misfit(message, *place)
