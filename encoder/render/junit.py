"""Cases as JUnit XML: a suite for each scenario; what is not decided is an error, what fails a failure."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from encoder.render.ci import CiCase

FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(cases: Sequence[CiCase], name: str) -> str:
    """The XML, ending in a newline; `name` is that of the run."""
    root = ET.Element("testsuites", {"name": name, **_counts(cases)})
    for suite, found in groupby(sorted(cases, key=lambda each: each.suite), key=lambda each: each.suite):
        own = [*found]
        below = ET.SubElement(root, "testsuite", {"name": suite, **_counts(own)})
        for each in own:
            _case(below, each)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, each: CiCase) -> None:
    at = {"file": each.place.file, "line": str(each.place.line)}
    case = ET.SubElement(suite, "testcase", {"classname": f"{each.suite}.{each.variant}", "name": each.name, **at})
    match each.status:
        case "failed":
            told = ET.SubElement(case, "failure", {"message": _xml(each.message), "type": each.rule})
        case "undecided":
            told = ET.SubElement(case, "error", {"message": _xml(each.message), "type": "undecided"})
        case "passed":
            told = ET.SubElement(case, "system-out")
    told.text = _xml(each.detail or each.message)


def _counts(cases: Iterable[CiCase]) -> dict[str, str]:
    found = [each.status for each in cases]
    return {
        "tests": str(len(found)),
        "failures": str(found.count("failed")),
        "errors": str(found.count("undecided")),
    }


def _xml(text: str) -> str:
    """Without the characters that XML cannot have."""
    return FORBIDDEN.sub("\ufffd", text)
