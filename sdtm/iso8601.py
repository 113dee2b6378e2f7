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
from sdtm.distinct import distinct_texts, take_distinct
from sdtm.time_texts import CLOCK, read_time
from sdtm.typed import is_wide, plain_text
from specs.codes import Codes

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
    codes, distinct = distinct_texts(texts)
    tick, told = (np.full(len(codes), -1), []) if times is None else distinct_texts(times)
    which, pairs = pd.factorize((codes + 1) * (len(told) + 1) + tick + 1)  # a date text with the time text beside it
    at, beside = np.divmod(pairs, len(told) + 1)
    dates = [_read_typed(text, order) for text in ("", *distinct)]
    clocks = [_read_clock(text) for text in ("", *told)]
    blank = np.array([True, *(not text.strip() for text in distinct)])
    bad, wide = (np.array([read[i] for read in dates]) for i in (2, 3))
    complete = np.array([len(read[0]) == _COMPLETE for read in dates])
    bad_clock, wide_clock = (np.array([read[i] for read in clocks]) for i in (1, 2))
    dated = ~(bad | blank)
    days = [read[0] for read in dates]
    own = [read[1] if whole else "" for read, whole in zip(dates, complete, strict=True)]
    given = [read[0] for read in clocks]
    beside_whole = np.where(complete[at], beside, 0)  # beside a partial date a time is dropped
    hours, hour = [*own, *given], np.where(np.array([text != "" for text in own])[at], at, len(own) + beside_whole)
    midnight = np.array([text.startswith(_MIDNIGHT) for text in hours], dtype="bool")[hour]
    flags = {
        "partial": (dated & ~complete)[at],
        "bad_date": bad[at],
        "bad_time": bad_clock[beside] & dated[at],
        "normalised": (wide & ~bad)[at] | (wide_clock[beside] & dated[at]),
        "midnight": midnight,
    }
    dtc = take_distinct(_stamps(days, at, hours, hour, midnight), which, texts.index)
    return pd.DataFrame({"dtc": dtc, **{name: flag[which] for name, flag in flags.items()}}, index=texts.index)


def _stamps(days: list[str], at: Codes, hours: list[str], hour: Codes, midnight: np.ndarray[Any, Any]) -> pd.Series:
    """`at` tells the day of each stamp and `hour` its time of day; both may be blank. Missing where there is no day."""
    day = np.array(days, dtype="object")[at]
    clock = np.array(["" if text == "" else f"T{text}" for text in hours], dtype="object")[hour]
    for place in np.flatnonzero(midnight):  # few sites write 24:00
        day[place] = str(date.fromisoformat(day[place]) + timedelta(days=1))
        clock[place] = clock[place].replace(_MIDNIGHT, "00:00", 1)
    stamps = day + clock
    return pd.Series(np.where(stamps == "", None, stamps), dtype="str")


@lru_cache(maxsize=10_000)
def _read_clock(text: str) -> tuple[str, bool, bool]:
    """Time, whether it cannot be read, whether full-width characters were read."""
    read = read_time(text) if text.strip() else ""
    return read or "", read is None, read is not None and is_wide(text)


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
