"""CSV files that people open in a spreadsheet."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from flows.handoff.errors import writing

_EXECUTED = (
    "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠",
)  # fmt: skip  # a spreadsheet computes a cell that starts so


def write_spreadsheet(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV for a spreadsheet: a line of headings, rows as given, missing values blank.

    UTF-8 with BOM, lines ended by CR LF as RFC 4180 has it, and an apostrophe before each cell that would be computed
    when opened: one that begins with = + - @ (their full-width forms too), tab or a line end. Negative numbers get it
    too, so that a spreadsheet shows what was collected.
    """
    cells = table.astype("str").fillna("")
    harmless = cells.apply(lambda column: column.mask(column.str.startswith(_EXECUTED), "'" + column))
    with writing(path), path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow(cells.columns)
        rows.writerows(zip(*(harmless[name].to_numpy(dtype=object) for name in cells), strict=True))
