"""Spec files to begin with: commented, and such that they load."""

import re
from importlib.resources import files

from encoder.spec.fields import FILE, NAME

KINDS = ("variant", "scenario", "procedure", "property")
NAMES = {kind: NAME if kind == "procedure" else FILE for kind in KINDS}
"""What a name of this kind looks like: procedures are called in statements."""


def path_of(kind: str, name: str, kernel: str) -> str:
    """Where a file of this kind belongs, in the folder of specs. `kernel` is the version that a procedure is of."""
    folder = "properties" if kind == "property" else f"{kind}s"
    return f"{folder}/{name}/{kernel}.yaml" if kind == "procedure" else f"{folder}/{name}.yaml"


def skeleton(kind: str, name: str, kernel: str) -> str:
    """The text of a file of this kind. `kernel` is the base of a variant, and the version that a procedure is of."""
    text = files(__package__).joinpath("skeletons", f"{kind}.yaml").read_text("utf-8")
    return re.sub(r"\bNAME\b", name, re.sub(r"\bKERNEL\b", kernel, text))
