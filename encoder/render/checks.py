"""What a verdict takes for granted, in sentences: see `encoder.verify.checks`."""

from encoder.base.result import Check, Checks, Report, Unreached, Witness

FINE = {"deadlock": "no deadlock", "held": "nothing held at the end"}
FOUND = {
    "deadlock": "DEADLOCK: after {steps} threads wait for ever: {what}",
    "held": "HELD AT THE END: after {steps} {what}",
}
HEADS = {"deadlock": "DEADLOCK", "held": "HELD AT THE END"}
NOT_ASKED = "checks: whether threads wait for ever, or end with something held, was not decided in time"


def sentences(report: Report) -> tuple[str, ...]:
    """What was found; last, what was asked and is fine."""
    checks = report.checks
    told = list(_untouched(report))
    if checks is None:
        return (*told, NOT_ASKED) if report.question.checks else tuple(told)
    named = {"deadlock": checks.deadlock, "held": checks.held}
    told = [sentence for name, check in named.items() for sentence in _check(name, check)] + told
    told += _unreached(report, checks.unreached)
    fine = [FINE[name] for name, check in named.items() if check.status == "none"]
    if fine:
        told.append(f"checks: {', '.join(fine)}{_bounds(checks)}")
    return tuple(told)


def drawn(report: Report) -> tuple[tuple[str, Witness], ...]:
    """The schedules to draw, each with the word for what it shows."""
    if report.checks is None:
        return ()
    every = {"deadlock": report.checks.deadlock, "held": report.checks.held}
    return tuple((HEADS[name], each.witness) for name, each in every.items() if each.witness is not None)


def _check(name: str, check: Check) -> tuple[str, ...]:
    if check.status == "undecided":
        return (f"{name}: {check.reason}",)
    if check.witness is None:
        return ()
    steps = len(check.witness.schedule)
    return (FOUND[name].format(steps=f"{steps} step" + "s" * (steps != 1), what=check.witness.violated),)


def _unreached(report: Report, found: Unreached) -> list[str]:
    told = []
    if found.elsewhere:
        told.append(f"no edit of {report.question.variant} changes code that the threads of this scenario run")
    for step in found.steps:
        procedure, _, label = step.partition("/")
        told.append(f"`{label}` in {procedure} is never reached: it does nothing here")
    if found.undecided:
        told.append(f"not known whether these steps are reached ({found.reason}): {', '.join(found.undecided)}")
    return told


def _untouched(report: Report) -> tuple[str, ...]:
    if not report.untouched:
        return ()
    return (f"no thread changes what {report.question.property} speaks of: it could only break at the start",)


def _bounds(checks: Checks) -> str:
    loops = ", ".join(checks.open_loops)
    return f" (up to the bounds of these loops: {loops})" if loops else ""
