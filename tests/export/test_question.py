"""A whole question as a litmus test: it is answered as the ledger has it."""

import re
from functools import cache

import pytest

from encoder.base.catalog import listing, shipped
from encoder.export.names import Unwritable
from encoder.export.question import ExportedQuestion
from encoder.ledger.obligation import Obligation, load_obligations
from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from encoder.program.lookup import property_of
from tests.witness.committed import program

ANSWERS = {
    "refuted": {"Sometimes", "Always"},
    "complete": {"Never"},
    "open loops": {"Never"},
    "bounded": {"Never"},
    "vacuous": {"Never"},
}
SAMPLE = (
    *("gup-vs-soft-dirty/baseline/writable-while-pinned", "gup-vs-soft-dirty/baseline/counts-balance"),
    "gup-vs-soft-dirty/linus-soft-dirty-seq/writable-while-pinned",
)
LONGER = (
    "gup-vs-soft-dirty/linus-soft-dirty-seq-mb-pin-mb/writable-while-pinned",
    "gup-vs-fork/fork-mb/writable-while-pinned",
    "gup-vs-reclaim/kara-rmap-seq-mb-pin-mb/mapped-while-pinned",
)
GRAMMAR = re.compile(r"&&|\|\||<<|>>|!(?!=)|[?%/\[\]]")
"""What herd7's C has not (lib/CParser.mly of herdtools7)."""
NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        READ_ONCE WRITE_ONCE smp_load_acquire smp_store_release smp_mb smp_rmb smp_wmb barrier smp_mb__before_atomic
        smp_mb__after_atomic smp_mb__after_spinlock smp_mb__after_unlock_lock spin_lock spin_unlock spin_trylock
        rcu_read_lock rcu_read_unlock synchronize_rcu xchg xchg_relaxed xchg_acquire xchg_release cmpxchg
        cmpxchg_relaxed cmpxchg_acquire cmpxchg_release atomic_add atomic_and atomic_or atomic_fetch_add
        atomic_fetch_add_relaxed atomic_fetch_add_acquire atomic_fetch_add_release atomic_fetch_andnot
        atomic_fetch_andnot_relaxed atomic_fetch_andnot_acquire atomic_fetch_andnot_release atomic_add_unless if
        """,
    )
)
"""What tools/memory-model/linux-kernel.def has, as far as tests need it."""


@cache
def claims() -> dict[str, Obligation]:
    """Those about the kernel's memory model, by id."""
    found = load_obligations(listing(shipped("proofs/obligations"), "proofs/obligations"))
    return {each.id.removesuffix("/lkmm"): each for each in found if each.platform == "lkmm"}


def written(each: Obligation) -> str:
    found = program(each.scenario, each.variant, each.flush)
    return ExportedQuestion(found, property_of(found, each.property), 4).text("question", (each.id,))


def answered(text: str) -> str:
    found = decide(LitmusReader(), "question.litmus", text, "lkmm", 120.0)
    assert found.problems == () and found.flags == () and not found.stuck
    return found.result


@pytest.mark.parametrize("name", [*SAMPLE, *(pytest.param(name, marks=pytest.mark.slow) for name in LONGER)])
def test_it_is_answered_as_prove_answers(name: str) -> None:
    each = claims()[name]
    assert answered(written(each)) in ANSWERS[each.expect]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(claims())[::4])
def test_claims_that_can_be_written_are_answered_so(name: str) -> None:
    """One of four, lest it takes too long."""
    each = claims()[name]
    try:
        text = written(each)
    except Unwritable as error:
        pytest.skip(str(error))
    assert answered(text) in ANSWERS[each.expect]


def assert_others_read_it(text: str) -> None:
    _, code = text.split("}\n\n", 1)
    body = code.partition("\nexists ")[0]
    assert GRAMMAR.findall(body) == []
    assert {name for name in re.findall(r"\b([A-Za-z_]\w*) ?\(", body) if not re.fullmatch(r"P\d", name)} <= NAMES


@pytest.mark.parametrize("name", (*SAMPLE, *LONGER))
def test_it_is_in_the_words_of_the_kernels_model_and_the_grammar_of_herd7(name: str) -> None:
    assert_others_read_it(written(claims()[name]))


def test_without_a_barrier_that_the_proof_needs_it_happens() -> None:
    text = written(claims()["gup-vs-soft-dirty/linus-soft-dirty-seq-mb-pin-mb/writable-while-pinned"])
    lines = text.splitlines()
    bump = next(n for n, line in enumerate(lines) if "WRITE_ONCE(*mm_write_protect_seq" in line)
    barrier = next(n for n in range(bump, len(lines)) if "smp_mb()" in lines[n])
    assert answered("\n".join([*lines[:barrier], *lines[barrier + 1 :]])) == "Sometimes"


def test_what_has_no_word_is_refused_with_a_reason() -> None:
    each = claims()["gup-vs-reclaim/baseline/mapped-while-pinned"]
    found = program(each.scenario, each.variant, "ipi")
    with pytest.raises(Unwritable, match="a TLB flush that waits for CPUs"):
        ExportedQuestion(found, property_of(found, each.property), 4).text("question", ())


@pytest.mark.slow
def test_most_claims_can_be_written() -> None:
    """What cannot: a change of an entry under a condition, which the MMU makes, and what waits for CPUs or TLBs."""
    refused: dict[str, int] = {}
    for each in claims().values():
        try:
            assert_others_read_it(written(each))
        except Unwritable as error:
            refused[str(error)] = refused.get(str(error), 0) + 1
    assert sum(refused.values()) * 4 < len(claims())
    known = (
        "a record that is changed under a condition",
        "a grace period of SRCU",
        "a TLB flush that waits",
        "a CPU that may stop",
    )
    assert all(reason.startswith(known) for reason in refused)
