"""Mutants of a tiny scenario, and what becomes of them."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from encoder.base.errors import InputError
from encoder.base.pool import Finished, WorkItem, work_off
from encoder.base.worker import Lost
from encoder.mutation.answer import MutationAnswer, answer, mutant_results
from encoder.mutation.decide import MutantDecision, Options
from encoder.mutation.make import MutantSource, apply_mutant, mutants
from encoder.mutation.outcome import MutantOutcome, score
from encoder.render.mutants import text
from encoder.render.mutants_json import render as as_json
from encoder.render.mutants_json import schema
from encoder.spec.load import load_library
from tests.program.specs import OBJECTS, TYPES, folder

ADD = """
params: {m: mm *, page: page *}
steps:
  - lock: spin_lock(&m->lock)
  - look: old = READ_ONCE(page->count)
  - order: smp_rmb()
  - put: WRITE_ONCE(page->count, old + 1)
  - mark: WRITE_ONCE(page->flag, 1)
  - unlock: spin_unlock(&m->lock)
"""
COUNT = """
params: {page: page *}
steps:
  - full: if (atomic_read(&page->count) == 5) return
  - add: atomic_add(2, &page->count)
"""
BOTH = {"both-count": "each: {t: one, u: two}\nfinally: t.o->count == 2"}
SEVEN = {"all-count": "each: {t: one}\nfinally: t.o->count == 4"}


def source(path: Path, procedure: str, body: str, properties: dict[str, str], call: str) -> MutantSource:
    """Both threads call one procedure."""
    script = f"- what: o = p\n- go: {call}\n"
    root = folder(
        path, script, second=f"- go: {call}\n", locals="o: page *", procedures={procedure: body}, properties=properties
    )
    return MutantSource(library=load_library(root), scenario="tiny", variant="base", flush="ipi")


def adding(path: Path) -> MutantSource:
    return source(path, "add", ADD, BOTH, "add(m, p)")


def counting(path: Path) -> MutantSource:
    return source(path, "count", COUNT, SEVEN, "count(p)")


def asked(made: MutantSource, model: str = "sc") -> MutationAnswer:
    names = tuple(each.name for each in made.program().properties)
    return answer(made, names, Options(model=model))


def outcomes(found: MutationAnswer) -> dict[str, str]:
    return {result.name: result.overall.word for result in found.results}


def test_properties_of_later_kernels_are_left_out(tmp_path: Path) -> None:
    later = {**BOTH, "later": "kernel: v2\nfinally: p->bit == 1"}
    made = source(tmp_path, "add", ADD, later, "add(m, p)")
    found = answer(made, (*BOTH, "later"), Options(model="sc"))
    assert [name for name, _ in found.original] == list(BOTH)
    with pytest.raises(InputError, match="no property 'later' of v1"):
        answer(made, ("later",), Options(model="sc"))


def test_known_kills_and_survivors(tmp_path: Path) -> None:
    found = outcomes(asked(adding(tmp_path)))
    assert found == {
        "add/lock: step removed": "fails",
        "add/lock: swapped with look": "killed",
        "add/lock: lock removed": "killed",
        "add/look: step removed": "no program",
        "add/look: swapped with order": "equivalent",
        "add/order: smp_rmb() removed": "equivalent",
        "add/order: swapped with put": "equivalent",
        "add/put: step removed": "killed",
        "add/put: swapped with mark": "equivalent",
        "add/mark: step removed": "equivalent",
        "add/mark: swapped with unlock": "equivalent",
        "add/unlock: step removed": "vacuous",
    }


def test_a_procedure_that_only_calls_another_is_mutated_too(tmp_path: Path) -> None:
    """Its own steps are no events: those of what it calls are."""
    body = "\nparams: {page: page *}\nsteps:\n  - both: if (!page) return\n  - inner: count(page)\n"
    root = folder(
        tmp_path, "- what: o = p\n- go: outer(p)\n", second="- go: outer(p)\n", locals="o: page *",
        procedures={"outer": body, "count": COUNT}, properties=SEVEN,
    )  # fmt: skip
    found = outcomes(asked(MutantSource(library=load_library(root), scenario="tiny", variant="base", flush="ipi")))
    assert found["outer/inner: step removed"] == "killed"
    assert "count/add: step removed" in found


def test_amounts_and_tests(tmp_path: Path) -> None:
    found = asked(counting(tmp_path))
    assert outcomes(found) == {
        "count/full: test never taken": "equivalent",
        "count/full: swapped with add": "survived",
        "count/add: step removed": "killed",
        "count/add: atomic_add() counts one too many": "killed",
        "count/add: atomic_add() counts one too few": "killed",
    }
    assert [(each.noticed, each.total) for _, each in found.scores] == [(3, 4)]


def test_a_step_that_only_gotos_reach_is_reached(tmp_path: Path) -> None:
    """Its probe stands behind its label, not before it."""
    body = """
