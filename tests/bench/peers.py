"""What other tools take for the core family, by its size (G, R, M): seconds of whole processes, measured by hand on
machines of one kind and kept as they were found. "" where it was not measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peers:
    """SPIN 6.5.2 (generate, compile and run), CBMC 6.6, and GenMC 0.11 with --sc."""

    spin: str = ""
    cbmc: str = ""
    genmc: str = ""


PEERS = {
    (1, 1, 1): Peers(cbmc="0.45", genmc="0.09"),
    (2, 1, 2): Peers("0.86", "0.87", "0.12"),
    (2, 2, 2): Peers("0.89", "9.8", "1.2"),
    (3, 2, 2): Peers("1.16", ">100", "20.5"),
    (4, 2, 2): Peers(spin="9.4"),
    (6, 2, 2): Peers(spin=">100"),
}
