"""Reads one dataset file, Parquet or SAS transport, as columns of text and numbers (float64)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flows.receive.tabular.source import UnfitFileError
from flows.receive.tabular.xpt_end import refuse_cut_xpt
from specs.errors import Problem

_AGAIN = "have the file made or transferred again."


class UnreadableFileError(Exception):
    """A file that is damaged or of another kind; its problem says what is wrong."""

    def __init__(self, name: str, fact: str, hint: str = "", next_step: str = _AGAIN) -> None:
        self.problem = Problem(code="INPUT-105", place=name, fact=fact, hint=hint, next_step=next_step)
        super().__init__(fact)


@dataclass(frozen=True)
class DatasetFile:
    """A dataset file whose head was read: its variables, in the file's order, and whether each is text."""

    path: Path
    is_text: Mapping[str, bool]  # name in capitals -> text; a variable without a type, and so without values, is none
    names: Mapping[str, str]  # name in capitals -> name in the file

    def read(self, variables: Iterable[str] | None = None) -> pd.DataFrame:
        """The values of some variables, all without any given; blank text missing, row order as in the file.

        Numbers of any kind become float64, dates and times ISO 8601 text. Text is categorical, each distinct one held
        once; `as_text` makes it `str`. Raises UnreadableFileError.
        """
        chosen = set(self.names if variables is None else variables)
        wanted = {name: given for name, given in self.names.items() if name in chosen}
        return _read_parquet(self.path, wanted) if _is_parquet(self.path) else _read_xpt(self.path, wanted)


def open_dataset(path: Path) -> DatasetFile:
    """Read the head of a dataset file. Raises UnreadableFileError."""
    kinds = _parquet_kinds(path) if _is_parquet(path) else _xpt_kinds(path)
    names: dict[str, str] = {}
    for given, _ in kinds:
        other = names.setdefault(given.upper(), given)
        if other != given:
            fact = f"Variable {given.upper()} stands twice, in capitals and in small letters."
            raise UnreadableFileError(path.name, fact)
    if len(names) < len(kinds):
        raise UnreadableFileError(path.name, "A variable stands twice in the file.")
    return DatasetFile(path, {given.upper(): is_text for given, is_text in kinds}, names)


def read_dataset(path: Path) -> pd.DataFrame:
    """The whole dataset in a file, as `DatasetFile.read` gives it, but with text as `str`."""
    return open_dataset(path).read().apply(as_text)


def as_text(column: pd.Series) -> pd.Series:
    """Categorical text as `str`; any other column as it is."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    return column.astype("str")


def is_text(column: pd.Series) -> bool:
    """Whether a column, as read, is text."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def distinct(column: pd.Series) -> pd.Series:
    """The distinct texts of a column as read, without missing, in the order of its categories."""
    used = np.zeros(len(column.cat.categories) + 1, dtype=bool)  # the last place is that of the missing ones
    used[column.cat.codes.to_numpy()] = True
    return pd.Series(column.cat.categories[used[:-1]], dtype="str")


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


def _parquet_kinds(path: Path) -> list[tuple[str, bool]]:
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(path, error) from error
    for field in schema:
        if pa.types.is_nested(field.type):
            fact = f"Variable {field.name} holds {field.type}: an SDTM variable is text or a number."
            raise UnreadableFileError(path.name, fact, next_step="have the dataset made with one value in each cell.")
    return [(field.name, _becomes_text(field.type)) for field in schema]


def _becomes_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return _is_string(value) or any(
        test(value) for test in (pa.types.is_date, pa.types.is_timestamp, pa.types.is_binary, pa.types.is_large_binary)
    )


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _read_parquet(path: Path, wanted: Mapping[str, str]) -> pd.DataFrame:
    try:
        schema = pq.read_schema(path)
        texts = [given for given in wanted.values() if _is_string(schema.field(given).type)]
        # as codes and distinct texts: each text is cleaned once, and few bytes are in memory twice
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            rows = file.metadata.num_rows
            # a column at a time, in this thread: Arrow keeps the room that each of its threads once needed
            columns = {
                name: _plain(file.read([given], use_threads=False).column(given)) for name, given in wanted.items()
            }
    except (pa.ArrowException, OSError) as error:
        raise _no_parquet(path, error) from error
    return pd.DataFrame(columns, index=pd.RangeIndex(rows), copy=False)


