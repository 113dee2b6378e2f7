"""Writes SAS transport files, version 5, as SAS's technical note TS-140 describes them.

A file holds one dataset: 80-byte header records, a 140-byte description (NAMESTR) of each variable, then the
observations back to back, padded with blanks to a multiple of 80 bytes. Written a chunk of rows at a time.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff.columns import SECOND_OF_DAY, typed_table
from flows.handoff.errors import refuse, writing
from flows.handoff.ibm_float import to_ibm
from specs.errors import HandoffError
from specs.models import DatasetSpec, VariableSpec

RECORD = 80
CHUNK_BYTES = 8 << 20  # of observations at a time: what stays near the processor is fastest
DAYS_1960_TO_1970 = 3653  # SAS counts days and seconds from 1960-01-01

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SAS_VERSION, _SAS_SYSTEM = "9.4", "LINUX"


def write_xpt(
    frame: pd.DataFrame | pa.Table, spec: DatasetSpec, path: Path, lengths: Mapping[str, int], stamp: datetime
) -> None:
    """Write the dataset as one XPORT v5 file: names, labels, formats and dataset label from the spec.

    `lengths` gives the bytes of each Char variable; text is UTF-8 and never cut. Dates become SAS day numbers, times
    seconds since midnight, datetimes seconds since 1960. `stamp` is the time written into the headers. The bytes
    follow from the arguments alone. Memory: one chunk of rows beyond the frame. Raises HandoffError: HAND-507 when the
    frame is not as the spec says, HAND-509 for a value that v5 cannot hold (`take_out_unfit` takes such values out),
    HAND-506 when the last row would be lost to padding, HAND-502 when the file cannot be written.
    """
    table = typed_table(frame, spec)
    record = _record_type(spec, lengths)
    rows = max(1, CHUNK_BYTES // record.itemsize)
    with writing(path), path.open("wb") as file:
        file.write(_headers(spec, record, stamp))
        last = b""
        for start in range(0, table.num_rows, rows):
            observations = _observations(table.slice(start, rows), spec, record, start)
            file.write(observations.data)
            last = observations[-1:].tobytes()
        _refuse_lost_row(spec, record.itemsize, last)
        file.write(b" " * (-table.num_rows * record.itemsize % RECORD))


def xpt_headers(spec: DatasetSpec, lengths: Mapping[str, int], stamp: datetime) -> bytes:
    """All that stands before the observations of a file."""
    return _headers(spec, _record_type(spec, lengths), stamp)


def sas_numbers(column: pa.Array, variable: VariableSpec) -> npt.NDArray[np.float64]:
    """A Num column as the doubles SAS counts in; missing is NaN."""
    if variable.format == "DATE9.":
        numbers = column.cast(pa.int32()).cast(pa.float64())
        return _doubles(numbers) + DAYS_1960_TO_1970
    if variable.format == "DATETIME20.":
        return _seconds(column, DAYS_1960_TO_1970 * SECOND_OF_DAY)
    if variable.format == "TIME8.":
        return _seconds(column)
    return _doubles(column)


def _seconds(column: pa.Array, earlier: int = 0) -> npt.NDArray[np.float64]:
    """Microseconds as seconds from a zero that lies some seconds earlier.

    Whole seconds are exact in all calendar years, microseconds from 1675 to 2245.
    """
    microseconds = column.cast(pa.int64()).fill_null(0).to_numpy()
    whole, part = np.divmod(microseconds + earlier * 1_000_000, 1_000_000)
    seconds: npt.NDArray[np.float64] = whole + part / 1e6
    return np.where(column.is_null().to_numpy(zero_copy_only=False), np.nan, seconds)


def _doubles(column: pa.Array) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _record_type(spec: DatasetSpec, lengths: Mapping[str, int]) -> np.dtype[np.void]:
    """One observation: Char variables as bytes, Num ones as big-endian words."""
    return np.dtype([(name, f"V{lengths[name]}" if v.type == "Char" else ">u8") for name, v in spec.variables.items()])


# --- observations -------------------------------------------------------------------------------------------


def _observations(
    table: pa.Table, spec: DatasetSpec, record: np.dtype[np.void], first_row: int
) -> npt.NDArray[np.void]:
    observations = np.empty(table.num_rows, record)
    for name, variable in spec.variables.items():
        column = table[name].combine_chunks()
        if variable.type == "Char":
            length = record[name].itemsize
            lengths = pc.binary_length(column)
            if (pc.max(lengths).as_py() or 0) > length:
                row = pc.index(pc.greater(lengths, length), True).as_py()
                raise _unfit(spec, name, table, row, first_row, f"is longer than {length} bytes")
            observations[name] = _fixed_width(column, length)
        else:
            words, outside = to_ibm(sas_numbers(column, variable))
            if outside.any():
                raise _unfit(spec, name, table, int(outside.argmax()), first_row, "is outside the range of IBM doubles")
            observations[name] = words
    return observations


def _fixed_width(column: pa.Array, length: int) -> npt.NDArray[np.void]:
    """Text padded with blanks to `length` bytes, so that the values lie back to back; missing is all blanks."""
    padded = pc.ascii_rpad(pc.fill_null(column, ""), width=length)  # counts bytes, whatever characters they make
    _, offsets, text = padded.buffers()
    first = np.frombuffer(offsets, np.int32)[padded.offset]
    rows: npt.NDArray[np.void] = np.frombuffer(text, f"V{length}", len(padded), first)
    return rows


def _unfit(spec: DatasetSpec, name: str, table: pa.Table, row: int, first_row: int, why: str) -> HandoffError:
    return refuse(
        "HAND-509",
        f"{spec.dataset}, {name}, row {first_row + row + 1}",
        f"The value {table[name][row].as_py()!r} {why}; SAS XPORT v5 cannot hold it.",
        "report this as a bug of cdisc-flows: such a value is to be left out of the XPT file with a finding.",
    )


def _refuse_lost_row(spec: DatasetSpec, size: int, last: bytes) -> None:
    """Records shorter than 80 bytes: readers take an all-blank last row for padding, and drop it."""
    if size < RECORD and last and not last.strip(b" "):
        raise refuse(
            "HAND-506",
            spec.dataset,
            "The last row is blank in every variable; readers of SAS XPORT v5 would take it for padding.",
            "give the dataset a variable that is never blank, such as STUDYID.",
        )


# --- headers ------------------------------------------------------------------------------------------------


def _headers(spec: DatasetSpec, record: np.dtype[np.void], stamp: datetime) -> bytes:
    made = f"{stamp:%d}{_MONTHS[stamp.month - 1]}{stamp:%y:%H:%M:%S}".encode()
    system = f"{_SAS_VERSION:<8}{_SAS_SYSTEM:<8}{'':24}".encode() + made
    variables = b"".join(
        _namestr(number, name, variable, record)
        for number, (name, variable) in enumerate(spec.variables.items(), start=1)
    )
    return b"".join(
        [
            _header("LIBRARY"),
            b"SAS     SAS     SASLIB  " + system,
            made.ljust(RECORD),
            _header("MEMBER", "000000000000000001600000000140"),
            _header("DSCRPTR"),
            b"SAS     " + spec.dataset.encode().ljust(8) + b"SASDATA " + system,
            made + b" " * 16 + spec.label.encode().ljust(40) + b" " * 8,
            _header("NAMESTR", f"000000{len(spec.variables):04}00000000000000000000"),
            variables.ljust(-(-len(variables) // RECORD) * RECORD),
            _header("OBS"),
        ]
    )


def _header(kind: str, numbers: str = "0" * 30) -> bytes:
    return f"HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{numbers}  ".encode()


def _namestr(number: int, name: str, variable: VariableSpec, record: np.dtype[np.void]) -> bytes:
    assert record.fields is not None
    field, position = record.fields[name][:2]
    format_name, width = _format(variable)
    return struct.pack(
        ">4h8s40s8s3h2x8s2hl52x",
        1 if variable.type == "Num" else 2, 0, field.itemsize, number,
        name.encode().ljust(8), variable.label.encode().ljust(40),
        format_name.encode().ljust(8), width, 0, 0,
        b" " * 8, 0, 0, position,
    )  # fmt: skip


def _format(variable: VariableSpec) -> tuple[str, int]:
    """`DATE9.` is the format DATE with 9 characters."""
    if not variable.format:
        return "", 0
    name = variable.format.rstrip(".0123456789")
    return name, int(variable.format[len(name) : -1])
