"""Idioms that tell the models apart, with the primitives that people write."""

import pytest

from tests.litmus.conftest import Ask


def test(*threads: str, exists: str, start: str = "", parameters: str = "int *x, int *y") -> str:
    """The text of a test whose threads share their parameters."""
    bodies = "\n".join(f"P{i}({parameters}) {{ {body} }}" for i, body in enumerate(threads))
    return f"C t\n{{ {start} }}\n{bodies}\nexists ({exists})\n"


test.__test__ = False  # type: ignore[attr-defined]
BUFFERED = r"0:r0=0 /\ 1:r0=0"
PASSED = r"1:r0=1 /\ 1:r1=0"


def store_buffering(fence: str) -> str:
    return test(
        f"WRITE_ONCE(*x, 1); {fence} r0 = READ_ONCE(*y);", f"WRITE_ONCE(*y, 1); {fence} r0 = READ_ONCE(*x);",
        exists=BUFFERED, parameters="int *x, int *y, int *z",
    )  # fmt: skip


def message_passing(write: str, read: str) -> str:
    return test(write, read, exists=PASSED)


CASES = {
    "SB": (store_buffering(""), "Never", "Sometimes", "Sometimes"),
    "SB with smp_mb": (store_buffering("smp_mb();"), "Never", "Never", "Never"),
    "SB with smp_wmb": (store_buffering("smp_wmb();"), "Never", "Sometimes", "Sometimes"),
    "SB with xchg": (store_buffering("r9 = xchg(z, 8);"), "Never", "Never", "Never"),
    "SB with atomic_inc": (store_buffering("atomic_inc(z);"), "Never", "Never", "Sometimes"),
    "SB with smp_mb__after_atomic": (
        store_buffering("atomic_inc(z); smp_mb__after_atomic();"), "Never", "Never", "Never",
    ),
    "MP": (
        message_passing("WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);", "r0 = READ_ONCE(*y); r1 = READ_ONCE(*x);"),
        "Never", "Never", "Sometimes",
    ),
    "MP, released and acquired": (
        message_passing("WRITE_ONCE(*x, 1); smp_store_release(y, 1);", "r0 = smp_load_acquire(y); r1 = READ_ONCE(*x);"),
        "Never", "Never", "Never",
    ),
    "MP, a relaxed read-modify-write": (
        message_passing(
            "WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);",
            "r0 = atomic_fetch_add_relaxed(0, y); r1 = READ_ONCE(*x);",
        ),
        "Never", "Never", "Sometimes",
    ),
    "IRIW with atomic_inc and smp_rmb": (
        test(
            "atomic_inc(x);", "atomic_inc(y);",
            "r0 = atomic_read(x); smp_rmb(); r1 = atomic_read(y);",
            "r0 = atomic_read(y); smp_rmb(); r1 = atomic_read(x);",
            exists=r"2:r0=1 /\ 2:r1=0 /\ 3:r0=1 /\ 3:r1=0",
        ),
        "Never", "Never", "Sometimes",
    ),
    "an address dependency": (
        test(
            "WRITE_ONCE(*x, 5); smp_wmb(); WRITE_ONCE(*y, x);", "int *r0 = READ_ONCE(*y); r1 = READ_ONCE(*r0);",
            exists=r"1:r0=x /\ 1:r1=0", start="int *y = z;",
        ),
        "Never", "Never", "Never",
    ),
    "RCU": (
        test(
            "rcu_read_lock(); r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); rcu_read_unlock();",
            "WRITE_ONCE(*y, 1); synchronize_rcu(); WRITE_ONCE(*x, 1);",
            exists=r"0:r0=1 /\ 0:r1=0",
        ),
        "Never", "Never", "Never",
    ),
    "SRCU": (
        test(
            "i = srcu_read_lock(s); r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); srcu_read_unlock(s, i);",
            "WRITE_ONCE(*y, 1); synchronize_srcu(s); WRITE_ONCE(*x, 1);",
            exists=r"0:r0=1 /\ 0:r1=0", start="struct srcu_struct s;",
            parameters="int *x, int *y, struct srcu_struct *s",
        ),
        "Never", "Never", "Never",
    ),
    "SRCU of another domain": (
        test(
            "i = srcu_read_lock(s); r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); srcu_read_unlock(s, i);",
            "WRITE_ONCE(*y, 1); synchronize_srcu(u); WRITE_ONCE(*x, 1);",
            exists=r"0:r0=1 /\ 0:r1=0", parameters="int *x, int *y, struct srcu_struct *s, struct srcu_struct *u",
        ),
        "Never", "Never", "Sometimes",
    ),
    "a lock": (
        test(
            "spin_lock(l); r0 = READ_ONCE(*x); WRITE_ONCE(*x, r0 + 1); spin_unlock(l);",
            "spin_lock(l); r0 = READ_ONCE(*x); WRITE_ONCE(*x, r0 + 1); spin_unlock(l);",
            exists="x=1", parameters="int *x, spinlock_t *l",
        ),
        "Never", "Never", "Never",
    ),
    "trylock: two cannot both have it": (
        test(
            *2 * ("r0 = spin_trylock(l); if (r0) { r1 = READ_ONCE(*x); WRITE_ONCE(*x, r1 + 1); spin_unlock(l); }",),
            exists=r"0:r0=1 /\ 1:r0=1 /\ x=1", parameters="int *x, spinlock_t *l",
        ),
        "Never", "Never", "Never",
    ),
    "trylock: one of two succeeds": (
        test(*2 * ("r0 = spin_trylock(l);",), exists=BUFFERED, parameters="spinlock_t *l"), "Never", "Never", "Never",
    ),
    "spin_is_locked of another": (
        test(
            "spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l);", "r0 = spin_is_locked(l); r1 = READ_ONCE(*x);",
            exists=r"1:r0=1 /\ 1:r1=1", parameters="int *x, spinlock_t *l",
        ),
        "Sometimes", "Sometimes", "Sometimes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_case(ask: Ask, case: str) -> None:
    text, *results = CASES[case]
    assert [ask(text, model).result for model in ("sc", "tso", "lkmm")] == results


def test_plain_accesses_race(ask: Ask) -> None:
    text = test("*x = 1;", "r0 = READ_ONCE(*x);", exists="1:r0=1", parameters="int *x")
    assert ask(text).flags == ("data-race",)
    assert ask(text.replace("*x = 1", "WRITE_ONCE(*x, 1)")).flags == ()
