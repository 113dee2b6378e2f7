"""The scheduled deployment: one run at a time, and of the runs that are late only the newest."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flows.prefect_settings import prepare_environment

prepare_environment()

from prefect.client.orchestration import SyncPrefectClient, get_client  # noqa: E402  # settings are read at import
from prefect.client.schemas.filters import (  # noqa: E402
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, StateType  # noqa: E402
from prefect.client.schemas.sorting import FlowRunSort  # noqa: E402
from prefect.schedules import Cron, Schedule  # noqa: E402
from prefect.states import Cancelled  # noqa: E402
from prefect.types.entrypoint import EntrypointType  # noqa: E402

from flows.prefect_flows import raw_to_adam  # noqa: E402
from flows.request import RunRequest  # noqa: E402
from flows.study import open_study  # noqa: E402
from specs.errors import Problem, UsageError  # noqa: E402

log = logging.getLogger("cdisc_flows")


def serve_study(request: RunRequest, cron: str, timezone: str) -> None:
    """Register the deployment of a study with its schedule, and execute its runs until stopped.

    A run that comes due while another one runs is cancelled, not queued. Raises SpecError for an unknown study,
    UsageError for a schedule that cannot be read, before anything is registered.
    """
    name = f"{open_study(request.study).studyid}-nightly"
    schedule = _schedule(cron, timezone)
    with get_client(sync_client=True) as client:
        cancelled = cancel_late_runs_but_newest(client, name)
    if cancelled:
        log.warning("%d late runs cancelled; the newest one stays", cancelled)
    raw_to_adam.serve(
        name=name,
        schedule=schedule,
        parameters={
            "study": request.study,
            "raw": str(request.source.absolute()),
            "out": str(request.out.absolute()),
            "raw_format": request.raw_format,
            "fail_on": request.fail_on,
            "dataset_json": request.dataset_json,
            "keep": request.keep,
        },
        description=raw_to_adam.description,
        global_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        limit=2,  # an overlapping run has to reach the server, which cancels it, instead of waiting here for its turn
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def cancel_late_runs_but_newest(client: SyncPrefectClient, deployment: str) -> int:
    """Cancel what came due while nobody served, but for the newest; returns how many were cancelled.

    Without this, a server that was down for a week is followed by seven runs over the same export.
    """
    late = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[raw_to_adam.name])),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=datetime.now(UTC)),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
    )
    for run in late[1:]:
        client.set_flow_run_state(run.id, Cancelled(message="late, and a newer run is due"), force=True)
    return len(late[1:])


def _schedule(cron: str, timezone: str) -> Schedule:
    try:
        return Cron(cron, timezone=ZoneInfo(timezone).key)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise UsageError(
            Problem(
                code="USAGE-001",
                place=f'--cron "{cron}" --timezone {timezone}',
                fact=f"The schedule cannot be read: {' '.join(str(error).split())}",
                hint='"0 2 * * *" is every night at two; time zones are named like Asia/Shanghai.',
                next_step="mend the five fields: minute, hour, day of month, month, day of week.",
            )
        ) from error
