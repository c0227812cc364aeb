"""The classic shapes of `tests/memory`, found by brute force and judged by the axioms alone: the same verdicts."""

import pytest

from encoder.concrete.interleaving.judgement import violations
from encoder.concrete.interleaving.machine import Machine
from encoder.memory import CHAIN
from encoder.program.core import Expr, Thread
from tests.concrete.build import never
from tests.concrete.enumerate import LOOPS, allowed, executions
from tests.memory import test_classics as classics
from tests.memory import test_rcu as rcu
from tests.memory.test_classics import (  # noqa: F401
    test_a_control_dependency_does_not_order_reads,
    test_a_control_dependency_ends_where_the_arms_meet,
    test_a_failed_compare_and_exchange_orders_nothing,
    test_a_failed_trylock_reads_that_the_lock_is_held,
    test_a_release_holds_through_a_chain_of_read_modify_writes,
    test_coherence_of_reads,
    test_dependencies_to_reads,
    test_independent_reads_of_independent_writes,
    test_iriw_with_counters,
    test_load_buffering_needs_a_dependency_on_both_sides,
    test_locks_exclude_and_order,
    test_message_passing,
    test_nothing_comes_between_the_halves_of_a_read_modify_write,
    test_r,
    test_s,
    test_smp_rmb_does_not_order_a_read_that_nobody_returns,
    test_store_buffering,
    test_two_plus_two_writes,
    test_two_readers_of_one_counter_agree,
    test_unlock_and_lock_order_what_is_around_them,
    test_what_orders_a_read_before_a_later_write,
    test_write_to_read_causality,
)
from tests.memory.test_rcu import (  # noqa: F401
    test_a_grace_period_waits_for_the_sections_before_it,
    test_rings,
    test_srcu_waits_for_its_own_domain,
)
from tests.memory.weak import whole


def by_hand(cells: str, condition: Expr, *threads: Thread, locks: str = "") -> tuple[str, ...]:
    """The models that have a complete execution that ends so."""
    made = whole(cells, condition, threads, locks)
    machine, asked = Machine(made, LOOPS), never(condition)
    ends = [c for c in executions(made, {}, complete=True) if violations(machine, asked, c.end)]
    return tuple(name for name, model in CHAIN.items() if any(allowed(made, model, c) for c in ends))


@pytest.fixture(autouse=True)
def without_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    for shapes in (classics, rcu):
        monkeypatch.setattr(shapes, "allowed", by_hand)
