"""The Prefect flows: the whole run and each half. Thin: the steps are those of `flows.pipeline`, called as tasks.

Parameters are plain values, so that the Prefect UI makes a form of them. Annotations are evaluated here on purpose:
Prefect could not resolve them as text when it loads a flow by its module's name.
"""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from flows.prefect_settings import prepare_environment

prepare_environment()

from prefect import State, Task, flow, get_run_logger, task  # noqa: E402  # the settings above are read at import
from prefect.artifacts import create_markdown_artifact, create_table_artifact  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.schemas.objects import TaskRun  # noqa: E402
from prefect.context import FlowRunContext  # noqa: E402

from flows.memory import manage_memory  # noqa: E402
from flows.recording import run_recorded  # noqa: E402
from flows.request import DatasetJson, FailOn, RunRequest, RunSummary  # noqa: E402
from specs.errors import CdiscFlowsError  # noqa: E402

T = TypeVar("T")
logging.getLogger("cdisc_flows").setLevel(logging.INFO)  # the line a stage leaves is part of the run's log


def _worth_another_try(task: Task[..., Any], task_run: TaskRun, state: State) -> bool:  # noqa: ARG001  # Prefect's
    """Only what may pass by itself: an operating-system error, such as a network folder that hiccups.

    A broken spec, input, gate or hand-off is the same on the next try.
    """
    return isinstance(state.result(raise_on_failure=False), OSError)


def _call_as_task(name: str, step: Callable[..., T], *args: object) -> T:
    """Call a step as a Prefect task: tracked, retried on OSError, nothing of its data cached or stored.

    The task has no parameters: Prefect walks through what it is given, frames and specs included.
    """

    def bound() -> T:
        return step(*args)

    as_task = task(
        name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=2,
        retry_delay_seconds=5,
        retry_condition_fn=_worth_another_try,
    )
    result: T = as_task(bound)()
    return result


def _run(request: RunRequest) -> RunSummary:
    manage_memory()
    context = FlowRunContext.get()
    run_id = str(context.flow_run.id) if context and context.flow_run else ""
    try:
        summary = run_recorded(request, call=_call_as_task, prefect_run_id=run_id)
    except CdiscFlowsError as error:
        create_markdown_artifact(
            key="problems",
            description=f"Why the run stopped (exit code {error.exit_code})",
            markdown="\n\n".join(f"```\n{problem}\n```" for problem in error.problems),
        )
        raise
    _leave_artifacts(summary)
    return summary


def _leave_artifacts(summary: RunSummary) -> None:
    """Counts only: no subject, no value."""
    create_table_artifact(
        key="datasets",
        description="Datasets published",
        table=[
            {"half": d.half, "dataset": d.name, "label": d.label, "rows": d.rows, "subjects": d.subjects}
            for d in summary.datasets
        ],
    )
    create_table_artifact(
        key="findings",
        description="Findings by code: " + ", ".join(f"{n} {s}" for s, n in summary.findings.items()),
        table=[{"code": code, "findings": n} for code, n in summary.codes.items()],
    )
    get_run_logger().info("published to %s", summary.out)


@flow(name="raw-to-adam", persist_result=False)
def raw_to_adam(
    study: str,
    raw: Path,
    out: Path,
    cutoff: date | None = None,
    raw_format: str = "auto",
    fail_on: FailOn = "never",
    dataset_json: DatasetJson = "none",
    keep: int | None = None,
) -> RunSummary:
    """Raw export to SDTM, ADaM and hand-off.

    Args:
        study: name of a study under specs/, or path to its folder
        raw: folder with the raw EDC export
        out: folder to publish to; replaced as a whole, or not at all
        cutoff: data cut-off date, applied before ADaM
        raw_format: format of the export; auto detects it
        fail_on: fail, and publish nothing, on findings this severe or worse
        dataset_json: write Dataset-JSON, too, and which kind of it
        keep: keep so many good outputs, this one counted, the earlier ones in OUT.kept
    """
    return _run(RunRequest(study, raw, out, "both", cutoff, raw_format, fail_on, dataset_json, keep))


@flow(name="raw-to-sdtm", persist_result=False)
def raw_to_sdtm(
    study: str,
    raw: Path,
    out: Path,
    raw_format: str = "auto",
    fail_on: FailOn = "never",
    dataset_json: DatasetJson = "none",
    keep: int | None = None,
) -> RunSummary:
    """Raw export to SDTM. The parameters are those of raw-to-adam."""
    return _run(RunRequest(study, raw, out, "sdtm", None, raw_format, fail_on, dataset_json, keep))


@flow(name="sdtm-to-adam", persist_result=False)
def sdtm_to_adam(
    study: str,
    sdtm: Path,
    out: Path,
    cutoff: date | None = None,
    fail_on: FailOn = "never",
    dataset_json: DatasetJson = "none",
    keep: int | None = None,
) -> RunSummary:
    """A folder of SDTM, wherever it came from, to ADaM. The parameters are those of raw-to-adam."""
    return _run(RunRequest(study, sdtm, out, "adam", cutoff, "auto", fail_on, dataset_json, keep))


def run_as_flow(request: RunRequest) -> RunSummary:
    """Run a request as the flow of its half; a temporary Prefect server is started where no API is configured."""
    study, source, out = request.study, request.source, request.out
    last = (request.fail_on, request.dataset_json, request.keep)
    if request.half == "both":
        return raw_to_adam(study, source, out, request.cutoff, request.raw_format, *last)
    if request.half == "sdtm":
        return raw_to_sdtm(study, source, out, request.raw_format, *last)
    return sdtm_to_adam(study, source, out, request.cutoff, *last)
