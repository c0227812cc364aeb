"""Spinlocks, trylocks and their fences: verdicts read off lock.cat and linux-kernel.cat, for SC, TSO and the kernel."""

import pytest

from tests.litmus.conftest import Ask
from tests.litmus.test_models import test as write_test

PARAMETERS = "int *x, int *y, spinlock_t *l, spinlock_t *m"
BUFFERED = r"0:r0=0 /\ 1:r0=0"
READER = "WRITE_ONCE(*y, 1); smp_mb(); r0 = READ_ONCE(*x);"


def case(*threads: str, exists: str) -> str:
    return write_test(*threads, exists=exists, parameters=PARAMETERS)


def taken(middle: str) -> str:
    """Store buffering with a lock between store and load."""
    return case(
        f"WRITE_ONCE(*x, 1); spin_lock(l); {middle} r0 = READ_ONCE(*y); spin_unlock(l);", READER, exists=BUFFERED
    )


def handed_on(middle: str) -> str:
    """Store buffering with an unlock and the lock of another lock between store and load."""
    return case(
        "spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l);"
        f"spin_lock(m); {middle} r0 = READ_ONCE(*y); spin_unlock(m);",
        READER, exists=BUFFERED,
    )  # fmt: skip


def seen(before: str, look: str, after: str) -> str:
    """Who sees that the lock is held need not see what was written before it was taken."""
    found = 0 if "trylock" in look else 1
    return case(
        f"WRITE_ONCE(*x, 1); {before} spin_lock(l);", f"r0 = {look}(l); {after} r1 = READ_ONCE(*x);",
        exists=rf"1:r0={found} /\ 1:r1=0",
    )  # fmt: skip


CASES = {
    "a lock is no full barrier": (taken(""), "Never", "Never", "Sometimes"),
    "smp_mb__after_spinlock makes it one": (taken("smp_mb__after_spinlock();"), "Never", "Never", "Never"),
    "unlock and lock order a store and a load, yet do not propagate": (handed_on(""), "Never", "Never", "Sometimes"),
    "smp_mb__after_unlock_lock": (handed_on("smp_mb__after_unlock_lock();"), "Never", "Never", "Never"),
    "a failed trylock orders nothing": (seen("", "spin_trylock", ""), "Never", "Never", "Sometimes"),
    "smp_rmb orders a failed trylock": (seen("smp_mb();", "spin_trylock", "smp_rmb();"), "Never", "Never", "Never"),
    "smp_rmb alone is half of it": (seen("", "spin_trylock", "smp_rmb();"), "Never", "Never", "Sometimes"),
    "spin_is_locked orders nothing": (seen("smp_mb();", "spin_is_locked", ""), "Never", "Never", "Sometimes"),
    "smp_rmb orders spin_is_locked": (seen("smp_mb();", "spin_is_locked", "smp_rmb();"), "Never", "Never", "Never"),
    "spin_is_locked against a lock with its barrier": (
        case(
            "spin_lock(l); smp_mb__after_spinlock(); r0 = READ_ONCE(*x); spin_unlock(l);",
            "WRITE_ONCE(*x, 1); smp_mb(); r0 = spin_is_locked(l);",
            exists=rf"{BUFFERED}",
        ),
        # The lock may have been given back, or not yet be taken when x is written.
        "Sometimes", "Sometimes", "Sometimes",
    ),
    "a held lock against spin_is_locked": (
        case(
            "spin_lock(l); smp_mb__after_spinlock(); r0 = READ_ONCE(*x);",
            "WRITE_ONCE(*x, 1); smp_mb(); r0 = spin_is_locked(l);",
            exists=BUFFERED,
        ),
        "Never", "Never", "Never",
    ),
    "a held lock without its barrier": (
        case(
            "spin_lock(l); r0 = READ_ONCE(*x);", "WRITE_ONCE(*x, 1); smp_mb(); r0 = spin_is_locked(l);",
            exists=BUFFERED,
        ),
        "Never", "Never", "Sometimes",
    ),
    "a trylock that succeeds acquires": (
        case(
            "spin_lock(l); WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1); spin_unlock(l);",
            "r0 = spin_trylock(l); if (r0) { r1 = READ_ONCE(*y); r2 = READ_ONCE(*x); spin_unlock(l); }",
            exists=r"1:r0=1 /\ ((1:r1=1 /\ 1:r2=0) \/ (1:r1=0 /\ 1:r2=1))",
        ),
        "Never", "Never", "Never",
    ),
    "a chain of three CPUs": (
        case(
            "spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l);",
            "spin_lock(l); r0 = READ_ONCE(*x); spin_unlock(l); spin_lock(m); WRITE_ONCE(*y, 1); spin_unlock(m);",
            "spin_lock(m); r1 = READ_ONCE(*y); spin_unlock(m); spin_lock(l); r2 = READ_ONCE(*x); spin_unlock(l);",
            exists=r"1:r0=1 /\ 2:r1=1 /\ 2:r2=0",
        ),
        "Never", "Never", "Never",
    ),
    "a lock that is held cannot be taken": (
        case("spin_lock(l); spin_lock(l); WRITE_ONCE(*x, 1);", exists="x=1"), "Never", "Never", "Never",
    ),
    "only one ends with the lock": (
        case("spin_lock(l);", "spin_lock(l); WRITE_ONCE(*x, 1);", exists="x=1"), "Never", "Never", "Never",
    ),
    "an own lock is locked": (
        case("spin_lock(l); r0 = spin_is_locked(l); r1 = spin_trylock(l); spin_unlock(l);", exists=r"0:r0=1 /\ 0:r1=0"),
        "Always", "Always", "Always",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_case(ask: Ask, name: str) -> None:
    text, *results = CASES[name]
    assert [ask(text, model).result for model in ("sc", "tso", "lkmm")] == results
