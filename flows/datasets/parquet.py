"""Reads a Parquet file as a dataset: ours with all that its metadata says, anyone else's with what there is."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.datasets.dataset import TYPES, Dataset, Kind, UnreadableDatasetError, Variable, first_line, plain_text


def read_parquet_dataset(path: Path) -> Dataset:
    """The dataset in a Parquet file; names of variables in capitals. Raises UnreadableDatasetError."""
    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
        typed = [_typed(column) for column in table.columns]
    except (pa.ArrowException, UnicodeDecodeError) as error:
        fact = f"The file is no readable Parquet: {first_line(error)}."
        raise UnreadableDatasetError(path, fact, "it may be cut off.") from error
    names = [name.upper() for name in table.column_names]
    described = [_words(field.metadata) for field in table.schema]
    variables = {
        name: Variable(kind, said.get("label", ""), _length(said), said.get("format", ""))
        for name, (kind, _), said in zip(names, typed, described, strict=True)
    }
    whole = _words(table.schema.metadata)
    return Dataset(
        name=path.stem.upper(),
        label=whole.get("label", ""),
        variables=variables,
        table=pa.Table.from_arrays([column for _, column in typed], names=names),
        keys=tuple(whole.get("keys", "").split()),
        described=any("label" in said for said in described),
    )


def _words(metadata: dict[bytes, bytes] | None) -> dict[str, str]:
    return {key.decode(errors="replace"): value.decode(errors="replace") for key, value in (metadata or {}).items()}


def _length(said: dict[str, str]) -> int | None:
    text = said.get("length", "")
    return int(text) if text.isdecimal() else None


def _typed(column: pa.ChunkedArray) -> tuple[Kind, pa.ChunkedArray]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return "text", column.cast(TYPES["text"])
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text", plain_text(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "text", plain_text(column.cast(pa.large_string()))
    if pa.types.is_date(kind):
        return "date", column.cast(TYPES["date"])
    if pa.types.is_time(kind):
        return "time", column.cast(TYPES["time"])
    if pa.types.is_timestamp(kind):
        return "datetime", pc.cast(column, TYPES["datetime"])
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    return "number", column.cast(TYPES["number"])
