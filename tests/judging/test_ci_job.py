"""The CI job of the README, run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
import yaml

from flows.handoff import append_run, sha256_of
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
(SCRIPT,) = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
(JOB,) = [block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "runs-on" in block]


@pytest.fixture
def judge(tmp_path, published):
    """Run the script on a copy of the published output, in an empty folder."""
    out = tmp_path / "handoff" / "out"
    shutil.copytree(published, out)
    append_run(out, {"exit_code": 0, "manifest_sha256": sha256_of(out / "manifest.json")})
    command = tmp_path / "bin" / "cdisc-flows"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from flows.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    given = yaml.safe_load(JOB)["jobs"]["judge"]["env"]
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"

    def run():
        return subprocess.run(
            ["bash", "-c", SCRIPT], cwd=tmp_path, env={**os.environ, **given, "PATH": path, "PYTHONPATH": str(ROOT)},
            capture_output=True, check=False, text=True, timeout=200,
        )  # fmt: skip

    return run


def test_the_job_writes_its_reports_and_fails_on_errors(judge, tmp_path):
    done = judge()

    # the export has planted faults that are errors
    assert (done.returncode, done.stderr) == (12, "")
    assert ET.fromstring((tmp_path / "check.junit").read_bytes()).tag == "testsuites"
    assert json.loads((tmp_path / "check.sarif").read_bytes())["version"] == "2.1.0"
    assert (tmp_path / "check.html").read_text().startswith("<!DOCTYPE html>")
    assert re.search(r"^::error file=", done.stdout, re.MULTILINE)


def test_the_job_stops_at_an_output_that_was_changed(judge, tmp_path):
    (tmp_path / "handoff" / "out" / "sdtm" / "ae.parquet").write_bytes(b"PAR1")

    done = judge()

    assert done.returncode == 12
    assert "sdtm/ae.parquet" in done.stdout
    assert not (tmp_path / "check.junit").exists()


def test_the_job_of_github_actions_runs_the_script():
    steps = yaml.safe_load(JOB)["jobs"]["judge"]["steps"]

    assert [step["run"] for step in steps if "run" in step][-1] == "bash judge.sh"
