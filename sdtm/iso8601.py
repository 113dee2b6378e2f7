"""Dates and times as sites type them, made truncated ISO 8601 (SDTMIG 3.4 section 4.4.2).

A date text is read by the order of its parts that the form declares (sdtm/date_texts.py), a time text as it stands
(sdtm/time_texts.py). What stays ambiguous or impossible is not read: it is never guessed. Each distinct text is read
once.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sdtm.date_texts import is_iso_day, read_date
from sdtm.distinct import by_distinct, distinct_texts, take_distinct, texts_of
from sdtm.time_texts import CLOCK, read_time
from sdtm.typed import is_wide, plain_text

_HALF = r"(?:上午|下午|AM|PM)?\s*"
_AFTER_DATE = re.compile(
    rf"(.*\d)T({CLOCK})|(.*[\dA-Z日号])\s+({_HALF}{CLOCK}\s*(?:[AP]\.?M\.?)?)|(.*[日号])\s*(.*\d[时時点點].*)"
)
_COMPLETE = 10  # characters of YYYY-MM-DD
_MIDNIGHT = "24:00"


def read_dates(texts: pd.Series, order: str, times: pd.Series | None = None) -> pd.DataFrame:
    """Date texts (with time texts beside them) as ISO 8601.

    In: `texts` and `times` as typed, blank = "" or missing; `order` DMY, MDY or YMD as the form declares. Adds dtc
    (`str`; missing where blank, wholly unknown or unreadable), partial, bad_date, bad_time, normalised (full-width
    characters were read), midnight (24:00 became the next day). Row order, count and index stay.

    The first matching line decides:
      1. blank, or every part unknown -> missing (the latter partial)
      2. the date cannot be read -> missing, bad_date
      3. the date is partial -> the date, a time is dropped
      4. no time, or an unknown one -> the date
      5. the time cannot be read -> the date, bad_time
      6. 24:00 -> the next day at 00:00, midnight
      7. else date, T, time
    """
    index = texts.index
    codes, distinct = distinct_texts(texts.fillna("").astype("str"))
    dates = [_read_typed(text, order) for text in distinct]
    blank = np.array([not text.strip() for text in distinct], dtype="bool")
    bad, wide = (np.array([read[i] for read in dates], dtype="bool") for i in (2, 3))
    complete = np.array([len(read[0]) == _COMPLETE for read in dates], dtype="bool")
    day = _taken([read[0] for read in dates], codes, index)
    bad_date, bad_time = bad[codes], np.zeros(len(codes), dtype="bool")
    normalised = (wide & ~bad)[codes]
    midnight = np.zeros(len(codes), dtype="bool")
    own = [read[1] if len(read[0]) == _COMPLETE else "" for read in dates]
    clock = _taken(own, codes, index) if any(own) else None
    if times is not None:
        tick, told = distinct_texts(times.fillna("").astype("str"))
        clocks = [_read_clock(text) for text in told]
        dated = (~(bad | blank))[codes]
        bad_time = np.array([read[1] for read in clocks], dtype="bool")[tick] & dated
        normalised |= np.array([read[2] for read in clocks], dtype="bool")[tick] & dated
        given = _taken([read[0] for read in clocks], tick, index)
        if not complete.all():
            given = given.where(complete[codes], "")
        clock = given if clock is None else clock.where(clock != "", given)
    if clock is not None:
        midnight = clock.str.startswith(_MIDNIGHT).to_numpy()
        if midnight.any():
            day = day.mask(midnight, by_distinct(day.where(midnight, ""), _next_days))
            clock = clock.mask(midnight, clock.str.replace(_MIDNIGHT, "00:00", n=1))
        timed = clock != ""
        stamped = day + "T" + clock
        day = stamped if timed.all() else day.where(~timed, stamped)
    partial = (~(complete | bad | blank))[codes]
    empty = day == ""
    flags = {
        "partial": partial, "bad_date": bad_date, "bad_time": bad_time, "normalised": normalised, "midnight": midnight,
    }  # fmt: skip
    return pd.DataFrame({"dtc": day.mask(empty, np.nan) if empty.any() else day, **flags}, index=index)


def _taken(distinct: list[str], codes: np.ndarray[Any, Any], index: pd.Index) -> pd.Series:
    return take_distinct(pd.Series(distinct, dtype="str"), codes, index)


def _read_clock(text: str) -> tuple[str, bool, bool]:
    """Time, whether it cannot be read, whether full-width characters were read."""
    read = read_time(text) if text.strip() else ""
    return read or "", read is None, read is not None and is_wide(text)


def _next_days(days: pd.Series) -> pd.Series:
    return pd.Series([str(date.fromisoformat(d) + timedelta(days=1)) if d else "" for d in texts_of(days)], dtype="str")


@lru_cache(maxsize=100_000)  # the same dates stand on many forms
def _read_typed(text: str, order: str) -> tuple[str, str, bool, bool]:
    """Date, time, whether it cannot be read, whether full-width characters were read."""
    if is_iso_day(text):
        iso = read_date(text, order)
        return iso or "", "", iso is None, False
    plain = plain_text(text)
    apart = _AFTER_DATE.fullmatch(plain)
    typed, at_end = next(((a, b) for a, b in _pairs(apart) if a is not None), (plain, ""))
    clock = read_time(at_end) if at_end else ""
    day = read_date(typed, order)
    if day is None or clock is None:
        return "", "", True, False
    return day, clock, False, is_wide(text)


def _pairs(match: re.Match[str] | None) -> list[tuple[str, str]]:
    """The date and the time of each way in which they can stand together."""
    groups = match.groups() if match else ()
    return list(zip(groups[::2], groups[1::2], strict=True))
