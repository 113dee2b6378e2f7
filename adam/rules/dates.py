"""ISO 8601 texts as dates: complete ones, and the days that a partial one can mean."""

from __future__ import annotations

import numpy as np
import pandas as pd

from specs.dates import complete_date

NO_DATE = pd.Series(dtype="datetime64[us]")
_MONTH = r"^(\d{4})-(\d{2})(?:-+(?:T.*)?)?$"
_YEAR = r"^(\d{4})(?:-{1,2}|---\d{2})?(?:T.*)?$"


def day(dtc: pd.Series) -> pd.Series:
    """The calendar day of complete ISO 8601 texts, NaT for any other."""
    return complete_date(dtc)


def possible_days(dtc: pd.Series) -> pd.DataFrame:
    """The first and the last day that an ISO 8601 text can mean.

    Adds nothing; gives a frame on the same index with FIRST and LAST (datetime64[us]) and DTF, what has to be imputed
    (ADaM codelist DATEFL). The first match decides:
      1. complete                                -> that day twice, DTF missing
      2. year and month                          -> first and last day of the month, D
      3. year (the day known or not)             -> 1 January and 31 December, M
      4. anything else, a missing text included  -> both NaT, Y

    Each different text is read once.
    """
    codes, texts = pd.factorize(dtc.astype("str"), use_na_sentinel=False)
    return _possible(pd.Series(texts, dtype="str")).take(codes).set_axis(dtc.index)


def _possible(texts: pd.Series) -> pd.DataFrame:
    exact = complete_date(texts)
    partial = texts[exact.isna()]  # few: patterns are slow
    month = partial.str.extract(_MONTH)
    first_of_month = pd.to_datetime(month[0] + "-" + month[1] + "-01", format="%Y-%m-%d", errors="coerce")
    year = partial.str.extract(_YEAR, expand=False)
    first_of_year = pd.to_datetime(year + "-01-01", format="%Y-%m-%d", errors="coerce")
    first_of_month, first_of_year = (first.reindex(texts.index) for first in (first_of_month, first_of_year))
    cases = [exact.notna(), first_of_month.notna(), first_of_year.notna()]
    last_of_month = first_of_month + pd.offsets.MonthEnd(0)
    last_of_year = first_of_year + pd.offsets.YearEnd(0)
    dtf = pd.Series(np.select(cases, ["", "D", "M"], "Y"), index=texts.index, dtype="str")
    return pd.DataFrame(
        {
            "FIRST": exact.fillna(first_of_month).fillna(first_of_year).astype("datetime64[us]"),
            "LAST": exact.fillna(last_of_month).fillna(last_of_year).astype("datetime64[us]"),
            "DTF": dtf.mask(dtf == ""),
        }
    )


def clock(dtc: pd.Series) -> pd.DataFrame:
    """The time of ISO 8601 texts that have one.

    Gives a frame on the same index with DTM (datetime64[us]; NaT where the minute is not known) and MOMENT, by which
    records of one day are put in order: DTM, or where only the hour is known its beginning.
    """
    text = dtc.astype("str")
    moment = pd.Series(pd.NaT, index=dtc.index, dtype="datetime64[us]")
    timed = text.str.slice(10, 11) == "T"
    for length, how in ((13, "%Y-%m-%dT%H"), (16, "%Y-%m-%dT%H:%M"), (19, "%Y-%m-%dT%H:%M:%S")):
        exact = text.where(timed & (text.str.len() >= length)).str.slice(0, length)
        moment = pd.to_datetime(exact, format=how, errors="coerce").astype("datetime64[us]").fillna(moment)
    whole = (text.str.len() >= len("2025-01-01T08:30")).fillna(value=False).astype(bool)
    return pd.DataFrame({"DTM": moment.where(whole), "MOMENT": moment})


def as_recorded(dtc: pd.Series) -> pd.Series:
    """A date text as messages quote it: in quotation marks, or the word missing."""
    return ("'" + dtc + "'").fillna("missing")


def earlier(one: pd.Series, other: pd.Series | pd.Timestamp | None) -> pd.Series:
    """The earlier of two dates; where one is missing, the other."""
    return _pick(one, other, "first")


def later(one: pd.Series, other: pd.Series | pd.Timestamp | None) -> pd.Series:
    """The later of two dates; where one is missing, the other."""
    return _pick(one, other, "last")


def not_after(date: pd.Series, bound: pd.Series | pd.Timestamp | None) -> pd.Series:
    """Dates moved back to a bound that they pass; a missing date stays missing, a missing bound bounds nothing."""
    return earlier(date, bound).where(date.notna())


def _pick(one: pd.Series, other: pd.Series | pd.Timestamp | None, which: str) -> pd.Series:
    if other is None:
        return one
    pair = pd.DataFrame({"ONE": one, "OTHER": other}, index=one.index)
    picked = pair.min(axis=1) if which == "first" else pair.max(axis=1)
    return picked.astype("datetime64[us]")
