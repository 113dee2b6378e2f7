"""The checks of one variable, made from its spec: each with a name and a sentence that says what is expected.

A check marks the values that fail; a missing value never does, for that is the column's own attribute in the schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial, reduce
from operator import or_

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
import pyarrow.compute as pc

from specs.loader import StudySpec
from specs.models import DatasetSpec, VariableSpec

SHOWN = 5  # as many failing values are handed to pandera, which formats each of them
_PARTIAL_DATE = re.compile(
    r"\d{4}(?:-(?:0[1-9]|1[0-2]))?"
    r"|(?!\d{4}-\d)(?:\d{4}|-)-(?:0[1-9]|1[0-2]|-)-(?:0[1-9]|[12]\d|3[01])"
)
_TIME = re.compile(r"T(?:[01]\d|2[0-3])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?")
_DAY_LENGTH = len("2025-03-01")


@dataclass(frozen=True)
class ColumnCheck:
    """A check of one variable: `fails` marks the values that do not fit."""

    name: str
    expected: str
    fails: Callable[[pd.Series], pd.Series]


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
        return reduce(or_, (check.fails(column) for check in checks))
    place, values = pd.factorize(column)
    distinct = pd.Series(values, dtype=column.dtype)
    bad = np.zeros(len(distinct) + 1, dtype=bool)  # the last place is that of missing values, which never fail
    for check in checks:
        bad[:-1] |= check.fails(distinct).to_numpy(dtype=bool)
    return pd.Series(bad[place] if bad.any() else False, index=column.index)


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
            checks.append(_one_of("parameter", "parameters of the dataset", list(dataset.parameters)))
    elif variable.format == "DATE9.":
        checks.append(ColumnCheck("midnight", "dates without a time", lambda s: s.notna() & (s != s.dt.normalize())))
    elif variable.format is None:
        checks.append(ColumnCheck("finite", "finite numbers", lambda s: pd.Series(np.isinf(s), index=s.index)))
    if variable.integer:
        checks.append(ColumnCheck("integer", "whole numbers", lambda s: s.notna() & (s % 1 != 0)))
    if variable.minimum is not None:
        least = variable.minimum
        checks.append(ColumnCheck("minimum", f"numbers of {least:g} or more", partial(_below, least=least)))
    codelist = study.codelists.get(variable.codelist or "")
    if codelist is not None and not codelist.extensible:
        terms: list[str] | list[float] = list(codelist.terms)
        if variable.type == "Num":
            terms = [float(term) for term in codelist.terms]
        checks.append(_one_of("codelist", f"terms of codelist {variable.codelist}", terms))
    return checks


def _one_of(name: str, expected: str, values: list[str] | list[float]) -> ColumnCheck:
    return ColumnCheck(name, expected, lambda s: s.notna() & ~s.isin(values))


def _below(column: pd.Series, least: float) -> pd.Series:
    return column < least


def _blank(column: pd.Series) -> pd.Series:
    text = arrow.array(column)
    return _marks(pc.or_(pc.equal(pc.binary_length(text), 0), pc.utf8_is_space(text)), column.index)


def _too_long(column: pd.Series, most: int) -> pd.Series:
    """Whether a text has more bytes than fit."""
    return _marks(pc.greater(pc.binary_length(arrow.array(column)), most), column.index)


def _marks(found: arrow.Array, index: pd.Index) -> pd.Series:
    """What Arrow found of each value; of a missing one nothing."""
    return pd.Series(pc.fill_null(found, fill_value=False).to_numpy(zero_copy_only=False), index=index, dtype=bool)


def _not_iso8601(column: pd.Series) -> pd.Series:
    """Whether a text is no ISO 8601 as SDTM uses it; a complete date must be one of the calendar."""
    unfit = [isinstance(text, str) and not _is_iso8601(text) for text in column.to_numpy(dtype=object)]
    return pd.Series(unfit, index=column.index, dtype=bool)


def _is_iso8601(text: str) -> bool:
    day, time = text[:_DAY_LENGTH], text[_DAY_LENGTH:]
    if len(day) == _DAY_LENGTH and _exists(day):
        return not time or _TIME.fullmatch(time) is not None
    return not time and _PARTIAL_DATE.fullmatch(day) is not None


@lru_cache(maxsize=100_000)  # the same days stand in many columns
def _exists(day: str) -> bool:
    """Whether it is a complete day of the calendar."""
    try:
        return date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False
