"""Days that truncated ISO 8601 texts stand for."""

from __future__ import annotations

import pandas as pd

DAY = 10  # characters of a complete date


def day_numbers(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """First and last possible day as numbers of days."""
    epoch = pd.Timestamp("1970-01-01")
    low, high = ((day - epoch).dt.days.astype("float64") for day in possible_days(dtc))
    return low, high


def possible_days(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The first and the last day that truncated ISO 8601 texts may stand for.

    NaT where a text has no year, or a day without a month.
    """
    part = dtc.astype("str").str.extract(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T.*)?$")
    padded = part[0] + "-" + part[1].fillna("01") + "-" + part[2].fillna("01")
    first = pd.to_datetime(padded, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    last = first.mask(part[2].isna(), first + pd.offsets.MonthEnd(0)).mask(
        part[1].isna(), first + pd.offsets.YearEnd(0)
    )
    return first, last.astype("datetime64[us]")
