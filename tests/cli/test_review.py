"""review and impact: a patch in, verdicts out."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from junitparser import JUnitXml

from encoder.base.pool import Finished, PoolEvent, Started, Waiting
from encoder.base.result import Report
from encoder.ledger.run import Task
from encoder.review import review_json
from encoder.review.asking import AskingEvent, Inquiry, Planned
from encoder.spec.load import read_variant
from tests.cli.test_ci import sarif
from tests.kernel.trees import TREE, copied, diff, package
from tests.render.samples import FINE, REPORTS

PIN = ("\tsmp_mb__after_atomic();\n", "")
FLUSH = ("fs/proc/task_mmu.c", ("\tflush_tlb_mm(mm);\n", ""))
"""A change that few scenarios run."""
KERNEL = ("--kernel", str(TREE))


@pytest.fixture
def patch(tmp_path: Path) -> Callable[..., str]:
    """`patch("mm/gup.c", (before, after))` writes a diff, and gives its path."""

    def write(file: str, *changes: tuple[str, str]) -> str:
        path = tmp_path / "a-change.diff"
        path.write_text(diff(file, *changes), "utf-8")
        return str(path)

    return write


SAMPLES = {"refuted": "two-cpus", "complete": "complete", "vacuous": "vacuous", "open loops": "open-loop"}


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What workers answer for a property on a platform, as `PROPERTY/PLATFORM`: the name of a sample. All else is as
    the ledger claims it to be for v6.12, or proved."""
    given: dict[str, str] = {}

    def run(tasks: Sequence[Task], *, pool: object, memory: object) -> Iterator[PoolEvent[Task, Report]]:
        from encoder.review.asking import _claims

        for task in tasks:
            yield Started(task)
            yield Waiting()
            asked = task.obligation
            claims = [each for each in _claims(asked.scenario) if each.variant == "v6.12"]
            expected = {f"{each.property}/{each.platform}": each.expect for each in claims}
            key = f"{asked.property}/{asked.platform}"
            sample = given.get(key) or SAMPLES[expected.get(key, "complete")]
            report = replace(REPORTS[sample], question=task.question, checks=FINE if task.question.checks else None)
            yield Finished(task, report)

    monkeypatch.setattr("encoder.ledger.ask.run", run)
    return given


def test_outside_the_model(pinproof, tmp_path: Path) -> None:
    (tmp_path / "x.diff").write_text("--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,3 @@\n a\n+b\n c\n")
    ended = pinproof("review", str(tmp_path / "x.diff"))
    assert ended.code == 5
    assert ended.out.startswith("OUTSIDE THE MODEL")
    assert "the nearest steps:" in ended.out


def test_beside_the_steps(pinproof, patch) -> None:
    ended = pinproof("review", patch("mm/gup.c", ("\tunsigned seq;\n", "\tunsigned int seq;\n")), *KERNEL)
    assert ended.code == 5
    assert ended.out.startswith("BESIDE THE STEPS")
    assert "changes mm/gup.c gup_fast()" in ended.out


def test_needs_you(pinproof, patch, tmp_path: Path) -> None:
    path = patch("mm/gup.c", (PIN[0], "\tfrobnicate(folio);\n"))
    ended = pinproof("review", path, *KERNEL, "--output", str(tmp_path / "draft.yaml"))
    assert ended.code == 5
    assert ended.out.startswith("NEEDS YOU")
    assert "`frobnicate()` is no primitive or procedure" in " ".join(ended.out.split())
    assert "#   now: frobnicate(folio);" in (tmp_path / "draft.yaml").read_text()


def test_variant_that_makes_nothing_worse(pinproof, patch, answers: dict[str, str], tmp_path: Path) -> None:
    path = patch(*FLUSH)
    ended = pinproof("review", path, *KERNEL, "--platform", "lkmm", "--output", str(tmp_path / "my-draft.yaml"))
    assert ended.out.startswith("A VARIANT")
    assert "-  flush: flush_tlb_range(mm, slots)" in ended.out
    assert ended.code == 0
    draft = read_variant((tmp_path / "my-draft.yaml").read_text(), "my-draft.yaml")
    assert (draft.name, draft.base, [edit.anchor for edit in draft.edits]) == ("my-draft", "v6.12", ["flush"])


def test_what_gets_worse_is_drawn_and_what_gets_better_named(pinproof, patch, answers: dict[str, str]) -> None:
    answers["exclusive-while-pinned/lkmm"] = "two-cpus"
    answers["writable-while-pinned/lkmm"] = "complete"
    ended = pinproof("review", patch(*FLUSH), *KERNEL, "--platform", "lkmm")
    assert ended.code == 10
    assert "WORSE     exclusive-while-pinned on lkmm: was complete, is" in ended.out
    assert "better    writable-while-pinned on lkmm: was refuted, is" in ended.out
    assert ended.out.count("BROKEN") >= 1
    assert ended.out.splitlines()[-1].split(",")[0].endswith("worse")


