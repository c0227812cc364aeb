"""The longest path through the graph of states that a search has visited."""

from collections.abc import Sequence

Targets = Sequence[Sequence[int]]


def longest_path(edges: Targets, drains: Targets, states: int) -> int | None:
    """The largest number of `edges` on a path, `drains` not counted; None where the graph has a cycle, so that there is
    none.

    `edges` and `drains` give by the number of a state the numbers of its successors; the last states may be missing.
    """
    entering = [0] * states
    for targets in (*edges, *drains):
        for target in targets:
            entering[target] += 1
    length = [0] * states
    ready = [state for state in range(states) if not entering[state]]
    for state in ready:
        for further, weight in ((edges, 1), (drains, 0)):
            for target in further[state] if state < len(further) else ():
                length[target] = max(length[target], length[state] + weight)
                entering[target] -= 1
                if not entering[target]:
                    ready.append(target)
    return max(length, default=0) if len(ready) == states else None
