"""Pure date helpers that both halves need: ISO 8601 texts as dates, and study days."""

from __future__ import annotations

import pandas as pd

_DAY_LENGTH = len("2025-03-01")


def complete_date(dtc: pd.Series) -> pd.Series:
    """The calendar date of ISO 8601 texts that have year, month and day.

    In: text such as `2025-03-01` or `2025-03-01T08:30`. Out: `datetime64[us]` at midnight, NaT where the text is
    missing or partial. Row order, count and index stay. A day that does not exist gives NaT. Each distinct text is
    read once.
    """
    codes, texts = pd.factorize(dtc.astype("str"))
    text = pd.Series(texts, dtype="str")
    after = text.str.slice(_DAY_LENGTH, _DAY_LENGTH + 1)
    whole = (text.str.len() == _DAY_LENGTH) | (after == "T")
    day = text.str.slice(0, _DAY_LENGTH).where(whole)
    dates = pd.to_datetime(day, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    return pd.Series(dates.array.take(codes, allow_fill=True), index=dtc.index, name=dtc.name)


def study_day(date: pd.Series, reference: pd.Series) -> pd.Series:
    """Day relative to a reference date, without a day 0 (SDTMIG 3.4 section 4.4.4).

    The reference date is day 1, the day before it is day -1. `float64`, missing where either date is.
    """
    days = (date - reference).dt.days.astype("float64")
    return days.where(days < 0, days + 1)