@pytest.mark.slow
def test_what_becomes_of_a_scenario_is_shown_in_order_before_the_next_is_asked(
    pinproof, patch, answers: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers |= {f"exclusive-while-pinned/{platform}": "two-cpus" for platform in ("arm64", "lkmm", "sc")}
    asked, shown = Inquiry.ask, []

    def backwards(self: Inquiry) -> Iterator[AskingEvent]:
        events = [*asked(self)]
        starts = [number for number, each in enumerate(events) if isinstance(each, Planned)]
        for start, end in pairwise((*starts, len(events))):
            yield events[start]
            shown.append(capsys.readouterr().out)
            yield from reversed(events[start + 1 : end])

    monkeypatch.setattr(Inquiry, "ask", backwards)
    assert pinproof("review", patch(*FLUSH), *KERNEL).code == 10
    assert len(shown) > 1 and shown[0].startswith("A VARIANT")
    assert "WORSE exclusive-while-pinned on sc, arm64 and lkmm: was" in " ".join("".join(shown[1:]).split())


@pytest.mark.slow
def test_a_bound_that_only_the_draft_asserts_is_not_asked_of_its_base(pinproof, answers: dict[str, str]) -> None:
    mailed = Path(__file__).parents[3] / "shared" / "patches" / "locked-pages.diff"
    if not mailed.is_file():
        pytest.skip("no ../shared/patches")
    answers["assertions/sc"] = "two-cpus"
    ended = pinproof("review", str(mailed), "--platform", "sc", "--timeout", "600")
    assert (ended.code, ended.err) == (10, "")
    assert "WORSE     assertions on sc: was complete, is refuted" in ended.out


def test_undecided_is_no_success(pinproof, patch, answers: dict[str, str]) -> None:
    answers["counts-balance/sc"] = "unknown"
    ended = pinproof("review", patch(*FLUSH), *KERNEL, "--platform", "sc")
    assert ended.code == 5
    assert "undecided counts-balance on sc" in ended.out


def test_json_is_a_contract(pinproof, patch, answers: dict[str, str]) -> None:
    answers["exclusive-while-pinned/lkmm"] = "two-cpus"
    ended = pinproof("review", patch(*FLUSH), *KERNEL, "--platform", "lkmm", "--json")
    found = json.loads(ended.out)
    jsonschema.Draft202012Validator.check_schema(review_json.schema())
    jsonschema.validate(found, review_json.schema())
    assert (found["answer"], found["base"]["variant"]) == ("a variant", "v6.12")
    assert found["touched"] == [{"procedure": "clear_soft_dirty", "label": "flush"}]
    assert found["draft"]["file"] is None and found["draft"]["yaml"].startswith("variant: a-change\n")
    worse = [each for each in found["verdicts"] if each["outcome"] == "worse"]
    assert worse and all(each["witness"]["schedule"] for each in worse)


@pytest.mark.parametrize("answer", ["outside", "beside", "needs you"])
def test_json_of_what_is_not_asked(pinproof, patch, tmp_path: Path, answer: str) -> None:
    changes = {
        "beside": ("\tunsigned seq;\n", "\tunsigned int seq;\n"),
        "needs you": (PIN[0], "\tfrobnicate(folio);\n"),
    }
    path = tmp_path / "x.diff"
    path.write_text("--- a/mm/x.c\n+++ b/mm/x.c\n@@ -1,2 +1,3 @@\n a\n+b\n c\n")
    name = patch("mm/gup.c", changes[answer]) if answer in changes else str(path)
    found = json.loads(pinproof("review", name, "--json").out)
    jsonschema.validate(found, review_json.schema())
    assert found["answer"].startswith(answer)
    assert found["verdicts"] == []


def test_forms_for_continuous_integration(pinproof, patch, answers: dict[str, str], tmp_path: Path) -> None:
    answers["exclusive-while-pinned/lkmm"] = "two-cpus"
    forms = ("--junit", str(tmp_path / "j.xml"), "--sarif", str(tmp_path / "s.json"), "--github")
    ended = pinproof("review", patch(*FLUSH), *KERNEL, "--platform", "lkmm", *forms)
    read = JUnitXml.fromfile(str(tmp_path / "j.xml"))
    assert read.failures >= 1 and read.tests > read.failures
    results = sarif(tmp_path / "s.json")["results"]
    assert {each["ruleId"] for each in results} == {"exclusive-while-pinned"}
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == FLUSH[0]
    line = place["region"]["startLine"]
    assert "flush_tlb_mm" in (TREE / FLUSH[0]).read_text().splitlines()[line - 1]
    assert f"::error file=fs/proc/task_mmu.c,line={line}," in ended.out


def test_nothing_is_written_over(pinproof, patch, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    ended = pinproof("review", patch("mm/gup.c", PIN), *KERNEL, "--output", str(tmp_path / "mine.yaml"))
    assert ended.code == 2
    assert "nothing is written over" in ended.err
    assert (tmp_path / "mine.yaml").read_text() == "mine"


def test_time_for_all_questions(pinproof, patch, answers: dict[str, str]) -> None:
    ended = pinproof("review", patch("mm/gup.c", PIN), *KERNEL, "--timeout", "0.5")
    assert ended.code == 5
    assert "time ran out; not asked to the end: " in ended.out


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"hello\n", "there is no diff in it"), (b"\0\1", "this is no text")],
)
def test_wrong_input(pinproof, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.diff").write_bytes(content)
    ended = pinproof("review", str(tmp_path / "x.diff"))
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.split())


