"""Every run, good or failed, leaves a line in `OUT.runs.jsonl`: who ran what when, and how it ended."""

from __future__ import annotations

import getpass
import platform
from contextlib import suppress
from datetime import UTC, datetime

from flows.calling import Caller, Progress, Silence, call_directly
from flows.handoff import append_run
from flows.pipeline import run_study
from flows.request import RunRequest, RunSummary
from specs.errors import CdiscFlowsError, HandoffError


def run_recorded(
    request: RunRequest,
    *,
    call: Caller = call_directly,
    progress: Progress | None = None,
    prefect_run_id: str = "",
) -> RunSummary:
    """Run a request and record how it ended. Errors pass on after they are recorded."""
    started = _now()

    def record(exit_code: int, manifest: str = "") -> None:
        append_run(
            request.out,
            {
                "start": started,
                "end": _now(),
                "user": getpass.getuser(),
                "host": platform.node(),
                "prefect_run_id": prefect_run_id,
                "parameters": request.parameters() | {"source": str(request.source), "fail_on": request.fail_on},
                "exit_code": exit_code,
                "manifest_sha256": manifest,
            },
        )

    try:
        summary = run_study(request, call=call, progress=progress or Silence())
    except BaseException as error:
        # where the log cannot be written either, what ended the run is still what the user has to know
        with suppress(HandoffError):
            record(exit_code_of(error))
        raise
    record(0, summary.manifest_sha256)
    return summary


def exit_code_of(error: BaseException) -> int:
    """What the command line returns for an error."""
    if isinstance(error, CdiscFlowsError):
        return error.exit_code
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
