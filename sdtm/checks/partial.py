"""Comparing dates of which a part may be missing: only what is certain counts."""

from __future__ import annotations

import pandas as pd

from sdtm.days import possible_days
from sdtm.distinct import by_distinct


def earliest(dtc: pd.Series) -> pd.Series:
    """The first day an ISO 8601 text can mean; NaT where it says none. Index and row count stay."""
    return by_distinct(dtc.fillna(""), lambda texts: possible_days(texts)[0])


def latest(dtc: pd.Series) -> pd.Series:
    """The last day an ISO 8601 text can mean; NaT where it says none. Index and row count stay."""
    return by_distinct(dtc.fillna(""), lambda texts: possible_days(texts)[1])


def later(date: pd.Series, than: pd.Series, days: int = 0) -> pd.Series:
    """Whether a date is certainly more than so many days after another.

    The first matching line decides:
      1. either is missing or no date -> False
      2. the first day that `date` can mean is more than `days` after the last that `than` can mean -> True
      3. anything else -> False
    """
    perhaps = (date > than).fillna(False).astype("bool")  # ISO 8601 texts sort as their dates do
    if not perhaps.any():
        return perhaps
    gap = (earliest(date[perhaps]) - latest(than[perhaps])).dt.days
    return gap.gt(days).reindex(date.index, fill_value=False)


def differ(one: pd.Series, other: pd.Series, days: int = 0) -> pd.Series:
    """Whether two dates certainly are not the same day, give or take so many days."""
    return later(one, other, days) | later(other, one, days)
