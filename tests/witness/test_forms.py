"""A schedule as text that runs again, and as a graph."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from encoder.base.errors import SelfCheckError
from encoder.base.result import Refuted
from encoder.program.lookup import property_of
from encoder.witness.dot import dot
from encoder.witness.mail import command, header, text
from encoder.witness.recorded_cycle import cycle_of
from encoder.witness.recording import rebuilt, recording_in, recording_lines
from encoder.witness.timeline import timeline
from tests.render.samples import QUESTION, REPORTS
from tests.witness.committed import anew, case, committed, names, program_of

WEAK = "gup-vs-fork/baseline/writable-while-pinned/lkmm"


def test_a_committed_schedule_fits_the_specs() -> None:
    assert any(map(anew, names(58))), "make promote"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if n % 2 else []) for n, name in enumerate(names(29))]
)
def test_what_is_recorded_in_a_few_lines_is_the_same_schedule(name: str) -> None:
    _, question, witness = committed(name)
    lines = recording_lines(name, question, witness)
    assert all(len(line) <= 72 for line in lines) and len(lines) <= 14
    recording = recording_in("\n".join(lines))
    assert recording is not None and recording.name == name
    program = program_of(question)
    assert rebuilt(program, property_of(program, question.property), question, recording) == witness


def test_a_quoted_mail_is_read_as_well() -> None:
    name, question, witness = case(WEAK)
    mail = text(name, question, witness, titles={})
    quoted = "".join(f"> > {line}\n" for line in mail.splitlines()) + "\nAnd now?\n"
    assert recording_in(quoted) == recording_in(mail) is not None
    assert recording_in("no schedule here\n") is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("steps: ", "steps: x ", "`x` is no step"),
        ("others=", "others=many", "is no number"),
        ("order: p._refcount ", "order: p._refcount seventeen ", "`seventeen` is no number"),
    ],
)
def test_what_is_no_recording_is_said(old: str, new: str, said: str) -> None:
    lines = "\n".join(recording_lines(*case(WEAK)))
    assert old in lines
    with pytest.raises(ValueError, match=re.escape(said)):
        recording_in(lines.replace(old, new))


def test_another_order_of_its_steps_does_not_hold() -> None:
    name, question, witness = case(WEAK)
    recording = recording_in("\n".join(recording_lines(name, question, witness)))
    assert recording is not None
    program = program_of(question)
    asked = property_of(program, question.property)
    with pytest.raises(SelfCheckError):
        rebuilt(program, asked, question, replace(recording, steps=recording.steps[:-1]))
    with pytest.raises(SelfCheckError):
        rebuilt(program, asked, question, replace(recording, steps=recording.steps[::-1]))


def test_the_header_says_what_was_asked_and_how_to_ask_it_again() -> None:
    _, question, witness = case(WEAK)
    told = "\n".join(header(question, witness, titles={"variant": "Linux v5.15 as released"}))
    assert "Variant:  baseline (Linux v5.15 as released)" in told and "Tool:     pinproof " in told
    assert " ".join(command(question).split()) in " ".join(told.replace("\\\n", " ").split())
    assert all(len(line) <= 72 for line in told.splitlines())


def test_a_mail_is_drawn_as_it_was(golden: Callable[[str, str], None]) -> None:
    asked = replace(QUESTION, platform="lkmm", model="lkmm")
    found = REPORTS["stale-read"].verdict
    assert isinstance(found, Refuted)
    golden(
        "witness/mail.txt", text("gup-vs-reclaim/baseline/mapped-while-pinned/lkmm", asked, found.witness, titles={})
    )


def test_the_graph_has_every_event_and_the_cycle() -> None:
    name, question, witness = case(WEAK)
    drawn = dot(timeline(program_of(question), question, witness), name)
    assert all(f"s{step.step} [label=" in drawn for step in witness.schedule)
    for a, kind, b in cycle_of(witness):
        (line,) = (line for line in drawn.splitlines() if f's{a} -> s{b} [label="{kind}"' in line)
        assert "penwidth=3" in line
