"""Cases as GitHub's runners read them: annotations on standard output, and a summary in Markdown."""

from collections.abc import Iterator, Sequence

from encoder.render.ci import CiCase

SHOWN = 20
"""Cases that a summary shows one by one."""


def annotations(cases: Sequence[CiCase]) -> str:
    """A command line for each case that does not pass."""
    return "".join(f"{line}\n" for each in cases for line in _annotation(each))


def _annotation(each: CiCase) -> Iterator[str]:
    if each.status == "passed":
        return
    command = "error" if each.status == "failed" else "warning"
    title = _property(f"{each.suite}: {each.name}")
    at = f"file={_property(each.place.file)},line={each.place.line},title={title}"
    yield f"::{command} {at}::{_data(each.message)}"


def summary(cases: Sequence[CiCase], title: str) -> str:
    """Counts, then what does not pass, with the schedules folded."""
    counts = {status: sum(each.status == status for each in cases) for status in ("passed", "failed", "undecided")}
    lines = [f"## {title}", "", "| passed | failed | undecided |", "|---|---|---|"]
    lines += [f"| {counts['passed']} | {counts['failed']} | {counts['undecided']} |", ""]
    told = [each for each in cases if each.status != "passed"]
    for each in told[:SHOWN]:
        lines += [f"**{each.suite}, {each.name}** ({each.variant}): {each.message}", ""]
        if each.detail:
            lines += ["<details><summary>the schedule</summary>", "", "```", each.detail.rstrip("\n"), "```", ""]
            lines += ["</details>", ""]
    if len(told) > SHOWN:
        lines += [f"and {len(told) - SHOWN} more", ""]
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