def _no_parquet(path: Path, error: Exception) -> UnreadableFileError:
    fact = f"The file is no readable Parquet: {_first_line(error)}."
    return UnreadableFileError(path.name, fact, "it may be cut off.")


def _plain(column: pa.ChunkedArray) -> pd.Series:
    """An Arrow column as categorical text or float64."""
    if pa.types.is_null(column.type):
        return pd.Series(index=range(len(column)), dtype="float64")
    codes = None
    if pa.types.is_dictionary(column.type):
        whole = column.unify_dictionaries().combine_chunks()
        codes, column = _codes(whole), whole.dictionary
    values = _converted(column)
    if not _is_string(values.type):
        numbers: pd.Series = values.to_pandas()
        return numbers if codes is None else pd.Series(numbers.array.take(codes, allow_fill=True))
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    cleaned = values.dictionary_encode()
    new = _codes(cleaned)
    if codes is None:
        codes = new
    elif not np.array_equal(new, np.arange(len(new))):  # cleaning made texts alike, or missing
        codes = np.append(new, new.dtype.type(-1))[codes]
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(cleaned.dictionary.to_pandas(), dtype="str")))


def _codes(column: pa.DictionaryArray) -> np.ndarray:
    """The number of each value's text, -1 for a missing one, in no more bytes than the texts ask for."""
    indices = column.indices.fill_null(-1) if column.null_count else column.indices
    codes: np.ndarray = indices.to_numpy()
    return codes.astype(np.min_scalar_type(-len(column.dictionary) - 1), copy=False)


def _converted(column: Any) -> Any:
    """The values of a column as text or float64, blank text missing."""
    kind = column.type
    if pa.types.is_date(kind):
        column = pc.strftime(column.cast(pa.timestamp("s")), format="%Y-%m-%d")
    elif pa.types.is_timestamp(kind):
        column = pc.strftime(column.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%dT%H:%M:%S")
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        column = column.cast(pa.large_string())
    if not _is_string(column.type):
        return column.cast(pa.float64(), safe=False)
    column = pc.utf8_rtrim_whitespace(column.cast(pa.large_string()))
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)


def _xpt_kinds(path: Path) -> list[tuple[str, bool]]:
    try:
        refuse_cut_xpt(path)
    except UnfitFileError as error:
        first = error.problems[0]
        raise UnreadableFileError(path.name, first.fact, first.hint, first.next_step) from error
    _, described = _pyreadstat(path, metadataonly=True)
    return [(str(name), kind == "string") for name, kind in described.readstat_variable_types.items()]


def _read_xpt(path: Path, wanted: Mapping[str, str]) -> pd.DataFrame:
    frame, described = _pyreadstat(path, usecols=list(wanted.values()))
    columns: dict[str, pd.Series] = {}
    for name, given in wanted.items():
        if described.readstat_variable_types[given] == "string":
            text = frame[given].astype("str").str.rstrip()
            columns[name] = text.mask(text == "").astype("category")
        else:
            columns[name] = frame[given].astype("float64")
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)))


def _pyreadstat(path: Path, **options: Any) -> tuple[pd.DataFrame, Any]:
    import pyreadstat

    try:
        frame, described = pyreadstat.read_xport(path, disable_datetime_conversion=True, **options)
    except UnicodeDecodeError as error:
        fact = f"A text in the file is not valid UTF-8: {error.reason}."
        raise UnreadableFileError(path.name, fact, "it may be GBK or Latin-1.", "write the file as UTF-8.") from error
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
        fact = f"The file is no readable SAS transport file: {_first_line(error)}."
        raise UnreadableFileError(path.name, fact) from error
    return frame, described


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
