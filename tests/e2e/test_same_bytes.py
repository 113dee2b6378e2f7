"""Same input, same bytes: on a second run, in another time zone, with another hash seed; and after a kill."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT


def hashes(folder: Path) -> dict[str, str]:
    """Path -> SHA-256 of every file of an output."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_second_run_in_another_time_zone_and_hash_seed_gives_the_same_bytes(
    published, dirty_export, tmp_path, cdisc_flows
):
    again = tmp_path / "elsewhere"
    done = cdisc_flows(
        "run", "--study", "ql1706", "--raw", dirty_export, "--out", again, "--plain", "--dataset-json", "both",
        TZ="Pacific/Kiritimati", PYTHONHASHSEED="4711", LC_ALL="C",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert hashes(again) == hashes(published)


def test_kill_in_the_middle_leaves_the_last_output_whole_and_the_next_run_succeeds(dirty_export, tmp_path, cdisc_flows):
    out = tmp_path / "out"
    words = ["run", "--study", "ql1706", "--raw", str(dirty_export), "--out", str(out), "--plain"]
    started = time.monotonic()
    assert cdisc_flows(*words).returncode == 0
    whole_run = time.monotonic() - started
    before = hashes(out)

    for share in (0.35, 0.6, 0.75, 0.9):
        run = subprocess.Popen(
            [sys.executable, "-c", "from flows.cli import main; main()", *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(share * whole_run)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert hashes(out) == before

    assert cdisc_flows(*words).returncode == 0
    assert hashes(out) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.runs.jsonl"]
