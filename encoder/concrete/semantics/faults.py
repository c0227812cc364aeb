"""Faults of the modelled code, found at one event of one thread."""

from encoder.base.errors import PinproofError
from encoder.program.core import Site


class ProgramFault(PinproofError):
    """The thread cannot perform its next event, or what follows it. `site` says where."""

    def __init__(self, message: str, site: Site) -> None:
        self.site = site
        super().__init__(f"{' / '.join(site.path)}: {message}: {site.text}")


class NullDereference(ProgramFault):
    """The base of a place is NULL, or a value that is no object of the struct."""


class NotHeld(ProgramFault):
    """A lock is released that is not held in this mode, or a region or section is ended that is not open."""


class MustWait(ProgramFault):
    """The event cannot happen with the value that it is said to read."""


class EndlessLoop(ProgramFault):
    """An unbounded loop returns to an earlier state without having performed an event."""
