"""`make bench`: the ADaM step alone, from SDTM Parquet to ADaM Parquet, beside its floor, for ever larger studies."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from tests.bench.run import measured, simulated

LAB_ROWS = 200  # at least so many for each subject on average
# line -> the datasets that are made for it
LINES = {
    "ADSL": ["ADSL"],
    "ADAE": ["ADSL", "ADAE"],
    "ADRS": ["ADSL", "ADRS"],
    "ADTTE": ["ADSL", "ADRS", "ADTTE"],
    "these four": ["ADSL", "ADAE", "ADRS", "ADTTE"],
    "all": [],
}


def make_sdtm(subjects: int, place: Path) -> Path:
    """The SDTM of a simulated study as a folder of Parquet, with LAB_ROWS lab rows a subject."""
    simulated(subjects, place / "raw")
    words = ["sdtm", "--study", "ql1706", "--raw", str(place / "raw"), "--out", str(place / "out")]
    subprocess.run(
        [sys.executable, "-c", "from flows.cli import main; main()", *words], check=True, stdout=subprocess.DEVNULL
    )
    _repeat_labs(place / "out" / "sdtm" / "lb.parquet", subjects)
    return place / "out" / "sdtm"


def _repeat_labs(path: Path, subjects: int) -> None:
    """Repeat each subject's lab rows, under sequence numbers of their own, until there are enough."""
    schema, labs = pq.read_schema(path), pd.read_parquet(path)
    times = -(-LAB_ROWS * subjects // len(labs))
    last = labs.groupby("USUBJID")["LBSEQ"].transform("max")
    again = pd.concat([labs.assign(LBSEQ=labs["LBSEQ"] + last * number) for number in range(times)])
    again = again.sort_values(["USUBJID", "LBSEQ"], kind="stable")
    pq.write_table(pa.Table.from_pandas(again, schema=schema, preserve_index=False), path)


def main() -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, nargs="+", default=[300, 5_000, 20_000])
    parser.add_argument("--sdtm", type=Path, help="a folder made before, in place of a simulated one")
    arguments = parser.parse_args()
    console = Console(width=100)
    for subjects in arguments.subjects:
        with tempfile.TemporaryDirectory() as scratch:
            sdtm = arguments.sdtm or make_sdtm(subjects, Path(scratch))
            labs = pq.read_metadata(sdtm / "lb.parquet").num_rows
            people = pq.read_metadata(sdtm / "dm.parquet").num_rows
            title = f"{people:,} subjects, {labs:,} lab rows: SDTM Parquet to ADaM Parquet"
            console.print(_table(title, sdtm, Path(scratch)))


def _table(title: str, sdtm: Path, scratch: Path) -> Table:
    table = Table(
        "datasets", "CPU s", "imports", "peak MiB", "floor CPU s", "floor MiB", "step / floor",
        title=title, title_justify="left",
    )  # fmt: skip
    for line, names in LINES.items():
        words = [str(sdtm), str(scratch / line), *names]
        step, floor = (measured(what, *words, module="tests.bench.adam_step") for what in ("step", "floor"))
        table.add_row(
            line, f"{step['seconds']:.2f}", f"{step['imports']:.2f}", f"{step['peak']:,.0f}", f"{floor['seconds']:.2f}",
            f"{floor['peak']:,.0f}", f"{step['seconds'] / floor['seconds']:.1f}",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    main()
