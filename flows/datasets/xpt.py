"""Reads a SAS transport file, version 5, as a dataset.

The project's own reader is fast, and strict. What it refuses is read by pyreadstat (ReadStat), which forgives more:
special missing values, other header times, blanks where none should be.
"""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from flows.datasets.dataset import TYPES, Dataset, Kind, UnreadableDatasetError, Variable, first_line, plain_text
from flows.handoff import xpt_reader
from flows.receive.tabular.sas_formats import kind_of
from specs.counted import how_many

_RECORD = 80  # bytes; a complete transport file is made of whole records
_MEMBER = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
_CHUNK_BYTES = 64 << 20
_KINDS: dict[str, Kind] = {"number": "number", "date": "date", "time": "time", "moment": "datetime"}
_EPOCH_DAYS, _SECOND = 3653, 1_000_000  # days from 1960 to 1970; microseconds
_FARTHEST = {"date": 3_000_000, "time": 86_400, "datetime": 250_000_000_000}  # what fits into the types


def read_xpt_dataset(path: Path) -> Dataset:
    """The dataset in a transport file; names of variables in capitals. Raises UnreadableDatasetError.

    A file with more than one dataset is refused: which of them is meant is not known.
    """
    size = path.stat().st_size
    if size % _RECORD or not size:
        fact = f"The file is cut off: {size:,} bytes are not whole records of {_RECORD}."
        raise UnreadableDatasetError(path, fact, "transfer it as binary.")
    if (members := _members(path)) > 1:
        raise UnreadableDatasetError(path, f"It holds {how_many(members, 'dataset')}; one is allowed.")
    try:
        return _read_strictly(path)
    except (ValueError, OverflowError):  # ValueError: pyarrow.ArrowInvalid and UnicodeDecodeError too
        return _read_forgivingly(path)


def _members(path: Path) -> int:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        count, at = 0, data.find(_MEMBER)
        while at >= 0:
            count += at % _RECORD == 0
            at = data.find(_MEMBER, at + 1)
    return count


def _read_strictly(path: Path) -> Dataset:
    file = xpt_reader.open_xpt(path)
    rows = max(1, _CHUNK_BYTES // max(1, file.row_bytes))
    chunks = [file.chunk(first, min(rows, file.rows - first)) for first in range(0, file.rows, rows)]
    variables, columns = {}, []
    for v in file.variables:
        kind: Kind = _KINDS[kind_of(v.format)] if v.numeric else "text"
        variables[v.name.upper()] = Variable(kind, v.label, v.length, v.format)
        read = [xpt_reader.numbers(c, v) if v.numeric else xpt_reader.texts(c, v).cast(TYPES["text"]) for c in chunks]
        columns.append(pa.chunked_array([_typed(a, kind) if v.numeric else a for a in read], TYPES[kind]))
    return Dataset(path.stem.upper(), file.label, variables, pa.Table.from_arrays(columns, names=list(variables)))


def _read_forgivingly(path: Path) -> Dataset:
    import pyreadstat  # its import is slow, and seldom needed

    try:
        frame, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
    except UnicodeDecodeError as error:
        fact = f"A text in the file is not valid UTF-8: {error.reason}."
        raise UnreadableDatasetError(path, fact, "it may be GBK or Latin-1.") from error
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        fact = f"The file is no readable SAS transport file: {first_line(error)}."
        raise UnreadableDatasetError(path, fact) from error
    variables, columns = {}, []
    for name in meta.column_names:
        numeric = meta.readstat_variable_types[name] != "string"
        shown = "" if meta.original_variable_types[name] is None else str(meta.original_variable_types[name])
        kind: Kind = _KINDS[kind_of(shown)] if numeric else "text"
        width = meta.variable_storage_width[name]
        variables[name.upper()] = Variable(kind, meta.column_names_to_labels[name] or "", width, shown)
        if numeric:
            try:
                columns.append(_typed(frame[name].to_numpy("float64"), kind))
            except ValueError as error:
                raise UnreadableDatasetError(path, f"{name}: {first_line(error)}.") from error
        else:
            columns.append(plain_text(pa.chunked_array([pa.array(frame[name].to_list(), pa.large_string())])))
    table = pa.Table.from_arrays(columns, names=list(variables))
    return Dataset(path.stem.upper(), meta.file_label or "", variables, table)


def _typed(numbers: npt.NDArray[np.float64], kind: Kind) -> pa.Array:
    """SAS numbers as what their format says they are. Raises ValueError for days and times that cannot be."""
    missing = np.isnan(numbers)
    if kind == "number":
        return pa.array(numbers, mask=missing)
    given = np.where(missing, 0, numbers)
    if (np.abs(given) > _FARTHEST[kind]).any() or (kind == "time" and ((given < 0) | (given >= _FARTHEST[kind])).any()):
        raise ValueError("a date or time is none")
    if kind == "date":
        if (np.floor(given) != given).any():
            raise ValueError("a date has a part of a day")
        return pa.array((given - _EPOCH_DAYS).astype("int32"), pa.int32(), mask=missing).cast(TYPES["date"])
    seconds = given - (_EPOCH_DAYS * 86_400 if kind == "datetime" else 0)
    whole = np.floor(seconds)
    microseconds = whole.astype("int64") * _SECOND + np.rint((seconds - whole) * _SECOND).astype("int64")
    return pa.array(microseconds, pa.int64(), mask=missing).cast(TYPES[kind])
