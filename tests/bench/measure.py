"""Measures one thing in a process of its own and prints it as JSON: a whole plain run, or the floor beneath it.

The floor is what no pipeline can go below: reading the same CSV files as text (guessed types would lose leading zeros)
and writing the same Parquet and XPT files.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import psutil

MIB = 1024 * 1024


class PeakMemory:
    """Samples the memory of this process and its workers every few milliseconds.

    Counted is what only the process has; mapped files are the system's cache, which it takes back when it needs room.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._peak = 0
        threading.Thread(target=self._sample, daemon=True).start()

    def _sample(self) -> None:
        while True:
            self._peak = max(self._peak, self._now())
            time.sleep(0.02)

    def _now(self) -> int:
        used = 0
        for process in (self._process, *self._process.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # a worker may end while it is looked at
                memory = process.memory_info()
                used += memory.rss - memory.shared
        return used

    def take(self) -> float:
        """The peak since the last call, in MiB."""
        peak, self._peak = max(self._peak, self._now()), 0
        return peak / MIB


def measure_run(raw: Path, out: Path, half: Literal["both", "sdtm"] = "both") -> dict[str, Any]:
    """Seconds and peak memory of each stage of a plain run, or of its half from raw to SDTM, and rows by dataset."""
    memory = PeakMemory()
    started = time.perf_counter()
    from flows.memory import manage_memory
    from flows.pipeline import run_study
    from flows.request import RunRequest, Stage

    manage_memory()  # as the command line does
    stages = [("imports", time.perf_counter() - started, memory.take())]

    class Watch:
        def starts(self, name: str) -> None:
            memory.take()

        def ended(self, stage: Stage) -> None:
            stages.append((stage.name, stage.seconds, memory.take()))

    began = time.perf_counter()
    summary = run_study(RunRequest("ql1706", raw, out, half), progress=Watch())
    between = time.perf_counter() - began - sum(stage.seconds for stage in summary.stages)
    stages.append(("between the stages", between, memory.take()))  # guides, report, manifest, and what lies around
    rows = {line.name: line.rows for line in summary.datasets}
    return {"stages": stages, "rows": rows, "said": [stage.said for stage in summary.stages]}


def measure_half(raw: Path, out: Path) -> dict[str, Any]:
    """`measure_run`, of the half from raw to SDTM."""
    return measure_run(raw, out, "sdtm")


def measure_floor(raw: Path, out: Path, scratch: Path) -> dict[str, Any]:
    """Seconds and peak memory of merely reading the CSV files, and of writing the files that the run wrote."""
    import pyarrow.csv
    import pyarrow.parquet

    from flows.handoff import Half, dataset_spec, study_lengths, take_out_unfit, write_parquet, write_xpt
    from flows.study import open_study

    memory = PeakMemory()
    options = pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip")  # the EOF line
    started = time.perf_counter()
    read = [_read_as_text(path, options) for path in sorted(raw.glob("*.csv"))]
    stages = [(f"read {sum(read):,} CSV records", time.perf_counter() - started, memory.take())]

    study = open_study("ql1706")
    scratch.mkdir(parents=True, exist_ok=True)
    halves: tuple[Half, ...] = ("sdtm", "adam")
    for half in halves:
        tables = {
            path.stem.upper(): pyarrow.parquet.read_table(path) for path in sorted((out / half).glob("*.parquet"))
        }
        specs = {name: dataset_spec(study, half, name) for name in tables}
        memory.take()
        started = time.perf_counter()
        for name, table in tables.items():
            write_parquet(table, specs[name], scratch / f"{name}.parquet")
        stages.append((f"write {half} Parquet", time.perf_counter() - started, memory.take()))
        lengths = study_lengths(tables, specs)
        fitting = {name: take_out_unfit(table, specs[name]).table for name, table in tables.items()}
        memory.take()
        started = time.perf_counter()
        for name, table in fitting.items():
            write_xpt(table, specs[name], scratch / f"{name}.xpt", lengths[name], datetime(2025, 1, 1))  # noqa: DTZ001
        stages.append((f"write {half} XPT", time.perf_counter() - started, memory.take()))
    return {"stages": stages}


def _read_as_text(path: Path, options: Any) -> int:
    """Rows of a CSV file, every column read as text."""
    import pyarrow
    import pyarrow.csv

    with path.open(encoding="utf-8-sig") as file:
        names = file.readline().rstrip("\n").split(",")
    text = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False)
    return pyarrow.csv.read_csv(path, parse_options=options, convert_options=text).num_rows


if __name__ == "__main__":
    what, *folders = sys.argv[1:]
    measure = {"run": measure_run, "half": measure_half, "floor": measure_floor}[what]
    print(json.dumps(measure(*map(Path, folders))))
