"""Every name of the kernel's tools/memory-model/linux-kernel.def, v6.1 to the 2025 releases, with what it orders."""

from encoder.litmus.decide import decide
from encoder.litmus.read import LitmusReader
from encoder.spec.model import RmwBody

SUFFIXES = {
    "": ("mb", "mb"),
    "_relaxed": ("relaxed", "relaxed"),
    "_acquire": ("acquire", "once"),
    "_release": ("once", "release"),
}
NORETURN = ("noreturn", "noreturn")
ON_ONE = ("inc", "dec")
WITH_VALUE = ("add", "sub")
BITS = ("and", "or", "xor", "andnot")
STATEMENTS = """
WRITE_ONCE(*x, READ_ONCE(*x)); smp_store_release(x, smp_load_acquire(x)); smp_store_mb(*x, 1);
rcu_assign_pointer(*x, rcu_dereference(*x)); smp_mb(); smp_rmb(); smp_wmb(); barrier();
smp_mb__before_atomic(); smp_mb__after_atomic(); smp_mb__after_spinlock(); smp_mb__after_unlock_lock();
smp_mb__after_srcu_read_unlock(); spin_lock(l); r0 = spin_is_locked(l); spin_unlock(l); r1 = spin_trylock(l);
rcu_read_lock(); rcu_read_unlock(); synchronize_rcu(); synchronize_rcu_expedited();
r2 = srcu_read_lock(s); srcu_read_unlock(s, r2); r3 = srcu_down_read(s); srcu_up_read(s, r3);
synchronize_srcu(s); synchronize_srcu_expedited(s);
atomic_set(v, atomic_read(v)); atomic_set_release(v, atomic_read_acquire(v));
"""


def calls() -> dict[str, tuple[str, tuple[str, str]]]:
    """Each read-modify-write: a call, and the orders of its two halves."""
    found = {}
    for op, argument in (*((op, "") for op in ON_ONE), *((op, "1, ") for op in WITH_VALUE + BITS)):
        found[f"atomic_{op}"] = f"atomic_{op}({argument}v)", NORETURN
        for suffix, orders in SUFFIXES.items():
            found[f"atomic_fetch_{op}{suffix}"] = f"atomic_fetch_{op}{suffix}({argument}v)", orders
            if op not in BITS:
                found[f"atomic_{op}_return{suffix}"] = f"atomic_{op}_return{suffix}({argument}v)", orders
    for suffix, orders in SUFFIXES.items():
        for prefix in ("", "atomic_"):
            found[f"{prefix}xchg{suffix}"] = f"{prefix}xchg{suffix}(v, 1)", orders
            found[f"{prefix}cmpxchg{suffix}"] = f"{prefix}cmpxchg{suffix}(v, 0, 1)", orders
        found[f"atomic_add_negative{suffix}"] = f"atomic_add_negative{suffix}(1, v)", orders
    for name in ("atomic_inc_and_test", "atomic_dec_and_test"):
        found[name] = f"{name}(v)", SUFFIXES[""]
    found["atomic_sub_and_test"] = "atomic_sub_and_test(1, v)", SUFFIXES[""]
    found["atomic_add_unless"] = "atomic_add_unless(v, 1, 5)", SUFFIXES[""]
    return found


def test_read_modify_writes_have_their_orders(reader: LitmusReader) -> None:
    for name, (_, orders) in calls().items():
        primitive = reader.find(name)
        assert primitive is not None, name
        (body,) = (body for _, body in primitive.bodies)
        assert isinstance(body, RmwBody)
        assert (body.read_order, body.write_order) == orders, name


def written(statements: str) -> str:
    parameters = "int *x, atomic_t *v, spinlock_t *l, struct srcu_struct *s"
    return f"C all\n{{}}\nP0({parameters})\n{{\n{statements}\n}}\nexists (v=0)\n"


def test_all_are_read(reader: LitmusReader) -> None:
    every = STATEMENTS + "".join(f"{call};\n" for call, _ in calls().values())
    assert reader.read("t.litmus", written(every)).name == "all"
    verdict = decide(reader, "t.litmus", written(STATEMENTS), "lkmm", 20)
    assert (verdict.result, verdict.flags) == ("Always", ())
