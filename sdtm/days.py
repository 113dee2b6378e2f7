"""Days that truncated ISO 8601 texts stand for."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sdtm.distinct import texts_of

DAY = 10  # characters of a complete date
Days = np.ndarray[Any, np.dtype[np.datetime64]]
_TEXT = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T.*)?", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()
_NONE = int(np.iinfo("int64").min)  # as NumPy keeps a day that is none


def day_numbers(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """First and last possible day as numbers of days."""
    low, high = (pd.Series(numbers_of(days), index=dtc.index) for days in days_of(texts_of(dtc)))
    return low, high


def possible_days(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The first and the last day that truncated ISO 8601 texts may stand for.

    NaT where a text has no year, or a day without a month.
    """
    first, last = (pd.Series(days.astype("datetime64[us]"), index=dtc.index) for days in days_of(texts_of(dtc)))
    return first, last


def days_of(texts: Iterable[Any]) -> tuple[Days, Days]:
    """The first and the last day of each text, as `possible_days` has them."""
    bounds = [_bounds(text) if isinstance(text, str) else (_NONE, _NONE) for text in texts]
    first, last = np.array(bounds, dtype="int64").reshape(-1, 2).T.copy().view("datetime64[D]")
    return first, last


def numbers_of(days: Days) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Days as numbers, counted from 1970-01-01; missing where there is none."""
    numbers = days.astype("int64").astype("float64")
    numbers[np.isnat(days)] = np.nan
    return numbers


@lru_cache(maxsize=100_000)  # the same days stand on many forms
def _bounds(text: str) -> tuple[int, int]:
    match = _TEXT.fullmatch(text)
    if match is None or (match[3] and not match[2]):
        return _NONE, _NONE
    year, month, day = int(match[1]), match[2], match[3]
    try:
        first = date(year, int(month or 1), int(day or 1))
    except ValueError:  # no day of the calendar
        return _NONE, _NONE
    last = first
    if not month:
        last = date(year, 12, 31)
    elif not day:
        last = date(year, first.month, monthrange(year, first.month)[1])
    return first.toordinal() - _EPOCH, last.toordinal() - _EPOCH
