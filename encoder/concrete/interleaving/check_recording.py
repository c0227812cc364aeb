"""Compares a recorded schedule with what the specs do now."""

from encoder.base.errors import Misfit
from encoder.base.result import ScheduleStep
from encoder.program.core import Site

LocationValues = tuple[tuple[str, str], ...]
"""Locations with their formatted values."""
SITE = ("procedure", "path", "label", "event", "source")
"""The fields of a step that say where it stands in the specs."""


def check_site(number: int, recorded: ScheduleStep, site: Site) -> None:
    """Raises Misfit where the thread's next event is at another site than the recorded step."""
    for name in SITE:
        first, second = (_written(getattr(each, name)) for each in (recorded, site))
        check_equal(f"step {number}, {name}", first, second, "schedule", number - 1, name)


def _written(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else " / ".join(value)


def unknown_thread(name: str, number: int) -> Misfit:
    """The error for a step of a thread that does not exist."""
    return Misfit(f"replay, step {number}: there is no thread {name}", "schedule", number - 1, "thread")


def check_values(what: str, recorded: LocationValues, found: LocationValues, *place: str | int) -> None:
    """Raises Misfit for the first location that is missing or has another value; `place` is the path in the report."""
    known = dict(recorded)
    for location, value in found:
        check_equal(f"{what}, {location}", known.pop(location, "nothing"), value, *place)
    for location, value in known.items():
        check_equal(f"{what}, {location}", value, "nothing", *place)


def check_equal(what: str, recorded: object, found: object, *place: str | int) -> None:
    """Raises Misfit, at the path `place` in the report, where the two differ."""
    if recorded != found:
        message = f"{what}: the witness records {recorded!r}, the replay finds {found!r}"
        raise Misfit(message, *place)
