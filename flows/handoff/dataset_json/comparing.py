"""Reads a Dataset-JSON file back before it is published, and compares it with the Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.handoff.dataset_json.reader import CHUNK_ROWS, open_dataset_json
from flows.handoff.errors import differs
from specs.models import DatasetSpec


def read_back_dataset_json(path: Path, parquet: Path, spec: DatasetSpec, description: dict[str, Any]) -> None:
    """Compare a Dataset-JSON file with the Parquet file; raise HandoffError (HAND-508) where they differ.

    Compared are all that the file says of the dataset, the row count and **every value**. The error names dataset,
    variable and first row (1 is the first). Memory: a chunk of rows.
    """
    what = f"The Dataset-JSON file {path.name}"
    try:
        file = open_dataset_json(path)
        if file.said != description:
            raise differs(spec.dataset, f"{what} does not say of the dataset what was to be said.")
        wanted = pq.ParquetFile(parquet).iter_batches(batch_size=CHUNK_ROWS)
        first = 0
        for found in file.chunks():
            there = next(wanted, None)
            if there is None or there.num_rows != found.num_rows:
                raise differs(spec.dataset, f"{what} has another number of rows than the Parquet file.")
            _compare(found, there.cast(found.schema), spec, first)
            first += found.num_rows
    except ValueError as error:  # pyarrow.ArrowInvalid and json.JSONDecodeError, too
        raise differs(spec.dataset, f"{what} is damaged: {error}.") from error


def _compare(found: pa.RecordBatch, wanted: pa.RecordBatch, spec: DatasetSpec, first: int) -> None:
    for name in spec.variables:
        here, there = found[name], wanted[name]
        if here.equals(there):
            continue
        same = pc.fill_null(pc.equal(here, there), pc.and_(here.is_null(), there.is_null()))
        row = pc.index(same, False).as_py()
        values = f"has {here[row].as_py()!r}, the Parquet file has {there[row].as_py()!r}."
        raise differs(f"{spec.dataset}, {name}, row {first + row + 1}", f"The Dataset-JSON file {values}")
