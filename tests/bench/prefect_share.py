"""`make bench-prefect`: what a running Prefect server adds to a run of the demo study, imports included.

Plain runs and Prefect runs take turns, each in a process of its own; of each kind the quickest counts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.run import simulated
from tests.prefect_server import running_server


def seconds_of(*words: str, **environment: str) -> float:
    """Wall-clock seconds of a run of the command line."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *words],
        check=True, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.perf_counter() - started


def main() -> None:
    """Print the seconds of both, and the difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=120)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    plain, tracked = [], []
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw")
        simulated(arguments.subjects, raw)
        home = Path(scratch, "home")
        home.mkdir()
        run = ["run", "--study", "ql1706", "--raw", str(raw), "--out", f"{scratch}/out"]
        with running_server(home) as url:
            for _ in range(arguments.turns):
                plain.append(seconds_of(*run, "--plain"))
                tracked.append(seconds_of(*run, "--prefect", PREFECT_API_URL=url, PREFECT_HOME=str(home)))
    table = Table("run", "seconds, quickest", "all turns")
    for name, found in (("plain", plain), ("Prefect, server running", tracked)):
        table.add_row(name, f"{min(found):.1f}", ", ".join(f"{seconds:.1f}" for seconds in found))
    Console(width=100).print(table)
    Console(width=100).print(f"[bold]Prefect's share: {min(tracked) - min(plain):.1f} s[/]")


if __name__ == "__main__":
    main()
