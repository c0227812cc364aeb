"""The classic shapes under SC, TSO and the kernel's model: what TSO relaxes, and what it takes for a fence.

The reference for TSO counts as fences F[mb] and every read-modify-write that writes, spin_lock() included; a failed
one and the fences around atomic operations alone are none. Grace periods are ours: the reference has no rule for them,
the kernel says that each is a full barrier for who waits for it, and it waits for sections under every model.
"""

import pytest

from tests.litmus.conftest import Ask
from tests.litmus.test_models import test as write_test

BUFFERED = r"0:r0=0 /\ 1:r0=0"
X1, Y1, Y2 = "WRITE_ONCE(*x, 1);", "WRITE_ONCE(*y, 1);", "WRITE_ONCE(*y, 2);"
RX, RY = "r0 = READ_ONCE(*x);", "r0 = READ_ONCE(*y);"


def shape(*threads: str, exists: str) -> str:
    return write_test(*threads, exists=exists, parameters="int *x, int *y, int *z, spinlock_t *l", start="z = 1;")


def buffering(fence: str, *others: str, exists: str = BUFFERED) -> str:
    """Store buffering with something between store and load."""
    return shape(f"{X1} {fence} {RY}", f"{Y1} {fence} {RX}", *others, exists=exists)


CASES = {
    "SB, one fence": (shape(f"{X1} smp_mb(); {RY}", f"{Y1} {RX}", exists=BUFFERED), "Sometimes", "Sometimes"),
    "SB with forwarding": (
        shape(
            f"{X1} r1 = READ_ONCE(*x); {RY}", f"{Y1} r1 = READ_ONCE(*y); {RX}",
            exists=rf"0:r1=1 /\ 1:r1=1 /\ {BUFFERED}",
        ),
        "Sometimes", "Sometimes",
    ),
    "R": (shape(f"{X1} {Y1}", f"{Y2} {RX}", exists=r"y=2 /\ 1:r0=0"), "Sometimes", "Sometimes"),
    "R, fenced": (shape(f"{X1} smp_mb(); {Y1}", f"{Y2} smp_mb(); {RX}", exists=r"y=2 /\ 1:r0=0"), "Never", "Never"),
    "S": (shape(f"WRITE_ONCE(*x, 2); {Y1}", f"{RY} {X1}", exists=r"1:r0=1 /\ x=2"), "Never", "Sometimes"),
    "2+2W": (
        shape("WRITE_ONCE(*x, 2);" + Y1, "WRITE_ONCE(*y, 2);" + X1, exists=r"x=2 /\ y=2"), "Never", "Sometimes",
    ),
    "LB": (shape(f"{RX} {Y1}", f"{RY} {X1}", exists=r"0:r0=1 /\ 1:r0=1"), "Never", "Sometimes"),
    "WRC": (
        shape(X1, f"{RX} {Y1}", f"{RY} r1 = READ_ONCE(*x);", exists=r"1:r0=1 /\ 2:r0=1 /\ 2:r1=0"),
        "Never", "Sometimes",
    ),
    "RWC": (
        shape(X1, f"{RX} r1 = READ_ONCE(*y);", f"{Y1} {RX}", exists=r"1:r0=1 /\ 1:r1=0 /\ 2:r0=0"),
        "Sometimes", "Sometimes",
    ),
    "IRIW": (
        shape(X1, Y1, f"{RX} r1 = READ_ONCE(*y);", f"{RY} r1 = READ_ONCE(*x);",
              exists=r"2:r0=1 /\ 2:r1=0 /\ 3:r0=1 /\ 3:r1=0"),
        "Never", "Sometimes",
    ),
    "CoRR": (shape(X1, f"{RX} r1 = READ_ONCE(*x);", exists=r"1:r0=1 /\ 1:r1=0"), "Never", "Never"),
    "smp_store_mb": (
        shape(f"smp_store_mb(*x, 1); {RY}", f"smp_store_mb(*y, 1); {RX}", exists=BUFFERED), "Never", "Never",
    ),
    "release and acquire": (
        shape(
            "smp_store_release(x, 1); r0 = smp_load_acquire(y);", "smp_store_release(y, 1); r0 = smp_load_acquire(x);",
            exists=BUFFERED,
        ),
        "Sometimes", "Sometimes",
    ),
    "a failed cmpxchg": (buffering("r9 = cmpxchg(z, 5, 6);"), "Sometimes", "Sometimes"),
    "a cmpxchg that succeeds": (
        shape(f"{X1} r9 = cmpxchg(z, 1, 2); {RY}", f"{Y1} smp_mb(); {RX}", exists=BUFFERED), "Never", "Never",
    ),
    "a failed atomic_add_unless": (buffering("r9 = atomic_add_unless(z, 3, 1);"), "Sometimes", "Sometimes"),
    "a relaxed exchange": (buffering("r9 = xchg_relaxed(z, 1);"), "Never", "Sometimes"),
    "smp_mb__after_atomic without atomic": (buffering("smp_mb__after_atomic();"), "Sometimes", "Sometimes"),
    "smp_mb__before_atomic": (buffering("smp_mb__before_atomic(); atomic_inc(z);"), "Never", "Never"),
    "a grace period": (buffering("synchronize_rcu();"), "Never", "Never"),
    "an SRCU grace period": (buffering("synchronize_srcu_expedited(z);").replace("z = 1;", ""), "Never", "Never"),
    "a grace period against a section": (
        shape(f"{X1} synchronize_rcu(); {Y1}", f"rcu_read_lock(); {RX} r1 = READ_ONCE(*y); rcu_read_unlock();",
              exists=r"1:r0=0 /\ 1:r1=1"),
        "Never", "Never",
    ),
    "a section of SRCU that ends by way of memory": (
        shape(
            f"{X1} synchronize_srcu(z); {Y1}",
            f"int r9; r9 = srcu_down_read(z); {RX} WRITE_ONCE(*l, r9);",
            "int r9; r9 = READ_ONCE(*l); r1 = READ_ONCE(*y); srcu_up_read(z, r9);",
            exists=r"1:r0=0 /\ 2:r1=1 /\ 2:r9=1",
        ).replace("z = 1;", "z = 1;").replace("spinlock_t *l", "int *l"),
        "Never", "Never",
    ),
    "a section": (buffering("rcu_read_lock(); rcu_read_unlock();"), "Sometimes", "Sometimes"),
    "barrier": (buffering("barrier();"), "Sometimes", "Sometimes"),
    "the same lock": (buffering("spin_lock(l); spin_unlock(l);"), "Never", "Never"),
    "a failed trylock": (
        buffering("r9 = spin_trylock(l);", "spin_lock(l);", exists=rf"0:r9=0 /\ 1:r9=0 /\ {BUFFERED}"),
        "Sometimes", "Sometimes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_case(ask: Ask, case: str) -> None:
    text, *results = CASES[case]
    assert [ask(text, model).result for model in ("sc", "tso", "lkmm")] == ["Never", *results]
