"""`make bench-xpt`: writing a table as SAS XPORT v5 and as Parquet, in turns in one process.

The table is like findings: a fifth of its columns are keys and codes with few distinct texts, two fifths are texts and
results with many, the rest are numbers and dates.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from flows.handoff import study_lengths, write_parquet, write_xpt
from specs.models import DatasetSpec
from tests.bench.measure import MIB, PeakMemory

STAMP = datetime(2025, 3, 9)  # noqa: DTZ001  # SAS has no time zones
KINDS = ("code", "text", "result", "number", "date")  # one after the other, as often as there are columns


def table_of(rows: int, columns: int) -> tuple[pa.Table, DatasetSpec]:
    """A table with a seed of its own, and its spec."""
    rng = np.random.default_rng(42)
    values, variables = {}, {}
    for number in range(columns):
        kind, name = KINDS[number % len(KINDS)], f"V{number:03}"
        if kind == "code":
            values[name] = pa.array([f"CODE {n}" for n in range(40)]).take(pa.array(rng.integers(0, 40, rows)))
        elif kind == "text":
            texts = pa.array([f"free text of a form, the {n}th of them" for n in range(50_000)])
            values[name] = texts.take(pa.array(rng.integers(0, 50_000, rows)))
        elif kind == "result":
            values[name] = pa.array(rng.normal(100, 30, rows).round(2)).cast(pa.string())
        elif kind == "number":
            values[name] = pa.array(rng.normal(100, 30, rows).round(2), mask=rng.random(rows) < 0.1)
        else:
            values[name] = pa.array(rng.integers(18_000, 21_000, rows), pa.int32()).cast(pa.date32())
        shape = {"type": "Char", "length": 200} if kind in KINDS[:3] else {"type": "Num"}
        variables[name] = {"label": f"Column {number}", **shape} | ({"format": "DATE9."} if kind == "date" else {})
    spec = DatasetSpec.model_validate(
        {"dataset": "BENCH", "label": "Benchmark", "class": "FINDINGS", "structure": "one record per row",
         "keys": ["V000"], "variables": variables}
    )  # fmt: skip
    return pa.table(values), spec


def measured(work: Callable[[], None]) -> tuple[float, float]:
    """Wall-clock and CPU seconds."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    """Print seconds, CPU seconds, memory beyond the table, and ratios; of each kind the quickest turn counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=40)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    table, spec = table_of(arguments.rows, arguments.columns)
    lengths = study_lengths({"BENCH": table}, {"BENCH": spec})["BENCH"]
    with tempfile.TemporaryDirectory() as scratch:
        parquet, xpt = Path(scratch, "bench.parquet"), Path(scratch, "bench.xpt")
        works: dict[str, Callable[[], None]] = {
            "Parquet": lambda: write_parquet(table, spec, parquet),
            "XPT": lambda: write_xpt(table, spec, xpt, lengths, STAMP),
        }
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in works}
        memory = PeakMemory()
        for _ in range(arguments.turns):
            for name, work in works.items():
                before = memory.take()
                seconds, processor = measured(work)
                found[name].append((seconds, processor, memory.take() - before))
        sizes = {"Parquet": parquet.stat().st_size, "XPT": xpt.stat().st_size}
    shown = Table("form", "seconds", "CPU seconds", "MiB beyond the table", "MiB of the file")
    best = {name: tuple(min(turn[n] for turn in turns) for n in range(3)) for name, turns in found.items()}
    for name, (seconds, processor, beyond) in best.items():
        shown.add_row(name, f"{seconds:.2f}", f"{processor:.2f}", f"{beyond:,.0f}", f"{sizes[name] / MIB:,.0f}")
    console = Console(width=100)
    console.print(f"{arguments.rows:,} rows, {arguments.columns} columns")
    console.print(shown)
    ratios = (best["XPT"][n] / best["Parquet"][n] for n in range(2))
    console.print("[bold]XPT / Parquet: {:.2f} in seconds, {:.2f} in CPU seconds[/]".format(*ratios))


if __name__ == "__main__":
    main()
