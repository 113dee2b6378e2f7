"""Writes a dataset as Parquet: typed, with what the spec says of it in the file."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from flows.handoff.columns import arrow_type, typed_table
from flows.handoff.errors import writing
from specs.models import DatasetSpec, VariableSpec


def write_parquet(frame: pd.DataFrame | pa.Table, spec: DatasetSpec, path: Path, *, studyid: str = "") -> None:
    """Write the dataset with its labels, keys and attributes in the file's metadata.

    Each field carries label, type, length, format, codelist, origin, core and role, as far as the spec has them. The
    file carries the same as one compact JSON under `cdisc` (DuckDB shows file-level pairs only), beside `dataset`,
    `label`, `keys` and `study`. The bytes follow from the values, the spec and the pyarrow version alone. Raises
    HandoffError: HAND-507 when the frame is not as the spec says, HAND-502 when the file cannot be written.
    """
    table = typed_table(frame, spec)
    described = {name: _described(variable) for name, variable in spec.variables.items()}
    schema = pa.schema(
        [pa.field(name, arrow_type(v), metadata=described[name]) for name, v in spec.variables.items()],
        metadata={
            "study": studyid,
            "dataset": spec.dataset,
            "label": spec.label,
            "keys": " ".join(spec.keys),
            "cdisc": json.dumps(
                {
                    "study": studyid, "dataset": spec.dataset, "label": spec.label, "class": spec.dataset_class,
                    "structure": spec.structure, "keys": spec.keys, "variables": described,
                },
                ensure_ascii=False, separators=(",", ":"),
            ),
        },
    )  # fmt: skip
    with writing(path):
        pq.write_table(pa.Table.from_arrays(table.columns, schema=schema), path, compression="zstd")


def _described(variable: VariableSpec) -> dict[str, str]:
    length = variable.max_bytes if variable.type == "Char" else 8
    known = {
        "label": variable.label, "type": variable.type, "length": str(length), "format": variable.format,
        "codelist": variable.codelist, "origin": variable.origin, "core": variable.core, "role": variable.role,
    }  # fmt: skip
    return {key: value for key, value in known.items() if value}
