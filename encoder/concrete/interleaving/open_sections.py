"""The sections that a thread is in: IRQ-off regions and RCU sections by nesting, SRCU sections by their indices.

Which SRCU section an `srcu_read_unlock()` ends is determined by its index: the one whose `srcu_read_lock()` returned
it, whatever variables it has been copied through. So each variable is known to hold the index of one open section or of
none. (An index that passes through memory or arithmetic is lost here; such programs are not checked, see
`program.indices`.)
"""

from collections.abc import Mapping
from typing import NamedTuple

from encoder.concrete.semantics.action import PreparedAction
from encoder.concrete.semantics.faults import NotHeld
from encoder.program.core import Load, Region, Store

SectionKey = tuple[int, int]
"""A thread's section: IRQ or RCU for the outermost one of these, or (n, cell) for an SRCU section, where n is the least
number that no other open SRCU section of the thread had when it began."""
IRQ: SectionKey = (-1, 0)
RCU: SectionKey = (-2, 0)


class OpenSections(NamedTuple):
    """`irq` and `rcu` are nesting depths; `srcu` are the open SRCU sections; `carried` pairs the slot of a variable
    with the n of the section whose index it holds."""

    irq: int = 0
    rcu: int = 0
    srcu: tuple[SectionKey, ...] = ()
    carried: tuple[tuple[int, int], ...] = ()

    @property
    def open(self) -> tuple[SectionKey, ...]:
        """The sections that another thread may wait for."""
        return ((IRQ,) if self.irq else ()) + ((RCU,) if self.rcu else ()) + self.srcu


def sections_after(inside: OpenSections, action: PreparedAction, cell: int, *, srcu: bool) -> OpenSections:
    """The open sections after an event that touches the cell with this number. SRCU sections are tracked only if
    `srcu`. Raises NotHeld."""
    match action.event:
        case Region(kind=kind, begin=begin):
            return _region(inside, action, kind, 1 if begin else -1)
        case Load(order="srcu-lock") if srcu:
            number = next(n for n in range(len(inside.srcu) + 1) if all(n != open_ for open_, _ in inside.srcu))
            carried = _without(inside.carried, action.writes)
            if action.index is not None:
                carried[action.index] = number
            sections = tuple(sorted((*inside.srcu, (number, cell))))
            return inside._replace(srcu=sections, carried=tuple(sorted(carried.items())))
        case Store(order="srcu-unlock") if srcu:
            return _unlocked(inside, action, cell)
        case _ if inside.carried and action.writes:
            return inside._replace(carried=tuple(sorted(_without(inside.carried, action.writes).items())))
        case _:
            return inside


def _region(inside: OpenSections, action: PreparedAction, kind: str, by: int) -> OpenSections:
    irq, rcu = inside.irq + (by if kind == "irq" else 0), inside.rcu + (by if kind == "rcu" else 0)
    if irq < 0 or rcu < 0:
        raise NotHeld(f"an {kind} region ends that is not open", action.event.site)
    return inside._replace(irq=irq, rcu=rcu)


def _unlocked(inside: OpenSections, action: PreparedAction, cell: int) -> OpenSections:
    number = dict(inside.carried).get(-1 if action.index is None else action.index, -1)
    if (number, cell) not in inside.srcu:
        raise NotHeld("a section of SRCU ends that is not open", action.event.site)
    return inside._replace(
        srcu=tuple(key for key in inside.srcu if key != (number, cell)),
        carried=tuple((slot, n) for slot, n in inside.carried if n != number),
    )


def _without(carried: tuple[tuple[int, int], ...], written: frozenset[int]) -> dict[int, int]:
    return {slot: number for slot, number in carried if slot not in written}


def copy_index(carried: dict[int, int], slot: int, source: int | None) -> None:
    """Update `carried` for an assignment: the variable in `slot` becomes a copy of that in `source` (None: no copy)."""
    number = None if source is None else carried.get(source)
    if number is None:
        carried.pop(slot, None)
    else:
        carried[slot] = number


def live_indices(carried: Mapping[int, int], needed: frozenset[int] | None) -> tuple[tuple[int, int], ...]:
    """The indices that live variables hold (`needed` None: all are live), sorted."""
    return tuple(sorted((slot, n) for slot, n in carried.items() if needed is None or slot in needed))
