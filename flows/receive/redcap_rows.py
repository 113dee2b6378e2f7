"""Reads the rows of a REDCap data file, some at a time, as text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from flows.receive.redcap_files import DataFile
from specs.errors import InputError, Problem

LINE_COLUMN = "#LINE"
_BLOCK = 1 << 23  # bytes that are read at once; a row must fit


def pieces(data: DataFile) -> Iterator[pd.DataFrame]:
    """The rows of a file as text, some at a time, with the line on which each begins."""
    ragged: list[pa_csv.InvalidRow] = []

    def on_invalid(row: pa_csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    try:
        reader = pa_csv.open_csv(
            data.path,
            read_options=pa_csv.ReadOptions(block_size=_BLOCK, use_threads=False),
            parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=on_invalid),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(data.header, pa.large_string()),
                strings_can_be_null=False, quoted_strings_can_be_null=False,
            ),
        )  # fmt: skip
        line = 2
        for batch in reader:
            if ragged:
                break
            breaks = np.zeros(batch.num_rows, dtype="int64")
            for column in batch.columns:
                if pc.any(pc.match_substring(column, "\n")).as_py():
                    breaks += pc.count_substring(column, "\n").to_numpy()
            starts = line + np.arange(batch.num_rows) + np.concatenate([[0], np.cumsum(breaks)[:-1]])
            line += batch.num_rows + int(breaks.sum())
            if batch.num_rows:
                yield batch.to_pandas().assign(**{LINE_COLUMN: starts})
    except pa.ArrowInvalid as error:
        raise InputError(_open_quote(data)) from error
    if ragged:
        raise InputError(_ragged(data, ragged))


def _ragged(data: DataFile, rows: list[pa_csv.InvalidRow]) -> Problem:
    first = rows[0]
    where = f", the first on line {first.number}" if first.number else ""
    return Problem(
        code="INPUT-018", place=data.path.name,
        fact=f"{len(rows)} line(s) do not have the header's {first.expected_columns} cells{where} "
        f"(the first has {first.actual_columns}).",
        hint="a quote that is never closed, or a file that is cut off, looks like this, too.",
        next_step="have the file exported or transferred again.",
    )  # fmt: skip


def _open_quote(data: DataFile) -> Problem:
    return Problem(
        code="INPUT-019", place=data.path.name,
        fact=f"A row does not end within {_BLOCK >> 20} MiB, or the file holds no row that can be read.",
        hint="a quote that is never closed looks like this.",
        next_step="have the file exported again.",
    )  # fmt: skip
