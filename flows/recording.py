"""Every run, good or failed, leaves a line in `OUT.runs.jsonl`: who ran what when, and how it ended.

A line has start and end, user, host, Prefect's run id, the parameters, the exit code, the codes of the problems that
ended a run that failed (no text of theirs: it may quote data), and the hash of the manifest that a good run published.
A run that is ended by SIGKILL or by the machine leaves none.
"""

from __future__ import annotations

import getpass
import os
import platform
from contextlib import suppress
from datetime import UTC, datetime

from flows.calling import Caller, Progress, Silence, call_directly
from flows.handoff import append_run
from flows.pipeline import run_study
from flows.request import RunRequest, RunSummary
from specs.errors import INTERRUPTED, CdiscFlowsError, HandoffError


def run_recorded(
    request: RunRequest,
    *,
    call: Caller = call_directly,
    progress: Progress | None = None,
    prefect_run_id: str = "",
) -> RunSummary:
    """Run a request and record how it ended. Errors pass on after they are recorded."""
    started = _now()
    try:
        summary = run_study(request, call=call, progress=progress or Silence())
    except BaseException as error:
        record_failure(request, error, started=started, prefect_run_id=prefect_run_id)
        raise
    _record(request, started, prefect_run_id, 0, [], summary.manifest_sha256)
    return summary


def record_failure(
    request: RunRequest, error: BaseException, *, started: str | None = None, prefect_run_id: str = ""
) -> None:
    """Leave the line of a run that an error ended, or kept from starting (`started` is now, then)."""
    problems = [p.code for p in error.problems] if isinstance(error, CdiscFlowsError) else [type(error).__name__]
    # where the journal cannot be written either, what ended the run is still what the user has to know
    with suppress(HandoffError):
        codes = list(dict.fromkeys(problems))
        _record(request, started or _now(), prefect_run_id, exit_code_of(error), codes, "")


def _record(
    request: RunRequest, started: str, prefect_run_id: str, exit_code: int, problems: list[str], manifest: str
) -> None:
    asked = {"source": str(request.source), "fail_on": request.fail_on, "keep": request.keep}
    append_run(
        request.out,
        {
            "start": started,
            "end": _now(),
            "user": _user(),
            "host": platform.node(),
            "prefect_run_id": prefect_run_id,
            "parameters": request.parameters() | asked,
            "exit_code": exit_code,
            "problems": problems,
            "manifest_sha256": manifest,
        },
    )


def _user() -> str:
    """The name of the user; their number where the machine knows no name, as in many containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # OSError since Python 3.13
        return str(os.getuid())


def exit_code_of(error: BaseException) -> int:
    """What the command line returns for an error."""
    if isinstance(error, CdiscFlowsError):
        return error.exit_code
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return error.code
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
