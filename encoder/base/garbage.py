"""How often Python looks for garbage: rarely, since most of what is made here is kept, and to look through it again and
again takes a quarter of a short command's time."""

import gc

MADE = 100_000
"""Objects made and not yet freed, from which on a process looks for garbage."""


def look_rarely() -> None:
    """Let this process, and those that it forks, look for garbage only once so many objects were made."""
    gc.set_threshold(MADE)
