"""The site of a patch that was reviewed."""

from pathlib import Path

from msgspec import structs

from encoder.pages.patch import patch_pages
from encoder.pages.report import write
from encoder.render.json import witness_object
from encoder.review.review_object import BaseObject, DraftObject, PatchObject, ReviewObject, VerdictObject
from tests.pages.site import dead_links
from tests.witness.committed import PROOFS, case

SPEC = PROOFS.parent / "specs" / "variants" / "fork-without-seq.yaml"


def verdict(place: str, outcome: str, after: str, **more: object) -> VerdictObject:
    told = {
        "scenario": "gup-vs-fork", "property": "writable-while-pinned", "platform": place, "outcome": outcome,
        "before": "complete", "claimed": True, "after": after, "detail": "", "beside": (), "unreached": (),
        "witness": None, **more,
    }  # fmt: skip
    return VerdictObject(**told)  # type: ignore[arg-type]


def review() -> ReviewObject:
    """Of a patch that takes fork's section away."""
    _, _, witness = case("gup-vs-fork/fork-without-seq/writable-while-pinned/sc")
    draft = SPEC.read_text("utf-8").replace("fork-without-seq", "draft-no-section")
    return ReviewObject(
        schema="pinproof-review/1", tool="pinproof 0.1.0", answer="a variant",
        passed=("+ cond_resched();",),
        patch=PatchObject(name="0001.patch", subject="mm: <drop> it", author="A. Author", files=("mm/memory.c",)),
        base=BaseObject(variant="baseline", kernel="v5.15", why="all hunks fit"), functions=(), others=(), touched=(),
        unclear=(), problems=(), nearest=(), draft=DraftObject(name="draft-no-section", file=None, yaml=draft),
        verdicts=(
            verdict("sc", "worse", "refuted", witness=witness_object(witness)), verdict("x86", "same", "complete"),
        ),
        late=("gup-vs-reclaim",),
    )  # fmt: skip


def test_it_says_what_becomes_of_the_proofs_and_shows_the_schedule(tmp_path: Path) -> None:
    write(tmp_path, patch_pages(review()))
    text = (tmp_path / "index.html").read_text("utf-8")
    assert "mm: &lt;drop&gt; it" in text and "Time was not enough for gup-vs-reclaim." in text
    assert '<span class="verdict refuted">worse</span>' in text and '<span class="removed">' in text
    assert '<span class="added">+ cond_resched();</span>' in text
    page = (tmp_path / "schedules" / "gup-vs-fork.writable-while-pinned.sc.html").read_text("utf-8")
    assert "draft-no-section" in page and '<span class="removed">' in page
    assert list(dead_links(tmp_path)) == []


def test_a_patch_that_is_no_variant_has_no_schedules(tmp_path: Path) -> None:
    made = dict(patch_pages(structs.replace(review(), answer="needs you")))
    assert not any(name.startswith("schedules/") for name in made)
    assert "needs you" in made["index.html"] and "A draft" in made["index.html"]
