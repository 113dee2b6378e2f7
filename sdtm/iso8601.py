"""Dates and times as sites type them, made truncated ISO 8601 (SDTMIG 3.4 section 4.4.2).

A date text is read by the order of its parts that the form declares. What stays ambiguous or impossible is not read:
it is never guessed. Each distinct text is read once.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct, take_distinct

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "JAN JANUARY", "FEB FEBRUARY", "MAR MARCH", "APR APRIL", "MAY", "JUN JUNE", "JUL JULY", "AUG AUGUST",
            "SEP SEPT SEPTEMBER", "OCT OCTOBER", "NOV NOVEMBER", "DEC DECEMBER",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_UNKNOWN = frozenset(("UN", "UNK", "UK", "NK", "ND", "XX", "XXX", "XXXX", "UNKN", "UNKNOWN", "不详", "未知"))
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|---(\d{2}))?")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?")
_TIME_AT_END = re.compile(r"(.*\d)(?:T|\s+)(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)")
_GLUED = re.compile(r"(UNK|UN|UK|NK|ND|XX)(UNK|UN|UK|NK|ND|XXX|" + "|".join(n for n in _MONTHS if len(n) == 3) + ")")
_COMPLETE = 10  # characters of YYYY-MM-DD
_YEARS = range(1900, 2100)


def read_dates(texts: pd.Series, order: str, times: pd.Series | None = None) -> pd.DataFrame:
    """Date texts (with time texts beside them) as ISO 8601.

    In: `texts` and `times` as typed, blank = "" or missing; `order` DMY, MDY or YMD as the form declares. Adds dtc
    (`str`; missing where blank, wholly unknown or unreadable), partial, bad_date, bad_time, normalised (full-width
    characters were read). Row order, count and index stay.

    The first matching line decides:
      1. blank, or every part unknown -> missing (the latter partial)
      2. the date cannot be read -> missing, bad_date
      3. the date is partial -> the date, a time is dropped
      4. no time, or an unknown one -> the date
      5. the time cannot be read -> the date, bad_time
      6. 24:00 -> the next day at 00:00
      7. else date, T, time
    """
    index = texts.index
    codes, distinct = pd.factorize(texts.fillna("").astype("str"))
    dates = [_read_typed(text, order) for text in distinct]
    blank = np.array([not text.strip() for text in distinct], dtype="bool")
    bad, wide = (np.array([read[i] for read in dates], dtype="bool") for i in (2, 3))
    complete = np.array([len(read[0]) == _COMPLETE for read in dates], dtype="bool")
    day = _taken([read[0] for read in dates], codes, index)
    bad_date, bad_time = bad[codes], np.zeros(len(codes), dtype="bool")
    normalised = (wide & ~bad)[codes]
    own = [read[1] if len(read[0]) == _COMPLETE else "" for read in dates]
    clock = _taken(own, codes, index) if any(own) else None
    if times is not None:
        tick, told = pd.factorize(times.fillna("").astype("str"))
        clocks = [_read_clock(text) for text in told]
        dated = (~(bad | blank))[codes]
        bad_time = np.array([read[1] for read in clocks], dtype="bool")[tick] & dated
        normalised |= np.array([read[2] for read in clocks], dtype="bool")[tick] & dated
        given = _taken([read[0] for read in clocks], tick, index)
        if not complete.all():
            given = given.where(complete[codes], "")
        clock = given if clock is None else clock.where(clock != "", given)
    if clock is not None:
        if clock.str.startswith("24:00").any():
            midnight = clock.str.startswith("24:00")
            day = day.mask(midnight, by_distinct(day.where(midnight, ""), _next_days))
            clock = clock.mask(midnight, clock.str.replace("24:00", "00:00", n=1))
        timed = clock != ""
        stamped = day + "T" + clock
        day = stamped if timed.all() else day.where(~timed, stamped)
    partial = (~(complete | bad | blank))[codes]
    empty = day == ""
    flags = {"partial": partial, "bad_date": bad_date, "bad_time": bad_time, "normalised": normalised}
    return pd.DataFrame({"dtc": day.mask(empty, np.nan) if empty.any() else day, **flags}, index=index)


def _taken(distinct: list[str], codes: np.ndarray[Any, Any], index: pd.Index) -> pd.Series:
    return take_distinct(pd.Series(distinct, dtype="str"), codes, index)


def _read_clock(text: str) -> tuple[str, bool, bool]:
    """Time, whether it cannot be read, whether full-width characters were read."""
    read = read_time(text) if text.strip() else ""
    return read or "", read is None, read is not None and _is_wide(text)


def _next_days(days: pd.Series) -> pd.Series:
    return pd.Series([str(date.fromisoformat(d) + timedelta(days=1)) if d else "" for d in days], dtype="str")


def read_time(text: str) -> str | None:
    """A time text as HH:MM or HH:MM:SS; "" where it is unknown, None where it cannot be read.

    24:00 stands for the end of the day, and is left to the caller.
    """
    plain = _plain(text).replace("时", ":").replace("点", ":").replace("分", "").rstrip(":")
    if plain in _UNKNOWN or plain in {"UN:UN", "UNK:UNK", "UK:UK"}:
        return ""
    if re.fullmatch(r"\d{3,4}", plain):
        plain = f"{plain[:-2]}:{plain[-2:]}"
    match = _TIME.fullmatch(plain)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second)):
        return None
    return f"{hour:02d}:{minute:02d}" + (f":{match[3]}" if match[3] else "")


def read_date(text: str, order: str) -> str | None:
    """A date text (without time) as truncated ISO 8601; "" where it is blank or wholly unknown, None where unreadable.

    The first matching line decides:
      1. ISO 8601, complete or truncated (2025, 2025-06, 2025-06-01, 2025---15), and 20250601 -> as it stands
      2. parts apart by blanks, - / . or 年月日, month as number or English name, an unknown part as UN, UNK, UK ...:
         a year before them -> year, month, day; after them -> by the declared order, a month name being the month
         wherever it stands
      3. two parts -> year and month
      4. a year of two digits, a day that the month lacks, a declared order that the text contradicts -> unreadable
    """
    plain = _plain(text)
    if not plain:
        return ""
    iso = _ISO.fullmatch(plain)
    if iso:
        return _iso(iso[1], iso[2] or "", iso[3] or iso[4] or "")
    if re.fullmatch(r"\d{8}", plain):
        found = _iso(plain[:4], plain[4:6], plain[6:])
        if found or order == "YMD":
            return found
        first, second, year = plain[:2], plain[2:4], plain[4:]
        return _iso(year, second, first) if order == "DMY" else _iso(year, first, second)
    return _read_parts(_parts(plain), order)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper().strip()


def _is_wide(text: str) -> bool:
    return not text.isascii() and any("\uff01" <= c <= "\uff5e" or c == "\u3000" for c in text)


def _parts(plain: str) -> list[str]:
    apart = re.sub(r"(?<=\d)(?=[A-Z])|(?<=[A-Z])(?=\d)", " ", plain)
    parts = [part for part in re.split(r"[\s\-/.,年月日号]+", apart) if part]
    glued = [_GLUED.fullmatch(part) if part not in _UNKNOWN else None for part in parts]
    return [piece for part, pair in zip(parts, glued, strict=True) for piece in (pair.groups() if pair else (part,))]


def _read_parts(parts: list[str], order: str) -> str | None:
    if not all((p.isdecimal() and len(p) in (1, 2, 4)) or p in _MONTHS or p in _UNKNOWN for p in parts):
        return None
    if all(p in _UNKNOWN for p in parts):
        return ""
    years = [i for i, p in enumerate(parts) if len(p) == 4 and p.isdecimal()]
    if len(parts) == 1:
        return _iso(parts[0], "", "") if years else None
    if len(parts) == 2:
        if len(years) != 1:
            return None
        month = parts[1 - years[0]]
        return _iso(parts[years[0]], "" if month in _UNKNOWN else month, "")
    if len(parts) != 3:
        return None
    at = years[0] if len(years) == 1 else None
    if at is None and not years:
        at = 0 if order == "YMD" else 2
        if parts[at] not in _UNKNOWN:
            return None
    if at not in (0, 2):
        return None
    day_month = _day_and_month([p for i, p in enumerate(parts) if i != at], at, order)
    return day_month and _iso("" if parts[at] in _UNKNOWN else parts[at], day_month[1], day_month[0])


def _day_and_month(pair: list[str], year_at: int, order: str) -> tuple[str, str] | None:
    """Day and month (blank where unknown) of the two parts beside the year; None where their order is not known."""
    named = [p in _MONTHS for p in pair]
    known = ["" if p in _UNKNOWN else p for p in pair]
    if all(named):
        return None
    if any(named):
        return (known[1], known[0]) if named[0] else (known[0], known[1])
    if year_at == 0:
        return known[1], known[0]
    if order == "YMD":
        return ("", "") if not any(known) else None
    return (known[0], known[1]) if order == "DMY" else (known[1], known[0])


def _iso(year: str, month: str, day: str) -> str | None:
    """Truncated ISO 8601 from parts that may be blank; None where they make no date."""
    m = _MONTHS.get(month) or (int(month) if month else 0)
    d = int(day) if day else 0
    if (year and int(year) not in _YEARS) or m > 12 or d > 31 or (month and not m) or (day and not d):
        return None
    if m and d > monthrange(int(year) if year else 2024, m)[1]:
        return None
    if not year:
        return f"--{m:02d}-{d:02d}" if m and d else None
    if not m:
        return f"{year}---{d:02d}" if d else year
    return f"{year}-{m:02d}-{d:02d}" if d else f"{year}-{m:02d}"


@lru_cache(maxsize=100_000)  # the same dates stand on many forms
def _read_typed(text: str, order: str) -> tuple[str, str, bool, bool]:
    """Date, time, whether it cannot be read, whether full-width characters were read."""
    if _ISO.fullmatch(text) and len(text) == 10:
        iso = read_date(text, order)
        return iso or "", "", iso is None, False
    plain = _plain(text)
    at_end = _TIME_AT_END.fullmatch(plain)
    clock = read_time(at_end[2]) if at_end else ""
    day = read_date(at_end[1] if at_end else plain, order)
    if day is None or clock is None:
        return "", "", True, False
    return day, clock, False, _is_wide(text)
