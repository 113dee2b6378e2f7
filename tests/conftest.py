"""What many tests share: the study, and simulated exports made once a worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# before anything imports Prefect: no telemetry, and never the API of the person who runs the tests
os.environ.update({"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"})
os.environ.pop("PREFECT_API_URL", None)

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def study():
    """The specs of the study, with rule names checked."""
    from flows.study import open_study

    return open_study("ql1706")


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory) -> Path:
    """A Prefect home of the tests' own, with no profile and no history."""
    return tmp_path_factory.mktemp("prefect-home")


@pytest.fixture(scope="session")
def cdisc_flows(prefect_home) -> Command:
    """Run the command line in a process of its own, far from any Prefect settings of this machine."""

    def run(*words: object, timeout: float = 300, cwd: Path | None = None, **environment: str):
        return subprocess.run(
            [sys.executable, "-c", "from flows.cli import main; main()", *map(str, words)],
            capture_output=True,
            check=False,
            text=True,
            timeout=timeout,
            cwd=cwd or prefect_home,
            env={**os.environ, "PREFECT_HOME": str(prefect_home), "PYTHONPATH": str(ROOT), **environment},
        )

    return run


@pytest.fixture(scope="session")
def dirty_export(tmp_path_factory, study) -> Path:
    """A simulated export with planted faults; its answer key lies beside it."""
    from flows.simulate import simulate_study

    return simulate_study(study, 120, 42, tmp_path_factory.mktemp("dirty") / "raw").folder


@pytest.fixture(scope="session")
def clean_export(tmp_path_factory, study) -> Path:
    """A simulated export without faults."""
    from flows.simulate import simulate_study

    return simulate_study(study, 120, 7, tmp_path_factory.mktemp("clean") / "raw", clean=True).folder


@pytest.fixture(scope="session")
def published(tmp_path_factory, dirty_export) -> Path:
    """The output of a plain run over the export with faults, with every form of the datasets."""
    from flows.pipeline import run_study
    from flows.request import RunRequest

    out = tmp_path_factory.mktemp("published") / "out"
    run_study(RunRequest("ql1706", dirty_export, out, dataset_json="both"))
    return out