params: {page: page *}
steps:
  - full: if (atomic_read(&page->count) != 5) goto out
  - other: return
  - out: WRITE_ONCE(page->count, 4)
"""
    few = {"few": "each: {t: one}\nfinally: t.o->count < 6"}
    found = asked(source(tmp_path, "count", body, few, "count(p)"))
    assert outcomes(found)["count/out: step removed"] == "survived"


def test_an_amount_that_is_a_constant_in_one_call_alone_is_changed_in_every_call(tmp_path: Path) -> None:
    body = "\nparams: {page: page *, n: int}\nsteps:\n  - add: atomic_add(n, &page->count)\n"
    once = {"once": "each: {t: one}\nfinally: t.o->count == 2"}
    root = folder(
        tmp_path, "- what: o = p\n- go: count(p, 2)\n", second="- look: n = READ_ONCE(p->flag)\n- go: count(p, n)\n",
        locals="o: page *, n: int", procedures={"count": body}, properties=once,
    )  # fmt: skip
    found = outcomes(asked(MutantSource(library=load_library(root), scenario="tiny", variant="base", flush="ipi")))
    assert found["count/add: atomic_add() counts one too many"] == "killed"


def test_a_kill_tells_how_long_the_schedule_is_and_who_races(tmp_path: Path) -> None:
    results = {result.name: result.overall for result in asked(adding(tmp_path)).results}
    lost = results["add/lock: lock removed"]
    assert lost.steps == 6
    assert lost.detail == "6 steps: cpu1 at add/look, then cpu0 at add/put"
    assert lost.violated


def test_a_proof_that_no_mutant_breaks_is_suspect(tmp_path: Path) -> None:
    always = {"always": "each: {t: one}\nwhen: t.ended\nnever: t.o->count > 100"}
    found = asked(source(tmp_path, "add", ADD.replace("lock: spin_lock(&m->lock)", "none: ;").replace(
        "unlock: spin_unlock(&m->lock)", "nothing: ;"), always, "add(m, p)"))  # fmt: skip
    assert [(each.suspect, each.zero) for _, each in found.scores] == [(True, True)]
    assert "suspect: always: no mutant breaks it" in text(found)


def test_nothing_is_asked_of_what_is_not_proved(tmp_path: Path) -> None:
    broken = {"broken": "each: {t: one}\nfinally: t.o->count == 3"}
    found = asked(source(tmp_path, "add", ADD, broken, "add(m, p)"))
    assert found.results == ()
    assert "broken: refuted, so its mutants are not tried" in text(found)


def test_the_program_itself_keeps_its_verdict(tmp_path: Path) -> None:
    made = adding(tmp_path)
    program = made.program()
    assert made.edited().threads == program.threads
    for model in ("sc", "tso", "lkmm"):
        found = MutantDecision(program, program.properties, Options(model=model)).decide()
        assert [each.word for each in found.values()] == ["survived"]


def test_a_barrier_is_missed_where_the_model_needs_it(tmp_path: Path) -> None:
    one = """
params: {p: page *}
returns: int
steps:
  - give: WRITE_ONCE(p->count, 1)
  - order: smp_mb()
  - saw: a = READ_ONCE(p->flag)
  - out: return a
