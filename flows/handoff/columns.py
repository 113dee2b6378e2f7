"""Gives every value the type that the spec says, once, for both file formats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff.errors import refuse
from specs.errors import HandoffError
from specs.models import DatasetSpec, VariableSpec

SECOND_OF_DAY = 86_400


def arrow_type(variable: VariableSpec) -> pa.DataType:
    """The Arrow type of a variable: string, float64, int64, date32, time64[us] or timestamp[us]."""
    if variable.type == "Char":
        return pa.string()
    if variable.format == "DATE9.":
        return pa.date32()
    if variable.format == "TIME8.":
        return pa.time64("us")
    if variable.format == "DATETIME20.":
        return pa.timestamp("us")
    return pa.int64() if variable.integer else pa.float64()


def typed_table(frame: pd.DataFrame | pa.Table, spec: DatasetSpec) -> pa.Table:
    """The frame as an Arrow table: the spec's variables in the spec's order, with the spec's types.

    In: Char columns of text; Num columns of float64, `DATE9.` and `DATETIME20.` ones of datetime64, `TIME8.` ones of
    timedelta64 or seconds since midnight. Missing is null. As in SAS, blanks at the end of a text are no part of it,
    and a text of blanks is missing. A table that this function made passes through. Row count and order stay. Raises
    HandoffError (HAND-507) naming every variable that the frame lacks, has beyond the spec, or has in another type.
    """
    if isinstance(frame, pa.Table):
        return frame
    problems = [
        _unlike_spec(spec, name, f"The dataset {fact}").problems[0]
        for names, fact in (
            ([name for name in spec.variables if name not in frame], "lacks this variable of the spec."),
            ([name for name in map(str, frame) if name not in spec.variables], "has this variable, the spec does not."),
        )
        for name in names
    ]
    columns: list[pa.Array] = []
    for name, variable in spec.variables.items():
        if name in frame:
            try:
                columns.append(_typed(frame[name], variable))
            except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError, TypeError) as error:
                problems += _unlike_spec(spec, name, f"It is not as the spec says: {_first_line(error)}.").problems
    if problems:
        raise HandoffError(problems)
    return pa.Table.from_arrays(columns, names=list(spec.variables))


def empty_table(spec: DatasetSpec) -> pa.Table:
    """The table of a dataset without rows."""
    return pa.schema([(name, arrow_type(variable)) for name, variable in spec.variables.items()]).empty_table()


def _unlike_spec(spec: DatasetSpec, name: str, fact: str) -> HandoffError:
    return refuse("HAND-507", f"{spec.dataset}, {name}", fact, "mend the code that makes the dataset, or its spec.")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _typed(column: pd.Series, variable: VariableSpec) -> pa.Array:
    if column.isna().all():
        return pa.nulls(len(column), arrow_type(variable))
    if variable.type == "Char":
        return _text(column)
    if variable.format == "DATE9.":
        return _cast_exactly(_moments(column), pa.date32())
    if variable.format == "DATETIME20.":
        return _cast_exactly(_moments(column), pa.timestamp("us"))
    if variable.format == "TIME8.":
        return _time_of_day(column)
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise TypeError(f"numbers were expected, it has {column.dtype}")
    numbers = pa.Array.from_pandas(column).cast(pa.float64())
    return numbers.cast(pa.int64()) if variable.integer else numbers


def _text(column: pd.Series) -> pa.Array:
    text = pa.array(column, from_pandas=True)
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    if not (pa.types.is_string(text.type) or pa.types.is_large_string(text.type)):
        raise TypeError(f"text was expected, it has {column.dtype}")
    text = text.cast(pa.string())
    if _ends_with_blank(text):
        text = pc.ascii_rtrim(text, " ")
    empty = pc.equal(pc.binary_length(text), 0)
    return pc.if_else(empty, None, text) if pc.any(empty).as_py() else text


def _ends_with_blank(text: pa.Array) -> bool:
    ends = np.frombuffer(text.buffers()[1], np.int32)[text.offset + 1 : text.offset + len(text) + 1]
    data = np.frombuffer(text.buffers()[2], np.uint8)
    return bool((data[ends[ends > 0] - 1] == ord(" ")).any())


def _moments(column: pd.Series) -> pa.Array:
    if not pd.api.types.is_datetime64_dtype(column):
        raise TypeError(f"datetime64 without a time zone was expected, it has {column.dtype}")
    return pa.Array.from_pandas(column)


def _cast_exactly(moments: pa.Array, to: pa.DataType) -> pa.Array:
    """Cast, and refuse a time of day in a date or parts of a microsecond."""
    cast = moments.cast(to, safe=False)
    if not cast.cast(moments.type).equals(moments):
        raise ValueError(f"a value does not fit into {to}: it has a finer part")
    return cast


def _time_of_day(column: pd.Series) -> pa.Array:
    seconds = column.dt.total_seconds() if pd.api.types.is_timedelta64_dtype(column) else column.astype("float64")
    given = seconds.dropna()
    if ((given < 0) | (given >= SECOND_OF_DAY)).any():
        raise ValueError("a time of day is at least 0 and less than 86400 seconds")
    microseconds = np.round(seconds.to_numpy() * 1e6)
    return pa.array(microseconds, from_pandas=True).cast(pa.int64()).cast(pa.time64("us"))
