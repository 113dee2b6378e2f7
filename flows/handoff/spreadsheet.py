"""CSV for a spreadsheet: what it opens is shown, never computed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from flows.handoff.errors import writing

_EXECUTED = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # a spreadsheet computes a cell that starts so


def write_spreadsheet(cells: pd.DataFrame, path: Path) -> None:
    """Write a frame of text (missing: "") as CSV.

    UTF-8 with BOM, lines ended by CR LF as RFC 4180 has it, and an apostrophe before each cell that would be computed
    when opened: one that begins with = + - @ (their full-width forms too), tab or a line end. Negative numbers get it
    too, so that a spreadsheet shows what was collected.
    """
    harmless = cells.apply(lambda column: column.mask(column.str.startswith(_EXECUTED), "'" + column))
    with writing(path), path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow(cells.columns)
        rows.writerows(rows_of(harmless))


def rows_of(cells: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """The rows of a frame of text, one tuple each."""
    return zip(*(cells[name].to_numpy(dtype=object) for name in cells), strict=True)
