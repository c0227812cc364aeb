"""Values of which some are not known: what an expression makes of such a value is not known either."""


class NotKnown(Exception):
    """An expression asks for a value that is not known."""


def known(value: int | None) -> int:
    """The value. Raises NotKnown for None."""
    if value is None:
        raise NotKnown
    return value
