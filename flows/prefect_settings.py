"""Prefect's surroundings: telemetry off, patience with a slow start, and whether an API is configured.

Nothing here imports Prefect unless it must: its import alone costs seconds, and a plain run needs none of it.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from specs.errors import PrefectUnavailableError, Problem

API_ANSWER_SECONDS = 10

_DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # a temporary server migrates its database the first time; on a slow machine that outlasts the default of 20 s
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "cdisc_flows",
}


def prepare_environment() -> None:
    """Set what Prefect reads at import, where the user has not set it. Call before importing Prefect."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)


def configured_api_url() -> str | None:
    """The Prefect API that the environment, a profile or a settings file configures; None where there is none."""
    if os.environ.get("PREFECT_API_URL"):
        return os.environ["PREFECT_API_URL"]
    if not _a_file_may_configure_an_api():
        return None
    prepare_environment()
    from prefect.settings import get_current_settings

    return get_current_settings().api.url


def _a_file_may_configure_an_api() -> bool:
    """Whether any file that Prefect reads may speak of an API: a cheap look that spares most runs the import."""
    home = Path(os.environ.get("PREFECT_HOME", Path.home() / ".prefect"))
    profiles = _toml(Path(os.environ.get("PREFECT_PROFILES_PATH", home / "profiles.toml")))
    active = os.environ.get("PREFECT_PROFILE", profiles.get("active", ""))
    dotenv = Path(".env")
    return bool(
        profiles.get("profiles", {}).get(active, {}).get("PREFECT_API_URL")
        or _toml(Path("prefect.toml"))
        or _toml(Path("pyproject.toml")).get("tool", {}).get("prefect")
        or (dotenv.is_file() and "PREFECT_API_URL" in dotenv.read_text(encoding="utf-8", errors="replace"))
    )


def _toml(path: Path) -> dict[str, Any]:
    """A TOML file's content, empty where there is no file. A broken one is Prefect's to report: not empty."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {"broken": True, "profiles": {"": {"PREFECT_API_URL": "?"}}, "tool": {"prefect": True}}


def require_answering_api(url: str) -> None:
    """Raise PrefectUnavailableError unless the API answers within API_ANSWER_SECONDS."""
    prepare_environment()
    from prefect.client.orchestration import SyncPrefectClient

    with SyncPrefectClient(url, httpx_settings={"timeout": API_ANSWER_SECONDS}) as client:
        failure = client.api_healthcheck()
    if failure is not None:
        raise PrefectUnavailableError(
            Problem(
                code="PREFECT-001",
                place=url,
                fact=f"A Prefect API is configured, but it does not answer ({type(failure).__name__}).",
                hint="is the server running? `prefect server start` starts one.",
                next_step="start the server, mend PREFECT_API_URL, or run without Prefect: --plain.",
            )
        )
