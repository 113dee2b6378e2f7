"""Reads Dataset-JSON 1.1, whoever wrote it: JSON or NDJSON, as typed Arrow tables, a chunk of rows at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from specs.counted import how_many

CHUNK_ROWS = 1 << 16  # divides the row groups of a Parquet file evenly
_ROWS_FOLLOW = b'"rows":['  # a file whose rows stand on lines of their own can be read piece by piece
_TYPES = {
    "string": pa.string(), "URI": pa.string(), "integer": pa.int64(), "float": pa.float64(), "double": pa.float64(),
    "decimal": pa.string(), "boolean": pa.bool_(),
}  # fmt: skip
_AS_NUMBERS = {"date": pa.date32(), "time": pa.time64("us"), "datetime": pa.timestamp("us")}
_NEEDED = ("datasetJSONVersion", "itemGroupOID", "records", "name", "label", "columns")


@dataclass(frozen=True)
class DatasetJsonFile:
    """A Dataset-JSON file: what it says of its dataset, and its rows."""

    path: Path
    said: dict[str, Any]  # all attributes but the rows

    @property
    def schema(self) -> pa.Schema:
        """Variables and their Arrow types: a date that SAS keeps as a number is a date, one kept as text is text."""
        return pa.schema([(column["name"], _type(column)) for column in self.said["columns"]])

    def chunks(self) -> Iterator[pa.RecordBatch]:
        """The rows, some at a time. Raises ValueError for a row that the columns do not fit, or a wrong count."""
        schema, first = self.schema, 0
        rows = iter(_rows(self.path))
        while some := list(islice(rows, CHUNK_ROWS)):
            yield _batch(some, schema, first)
            first += len(some)
        if first != self.said["records"]:
            raise ValueError(f"the file announces {how_many(self.said['records'], 'record')} and has {first:,}")

    def table(self) -> pa.Table:
        """All rows."""
        return pa.Table.from_batches(list(self.chunks()), schema=self.schema)


def open_dataset_json(path: Path) -> DatasetJsonFile:
    """Open a file by its first line; the rows are not read yet. Raises ValueError for what is no Dataset-JSON 1.1."""
    said = _metadata(path)
    if not isinstance(said, dict):
        raise ValueError("the file does not begin with the description of a dataset")  # noqa: TRY004
    missing = [name for name in _NEEDED if name not in said]
    if missing:
        raise ValueError(f"the description of the dataset lacks {', '.join(missing)}")
    if not str(said["datasetJSONVersion"]).startswith("1.1"):
        raise ValueError(f"the file is Dataset-JSON {said['datasetJSONVersion']}; 1.1 is read here")
    return DatasetJsonFile(path, {name: value for name, value in said.items() if name != "rows"})


def _metadata(path: Path) -> Any:
    with path.open("rb") as file:
        first = file.readline().rstrip(b"\r\n")
    if path.suffix == ".ndjson":
        return json.loads(first)
    return json.loads(first + b"]}") if first.endswith(_ROWS_FOLLOW) else json.loads(path.read_bytes())


def _rows(path: Path) -> Iterator[list[Any]]:
    with path.open("rb") as file:
        first = file.readline().rstrip(b"\r\n")
        if path.suffix == ".ndjson":
            yield from (json.loads(line) for line in file if line.strip())
        elif first.endswith(_ROWS_FOLLOW):
            for line in file:
                text = line.rstrip(b"\r\n")
                if text == b"]}":
                    return
                yield json.loads(text.removesuffix(b","))
            raise ValueError("the file ends before its rows do")
        else:
            yield from json.loads(path.read_bytes()).get("rows", [])


def _batch(rows: list[list[Any]], schema: pa.Schema, first: int) -> pa.RecordBatch:
    for number, row in enumerate(rows, start=first + 1):
        if not isinstance(row, list) or len(row) != len(schema):
            raise ValueError(f"row {number:,} does not have one value for each of the {len(schema)} columns")
    columns = zip(*rows, strict=True)
    arrays = []
    for field, values in zip(schema, columns, strict=True):
        try:
            arrays.append(_array(values, field.type))
        except (TypeError, ValueError) as error:
            raise ValueError(f"a value of {field.name} is no {field.type}: {str(error).splitlines()[0]}") from error
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _array(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    if pa.types.is_time(kind):  # Arrow does not read times of day from text
        return pa.array([None if value is None else time.fromisoformat(value) for value in values], kind)
    if pa.types.is_temporal(kind):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)


def _type(column: dict[str, Any]) -> pa.DataType:
    kind = column.get("dataType")
    if kind in _AS_NUMBERS:
        return _AS_NUMBERS[kind] if column.get("targetDataType") == "integer" else pa.string()
    if kind not in _TYPES:
        raise ValueError(f"column {column.get('name')} has the unknown dataType {kind!r}")
    return _TYPES[kind]
