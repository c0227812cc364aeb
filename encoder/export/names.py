"""What things are called in a litmus test, and which of the kernel's functions an access or barrier is there."""

import re

from encoder.program.core import Acquire, Fence, Flush, Grace, Load, Region, Release, Rmw, Store

SUFFIXES = {
    ("mb", "mb"): "",
    ("acquire", "once"): "_acquire",
    ("acquire", "relaxed"): "_acquire",
    ("once", "release"): "_release",
    ("relaxed", "release"): "_release",
    ("relaxed", "relaxed"): "_relaxed",
    ("once", "once"): "_relaxed",
}
"""The end of the name of an atomic operation with a value, by the orders of its read and its write."""
NO_VALUE = ("noreturn", "noreturn")
FENCES = {
    "mb": "smp_mb()",
    "rmb": "smp_rmb()",
    "wmb": "smp_wmb()",
    "barrier": "barrier()",
    "before-atomic": "smp_mb__before_atomic()",
    "after-atomic": "smp_mb__after_atomic()",
    "after-spinlock": "smp_mb__after_spinlock()",
    "after-unlock-lock": "smp_mb__after_unlock_lock()",
}
LOADS = {"once": "READ_ONCE(*{0})", "acquire": "smp_load_acquire({0})"}
STORES = {"once": "WRITE_ONCE(*{0}, {1})", "release": "smp_store_release({0}, {1})"}


class Unwritable(ValueError):
    """What has no word in a litmus test of the kernel's memory model."""


def identifier(name: object) -> str:
    """`p._refcount` as `p__refcount`: what C takes for a name."""
    return re.sub(r"\W", "_", str(name))


def load_call(event: Load, target: str) -> str:
    if event.order not in LOADS:
        raise Unwritable(f"a load that is `{event.order}` ({event.site.event})")
    return LOADS[event.order].format(target)


def store_call(event: Store, target: str, value: str) -> str:
    if event.order not in STORES:
        raise Unwritable(f"a store that is `{event.order}` ({event.site.event})")
    return STORES[event.order].format(target, value)


def suffix_of(event: Rmw) -> str:
    """The end of the name of an atomic operation with a value."""
    orders = (event.read_order, event.write_order)
    if orders not in SUFFIXES:
        raise Unwritable(f"a read-modify-write that is `{'`, `'.join(orders)}` ({event.site.event})")
    return SUFFIXES[orders]


def other_call(event: Acquire | Release | Fence | Region | Flush | Grace, target: str) -> str:
    """The call of a lock, a barrier or a section; "" for what is left out: sections with interrupts off and flushes,
    and the begin of a grace period, which is one call there. Raises Unwritable."""
    match event:
        case Acquire(mode="write", into=None):
            return f"spin_lock({target})"
        case Acquire(mode="write"):
            return f"spin_trylock({target})"
        case Release(mode="write"):
            return f"spin_unlock({target})"
        case Acquire() | Release():
            raise Unwritable(f"a lock that is taken for reading ({event.site.event})")
        case Fence(kind=kind) if kind in FENCES:
            return FENCES[kind]
        case Fence(kind=kind):
            raise Unwritable(f"a barrier that is `{kind}` ({event.site.event})")
        case Region(kind="rcu", begin=begin):
            return "rcu_read_lock()" if begin else "rcu_read_unlock()"
        case Grace(kind="rcu", begin=False):
            return "synchronize_rcu()"
        case Grace(kind="srcu", begin=False):
            return f"synchronize_srcu({target})"
        case Region() | Flush() | Grace():
            return ""
