"""Values that SAS XPORT v5 cannot hold: left out of the XPT file, each with a finding, whole in the Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff.ibm_float import to_ibm
from flows.handoff.xpt import sas_numbers
from specs.findings import combine, report
from specs.models import MAX_CHAR_BYTES, DatasetSpec
from specs.supplemental import is_supplemental
from specs.text_bytes import has_nul

_NONE = np.empty(0, np.int64)
Cells = Mapping[str, npt.NDArray[np.int64]]  # variable -> rows, counted from 0


@dataclass(frozen=True)
class Fit:
    """A dataset as its XPT file can hold it."""

    table: pa.Table
    left_out: Cells
    findings: pd.DataFrame


def take_out_unfit(table: pa.Table, spec: DatasetSpec) -> Fit:
    """Blank the cells that XPT v5 cannot hold. Row count and order stay.

    Such a cell is a text of more than 200 bytes or with a NUL character, or a number outside 5.4e-79 to 7.2e75. Each
    becomes a finding HAND-504 with its subject and --SEQ, so that its raw record is found. Dates always fit.
    """
    left_out: dict[str, npt.NDArray[np.int64]] = {}
    parts: list[pd.DataFrame] = []
    for name in spec.variables:
        column = table[name]
        for rows, why in _reasons(column, spec, name):
            if not len(rows):
                continue
            left_out[name] = np.union1d(left_out.get(name, np.empty(0, np.int64)), rows)
            value = pd.Series(column.take(pa.array(rows)).to_pylist(), dtype="object").astype("str")
            records = _records(table, spec, rows)
            parts.append(report("HAND-504", records, dataset=spec.dataset, variable=name, value=value, why=why))
        if name in left_out:
            blank = np.zeros(table.num_rows, dtype=bool)
            blank[left_out[name]] = True
            fitting = pc.if_else(pa.array(blank), pa.scalar(None, column.type), column)
            table = table.set_column(table.schema.get_field_index(name), name, fitting)
    return Fit(table, left_out, combine(parts))


def _reasons(column: pa.ChunkedArray, spec: DatasetSpec, name: str) -> list[tuple[npt.NDArray[np.int64], str]]:
    variable = spec.variables[name]
    if variable.type == "Num":
        if pa.types.is_temporal(column.type):
            return []
        _, outside = to_ibm(sas_numbers(column.combine_chunks(), variable))
        return [(np.flatnonzero(outside), "lies outside the range of SAS numbers")]
    lengths = pc.binary_length(column)
    too_long = (pc.max(lengths).as_py() or 0) > MAX_CHAR_BYTES
    return [
        (_rows(pc.greater(lengths, MAX_CHAR_BYTES)) if too_long else _NONE, "has more than 200 bytes"),
        (_rows(pc.match_substring(column, "\0")) if has_nul(column) else _NONE, "has a NUL character"),
    ]


def _rows(unfit: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.flatnonzero(unfit.fill_null(False).to_numpy())


def _records(table: pa.Table, spec: DatasetSpec, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    """What tells the records apart, for `report`: USUBJID, VISIT and --SEQ, for SUPP-- the parent's --SEQ."""
    seq = f"{spec.dataset}SEQ"
    wanted = [name for name in ("USUBJID", "VISIT", seq, "IDVARVAL") if name in table.column_names]
    records: pd.DataFrame = table.select(wanted).take(pa.array(rows)).to_pandas()
    if is_supplemental(spec.dataset) and "IDVARVAL" in records:
        records[seq] = pd.to_numeric(records["IDVARVAL"], errors="coerce")
    return records
