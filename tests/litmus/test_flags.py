"""What linux-kernel.bell and lock.cat flag besides the verdict."""

import pytest

from tests.litmus.conftest import Ask

SRCU, LOCK, RCU = "struct srcu_struct *s, int *x", "spinlock_t *l, int *x", "int *x"
TAKES = "P1(spinlock_t *l) { spin_lock(l); spin_unlock(l); }\n"
CASES = {
    "rcu_read_lock(); rcu_read_lock(); rcu_read_unlock(); rcu_read_unlock();": (RCU, "", ()),
    "rcu_read_lock(); rcu_read_lock(); rcu_read_unlock();": (RCU, "", ("unmatched-rcu-lock",)),
    "if (READ_ONCE(*x)) rcu_read_lock(); rcu_read_unlock();": (
        RCU, "P1(int *x) { WRITE_ONCE(*x, 1); }\n", ("unmatched-rcu-unlock",),
    ),
    "rcu_read_unlock(); rcu_read_lock();": (RCU, "", ("unmatched-rcu-lock", "unmatched-rcu-unlock")),
    "int i = srcu_read_lock(s); srcu_read_unlock(s, i);": (SRCU, "", ()),
    "int i = srcu_down_read(s); WRITE_ONCE(*x, i); srcu_up_read(s, READ_ONCE(*x));": (SRCU, "", ()),
    "int i = srcu_read_lock(s);": (SRCU, "", ("unmatched-srcu-lock",)),
    "srcu_read_lock(s); srcu_read_unlock(s, 0);": (SRCU, "", ("unmatched-srcu-lock", "unmatched-srcu-unlock")),
    "int i = srcu_read_lock(s); srcu_read_unlock(s, i); r1 = READ_ONCE(*s);": (SRCU, "", ("mixed-lock-accesses",)),
    "int i = srcu_read_lock(s); srcu_read_unlock(s, i); srcu_read_unlock(s, i);": (
        SRCU, "", ("multiple-srcu-matches",),
    ),
    "int i = srcu_read_lock(s); int j = i; srcu_up_read(s, j); if (READ_ONCE(*x)) srcu_up_read(s, j);": (
        SRCU, "P1(int *x) { WRITE_ONCE(*x, 1); }\n", ("multiple-srcu-matches",),
    ),
    "int i = srcu_read_lock(s); if (READ_ONCE(*x)) srcu_up_read(s, i); else srcu_up_read(s, i);": (
        SRCU, "P1(int *x) { WRITE_ONCE(*x, 1); }\n", (),
    ),
    "int i = srcu_read_lock(s); srcu_read_unlock(s, i + 1);": (SRCU, "", ("srcu-bad-value-match",)),
    "int i = srcu_read_lock(s); srcu_read_unlock(s, i ^ READ_ONCE(*x));": (SRCU, "", ()),
    "int i = srcu_read_lock(s); srcu_read_unlock(s, i ^ READ_ONCE(*x)); r1 = 0;": (
        SRCU, "P1(int *x) { WRITE_ONCE(*x, 1); }\n", ("srcu-bad-value-match",),
    ),
    "WRITE_ONCE(*x, srcu_down_read(s));": (
        SRCU, "P1(struct srcu_struct *s, int *x) { srcu_up_read(s, READ_ONCE(*x)); srcu_up_read(s, READ_ONCE(*x)); }\n",
        ("multiple-srcu-matches", "unmatched-srcu-lock", "unmatched-srcu-unlock"),
    ),
    "rcu_read_lock(); synchronize_srcu(s); rcu_read_unlock();": (SRCU, "", ("invalid-sleep",)),
    "spin_unlock(l);": (LOCK, "", ("unmatched-unlock",)),
    "spin_lock(l); spin_unlock(l); spin_unlock(l);": (LOCK, "", ("unmatched-unlock",)),
    "spin_lock(l); spin_unlock(l); spin_lock(l); spin_unlock(l);": (LOCK, TAKES, ()),
    "spin_trylock(l); spin_unlock(l);": (LOCK, TAKES, ("unmatched-unlock",)),
    "if (spin_trylock(l)) spin_unlock(l);": (LOCK, TAKES, ()),
}  # fmt: skip


@pytest.mark.parametrize("body", CASES)
def test_case(ask: Ask, body: str) -> None:
    parameters, other, flags = CASES[body]
    verdict = ask(f"C t\n{{}}\nP0({parameters}) {{ {body} }}\n{other}exists (x=0)\n")
    assert (verdict.result, verdict.flags) == ("Always" if "WRITE" not in body + other else verdict.result, flags)
