"""What the ledger says of why a verdict is so speaks of functions that are run."""

import re
from functools import cache
from pathlib import Path

from encoder.base.catalog import listing
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.program.kernels import threads_for_kernel
from encoder.program.variant import apply_variant
from encoder.spec.load import load_library
from encoder.spec.model import Library
from encoder.spec.walk import called_functions

LEDGER = Path(__file__).parents[2] / "proofs" / "obligations"
NAMED = re.compile(r"\b(\w+)\(")
BUILT_IN = {"len"}
INSIDE = {"xchg"}
"""What a primitive of the specs is on some machine."""


@cache
def claims() -> tuple[Obligation, ...]:
    return load_obligations(listing(LEDGER, "proofs/obligations"))


@cache
def described() -> Library:
    return load_library()


@cache
def functions(scenario: str, variant: str) -> tuple[frozenset[str], frozenset[str]]:
    """The functions that the threads of a scenario call, directly or not; those of them that the kernel has."""
    library = described()
    code = apply_variant(library, variant)
    known = {each.name: each for each in (*library.primitives, *code.procedures)}
    asked = next(each for each in library.scenarios if each.name == scenario)
    found, todo = set[str](), called_functions(threads_for_kernel(asked, code.kernel))
    while todo:
        found |= todo
        todo = {name for each in todo if each in known for name in called_functions(known[each])} - found - BUILT_IN
    return frozenset(found - BUILT_IN), frozenset(found & known.keys())


def test_claims_run_only_what_the_variants_kernel_has() -> None:
    """A pin_user_pages_fast_only() of v6.12 would speak of a kernel that nobody runs."""
    missing = {
        (each.scenario, each.variant): called - there
        for each in claims()
        for called, there in [functions(each.scenario, each.variant)]
    }
    assert {key: names for key, names in missing.items() if names} == {}


def test_sentences_name_only_functions_that_are_run() -> None:
    """`page_ref_freeze()` is no reason where nobody reclaims, nor the seqcount's smp_wmb() where nobody writes it."""
    library = described()
    known = {each.name for each in (*library.primitives, *library.procedures)} - INSIDE
    wrong = [
        (each.id, name)
        for each in claims()
        for name in NAMED.findall(each.why)
        if name in known and name not in functions(each.scenario, each.variant)[0]
    ]
    assert wrong == []
