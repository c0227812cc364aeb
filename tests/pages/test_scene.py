"""What the explorer shows follows from the recording; here it is held against a run of the schedule."""

from functools import cache
from pathlib import Path

import pytest

from encoder.base.result import Question, Witness
from encoder.concrete.interleaving.format_values import format_word
from encoder.ledger.schedules import SharedSchedule
from encoder.ledger.statement import read
from encoder.pages.effects import RecordedEffects
from encoder.pages.explorer import explorer
from encoder.pages.places import Places
from encoder.pages.scene import Scene, scene
from encoder.spec.load import load_library
from encoder.witness.timeline import timeline
from tests.pages.site import PROOFS
from tests.witness.committed import committed, names, program_of

HELD = {"irq": "interrupts off", "rcu": "RCU section"}


@cache
def library():
    return load_library()


def schedules(every: int) -> list[SharedSchedule]:
    """One of so many of those that are committed."""
    found = [
        each for path in sorted((PROOFS / "schedules").glob("*.json")) for each in read(PROOFS, path.stem).schedules()
    ]
    return found[::every]


def shown(question: Question, witness: Witness) -> Scene:
    names = question.scenario, question.variant
    return scene(witness, Places(library(), *names), RecordedEffects(library(), question.variant), question.model)


@pytest.mark.parametrize("name", names(23))
def test_it_is_what_a_run_does(name: str) -> None:
    _, question, witness = committed(name)
    program = program_of(question)
    run, seen = timeline(program, question, witness), shown(question, witness)
    effects = RecordedEffects(library(), question.variant)
    assert [(each.name, place.start) for each in seen.objects for place in each.places] != []
    holds: dict[int, tuple[str, ...]] = {}
    for moment, step in zip(run.moments, seen.steps, strict=True):
        if step.holds is not None:
            holds[step.cpu] = step.holds
        settled = None
        if moment.cell is not None and moment.settled is not None:
            settled = format_word(program, run.cells[moment.cell], moment.settled)
        assert step.settles == settled, moment.step
        held = {HELD.get(kind, str(cell)) for (kind, cell), _ in moment.held}
        assert {each.partition(" (")[0] for each in holds.get(step.cpu, ())} == held, moment.step
        assert ("patched" in step.flags) == moment.site.patched, moment.step
        if moment.step.reads_from is not None:
            assert step.order is not None
            assert (step.order.source, step.order.missed) == (moment.source, moment.missed)
        if spec := effects.spec(moment.step):
            assert moment.site.span.file.endswith(spec.rpartition(":")[0])
            assert moment.site.span.line == int(spec.rpartition(":")[2])


def test_the_end_is_what_was_recorded() -> None:
    for schedule in schedules(7):
        question = schedule.breaks[0]
        values = dict(schedule.witness.initial)
        for step in shown(question, schedule.under(question.model)).steps:
            if step.settles is not None:
                values[step.location] = step.settles
        assert values == dict(schedule.witness.final)


def test_a_page_has_all_in_itself(tmp_path: Path) -> None:
    schedule = next(each for each in schedules(1) if each.witness.cycle)
    text = explorer(schedule.breaks[0], schedule.under(schedule.breaks[0].model))
    assert "<link" not in text and "src=" not in text
    assert "</script>" not in text.split('id="scene">')[1].split("</script>")[0]
    for step in schedule.witness.schedule:
        assert f'<li id="{step.step}"' in text
