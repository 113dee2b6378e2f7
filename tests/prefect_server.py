"""A Prefect server of our own, for tests and benchmarks that need one running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PATIENCE_SECONDS = 120


def wait_until(true: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """What `true` gives as soon as that is true. Raises TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = true()
        if value:
            return value
        time.sleep(0.5)
    raise TimeoutError(f"still waiting after {seconds:.0f} s")


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children: asked first (not by SIGINT, which a background shell ignores), then made to."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


@contextmanager
def running_server(home: Path) -> Iterator[str]:
    """The API address of a server that keeps all it has in the folder `home`, and ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    environment = {**os.environ, "PREFECT_HOME": str(home), "PREFECT_UI_ENABLED": "false"}
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip

        def answers() -> bool:
            try:
                return httpx.get(f"{url}/health", timeout=2).is_success
            except httpx.HTTPError:
                return False

        try:
            wait_until(answers)
            yield url
        finally:
            stop_group(process)
