"""A step as instructions of arm64: what the code of its primitive reads, writes and waits for.

The code runs up to its first branch, and beyond it where the step writes. Of what it reads the last counts.
"""

from collections.abc import Iterator, Sequence

from encoder.program.core import Arm64Code

NodePart = tuple[str, tuple[str, ...]]
"""The kind of a node (R, W or F), and its tags."""


def chosen(code: Arm64Code | None, instructions: str) -> Sequence[str]:
    """The code with (`lse`) or without (`llsc`) the atomic instructions of Armv8.1. Raises ValueError where there is
    none."""
    if code is None:
        raise ValueError("a step does not say what it compiles to on arm64")
    return code.lse if instructions == "lse" else code.llsc


def parts(code: Sequence[str], *, reading: bool, wrote: bool) -> Iterator[NodePart]:
    """The nodes of the code, for a step that reads where `reading`, and writes where `wrote`."""
    run = list(code) if wrote or not reading else list(_until_branch(code))
    looks = [place for place, instruction in enumerate(run) if _is_read(instruction)]
    last = looks[-1] if looks else 0
    behind = {instruction for instruction in run[last + 1 :] if instruction.startswith("CB")}
    if reading and not looks:
        yield "R", ()
    for place, instruction in enumerate(run):
        match instruction.split():
            case ["DMB" | "DSB", _]:
                yield "F", (instruction,)
            case ["CBZ" | "CBNZ"]:
                pass
            case [name]:
                if _is_read(name) and place == last:
                    yield "R", (*_read_tags(name), *(("CBNZ",) if behind else ()))
                if wrote and _is_write(name):
                    yield "W", _write_tags(name)
            case _:
                raise ValueError(f"{instruction} is no instruction")


def _until_branch(code: Sequence[str]) -> Iterator[str]:
    for instruction in code:
        yield instruction
        if instruction.startswith("CB"):
            return


def _is_atomic(name: str) -> bool:
    return name.startswith(("SWP", "CAS")) or (len(name) > 4 and name[2:5] in ("ADD", "CLR", "EOR", "SET"))


def _is_read(name: str) -> bool:
    return _is_atomic(name) or name.startswith("LD")


def _is_write(name: str) -> bool:
    return _is_atomic(name) or name.startswith("ST")


def _order(name: str) -> str:
    """What an atomic instruction has behind its name: A, L, AL or nothing."""
    return name[3:] if name.startswith(("SWP", "CAS")) else name[5:]


def _read_tags(name: str) -> tuple[str, ...]:
    if _is_atomic(name):
        return ("Amo", *(("A",) if "A" in _order(name) else ()), *(("NoRet",) if name.startswith("ST") else ()))
    return {"LDR": (), "LDXR": (), "LDAR": ("A",), "LDAXR": ("A",), "LDAPR": ("Q",)}[name]


def _write_tags(name: str) -> tuple[str, ...]:
    if _is_atomic(name):
        return ("Amo", *(("L",) if "L" in _order(name) else ()))
    return {"STR": (), "STXR": (), "STLR": ("L",), "STLXR": ("L",)}[name]
