"""What goes wrong around the command: a full disk, no memory, two at once. Nothing recorded is lost or half-written, no
verdict is invented, and there is no traceback."""

import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from encoder.ledger.database import NAME
from tests.cli.test_process import PINPROOF, ROOT, alive_in_group

CLAIM = "gup-vs-soft-dirty/baseline"
QUICK = ("verify", f"{CLAIM}/writable-while-pinned/sc", "--jobs", "1")


@pytest.mark.parametrize("words", [["--help"], pytest.param(["list"], marks=pytest.mark.slow)])
def test_a_closed_or_full_standard_output_is_no_traceback(words: list[str]) -> None:
    full = "a file cannot be read or written: No space left on device"
    for redirected, said in ((">&-", "standard output is closed"), (">/dev/full", full)):
        ended = subprocess.run(
            f"{shlex.join([*PINPROOF, *words])} {redirected}", cwd=ROOT, shell=True, stderr=subprocess.PIPE, text=True
        )
        assert ended.returncode == 2
        assert ended.stderr == f"error[C105]: {said}\n"


@pytest.mark.slow
def test_a_full_disk_is_named_and_a_full_standard_error_changes_no_exit_code() -> None:
    command = [*PINPROOF, "export", "unpin-vs-fork", "--variant", "baseline"]
    ended = subprocess.run([*command, "-o", "/dev/full"], cwd=ROOT, capture_output=True, text=True)
    said = "error[C105]: `/dev/full` cannot be read or written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (2, said)
    with Path("/dev/full").open("w") as full:
        assert subprocess.run([*PINPROOF, "show", "nobody"], cwd=ROOT, stderr=full).returncode == 2


@pytest.mark.slow
def test_verify_with_a_cache_on_a_full_disk_says_so_and_decides(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys\n"
        "from encoder.cli.app import main\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"    sys.exit(main({[*QUICK]!r}))\n"
    )
    (tmp_path / "script.py").write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, tmp_path / "script.py"]
    for _ in range(2):
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert ended.returncode == 0
        assert ended.stdout.splitlines()[-2:] == ["1/1 as expected", "none of these was recorded: 1 decided anew"]
        assert ended.stderr.startswith("warning: what was recorded in ") and ended.stderr.count("\n") == 1


@pytest.mark.slow
def test_two_at_once_over_one_cache_lose_nothing(cache: Path) -> None:
    both = [subprocess.Popen([*PINPROOF, *QUICK, "--fresh"], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in "ab"]
    told = [each.communicate(timeout=120)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert told[0] == told[1]
    again = subprocess.run([*PINPROOF, *QUICK], cwd=ROOT, capture_output=True, text=True)
    assert again.stdout.count("(recorded)") == len(told[0].splitlines()) - 2
    assert [path.name for path in cache.iterdir()] == [NAME]


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_decides_nothing_and_a_second_run_decides_all() -> None:
    command = [*PINPROOF, *QUICK, "--fresh"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        assert killed(child.pid)
        out, err = child.communicate(timeout=180)
    assert "Traceback" not in err
    assert child.returncode == 5
    assert "unknown: the worker " in out
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (again.returncode, "unknown" in again.stdout) == (0, False)


def killed(parent: int) -> bool:
    """Kill the first worker of the process as soon as there is one; whether there was."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in Path("/proc").glob("[0-9]*"):
            try:
                group = int((path / "stat").read_text().rpartition(")")[2].split()[2])
            except (OSError, ValueError):
                continue
            if group == parent and int(path.name) != parent:
                os.kill(int(path.name), signal.SIGKILL)
                return True
        time.sleep(0.01)
    return False


@pytest.mark.slow
def test_an_interrupt_in_the_middle_leaves_what_was_found_and_nobody() -> None:
    command = [*PINPROOF, "verify", "gup-vs-soft-dirty", "--jobs", "2", "--fresh"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        assert child.stdout is not None and child.stderr is not None
        first = child.stdout.readline().split()[1]
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (130, "")
    again = subprocess.run([*PINPROOF, "verify", first], cwd=ROOT, capture_output=True, text=True)
    assert "1 of 1 repeat recorded results" in again.stdout
    deadline = time.monotonic() + 5
    while alive_in_group(child.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert alive_in_group(child.pid) == []


REFUTED = [*PINPROOF, "prove", "gup-vs-soft-dirty", "--variant", "linus-soft-dirty-seq", "--model", "lkmm"]


@pytest.fixture(scope="module")
def compiled() -> None:
    """In a fresh checkout Python compiles all modules first, z3's too, which takes more memory than the answer."""
    subprocess.run(REFUTED, cwd=ROOT, capture_output=True, check=False)


@pytest.mark.slow
@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("megabytes", [110, 150, 250])
def test_without_memory_nothing_is_invented(megabytes: int) -> None:
    """An address space too small for the question: an answer, exit code 5 and a word about memory, or z3 has taken the
    process with it."""

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    ended = subprocess.run(REFUTED, cwd=ROOT, capture_output=True, text=True, preexec_fn=little)
    assert "Traceback" not in ended.stderr
    assert ended.returncode in (5, 10, -signal.SIGSEGV)
    assert ended.returncode != 10 or ended.stdout.startswith("REFUTED")
    assert ended.returncode != -signal.SIGSEGV or ended.stdout == ""
    if ended.returncode == 5:
        assert any(word in ended.stdout + ended.stderr for word in ("memory", "the worker died "))
        assert ended.stdout == "" or ended.stdout.startswith("UNKNOWN")


def test_a_solver_without_memory_decides_nothing(pinproof, engine) -> None:
    engine(MemoryError())
    ended = pinproof("prove", "gup-vs-reclaim", "--variant", "baseline", "--model", "sc")
    assert (ended.code, ended.out, ended.err) == (5, "", "out of memory: nothing more is decided\n")