"""
    other = one.replace("p->count, 1", "p->flag, 1").replace("READ_ONCE(p->flag)", "READ_ONCE(p->count)")
    root = folder(
        tmp_path, "- go: saw = left(p)\n", second="- go: saw = right(p)\n",
        procedures={"left": one, "right": other},
        properties={"store-buffering": "each: {t: one, u: two}\nfinally: t.saw || u.saw"},
    )  # fmt: skip
    primitives = root / "primitives" / "all.yaml"
    primitives.write_text(primitives.read_text() + "  smp_mb: {params: {}, fence: mb}\n")
    made = MutantSource(library=load_library(root), scenario="tiny", variant="base", flush="ipi")
    for model, word in (("sc", "equivalent"), ("tso", "killed"), ("lkmm", "killed")):
        found = outcomes(asked(made, model))
        assert found["left/order: smp_mb() removed"] == word
        assert found["left/order: smp_mb() weakened to smp_wmb()"] == word
        assert found["left/give: step removed"] == "killed"


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    made = adding(tmp_path)
    first, second = asked(made), asked(made)
    assert text(first) == text(second)
    assert as_json(first) == as_json(second)


def test_two_processes_say_what_one_says(tmp_path: Path) -> None:
    made = counting(tmp_path)
    assert answer(made, ("all-count",), Options(model="sc"), jobs=2) == asked(made)


def test_the_mutants_of_a_worker_that_dies_are_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killing(items: list[WorkItem[int, object]], *, jobs: int, **_: object) -> Iterator[object]:
        if jobs == 1:  # the code as it is
            return work_off(items, jobs=jobs)
        return (Finished(each.task, Lost("the worker died with exit code -9")) for each in items)

    monkeypatch.setattr("encoder.mutation.answer.work_off", killing)
    made = counting(tmp_path)
    found = answer(made, ("all-count",), Options(model="sc"), jobs=2)
    assert [result.name for result in found.results] == [each.name for each in mutants(made, made.program())]
    assert {(result.overall.word, result.overall.detail) for result in found.results} == {
        ("undecided", "the worker died with exit code -9")
    }


def test_output_fits_the_schema(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    found = json.loads(as_json(asked(adding(tmp_path))))
    jsonschema.validate(found, schema())
    for broken in ({"schema": "pinproof-mutants/1"}, {"score": {}}, {"original": {"both-count": "killed"}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**found, **broken}, schema())


def test_what_is_known_is_not_asked_again(tmp_path: Path) -> None:
    made = counting(tmp_path)
    program = made.program()
    chosen = mutants(made, program)
    known = {}
    first = mutant_results(made, program, chosen, ("all-count",), Options(model="sc"), known)
    for key in known:
        known[key] = MutantOutcome(word="undecided")
    again = mutant_results(made, program, chosen, ("all-count",), Options(model="sc"), known)
    assert [result.overall.word for result in first].count("undecided") == 0
    assert [result.overall.word for result in again].count("undecided") == len(known)


def test_every_line_fits(tmp_path: Path) -> None:
    assert max(map(len, text(asked(adding(tmp_path))).splitlines())) <= 60


def test_the_mutants_of_a_shipped_scenario_resolve_or_say_why() -> None:
    made = MutantSource(
        library=load_library(scenario="gup-vs-soft-dirty", variant="baseline"),
        scenario="gup-vs-soft-dirty", variant="baseline", flush="ipi",
    )  # fmt: skip
    program = made.program()
    names = [each.name for each in mutants(made, program)]
    assert len(names) == len(set(names)) > 60
    locks = [each for each in mutants(made, program) if each.kind == "lock"]
    assert {each.name for each in locks} == {
        "clear_soft_dirty/mmap_lock: lock removed", "clear_soft_dirty/ptl: lock removed",
    }  # fmt: skip
    assert all(apply_mutant(made, program, each) != program for each in locks)


@pytest.mark.slow
def test_a_shipped_scenario() -> None:
    made = MutantSource(
        library=load_library(scenario="gup-vs-soft-dirty", variant="baseline"),
        scenario="gup-vs-soft-dirty", variant="baseline", flush="ipi",
    )  # fmt: skip
    found = asked(made)
    assert score(result.overall for result in found.results).noticed > 20
    words = outcomes(found)
    assert words["try_grab_compound_head/bias: step removed"] == "killed"
    assert words["gup_fast/referenced: step removed"] == "equivalent"


def test_locks_of_one_name_in_two_structs_are_two_mutants(tmp_path: Path) -> None:
    body = """
    params: {m: mm *, s: shelf *}
    steps:
      - first: spin_lock(&m->lock)
      - second: spin_lock(&s->lock)
      - put: s->count = 1
      - third: spin_unlock(&s->lock)
      - fourth: spin_unlock(&m->lock)
    """
    types = TYPES.replace("types:\n", "types:\n  shelf: {source: tests, struct: {lock: lock, count: int}}\n", 1)
    root = folder(
        tmp_path, "- go: both(m, b)\n", procedures={"both": body}, types=types, objects=f"{OBJECTS}b: shelf\n"
    )
    made = MutantSource(library=load_library(root), scenario="tiny", variant="base", flush="ipi")
    names = [each.name for each in mutants(made, made.program()) if each.kind == "lock"]
    assert sorted(names) == ["both/mm.lock: lock removed", "both/shelf.lock: lock removed"]
