"""What the `source` of a step names: files of the kernel and functions in them."""

import re
from dataclasses import dataclass

FILE = re.compile(r"[\w.+-]+(?:/[\w.+-]+)+\.[chS]\b|\b[\w+-]+\.[chS]\b")
FUNCTION = re.compile(r"\b(\w+)\(\)")


@dataclass(frozen=True, slots=True, order=True)
class SourcePlace:
    """A function in a file of the kernel."""

    file: str
    function: str

    def __str__(self) -> str:
        return f"{self.file} {self.function}()"


def places_of(source: str) -> tuple[SourcePlace, ...]:
    """`mm/gup.c gup_pte_range(), arch/x86/include/asm/pgtable.h pte_access_permitted()`: functions in the file that is
    named last before each."""
    found, file = [], ""
    for match in re.finditer(f"(?P<file>{FILE.pattern})|{FUNCTION.pattern}", source):
        if match["file"]:
            named = match["file"]
            file = named if "/" in named or not file else f"{file.rpartition('/')[0]}/{named}"
        elif file:
            found.append(SourcePlace(file, match[2]))
    return tuple(dict.fromkeys(found))