def test_patch_that_is_not_there(pinproof, patch) -> None:
    path = patch("mm/gup.c", PIN)
    ended = pinproof("review", path.replace("a-change", "the-change"))
    assert ended.code == 2
    assert f"did you mean `{path}`?" in ended.err


def test_tree_that_is_none(pinproof, patch, tmp_path: Path) -> None:
    ended = pinproof("review", patch("mm/gup.c", PIN), "--kernel", str(tmp_path))
    assert ended.code == 2
    assert "is no kernel tree" in " ".join(ended.err.split())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A git tree with two commits: our tree, and the flush taken out."""
    tree = copied(tmp_path)
    git(tree, "init", "-q")
    commit(tree, "the tree")
    text = (tree / FLUSH[0]).read_text()
    (tree / FLUSH[0]).write_text(text.replace(FLUSH[1][0], ""))
    commit(tree, "fs/proc: no flush")
    return tree


def git(tree: Path, *arguments: str) -> None:
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=tree, check=True, capture_output=True)


def commit(tree: Path, subject: str) -> None:
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", subject)


@pytest.mark.parametrize("commits", ["HEAD~1..HEAD", pytest.param("HEAD", marks=pytest.mark.slow)])
def test_commits_of_a_git_tree(pinproof, repository: Path, answers: dict[str, str], commits: str) -> None:
    ended = pinproof("review", commits, "--kernel", str(repository), "--platform", "sc", "--json")
    found = json.loads(ended.out)
    assert (found["answer"], ended.code) == ("a variant", 0)
    assert found["touched"] == [{"procedure": "clear_soft_dirty", "label": "flush"}]


def test_commits_that_are_not_there(pinproof, repository: Path) -> None:
    ended = pinproof("review", "HEAD~7..HEAD", "--kernel", str(repository))
    assert ended.code == 2
    assert "git knows no `HEAD~7..HEAD`" in ended.err


def test_impact(pinproof, patch) -> None:
    path = patch("mm/gup.c", PIN)
    ended = pinproof("impact", path, *KERNEL)
    assert ended.code == 0
    assert "  try_grab_folio_fast/bias_mb\n" in ended.out
    assert "  v6.12-bare-pin\n" in ended.out
    assert "claims about scenarios that run them:" in ended.out
    found = json.loads(pinproof("impact", path, *KERNEL, "--json").out)
    jsonschema.validate(found, review_json.impact_schema())
    assert {"gup-vs-fork", "gup-vs-reclaim"} <= {each["scenario"] for each in found["claims"]}


def test_large_diff_that_touches_nothing_is_answered_at_once(pinproof, tmp_path: Path) -> None:
    lines = "".join(f"@@ -{n * 20 + 1},3 +{n * 20 + 1},4 @@\n a\n+\tsmp_mb();\n b\n c\n" for n in range(2000))
    (tmp_path / "big.diff").write_text(f"--- a/drivers/x.c\n+++ b/drivers/x.c\n{lines}")
    start = time.process_time()
    assert pinproof("review", str(tmp_path / "big.diff")).code == 5
    assert time.process_time() - start < 2


@pytest.mark.slow
def test_barrier_of_v6_12_in_its_own_tree(pinproof, tmp_path: Path) -> None:
    tree = package("6.12")
    begin = "\t\traw_write_seqcount_begin(&src_mm->write_protect_seq);\n"
    (tmp_path / "fork-mb.diff").write_text(diff("mm/memory.c", (begin, f"{begin}\t\tsmp_mb();\n"), tree=tree))
    ended = pinproof(
        "review", str(tmp_path / "fork-mb.diff"), "--kernel", str(tree), "--timeout", "60", "--platform", "lkmm"
    )
    assert "better    writable-while-pinned on lkmm: was refuted, is" in ended.out
