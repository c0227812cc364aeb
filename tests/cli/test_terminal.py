"""list with a filter, show of anything, help in groups, and what a shell completes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from encoder.cli.app import COMMANDS
from encoder.cli.help import GROUPS
from encoder.render import listing_object, show_subject
from encoder.spec.load import load_library


def test_list_chooses_by_kind_name_and_title(pinproof):
    ended = pinproof("list", "variants", "soft-dirty", "smp_mb")
    assert ended.code == 0
    assert [line.split()[0] for line in ended.out.splitlines()[1:]] == ["linus-soft-dirty-seq-mb"]
    assert "primitives:" not in pinproof("list").out and "primitives:" in pinproof("list", "smp_mb()").out
    ended = pinproof("list", "no", "such", "thing")
    assert ended.code == 2 and "nothing has `no` and `such` and `thing`" in ended.err


def test_list_as_json_fits_its_schema(pinproof):
    found = json.loads(pinproof("list", "--json").out)
    jsonschema.validate(found, listing_object.schema())
    assert {each["kind"] for each in found["listed"]} == {
        *("scenario", "variant", "property", "platform", "procedure", "primitive")
    }


def test_list_fits_sixty_columns(pinproof, monkeypatch: pytest.MonkeyPatch):
    from encoder.render.layout import at_most

    monkeypatch.setattr("encoder.cli.listing.fitted", lambda: at_most(60))
    assert all(len(line) <= 60 for line in pinproof("list").out.splitlines())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gup-vs-fork", "scenario gup-vs-fork: a fast pin for writing against fork"),
        ("kara-rmap-seq", "edits:   try_to_unmap_one"),
        ("v6.12-bare-publish", "run by:  gup-read-vs-ksm, "),
        ("mapped-while-pinned", "for each: t: pinner, i: t.held"),
        ("arm64", "machine: arm64"),
        ("ptep_get_and_clear", "arm64:       SWP (without LSE: LDXR; STXR)"),
        ("raw_write_seqcount_begin", "WRITE_ONCE(*s, seq + 1)"),
    ],
)
def test_show_of_anything(pinproof, name: str, said: str):
    ended = pinproof("show", name)
    assert ended.code == 0 and said in ended.out
    assert pinproof("show", name, "--variant", "baseline").code == 2


def test_everything_that_has_a_name_can_be_shown():
    library = load_library()
    shown = [
        *(show_subject.scenario(each) for each in library.scenarios),
        *(show_subject.variant(each, ["gup-vs-fork"]) for each in library.variants),
        *(show_subject.property_(each) for each in library.properties),
        *(show_subject.primitive(each) for each in library.primitives),
    ]
    assert all(len(line) <= 72 or line.startswith("  ") for text in shown for line in text.splitlines())
    assert len({text.splitlines()[0] for text in shown}) == len(shown)


def test_help_has_every_command_once(pinproof):
    told = pinproof("--help").out
    for name in COMMANDS:
        assert sum(line.split()[:1] == [name] for line in told.splitlines()) == 1, name
    assert all(f"\n{title}:\n" in told for title in GROUPS)
    assert "..." not in told.partition("Ask:")[2]
    told = pinproof("witness", "--help").out
    assert told.index("What is asked:") < told.index("--variant") < told.index("How far:") < told.index("--depth")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("show-w", {"show-witness"}),
        ("witness gup-vs-fork --variant hubb", {"hubbard-locked-check", "hubbard-locked-check-fixed"}),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (
                ("prove gup-vs-2", {"gup-vs-2-reclaimers", "gup-vs-2-reclaimers-1table"}),
                ("explain gup-vs-fork --property writ", {"writable-while-pinned"}),
                ("prove gup-vs-fork --platform x86", {"x86", "x86-broadcast"}),
                ("show gup_f", {"gup_fast"}),
            )
        ),
    ],
)
def test_a_shell_completes_names(words: str, found: set[str]):
    given = f"pinproof {words}"
    environment = {
        **os.environ, "_PINPROOF_COMPLETE": "complete_bash", "COMP_WORDS": given,
        "COMP_CWORD": str(len(given.split()) - 1),
    }  # fmt: skip
    command = Path(sys.executable).parent / "pinproof"
    ended = subprocess.run([command], env=environment, capture_output=True, text=True, check=False)
    assert found <= set(ended.stdout.split()) and all(
        each.startswith(words.split()[-1]) for each in ended.stdout.split()
    )
