"""The same run through Prefect: tracked, failed where a gate fails, scheduled, and never twice at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.prefect_server import running_server, stop_group, wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    """A Prefect server with a home of its own; its API address."""
    with running_server(tmp_path_factory.mktemp("server-home")) as url:
        yield url


def _post(url: str, body: dict[str, Any]) -> Any:
    """What the server answers. It says 503 while its database is busy with another request: to be asked again."""

    def answer() -> httpx.Response | None:
        given = httpx.post(url, json=body, timeout=30)
        return None if given.status_code == httpx.codes.SERVICE_UNAVAILABLE else given

    return wait_until(answer).raise_for_status().json()


def _flow_runs(server: str) -> list[dict[str, Any]]:
    return _post(f"{server}/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC"})


def _newest_artifact(server: str, key: str) -> dict[str, Any]:
    found = _post(f"{server}/artifacts/filter", {"artifacts": {"key": {"any_": [key]}}})
    return max(found, key=lambda artifact: artifact["created"])


def test_a_run_through_the_api_gives_the_same_bytes_and_leaves_its_history(
    server, published, dirty_export, tmp_path, cdisc_flows
):
    done = cdisc_flows("run", "--study", "ql1706", "--raw", dirty_export, "--out", tmp_path / "out",
                       "--dataset-json", "both", PREFECT_API_URL=server)  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "manifest.json").read_bytes() == (published / "manifest.json").read_bytes()
    run = _flow_runs(server)[0]
    assert run["state_name"] == "Completed"
    assert run["parameters"]["raw"] == str(dirty_export)
    datasets = _newest_artifact(server, "datasets")["data"]
    assert '"ADTTE"' in datasets
    assert '"TR"' in datasets
    assert run["id"] in (tmp_path / "out.runs.jsonl").read_text()


def test_a_failed_gate_makes_the_flow_run_failed_without_a_retry(server, clean_export, tmp_path, cdisc_flows):
    raw = tmp_path / "raw"
    shutil.copytree(clean_export, raw)
    (raw / "V_QL1706_TARGET.csv").unlink()

    done = cdisc_flows("run", "--study", "ql1706", "--raw", raw, "--out", tmp_path / "out", PREFECT_API_URL=server)

    assert done.returncode == 11
    assert "Traceback" not in done.stderr.splitlines()[-1]
    run = _flow_runs(server)[0]
    assert run["state_name"] == "Failed"
    assert "TARGET" in run["state"]["message"]
    assert run["run_count"] == 1
    assert "TARGET" in _newest_artifact(server, "problems")["data"]
    assert not (tmp_path / "out").exists()


@pytest.fixture
def serving(server, dirty_export, tmp_path) -> Iterator[dict[str, Any]]:
    """A served deployment; its description by the API."""
    words = ["serve", "--study", "ql1706", "--raw", str(dirty_export), "--out", str(tmp_path / "out"),
             "--cron", "0 2 * * *", "--timezone", "Asia/Shanghai",
             "--dataset-json", "ndjson", "--keep", "2"]  # fmt: skip
    with (tmp_path / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from flows.cli import main; main()", *words],
            env={**os.environ, "PREFECT_API_URL": server, "PREFECT_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
            cwd=tmp_path, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

        def deployment() -> dict[str, Any] | None:
            found = _post(f"{server}/deployments/filter", {})
            return found[0] if found and found[0]["schedules"] else None

        yield wait_until(deployment)
        stop_group(process)


def test_serve_registers_a_schedule_with_a_form_and_executes_one_run_at_a_time(server, serving, tmp_path):
    assert serving["name"] == "QL1706-ESCC-nightly"
    assert serving["schedules"][0]["schedule"]["cron"] == "0 2 * * *"
    assert serving["schedules"][0]["schedule"]["timezone"] == "Asia/Shanghai"
    assert {"study", "raw", "out", "cutoff", "fail_on"} <= set(serving["parameter_openapi_schema"]["properties"])
    assert serving["global_concurrency_limit"]["limit"] == 1
    assert serving["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"

    url = f"{server}/deployments/{serving['id']}/create_flow_run"
    first, second = (_post(url, {})["id"] for _ in range(2))

    def ended() -> dict[str, str] | None:
        states = {run["id"]: run["state_type"] for run in _flow_runs(server) if run["id"] in (first, second)}
        return states if not set(states.values()) & {"SCHEDULED", "PENDING", "RUNNING"} else None

    assert sorted(wait_until(ended).values()) == ["CANCELLED", "COMPLETED"]
    assert (tmp_path / "out" / "dataset-json" / "adam" / "adsl.ndjson").is_file()

    first = second = _post(url, {})["id"]
    assert wait_until(ended) == {first: "COMPLETED"}
    assert [path.name for path in (tmp_path / "out.kept").iterdir()] == ["1"]  # of two outputs the earlier one


def test_of_late_runs_only_the_newest_stays(server, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.states import Scheduled

    from flows.prefect_flows import raw_to_adam
    from flows.serving import cancel_late_runs_but_newest

    with SyncPrefectClient(server) as client:
        flow_id = client.create_flow_from_name(raw_to_adam.name)
        deployment = client.create_deployment(flow_id, "late-nightly")
        now = datetime.now(UTC)
        runs = {
            days: client.create_flow_run_from_deployment(
                deployment, state=Scheduled(scheduled_time=now + timedelta(days=days))
            ).id
            for days in (-3, -2, -1, 1)
        }

        assert cancel_late_runs_but_newest(client, "late-nightly") == 2

        states = {days: client.read_flow_run(run).state_type.value for days, run in runs.items()}
    assert states == {-3: "CANCELLED", -2: "CANCELLED", -1: "SCHEDULED", 1: "SCHEDULED"}


def test_without_an_api_the_flow_starts_a_server_of_its_own(tmp_path, dirty_export, cdisc_flows):
    done = cdisc_flows("run", "--study", "ql1706", "--raw", dirty_export, "--out", tmp_path / "out", "--prefect")

    assert done.returncode == 0, done.stderr
    assert Path(tmp_path / "out" / "manifest.json").is_file()
