"""Writes a simulated export as CSV, SAS transport or Parquet files, by the study's layout of that name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from flows.handoff.xpt import write_xpt
from flows.simulate.collected import collect_forms
from flows.simulate.rave import BYTE_ORDER_MARK, Extras
from flows.simulate.records import Forms
from flows.simulate.schedule import Folder
from flows.simulate.table_layout import own_layout, table_of
from specs.errors import HandoffError, Problem
from specs.loader import StudySpec
from specs.models import MAX_CHAR_BYTES, DatasetSpec, VariableSpec

_STAMP = datetime(2026, 1, 1)  # noqa: DTZ001  # SAS has no zones; the same bytes whenever it is written
Writes = Callable[[pa.Table, Path, str], None]


def write_tables(
    container: Literal["csv", "xpt", "parquet"], folder: Path, study: StudySpec, forms: Forms, people: pd.DataFrame,
    known: Mapping[str, Folder], extras: Extras,
) -> None:  # fmt: skip
    """Write every form of the study, and the unknown ones of `extras`, as one file each."""
    layout = own_layout(study, container)
    for collected in collect_forms(study, forms, people, known, extras):
        form = collected.form
        path = folder / file_name_of(layout.files, form)
        if container == "xpt":
            _write_xpt(table_of(study, layout, collected, typed=True, piece_bytes=MAX_CHAR_BYTES), path, form)
        elif container == "parquet":
            pq.write_table(table_of(study, layout, collected, typed=True), path)
        else:
            table = table_of(study, layout, collected, typed=False)
            _write_csv(table, path, layout.delimiter, BYTE_ORDER_MARK if form in extras.marked else b"")


def file_name_of(pattern: str, form: str) -> str:
    """A form's file, known to the specs or not."""
    return pattern.format(form=form, form_lower=form.lower(), project="", study="")


def _write_csv(table: pa.Table, path: Path, delimiter: str, mark: bytes) -> None:
    with path.open("wb") as file:
        file.write(mark + delimiter.join(table.column_names).encode() + b"\n")
        options = pa_csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="needed")
        pa_csv.write_csv(table, file, options)


def _write_xpt(table: pa.Table, path: Path, form: str) -> None:
    """A column of text is as wide as its longest text."""
    variables, lengths = {}, {}
    columns: dict[str, pa.ChunkedArray] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_string(column.type):
            longest = max(1, pc.max(pc.binary_length(column)).as_py() or 1)
            _refuse_long(path.name, name, longest)
            lengths[name] = longest
            variables[name] = VariableSpec(label=name, type="Char")
            columns[name] = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
        elif pa.types.is_timestamp(column.type):
            variables[name] = VariableSpec(label=name, type="Num", format="DATETIME20.")
            columns[name] = column
        else:
            variables[name] = VariableSpec(label=name, type="Num")
            columns[name] = column.cast(pa.float64())
    # A form has no class of SDTM, and a transport file does not tell one: any will do.
    spec = DatasetSpec.model_validate(
        {"dataset": form, "label": form, "class": "SPECIAL PURPOSE", "structure": "one record per record of the form",
         "keys": [next(iter(variables))], "variables": variables}
    )  # fmt: skip
    write_xpt(pa.table(columns), spec, path, lengths, _STAMP)


def _refuse_long(file: str, column: str, longest: int) -> None:
    if longest > MAX_CHAR_BYTES:
        raise HandoffError(
            Problem(
                code="SIM-004", place=f"{file}, {column}",
                fact=f"A text has {longest} bytes; SAS XPORT v5 holds {MAX_CHAR_BYTES}.",
                next_step="declare pieces in the layout: typed: [FIELD, FIELD2].",
            )
        )  # fmt: skip
