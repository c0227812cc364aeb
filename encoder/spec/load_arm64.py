"""Reads what a primitive compiles to on arm64: `arm64: {lse: SWPAL, llsc: LDXR; STLXR; DMB ISH, source: FILE}`.

Listed are accesses, barriers, and branches on what has just been read; arithmetic is not. Without `llsc` it is as
`lse`.
"""

import re
from typing import Literal

from encoder.spec.fields import Fields, NodeReader
from encoder.spec.model import Arm64Body
from encoder.spec.yamltree import YamlNode, YamlScalar

Form = Literal["load", "store", "rmw", "acquire", "try_acquire", "release", "fence"]
NOTHING = "nothing"
BARRIER = r"(?:DMB|DSB) ISH(?:LD|ST)?"
LOOK = r"LDR CBN?Z "
ATOMIC = r"(?:SWP|CAS|LDADD|LDCLR|LDEOR|LDSET)"
MODIFY = {
    "acquire": rf"(?:{LOOK})?(?:{ATOMIC}AL?|LDAXR (?:CBN?Z )?STL?XR)",
    "release": rf"STLR|STADDL|{ATOMIC}A?L|LDA?XR (?:CBN?Z )?STLXR",
    "rmw": rf"ST(?:ADD|CLR|EOR|SET)L?|(?:{LOOK})?(?:{ATOMIC}(?:A|L|AL)?|LDA?XR (?:CBN?Z )?STL?XR)",
}
SHAPES: dict[Form, str] = {
    "load": r"LDR|LDAR|LDAPR", "store": r"STR|STLR", "fence": "", "rmw": MODIFY["rmw"], "acquire": MODIFY["acquire"],
    "try_acquire": MODIFY["acquire"], "release": MODIFY["release"],
}  # fmt: skip
"""The accesses and branches of each form, barriers apart: a read-modify-write may look first and leave by a branch, and
a failed exclusive one leaves by a branch before its store. A lock acquires, and an unlock releases."""
EXPECTED: dict[Form, str] = {
    "load": "LDR, LDAR or LDAPR", "store": "STR or STLR", "fence": "DMB ISH, DMB ISHLD, DMB ISHST, DSB … or nothing",
    "rmw": "SWP, CAS, LDADD, LDCLR, LDEOR, LDSET or LDXR; STXR with A and L, also `LDR; CBNZ; CAS`, or STADD, STSET…",
    "acquire": "an atomic instruction with A, or LDAXR; STXR", "try_acquire": "`LDR; CBNZ; CASA`, or with LDAXR; STXR",
    "release": "STLR, or an atomic instruction with L",
}  # fmt: skip


def load_arm64(reader: NodeReader, fields: Fields, form: Form) -> Arm64Body | None:
    """The code under `arm64` of a primitive of this form, None if there is none."""

    def code(node: YamlNode) -> tuple[str, ...]:
        text = reader.text(node)
        found = () if text == NOTHING else tuple(" ".join(each.split()) for each in text.split(";"))
        rest = " ".join(each for each in found if not re.fullmatch(BARRIER, each))
        if not re.fullmatch(SHAPES[form], rest) and isinstance(node, YamlScalar):
            message = f"`{text}` is no arm64 code of a `{form}`"
            reader.refuse("S107", node.span, message, expected=EXPECTED[form])
        return found

    def body(node: YamlNode) -> Arm64Body:
        inner = reader.fields(node, "`arm64`")
        lse = inner.required("lse", code)
        made = Arm64Body(
            lse=lse, llsc=inner.optional("llsc", code, lse), source=inner.optional("source", reader.text, "")
        )
        inner.close()
        return made

    return fields.optional("arm64", body, None)
