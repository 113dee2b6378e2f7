"""Reads a Dataset-JSON 1.1 file, JSON or NDJSON, as a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.datasets.dataset import TYPES, Dataset, Kind, UnreadableDatasetError, Variable, first_line, plain_text
from flows.handoff.dataset_json import open_dataset_json

_HEAD_BYTES = 64 << 10
_WORDS = (b'"datasetJSONVersion"', b'"itemGroupOID"')


def is_dataset_json(path: Path) -> bool:
    """Whether a file is meant as Dataset-JSON: other JSON (a manifest, a list of findings) lies about, too."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return any(word in head for word in _WORDS)


def read_dataset_json(path: Path) -> Dataset:
    """The dataset in a Dataset-JSON file; names of variables in capitals. Raises UnreadableDatasetError."""
    try:
        file = open_dataset_json(path)
        read = file.table()
        columns: list[dict[str, Any]] = file.said["columns"]
        variables, arrays = {}, []
        for column, values in zip(columns, read.columns, strict=True):
            kind, typed = _typed(values, column)
            length = column.get("length")
            variables[str(column["name"]).upper()] = Variable(
                kind,
                str(column.get("label", "")),
                length if kind == "text" and isinstance(length, int) else None,
                str(column.get("displayFormat", "")),
            )
            arrays.append(typed)
        keyed = sorted((int(c["keySequence"]), str(c["name"]).upper()) for c in columns if c.get("keySequence"))
    except (pa.ArrowException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        fact = f"The file is no readable Dataset-JSON: {first_line(error)}."
        raise UnreadableDatasetError(path, fact, "it may be cut off.") from error
    return Dataset(
        name=path.stem.upper(),
        label=str(file.said["label"]),
        variables=variables,
        table=pa.Table.from_arrays(arrays, names=[str(c["name"]).upper() for c in columns]),
        keys=tuple(name for _, name in keyed),
    )


def _typed(values: pa.ChunkedArray, column: dict[str, Any]) -> tuple[Kind, pa.ChunkedArray]:
    kind = values.type
    if pa.types.is_date(kind):
        return "date", values.cast(TYPES["date"])
    if pa.types.is_time(kind):
        return "time", values.cast(TYPES["time"])
    if pa.types.is_timestamp(kind):
        return "datetime", values.cast(TYPES["datetime"])
    if pa.types.is_string(kind) and column["dataType"] != "decimal":  # a decimal is a number written as text
        return "text", plain_text(values)
    if pa.types.is_boolean(kind):
        values = values.cast(pa.int8())
    return "number", values.cast(TYPES["number"])
