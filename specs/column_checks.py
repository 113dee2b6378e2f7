"""The checks of one variable, made from its spec: each with a name and a sentence that says what is expected.

A check marks the values that fail; a missing value never does, for that is the column's own attribute in the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial, reduce
from operator import or_
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pyarrow.compute as pc

from specs.loader import StudySpec
from specs.models import DatasetSpec, VariableSpec

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
SHOWN = 5  # as many failing values are handed to pandera, which formats each of them
_PARTIAL_DATE = re.compile(
    r"\d{4}(?:-(?:0[1-9]|1[0-2]))?"
    r"|(?!\d{4}-\d)(?:\d{4}|-)-(?:0[1-9]|1[0-2]|-)-(?:0[1-9]|[12]\d|3[01])"
)
_TIME = re.compile(r"T(?:[01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?")
_DAY_LENGTH = len("2025-03-01")


@dataclass(frozen=True)
class ColumnCheck:
    """A check of one variable: `fails` marks the values that do not fit.

    It is given an Arrow array of text, or a NumPy array of numbers or dates, and its marks are of the same library.
    """

    name: str
    expected: str
    fails: Callable[[Any], Any]


def as_pandera(checks: list[ColumnCheck]) -> list[pa.Check]:
    """A variable's checks as the one that pandera takes: each check costs it more than the look at the values.

    Of many failures it is told the first few, for it formats each of them.
    """
    if not checks:
        return []

    def passes(column: pd.Series) -> pd.Series:
        fails = failing(column, checks)
        return ~(fails & (fails.cumsum() <= SHOWN)) if fails.any() else ~fails

    expected = "; ".join(check.expected for check in checks)
    name = ", ".join(check.name for check in checks)
    return [pa.Check(passes, name=name, error=expected, n_failure_cases=SHOWN, ignore_na=False)]


def failing(column: pd.Series, checks: list[ColumnCheck]) -> pd.Series:
    """Marks the values that one of the checks fails; of text, each distinct value is looked at once."""
    if not isinstance(column.dtype, pd.StringDtype):
        values = column.to_numpy()
        return pd.Series(reduce(or_, (check.fails(values) for check in checks)), index=column.index)
    text = arrow.array(column)
    distinct = pc.drop_null(pc.unique(text))
    fails = reduce(pc.or_, (check.fails(distinct) for check in checks))
    if not pc.any(fails).as_py():
        return pd.Series(False, index=column.index)
    found = pc.is_in(text, value_set=distinct.filter(fails), skip_nulls=True)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=column.index)


def column_checks(name: str, variable: VariableSpec, dataset: DatasetSpec, study: StudySpec) -> list[ColumnCheck]:
    """All checks that a variable's spec calls for.

    Char: blank_text, length (bytes of UTF-8), iso8601 (names in DTC); codelist where it is not extensible; PARAMCD:
    parameter. Num: finite, integer, minimum; with format DATE9.: midnight.
    """
    checks: list[ColumnCheck] = []
    if variable.type == "Char":
        most = variable.max_bytes
        checks.append(ColumnCheck("blank_text", "text: what is blank is to be missing", _blank))
        checks.append(ColumnCheck("length", f"text of at most {most} bytes", partial(_too_long, most=most)))
        if name.endswith("DTC"):
            checks.append(ColumnCheck("iso8601", "ISO 8601 dates", _not_iso8601))
        if name == "PARAMCD" and dataset.parameters:
            checks.append(ColumnCheck("parameter", "parameters of the dataset", _no_term(dataset.parameters)))
    elif variable.format == "DATE9.":
        checks.append(ColumnCheck("midnight", "dates without a time", _not_midnight))
    elif variable.format is None:
        checks.append(ColumnCheck("finite", "finite numbers", np.isinf))
    if variable.integer:
        checks.append(ColumnCheck("integer", "whole numbers", _not_whole))
    if variable.minimum is not None:
        least = variable.minimum
        checks.append(ColumnCheck("minimum", f"numbers of {least:g} or more", partial(_below, least=least)))
    codelist = study.codelists.get(variable.codelist or "")
    if codelist is not None and not codelist.extensible:
        fails = _no_term(codelist.terms) if variable.type == "Char" else _no_number(codelist.terms)
        checks.append(ColumnCheck("codelist", f"terms of codelist {variable.codelist}", fails))
    return checks


def _no_term(terms: Iterable[str]) -> Callable[[arrow.Array], arrow.Array]:
    known = arrow.array(list(terms), arrow.string())
    return lambda text: pc.invert(pc.is_in(text, value_set=known))


def _no_number(terms: Iterable[str]) -> Callable[[Numbers], Marks]:
    known = [float(term) for term in terms]
    return lambda numbers: ~np.isnan(numbers) & ~np.isin(numbers, known)


def _below(numbers: Numbers, least: float) -> Marks:
    below: Marks = numbers < least
    return below


def _not_whole(numbers: Numbers) -> Marks:
    part: Marks = ~np.isnan(numbers) & (np.floor(numbers) != numbers)
    return part


def _not_midnight(dates: npt.NDArray[np.datetime64]) -> Marks:
    later: Marks = ~np.isnat(dates) & (dates != dates.astype("datetime64[D]"))
    return later


def _blank(text: arrow.Array) -> arrow.Array:
    return pc.or_(pc.equal(pc.binary_length(text), 0), pc.utf8_is_space(text))


def _too_long(text: arrow.Array, most: int) -> arrow.Array:
    """Whether a text has more bytes than fit."""
    return pc.greater(pc.binary_length(text), most)


def _not_iso8601(text: arrow.Array) -> arrow.Array:
    """Whether a text is no ISO 8601 as SDTM uses it; a complete date must be one of the calendar.

    Days and times are looked at apart, each distinct one once: there are few, where both together are many.
    """
    days = pc.utf8_slice_codeunits(text, 0, _DAY_LENGTH).dictionary_encode()
    times = pc.utf8_slice_codeunits(text, _DAY_LENGTH).dictionary_encode()
    whole = _where(days, lambda day: len(day) == _DAY_LENGTH and _exists(day))
    partial_date = _where(days, lambda day: _PARTIAL_DATE.fullmatch(day) is not None)
    timeless = _where(times, lambda time: not time)
    timed = _where(times, lambda time: _TIME.fullmatch(time) is not None)
    return arrow.array(~((whole & (timeless | timed)) | (partial_date & timeless)))


def _where(coded: arrow.DictionaryArray, holds: Callable[[str], bool]) -> Marks:
    """The rows whose value something holds for."""
    marks = np.array([holds(value) for value in coded.dictionary.to_pylist()], dtype="bool")
    rows: Marks = marks[coded.indices.to_numpy()]
    return rows


@lru_cache(maxsize=100_000)  # the same days stand in many columns
def _exists(day: str) -> bool:
    """Whether it is a complete day of the calendar."""
    try:
        return date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False
