"""Dates as sites type them, made truncated ISO 8601 (SDTMIG 3.4 section 4.4.2). What is ambiguous is not read."""

from __future__ import annotations

import re
from calendar import monthrange

from sdtm.typed import UNKNOWN, plain_text

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
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?|---(\d{2}))?")
_GLUED = re.compile(r"(UNK|UN|UK|NK|ND|XX)(UNK|UN|UK|NK|ND|XXX|" + "|".join(n for n in _MONTHS if len(n) == 3) + ")")
_YEARS = range(1900, 2100)
_MARKED = re.compile(r"(?:([^年月日号]+)年)?(?:([^年月日号]+)月)?(?:([^年月日号]+)[日号]?)?")
_DIGITS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_NUMERAL = re.compile("[" + "".join(_DIGITS) + "十]+")


def read_date(text: str, order: str) -> str | None:
    """A date text (without time) as truncated ISO 8601; "" where it is blank or wholly unknown, None where unreadable.

    The first matching line decides:
      1. ISO 8601, complete or truncated (2025, 2025-06, 2025-06-01, 2025---15), and 20250601 -> as it stands
      2. 年, 月 and 日 behind the parts, in digits or Chinese numerals, an unknown part as UN, UNK, UK, 不详 ... -> as
         they say
      3. parts apart by blanks, - / . or , with the month as number or English name, unknown parts likewise:
         a year before them -> year, month, day; after them -> by the declared order, a month name being the month
         wherever it stands
      4. two parts -> year and month
      5. a year of two digits, a day that the month lacks, a declared order that the text contradicts, a number of days
         as spreadsheets count them -> unreadable
    """
    plain = plain_text(text)
    if not plain:
        return ""
    iso = _ISO.fullmatch(plain)
    if iso:
        return _iso(iso[1], iso[2] or "", iso[3] or iso[4] or "")
    if re.fullmatch(r"\d{8}", plain):
        return _eight_digits(plain, order)
    if "年" in plain or "月" in plain:
        return _marked(plain)
    return _read_parts(_parts(plain), order)


def is_iso_day(text: str) -> bool:
    """Whether a text has the form YYYY-MM-DD."""
    return len(text) == len("2025-06-01") and _ISO.fullmatch(text) is not None


def _eight_digits(plain: str, order: str) -> str | None:
    found = _iso(plain[:4], plain[4:6], plain[6:])
    if found or order == "YMD":
        return found
    first, second, year = plain[:2], plain[2:4], plain[4:]
    return _iso(year, second, first) if order == "DMY" else _iso(year, first, second)


def _marked(plain: str) -> str | None:
    """A date whose parts say what they are: 2025年3月1日, 二〇二五年三月一日, 2025年3月不详日."""
    match = _MARKED.fullmatch(re.sub(r"\s", "", plain))
    if not match:
        return None
    parts = [_NUMERAL.sub(_arabic, part or "") for part in match.groups()]
    known = ["" if part in UNKNOWN else part for part in parts]
    if not all(part == "" or part.isdecimal() for part in known) or len(known[0]) not in (0, 4):
        return None
    return _iso(*known) if any(known) else ""


def _arabic(numeral: re.Match[str]) -> str:
    """A Chinese numeral in digits: digit by digit, or up to 99 with 十 for ten."""
    tens, ten, ones = numeral[0].partition("十")
    digits = "".join(_DIGITS.get(c, c) for c in tens)
    return str(int(digits or "1") * 10 + int(_DIGITS.get(ones, "0"))) if ten and len(ones) < 2 else digits


def _parts(plain: str) -> list[str]:
    apart = re.sub(r"(?<=\d)(?=[A-Z])|(?<=[A-Z])(?=\d)", " ", plain)
    parts = [part for part in re.split(r"[\s\-/.,]+", apart) if part]
    glued = [_GLUED.fullmatch(part) if part not in UNKNOWN else None for part in parts]
    return [piece for part, pair in zip(parts, glued, strict=True) for piece in (pair.groups() if pair else (part,))]


def _read_parts(parts: list[str], order: str) -> str | None:
    if not all((p.isdecimal() and len(p) in (1, 2, 4)) or p in _MONTHS or p in UNKNOWN for p in parts):
        return None
    if all(p in UNKNOWN for p in parts):
        return ""
    years = [i for i, p in enumerate(parts) if len(p) == 4 and p.isdecimal()]
    if len(parts) == 1:
        return _iso(parts[0], "", "") if years else None
    if len(parts) == 2:
        if len(years) != 1:
            return None
        month = parts[1 - years[0]]
        return _iso(parts[years[0]], "" if month in UNKNOWN else month, "")
    if len(parts) != 3:
        return None
    at = years[0] if len(years) == 1 else None
    if at is None and not years:
        at = 0 if order == "YMD" else 2
        if parts[at] not in UNKNOWN:
            return None
    if at not in (0, 2):
        return None
    day_month = _day_and_month([p for i, p in enumerate(parts) if i != at], at, order)
    return day_month and _iso("" if parts[at] in UNKNOWN else parts[at], day_month[1], day_month[0])


def _day_and_month(pair: list[str], year_at: int, order: str) -> tuple[str, str] | None:
    """Day and month (blank where unknown) of the two parts beside the year; None where their order is not known."""
    named = [p in _MONTHS for p in pair]
    known = ["" if p in UNKNOWN else p for p in pair]
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
