"""The command as a process of its own: pipes, signals, colours, speed of starting."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
PINPROOF = (sys.executable, "-m", "encoder")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PINPROOF, *arguments], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )


def alive_in_group(group: int) -> list[str]:
    """The processes of a group that have not ended, from /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, pgrp = path.read_text().rpartition(")")[2].split()[:3]
            if int(pgrp) == group and state != "Z":
                found.append(path.parent.joinpath("cmdline").read_text())
    return found


def test_help_is_plain_text() -> None:
    ended = run("--help", FORCE_COLOR="1")
    assert ended.returncode == 0
    assert "\x1b" not in ended.stdout
    for command in ("prove", "witness", "verify", "list", "show", "replay", "schema"):
        assert f"\n  {command} " in ended.stdout


def test_errors_are_plain_text_on_standard_error() -> None:
    ended = run("prove", "gup-vs-reclam", "--variant", "baseline")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "\x1b" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    with subprocess.Popen([*PINPROOF, "list"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 141


def test_an_interrupt_kills_the_workers(tmp_path: Path, cache: Path) -> None:
    """The workers hang; after the interrupt none of them is left and nothing is recorded."""
    code = (
        "import sys, encoder.cli.verify as v, encoder.ledger.ask as asking\n"
        "from tests.ledger.answers import never_returns\n"
        "from tests.ledger.samples import task\n"
        "from encoder.cli.app import main\n"
        "if __name__ == '__main__':\n"
        "    real = asking.run\n"
        "    asking.run = lambda todo, pool, memory: real(todo, pool=pool, memory=memory, answer=never_returns)\n"
        "    v.tasks_of = lambda *_: (task('first'), task('second'))\n"
        "    v.chosen_of = lambda *_: ()\n"
        "    v.load_obligations = lambda *_: ()\n"
        "    print('ready', flush=True)\n"
        "    sys.exit(main(['verify', '--jobs', '2']))\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, script]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, start_new_session=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(2)
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=20) == 130
        assert child.stdout.read() == b""
    assert not cache.exists()
    deadline = time.monotonic() + 5
    while alive_in_group(child.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert alive_in_group(child.pid) == []
