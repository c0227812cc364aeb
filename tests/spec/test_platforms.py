"""Platforms: what the files say, and what is wrong with some."""

from pathlib import Path

import pytest

from encoder.base.errors import InputError
from encoder.base.result import Question
from encoder.memory import MODELS
from encoder.program.kernels import flush_in
from encoder.spec.load import kernel_of, load_platforms
from encoder.verify.platforms import all_platforms, asked_of, machines_of

ARM64 = "platform: arm64\ntitle: t\nmodel: arm64\nflush: broadcast\nfrom: {v6.6: deferred-broadcast}\nsource: s\n"


def folder(path: Path, **files: str) -> Path:
    (path / "platforms").mkdir()
    for name, text in files.items():
        (path / "platforms" / f"{name}.yaml").write_text(text, "utf-8")
    return path


def told(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        all_platforms(path)
    return [problem.message for problem in caught.value.problems]


def test_the_shipped_ones_are_strongest_first() -> None:
    names = [each.name for each in all_platforms()]
    assert names == ["sc", "x86", "x86-broadcast", "arm64", "arm64-llsc", "lkmm"]


def test_machines_are_those_that_people_run() -> None:
    machines = machines_of(all_platforms())
    assert set(machines) == {"x86", "x86-broadcast", "arm64", "arm64-llsc"}


def test_every_platform_has_a_source_and_a_model() -> None:
    assert all(each.source and each.title and each.model in MODELS for each in load_platforms())


@pytest.mark.parametrize(
    ("kernel", "flush"),
    [
        ("v5.15", "broadcast"), ("v6.5", "broadcast"), ("v6.6", "deferred-broadcast"), ("v6.12", "deferred-broadcast"),
        ("next", "broadcast"),
    ],
)  # fmt: skip
def test_what_a_flush_does_depends_on_the_kernel(tmp_path: Path, kernel: str, flush: str) -> None:
    (arm64,) = all_platforms(folder(tmp_path, arm64=ARM64))
    assert flush_in(arm64, kernel) == flush


def test_the_latest_version_that_is_reached_counts(tmp_path: Path) -> None:
    text = ARM64.replace("{v6.6: deferred-broadcast}", "{v6.9: ipi, v6.12: deferred, v6.6: deferred-broadcast}")
    (found,) = all_platforms(folder(tmp_path, arm64=text))
    versions = ("v6.5", "v6.6", "v6.10", "v6.12", "v7.0")
    assert [flush_in(found, each) for each in versions] == [
        "broadcast", "deferred-broadcast", "ipi", "deferred", "deferred",
    ]  # fmt: skip


def test_the_kernel_of_a_patch_is_that_of_its_last_base() -> None:
    assert (kernel_of("kara-rmap-seq-mb-pin-mb"), kernel_of("v6.12-fork-mb")) == ("v5.15", "v6.12")
    with pytest.raises(InputError):
        kernel_of("basline")


@pytest.mark.parametrize(
    ("variant", "arm64"), [("kara-rmap-seq", "broadcast"), ("v6.12-fork-mb", "deferred-broadcast")]
)
def test_a_question_on_a_platform_has_its_model_and_flush(variant: str, arm64: str) -> None:
    asked = asked_of(Question(scenario="gup-vs-fork", variant=variant, property="p"), all_platforms())
    assert [(each.platform, each.model, each.flush) for each in asked] == [
        ("sc", "sc", "ipi"),
        ("x86", "tso", "deferred"),
        ("x86-broadcast", "tso", "deferred-broadcast"),
        ("arm64", "arm64", arm64),
        ("arm64-llsc", "arm64-llsc", arm64),
        ("lkmm", "lkmm", "deferred-broadcast"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ARM64.replace("model: arm64", "model: arm46"), "there is no memory model `arm46`"),
        (ARM64.replace("flush: broadcast", "flush: brodcast"), "`brodcast`"),
        (ARM64.replace("v6.6: deferred-broadcast", "v6.6: late"), "`late`"),
        (ARM64.replace("source: s\n", ""), "lacks `source`"),
        (ARM64.replace("title: t", "titel: t"), "lacks `title`"),
        (ARM64.replace("platform: arm64", "platform: arm"), "the file is not named after what it holds"),
        ("variant: arm64\n", "the file begins with another key"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, words: str) -> None:
    assert any(words in message for message in told(folder(tmp_path, arm64=text)))
