"""The demo: a small simulated study, run as its user would run a real one."""

from __future__ import annotations

import sys
from pathlib import Path

from flows.prefect_settings import configured_api_url, prepare_environment, require_answering_api
from flows.request import RunRequest, RunSummary
from flows.simulate import simulate_study
from flows.study import open_study
from specs.counted import how_many

STUDY = "ql1706"


def run_demo(folder: Path, subjects: int, seed: int, *, plain: bool) -> RunSummary:
    """Simulate into FOLDER/raw, run into FOLDER/out, and say where the run can be seen."""
    export = simulate_study(open_study(STUDY), subjects, seed, folder / "raw")
    records = how_many(sum(export.rows.values()), "record")
    _say(f"Simulated {how_many(subjects, 'subject')} ({records}) in {export.folder}")
    _say(f"The faults planted in it are listed in {export.answer_key}")
    request = RunRequest(STUDY, export.folder, folder / "out")
    if plain:
        from flows.calling import progress_display
        from flows.recording import run_recorded

        with progress_display() as progress:
            return run_recorded(request, progress=progress)
    url = configured_api_url()
    if url is not None:
        require_answering_api(url)
    else:
        _say("Starting a temporary Prefect server: about 15 s, the first time on a machine up to a minute …")
    prepare_environment()
    from flows.prefect_flows import run_as_flow

    summary = run_as_flow(request)
    prefect = Path(sys.executable).with_name("prefect")
    if url is None:
        _say(f"To see the run, its tasks, logs and artifacts: {prefect} server start, then http://127.0.0.1:4200/runs")
    return summary


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
