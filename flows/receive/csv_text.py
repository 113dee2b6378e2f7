"""Reads CSV as text, cell by cell as it stands: nothing is taken for a number, a date or a missing value.

Everything that shows a file to be unfit (cut, of another encoding, of another delimiter, ragged) becomes a Problem.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from flows.receive.csv_faults import (
    TAIL,
    header_faults,
    missing_end,
    no_content,
    text_end,
    wrong_delimiter,
    wrong_encoding,
)
from specs.errors import Problem

LINE_COLUMN = "#LINE"
_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 24  # a record must fit into a block
_SHOWN = 5  # as many lines are named in a message


@dataclass(frozen=True)
class CsvText:
    """A CSV file whose bytes are sound: its column names, and what comes after the header line."""

    name: str
    header: list[str]
    raw: bytes
    body_at: int  # where the line after the header begins


def open_csv(name: str, raw: bytes, wanted: Collection[str], end_mark: str, problems: list[Problem]) -> CsvText | None:
    """Check bytes, delimiter, end mark and header; None, with problems added, where the file cannot be read on.

    `wanted`: some of the columns the file must have, by which another delimiter is recognised. `end_mark`: the text
    of the last line of a complete file. The first of these decides: empty, encoding, delimiter; then end mark and
    header are both checked.
    """
    problem = no_content(name, raw) or wrong_encoding(name, raw)
    if problem is None:
        start = len(_BOM) if raw.startswith(_BOM) else 0
        ends = [at for at in (raw.find(b"\n", start), raw.find(b"\r", start)) if at >= 0]
        stop = min(ends, default=len(raw))
        line = raw[start:stop].decode("utf-8")
        header = next(csv.reader([line]), [])
        problem = wrong_delimiter(name, line, header, wanted)
    if problem is not None:
        problems.append(problem)
        return None
    found = [missing_end(name, raw, end_mark), *header_faults(name, header)]
    problems += [p for p in found if p]
    if any(found):
        return None
    body_at = stop + 2 if raw[stop : stop + 2] == b"\r\n" else stop + 1
    return CsvText(name, header, raw, min(body_at, len(raw)))


def read_columns(
    file: CsvText, columns: Sequence[str], key: str, end_mark: str, problems: list[Problem]
) -> pa.Table | None:
    """The columns as text, and LINE_COLUMN with the line on which each record begins; None where the file is ragged.

    Lines without any text are passed over (`key` is a column that no record leaves blank).
    """
    stop = text_end(file.raw)
    if stop - file.body_at <= TAIL and file.raw[file.body_at : stop].strip() == end_mark.encode():
        names = [*columns, LINE_COLUMN]
        types = [pa.large_string()] * len(columns) + [pa.int64()]
        return pa.table([pa.array([], type=t) for t in types], names=names)
    table = _parse(file, columns, end_mark, problems)
    if table is None:
        return None
    rows = table.num_rows
    breaks = file.raw.count(b"\n", file.body_at, stop)
    keys = table.column(key)
    if breaks == rows and not pc.any(pc.equal(keys, "")).as_py():
        return table.append_column(LINE_COLUMN, pa.array(np.arange(2, rows + 2)))
    return _number_lines(file, table, end_mark, problems)


def _parse(file: CsvText, columns: Sequence[str], end_mark: str, problems: list[Problem]) -> pa.Table | None:
    ragged = 0
    ended = 0

    def on_invalid(row: pa_csv.InvalidRow) -> str:
        nonlocal ragged, ended
        if row.text.strip() == end_mark:
            ended += 1
        else:
            ragged += 1
        return "skip"

    body = pa.py_buffer(memoryview(file.raw)[file.body_at :])
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(body),
            read_options=pa_csv.ReadOptions(column_names=file.header, block_size=_BLOCK),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=file.raw.find(b'"', file.body_at) >= 0,
                ignore_empty_lines=False,
                invalid_row_handler=on_invalid,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.large_string()),
                include_columns=list(columns),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "straddling" not in str(error):
            raise
        ended, table = 0, None
    if not ended:  # the end mark stands within a quoted text
        problems.append(_open_quote(file))
        return None
    if ragged or ended > 1:
        problems.append(_ragged(file))
        return None
    return table


def _number_lines(file: CsvText, table: pa.Table, end_mark: str, problems: list[Problem]) -> pa.Table:
    """Adds LINE_COLUMN where cells have line breaks in them, or lines are blank; takes the blank lines away."""
    whole = _parse(file, file.header, end_mark, problems)
    assert whole is not None
    breaks = np.zeros(table.num_rows, dtype="int64")
    blank = np.ones(table.num_rows, dtype=bool)
    for column in whole.columns:
        breaks += pc.count_substring(column, "\n").to_numpy()
        blank &= pc.equal(column, "").to_numpy()
    lines = 2 + np.arange(table.num_rows) + np.concatenate([[0], np.cumsum(breaks)[:-1]])
    table = table.append_column(LINE_COLUMN, pa.array(lines))
    return table.filter(pa.array(~blank)) if blank.any() else table


def _ragged(file: CsvText) -> Problem:
    width = len(file.header)
    lines, cells, count = [], 0, 0
    for start, row in _records(file)[:-1]:
        if row and len(row) != width:
            count += 1
            cells = cells or len(row)
            lines.append(start)
    shown = ", ".join(map(str, lines[:_SHOWN])) + (" ..." if count > _SHOWN else "")
    return Problem(
        code="INPUT-018", place=file.name,
        fact=f"{count} line(s) do not have the header's {width} cells: line {shown} (the first has {cells}).",
        hint="a comma or a quote within a text must be quoted: \"a, b\", \"a \"\"b\"\"\".",
        next_step="have the file exported again.",
    )  # fmt: skip


def _open_quote(file: CsvText) -> Problem:
    start = _records(file)[-1][0]
    return Problem(
        code="INPUT-019", place=file.name,
        fact=f"A quote is opened in the record that begins on line {start}, and is never closed.",
        hint="the file may be cut and joined, or a quote in a text is not doubled.",
        next_step="have the file exported again.",
    )  # fmt: skip


def _records(file: CsvText) -> list[tuple[int, list[str]]]:
    """Each record and the line it begins on; for messages about faulty files only."""
    reader = csv.reader(io.StringIO(file.raw.decode("utf-8-sig"), newline=""))
    csv.field_size_limit(max(csv.field_size_limit(), len(file.raw)))
    ends = [(reader.line_num, row) for row in reader]
    starts = [1, *(end + 1 for end, _ in ends)]
    return [(start, row) for (start, _), (_, row) in zip(pairwise(starts), ends, strict=True)]
