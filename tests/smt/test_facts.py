"""Facts are of the steps of the specs: those of a script are not those of another one."""

from dataclasses import replace

from encoder.program.core import Store, Thread
from encoder.smt.text.selectors import Selectors, Topic
from encoder.smt.thread_symmetry import identical_threads
from tests.concrete.build import site, store, thread


def named(thread_name: str, at: str, procedure: str = "") -> Store:
    return replace(store(at, 1), site=replace(site("put", thread_name), procedure=procedure))


def test_steps_of_one_label_in_two_scripts_are_two() -> None:
    threads: list[Thread] = [thread(name, named(name, at)) for name, at in (("x", "x"), ("y", "y"), ("z", "x"))]
    facts = Selectors(identical_threads(threads))
    found = [facts.selector(Topic.WRITES, each.body[0].site) for each in threads]  # type: ignore[union-attr]
    assert found[0] == found[2] != found[1]
    assert [fact.script for fact in facts.numbers] == ["x", "y"]


def test_steps_of_one_procedure_are_one() -> None:
    threads = [thread(name, named(name, name, "put")) for name in "xy"]
    facts = Selectors(identical_threads(threads))
    assert len({facts.selector(Topic.WRITES, each.body[0].site) for each in threads}) == 1  # type: ignore[union-attr]
