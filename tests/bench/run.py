"""`make bench`: seconds and peak memory of each stage for 50, 1,000 and 10,000 subjects, beside the floor.

Ratios are against the floor measured in the same run, so that they mean the same on any machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Rows = list[tuple[str, float, float]]


def measured(*words: str, module: str = "tests.bench.measure") -> dict[str, Any]:
    """What a module that measures prints, run in a process of its own."""
    done = subprocess.run([sys.executable, "-m", module, *words], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def simulated(subjects: int, folder: Path) -> None:
    """Simulate an export."""
    words = ["simulate", "--study", "ql1706", "--subjects", str(subjects), "--seed", "42", "--out", str(folder)]
    subprocess.run([sys.executable, "-c", "from flows.cli import main; main()", *words], check=True)


def _table(title: str, rows: Rows) -> tuple[Table, float]:
    table = Table("stage", "seconds", "peak MiB", title=title, title_justify="left")
    total = sum(seconds for _, seconds, _ in rows)
    for name, seconds, peak in rows:
        table.add_row(name, f"{seconds:.2f}", f"{peak:,.0f}")
    table.add_section()
    table.add_row("together", f"{total:.2f}", f"{max(peak for _, _, peak in rows):,.0f}")
    return table, total


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, nargs="+", default=[50, 1_000, 10_000])
    arguments = parser.parse_args()
    console = Console(width=80)
    per_subject: list[str] = []
    for subjects in arguments.subjects:
        with tempfile.TemporaryDirectory() as scratch:
            raw, out = Path(scratch, "raw"), Path(scratch, "out")
            simulated(subjects, raw)
            size = sum(path.stat().st_size for path in raw.glob("*.csv")) / 1e6
            ran = measured("run", str(raw), str(out))["stages"]
            floor = measured("floor", str(raw), str(out), f"{scratch}/floor")["stages"]
        run_table, run_total = _table(f"{subjects:,} subjects ({size:,.0f} MB of CSV): plain run", ran)
        floor_table, floor_total = _table("floor", floor)
        console.print(run_table)
        console.print(floor_table)
        console.print(f"[bold]plain run / floor = {run_total / floor_total:.1f}[/]\n")
        per_subject.append(f"{subjects:,}: {1000 * run_total / subjects:.2f} ms")
    console.print("plain run per subject: " + ", ".join(per_subject))


if __name__ == "__main__":
    main()
