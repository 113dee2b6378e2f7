"""Reads one dataset file, Parquet or SAS transport, as columns of text (`str`) and numbers (float64)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from specs.errors import Problem

_XPT_RECORD = 80  # bytes; a complete transport file is made of whole records
_AGAIN = "have the file made or transferred again."


class UnreadableFileError(Exception):
    """A file that is damaged or of another kind; its problem says what is wrong."""

    def __init__(self, name: str, fact: str, hint: str = "", next_step: str = _AGAIN) -> None:
        self.problem = Problem(code="INPUT-105", place=name, fact=fact, hint=hint, next_step=next_step)
        super().__init__(fact)


def read_dataset(path: Path) -> pd.DataFrame:
    """The dataset in a file; names of variables in capitals, blank text missing, row order as in the file.

    Numbers of any kind become float64, dates and times ISO 8601 text, categories their text. Raises
    UnreadableFileError.
    """
    frame = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_xpt(path)
    names = [str(name).upper() for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFileError(path.name, f"Variable {twice[0]} stands twice, in capitals and in small letters.")
    frame.columns = pd.Index(names, dtype="str")
    return frame.reset_index(drop=True)


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        table = pq.read_table(path)
        columns = {name: _plain(column) for name, column in zip(table.column_names, table.columns, strict=True)}
    except (pa.ArrowException, OSError) as error:
        fact = f"The file is no readable Parquet: {_first_line(error)}."
        raise UnreadableFileError(path.name, fact, "it may be cut off.") from error
    if len(columns) < table.num_columns:
        raise UnreadableFileError(path.name, "A variable stands twice in the file.")
    return pd.DataFrame(columns)


def _plain(column: pa.ChunkedArray) -> pd.Series:
    """An Arrow column as `str` or float64."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return pd.Series(index=range(len(column)), dtype="float64")
    if pa.types.is_date(kind):
        column = pc.strftime(column.cast(pa.timestamp("s")), format="%Y-%m-%d")
    elif pa.types.is_timestamp(kind):
        column = pc.strftime(column.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%dT%H:%M:%S")
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = column.cast(pa.large_string())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.utf8_rtrim_whitespace(column)
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
        text: pd.Series = column.to_pandas().astype("str")
        return text
    number: pd.Series = column.cast(pa.float64(), safe=False).to_pandas()
    return number


def _read_xpt(path: Path) -> pd.DataFrame:
    import pyreadstat

    size = path.stat().st_size
    if size % _XPT_RECORD:
        fact = f"The file is cut off: {size:,} bytes are not whole records of {_XPT_RECORD}."
        raise UnreadableFileError(path.name, fact, "transfer it as binary.")
    try:
        frame, described = pyreadstat.read_xport(path, disable_datetime_conversion=True)
    except UnicodeDecodeError as error:
        fact = f"A text in the file is not valid UTF-8: {error.reason}."
        raise UnreadableFileError(path.name, fact, "it may be GBK or Latin-1.", "write the file as UTF-8.") from error
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        fact = f"The file is no readable SAS transport file: {_first_line(error)}."
        raise UnreadableFileError(path.name, fact) from error
    for name, kind in described.readstat_variable_types.items():
        if kind == "string":
            text = frame[name].astype("str").str.rstrip()
            frame[name] = text.mask(text == "")
        else:
            frame[name] = frame[name].astype("float64")
    return frame


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
