"""Reads an XPT file back before it is published, and compares it with the Parquet file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.handoff import xpt_reader
from flows.handoff.errors import differs
from flows.handoff.unfit import Cells
from flows.handoff.xpt_reader import XptFile
from specs.ascii_text import in_ascii
from specs.errors import HandoffError
from specs.models import DatasetSpec, VariableSpec

PYREADSTAT_ROWS = 250
_CHUNK_BYTES = 8 << 20
_EPOCH = np.datetime64("1960-01-01T00:00:00", "us")


def read_back(
    xpt: Path,
    parquet: Path,
    spec: DatasetSpec,
    lengths: Mapping[str, int],
    stamp: datetime,
    left_out: Cells | None = None,
    *,
    ascii_text: bool = False,
) -> None:
    """Compare an XPT file with the Parquet file of the same dataset; raise HandoffError (HAND-508) where they differ.

    Compared are dataset name and label, time stamp, names, labels, lengths and formats of the variables, the row count
    and **every value**, with the project's second, independent reading of TS-140 (`xpt_reader`). pyreadstat (ReadStat),
    an outsider, takes about six times as long as the writer did; so at run time it checks all names, labels,
    lengths and formats, but only the first 250 rows (a dataset of up to 250 rows is thus checked whole). The tests
    check every value with it. `left_out` names the cells that the XPT file must leave blank (`take_out_unfit`);
    `ascii_text`: its text is to be the ASCII form of Parquet's (`specs.ascii_text`). The error names dataset, variable
    and first row (1 is the first). Memory: a chunk of rows.
    """
    expected = _Expected(spec, left_out or {}, ascii_text)
    try:
        file = xpt_reader.open_xpt(xpt)
        compare_headers(file, spec, lengths, stamp)
        _compare_values(file, pq.ParquetFile(parquet), expected)
    except (ValueError, OverflowError) as error:  # ValueError: pyarrow.ArrowInvalid too; OverflowError: a wild date
        raise _differs(spec, "", f"The XPT file is damaged: {error}.") from error
    _compare_with_pyreadstat(xpt, parquet, expected, lengths)


def _differs(spec: DatasetSpec, where: str, fact: str) -> HandoffError:
    return differs(f"{spec.dataset}{where}", fact)


def _same(spec: DatasetSpec, where: str, what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise _differs(spec, where, f"the {what} is {found!r} in the XPT file, it should be {wanted!r}.")


# --- the project's own reader: everything ---------------------------------------------------------------------


def compare_headers(file: XptFile, spec: DatasetSpec, lengths: Mapping[str, int], stamp: datetime) -> None:
    """Raise HandoffError (HAND-508) where the headers are not as the spec, the lengths and the time say."""
    _same(spec, "", "dataset name", file.dataset, spec.dataset)
    _same(spec, "", "dataset label", file.label, spec.label)
    _same(spec, "", "set of times", file.times, {stamp.replace(microsecond=0, tzinfo=None)})
    _same(spec, "", "list of variables", [v.name for v in file.variables], list(spec.variables))
    for found, (name, variable) in zip(file.variables, spec.variables.items(), strict=True):
        where = f", {name}"
        _same(spec, where, "label", found.label, variable.label)
        _same(spec, where, "type", "Num" if found.numeric else "Char", variable.type)
        _same(spec, where, "length", found.length, lengths.get(name, 8))
        _same(spec, where, "format", found.format, variable.format or "")


@dataclass(frozen=True)
class _Expected:
    """What an XPT file must hold where Parquet holds a value."""

    spec: DatasetSpec
    blank: Cells
    ascii_text: bool

    def of(self, column: pa.Array, name: str, first: int) -> pa.Array:
        """The values of Parquet from a row on as XPT has them."""
        if self.ascii_text and self.spec.variables[name].type == "Char":
            column = in_ascii(column)
        if name not in self.blank:
            return column
        blank = np.isin(np.arange(first, first + len(column)), self.blank[name])
        return pc.if_else(pa.array(blank), pa.scalar(None, column.type), column)


def _compare_values(file: XptFile, parquet: pq.ParquetFile, expected: _Expected) -> None:
    spec = expected.spec
    _same(spec, "", "number of rows", file.rows, parquet.metadata.num_rows)
    rows = max(1, _CHUNK_BYTES // file.row_bytes)
    first = 0
    batches = parquet.iter_batches(batch_size=rows)
    for batch in batches:
        chunk = file.chunk(first, batch.num_rows)
        for variable in file.variables:
            wanted = expected.of(batch[variable.name], variable.name, first)
            if variable.numeric:
                numbers = xpt_reader.numbers(chunk, variable)
                _compare_numbers(spec, variable.name, numbers, wanted, first)
            else:
                _compare_arrays(spec, variable.name, xpt_reader.texts(chunk, variable), wanted, first)
        first += batch.num_rows


def _compare_numbers(
    spec: DatasetSpec, name: str, numbers: npt.NDArray[np.float64], wanted: pa.Array, first: int
) -> None:
    if pa.types.is_temporal(wanted.type):
        _compare_arrays(spec, name, _moments(numbers, spec.variables[name]), wanted, first)
        return
    plain = wanted.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if not np.array_equal(numbers, plain, equal_nan=True):
        row = int(np.flatnonzero((numbers != plain) & ~(np.isnan(numbers) & np.isnan(plain)))[0])
        raise _value_differs(spec, name, first + row, numbers[row], plain[row])


def _compare_arrays(spec: DatasetSpec, name: str, found: pa.Array, wanted: pa.Array, first: int) -> None:
    if found.equals(wanted):
        return
    unlike = pc.if_else(
        pc.or_(found.is_null(), wanted.is_null()),
        pc.xor(found.is_null(), wanted.is_null()),
        pc.fill_null(pc.not_equal(found, wanted), False),
    )
    row = pc.index(unlike, True).as_py()
    raise _value_differs(spec, name, first + row, found[row].as_py(), wanted[row].as_py())


def _value_differs(spec: DatasetSpec, name: str, row: int, found: object, wanted: object) -> HandoffError:
    return _differs(spec, f", {name}, row {row + 1}", f"the XPT file has {found!r}, the Parquet file has {wanted!r}.")


def _moments(numbers: npt.NDArray[np.float64], variable: VariableSpec) -> pa.Array:
    """SAS numbers as dates, times or datetimes. Raises ValueError for digits finer than the format has."""
    missing = np.isnan(numbers)
    given = np.where(missing, 0, numbers)
    whole = np.floor(given)
    parts = np.rint((given - whole) * 1e6)
    if variable.format == "DATE9.":
        if (whole != given).any():
            raise ValueError("a date has a part of a day")
        return pa.array(_EPOCH.astype("datetime64[D]") + whole.astype("timedelta64[D]"), mask=missing)
    if (whole + parts / 1e6 != given).any():
        raise ValueError("a time has a part of a microsecond")
    microseconds = whole.astype(np.int64) * 1_000_000 + parts.astype(np.int64)
    if variable.format == "TIME8.":
        return pa.array(microseconds, mask=missing).cast(pa.time64("us"))
    return pa.array(_EPOCH + microseconds.astype("timedelta64[us]"), mask=missing)


# --- pyreadstat: the descriptions, and the first rows ---------------------------------------------------------


def _compare_with_pyreadstat(xpt: Path, parquet: Path, expected: _Expected, lengths: Mapping[str, int]) -> None:
    import pyreadstat  # its import is slow, and not every command needs it

    spec = expected.spec
    try:
        frame, meta = pyreadstat.read_xport(xpt, disable_datetime_conversion=True, row_limit=PYREADSTAT_ROWS)
    except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
        raise _differs(spec, "", f"pyreadstat cannot read the XPT file: {error}.") from error
    _same(spec, "", "dataset name (pyreadstat)", meta.table_name, spec.dataset)
    _same(spec, "", "dataset label (pyreadstat)", meta.file_label or "", spec.label)
    _same(spec, "", "list of variables (pyreadstat)", meta.column_names, list(spec.variables))
    head = next(pq.ParquetFile(parquet).iter_batches(batch_size=PYREADSTAT_ROWS))
    _same(spec, "", "number of first rows (pyreadstat)", len(frame), head.num_rows)
    for name, variable in spec.variables.items():
        where = f", {name}"
        _same(spec, where, "label (pyreadstat)", meta.column_names_to_labels[name] or "", variable.label)
        _same(spec, where, "length (pyreadstat)", meta.variable_storage_width[name], lengths.get(name, 8))
        _same(spec, where, "format (pyreadstat)", _plain(meta.original_variable_types[name]), _plain(variable.format))
        wanted = expected.of(head[name], name, 0)
        if variable.type == "Char":
            found = pa.array(frame[name].to_list(), pa.string())
            _compare_arrays(spec, name, pc.if_else(pc.equal(found, ""), None, found), wanted, 0)
        else:
            _compare_numbers(spec, name, frame[name].to_numpy("float64"), wanted, 0)


def _plain(sas_format: str | None) -> str:
    """A SAS format without its point; pyreadstat shows no format as None."""
    return "" if sas_format is None else str(sas_format).rstrip(".")
