"""The fingerprint of what a scenario runs: another whenever a word changes that decides anything, and only then."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from encoder.base.catalog import listing
from encoder.base.errors import InputError
from encoder.program.kernels import threads_for_kernel
from encoder.program.variant import apply_variant
from encoder.spec.fingerprint import Fingerprints
from encoder.spec.load import load_library
from encoder.spec.walk import called_functions

SPECS = Path(__file__).parents[2] / "specs"
ASKED = ("gup-vs-fork", "v6.12-fork-mb")


@pytest.fixture(scope="module")
def before() -> str:
    return Fingerprints().of(*ASKED)


@pytest.fixture
def changed(tmp_path: Path, before: str) -> Callable[[str, str, str], bool]:
    """`changed("properties/p.yaml", "old", "new")`: whether the fingerprint is another after that edit."""
    root = tmp_path / "specs"
    copytree(SPECS, root)

    def edit(file: str, old: str, new: str) -> bool:
        path = root / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return Fingerprints(root).of(*ASKED) != before

    return edit


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scenarios/gup-vs-fork.yaml", "others: 0..2000", "others: 0..2001"),
        pytest.param("scenarios/gup-vs-fork.yaml", ".writable = 1", ".writable = 0", marks=pytest.mark.slow),
        ("variants/v6.12-fork-mb.yaml", ": smp_mb()", ": smp_wmb()"),
        ("properties/writable-while-pinned.yaml", "when: ", "when: 1 && "),
        pytest.param("procedures/fork/v6.12.yaml", "seq_begin: ", "seq_start: ", marks=pytest.mark.slow),
        pytest.param("primitives/barrier.yaml", "fence: mb", "fence: wmb", marks=pytest.mark.slow),
        ("types/kernel.yaml", "PG_locked: ", "PG_lockd: "),
    ],
)
def test_what_decides_something_changes_it(
    changed: Callable[[str, str, str], bool], file: str, old: str, new: str
) -> None:
    assert changed(file, old, new)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scenarios/gup-vs-fork.yaml", "title: a fast pin", "title: a pin"),
        pytest.param("scenarios/gup-vs-fork.yaml", "scope: >-\n  x86-64", "scope: >-\n  amd64", marks=pytest.mark.slow),
        ("scenarios/gup-vs-fork.yaml", "scenario:", "# a comment\nscenario:"),
        ("variants/kara-rmap-seq.yaml", "raw_write_seqcount_end", "raw_write_seqcount_begin"),
        ("procedures/clear_soft_dirty/v5.15.yaml", "flush_tlb_range(mm, slots)", "flush_tlb_page(mm)"),
        ("properties/writable-while-pinned.yaml", "title: a page", "title: the page"),
    ],
)
def test_what_decides_nothing_of_it_does_not(
    changed: Callable[[str, str, str], bool], file: str, old: str, new: str
) -> None:
    assert not changed(file, old, new)


def test_everything_that_is_run_is_in_it() -> None:
    """The functions that it goes by are all that are called, as the resolver finds them, in every scenario."""
    library, prints = load_library(), Fingerprints()
    known = {each.name: each for each in (*library.primitives, *library.procedures)}
    for scenario in library.scenarios:
        todo = called_functions(threads_for_kernel(scenario, apply_variant(library, "v6.12").kernel)) & known.keys()
        called = set[str]()
        while todo:
            called |= todo
            todo = called_functions(tuple(known[name] for name in todo)) & known.keys() - called
        assert called <= prints.functions(scenario.name, "v6.12")


def test_a_file_that_is_no_yaml_is_an_error(changed: Callable[[str, str, str], bool]) -> None:
    with pytest.raises(InputError):
        changed("scenarios/gup-vs-fork.yaml", "scenario:", "\tscenario:")


def test_variants_differ_in_it() -> None:
    prints = Fingerprints()
    names = [entry.stem for entry in listing(SPECS / "variants", "specs/variants")]
    assert len({prints.of("gup-vs-fork", name) for name in names}) == len(names)
