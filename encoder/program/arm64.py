"""What a program's events compile to on arm64: whether that is known, and code with less order."""

from collections.abc import Callable

from encoder.base.errors import InputError, Problem
from encoder.program.core import Acquire, Arm64Code, Fence, Load, Program, Release, Rmw, Store
from encoder.program.traverse import events

ACCESSES = {"LDAR": "LDR", "LDAPR": "LDR", "LDAXR": "LDXR", "STLR": "STR", "STLXR": "STXR"}
ATOMICS = ("SWP", "CAS", "LDADD", "LDCLR", "LDEOR", "LDSET", "STADD", "STCLR", "STEOR", "STSET")


def require_code(program: Program, model: str) -> None:
    """Raises InputError if some event of the program does not say what it compiles to; `model` is the title of the
    model that asks."""
    unknown = {
        event.site.span: event
        for thread in program.threads
        for event in events(thread.body)
        if isinstance(event, Load | Store | Rmw | Acquire | Release | Fence) and event.arm64 is None
    }
    if unknown:
        raise InputError(
            [
                Problem(
                    code="Q106", span=span, expected="`arm64: {lse: …, llsc: …}` in its primitive",
                    message=f"under {model} it is not known what this compiles to: {event.site.event}",
                )
                for span, event in unknown.items()
            ]
        )  # fmt: skip


def relaxed(code: Arm64Code | None) -> Arm64Code | None:
    """The code without acquire, release and barriers."""
    return _changed(code, lambda each: "" if each.startswith(("DMB", "DSB")) else ACCESSES.get(each) or _atomic(each))


def weakened(code: Arm64Code | None, kind: str) -> Arm64Code | None:
    """The code with barriers of a weaker kind (rmb or wmb) in place of the full ones."""
    full = {f"{name} ISH": f"{name} ISH{'LD' if kind == 'rmb' else 'ST'}" for name in ("DMB", "DSB")}
    return _changed(code, lambda each: full.get(each, each))


def _changed(code: Arm64Code | None, change: Callable[[str], str]) -> Arm64Code | None:
    """The code with each instruction changed; one that becomes "" is removed."""
    if code is None:
        return None
    lse, llsc = (tuple(new for each in part if (new := change(each))) for part in (code.lse, code.llsc))
    return Arm64Code(lse, llsc)


def _atomic(instruction: str) -> str:
    """An atomic instruction without acquire and release; any other as it is."""
    return next((name for name in ATOMICS if instruction.startswith(name)), instruction)
