"""The form that every reader gives an export, whatever format it had; the steps after it know no format.

A reader's frame of a form holds text only, blank = "", in the file's order of records:
the identity columns of `specs.identity` (the line an int64), then ACTIVE and PAGE, then the fields of the form.
Field columns by kind: a field F is as typed; a coded F has the code (blank where the export has none) and F_DEC the
text; a number F with units has F_UN. What an export says of a date field F a second time is kept for the cross checks
as F#VALUE (ISO 8601), F#YEAR, F#MONTH and F#DAY.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from specs.identity import DECODE_SUFFIX, FORM, IDENTITY, LINE, UNIT_SUFFIX
from specs.models import FormSpec

_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
ACTIVE = "_ACTIVE"  # "1", or "0" for a record that was made inactive in the EDC
PAGE = "_PAGE"  # id of the page that a log line stands on, blank where the export has none
VALUE_SUFFIX, YEAR_SUFFIX, MONTH_SUFFIX, DAY_SUFFIX = "#VALUE", "#YEAR", "#MONTH", "#DAY"


@dataclass(frozen=True)
class ReceivedForm:
    """One form as a reader gives it."""

    file: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class Received:
    """What a reader says of an export when it has given every form: what it noticed, and the hash of each file."""

    findings: pd.DataFrame
    files: dict[str, str]


class Sink(Protocol):
    """Where a reader puts the frames of the forms, so that a large form need not be in memory as a whole.

    The subject form comes first, and whole. After it the pieces of different forms may come in turns, and from
    different threads, but one at a time, and those of one form in the file's order. Every form of the specs comes,
    unless the reader raises; what it has given before is not to be used then.
    """

    def add(self, form: str, file: str, frame: pd.DataFrame) -> None:
        """Take the next records of a form; a form without any comes once, as a frame without rows."""


def field_columns(form: FormSpec) -> list[str]:
    """The columns that a form's fields have in a raw form frame, in the order of the form."""
    columns = []
    for name, field in form.fields.items():
        columns.append(name)
        if field.kind == "coded":
            columns.append(name + DECODE_SUFFIX)
        if field.units:
            columns.append(name + UNIT_SUFFIX)
    return columns


def frame_of(columns: dict[str, pa.ChunkedArray | pa.Array]) -> pd.DataFrame:
    """Arrow columns as a pandas frame: text becomes `str`."""
    return pd.DataFrame({name: _values(column) for name, column in columns.items()}, copy=False)


def _values(column: pa.ChunkedArray | pa.Array) -> Any:
    """The values for pandas; text as it lies in Arrow, which `to_pandas` would look through once more."""
    if pa.types.is_large_string(column.type):
        return pd.arrays.ArrowStringArray(column, dtype=_TEXT)  # type: ignore[call-arg]  # the stubs lack it
    return column.to_pandas()


def no_records(form: FormSpec) -> pd.DataFrame:
    """The frame of a form that the export does not have and need not have."""
    names = [*IDENTITY, ACTIVE, PAGE, *field_columns(form)]
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == LINE else "str") for name in names})


def about_file(form: str, file: str, values: list[str]) -> pd.DataFrame:
    """Rows to report findings on that belong to a file as a whole; `value` has what was found."""
    return pd.DataFrame({FORM: form, "_FILE": file, "value": values}, dtype="str")
