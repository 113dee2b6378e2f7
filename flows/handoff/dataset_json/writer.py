"""Writes a dataset as Dataset-JSON 1.1: a line for what is said of it, and a line for each row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff.columns import typed_table
from flows.handoff.errors import writing
from specs.models import DatasetSpec

SUFFIXES = (".json", ".ndjson")
CHUNK_ROWS = 1 << 16


def write_dataset_json(table: pa.Table, spec: DatasetSpec, description: dict[str, Any], path: Path) -> None:
    """Write the dataset with what `describe` says of it; the suffix of the path tells JSON from NDJSON.

    In: a table as `typed_table` gives it. A missing value is null. Numbers have the digits that give the same number
    back. The bytes follow from values and description alone. Memory: a chunk of rows. Raises HandoffError: HAND-502
    when the file cannot be written.
    """
    table = typed_table(table, spec)
    said = json.dumps(description, ensure_ascii=False, separators=(",", ":"))
    with writing(path), path.open("wb") as file:
        if path.suffix == ".ndjson":
            file.write(said.encode() + b"\n")
            for chunk in table.to_batches(max_chunksize=CHUNK_ROWS):
                _write_lines(_rows(chunk), file, b"\n")
            return
        file.write(said[:-1].encode() + b',"rows":[\n')
        written = 0
        for chunk in table.to_batches(max_chunksize=CHUNK_ROWS):
            written += chunk.num_rows
            _write_lines(_rows(chunk), file, b",\n", b"\n" if written == table.num_rows else b",\n")
        file.write(b"]}\n")


def _write_lines(rows: pa.Array, file: BinaryIO, between: bytes, last: bytes | None = None) -> None:
    if len(rows):
        file.write(between.join(row.encode() for row in rows.to_pylist()) + (between if last is None else last))


def _rows(chunk: pa.RecordBatch) -> pa.Array:
    """Each row as a JSON array."""
    values = [_as_json(column) for column in chunk.columns]
    inner = pc.binary_join_element_wise(*values, ",")
    return pc.binary_join_element_wise("[", inner, "]", "")


def _as_json(column: pa.Array) -> pa.Array:
    """Each value as JSON text; each different one is put into words once."""
    encoded = _as_iso8601(column).dictionary_encode()
    words = [json.dumps(value, ensure_ascii=False, allow_nan=False) for value in encoded.dictionary.to_pylist()]
    return pc.fill_null(pa.array(words, pa.string()).take(encoded.indices), "null")


def _as_iso8601(column: pa.Array) -> pa.Array:
    """Dates, times and datetimes as ISO 8601 text, without a fraction of a second that is zero; others as they are."""
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring_regex(pc.strftime(column, format="%Y-%m-%dT%H:%M:%S"), r"\.0+$", "")
    if pa.types.is_time(column.type):
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+$", "")
    return column
