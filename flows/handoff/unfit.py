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
        column = table[name].combine_chunks()
        for unfit, why in _reasons(column, spec, name):
            if not pc.any(unfit).as_py():
                continue
            rows = np.flatnonzero(unfit.to_numpy(zero_copy_only=False)).astype(np.int64)
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


def _reasons(column: pa.Array, spec: DatasetSpec, name: str) -> list[tuple[pa.Array, str]]:
    variable = spec.variables[name]
    if variable.type == "Num":
        if pa.types.is_temporal(column.type):
            return []
        _, outside = to_ibm(sas_numbers(column, variable))
        return [(pa.array(outside), "lies outside the range of SAS numbers")]
    too_long = pc.greater(pc.binary_length(column), MAX_CHAR_BYTES).fill_null(False)
    with_nul = pc.match_substring(column, "\0").fill_null(False)
    return [(too_long, "has more than 200 bytes"), (with_nul, "has a NUL character")]


def _records(table: pa.Table, spec: DatasetSpec, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    """What tells the records apart, for `report`: USUBJID, VISIT and --SEQ, for SUPP-- the parent's --SEQ."""
    seq = f"{spec.dataset}SEQ"
    wanted = [name for name in ("USUBJID", "VISIT", seq, "IDVARVAL") if name in table.column_names]
    records: pd.DataFrame = table.select(wanted).take(pa.array(rows)).to_pandas()
    if is_supplemental(spec.dataset) and "IDVARVAL" in records:
        records[seq] = pd.to_numeric(records["IDVARVAL"], errors="coerce")
    return records
