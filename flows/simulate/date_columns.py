"""What the EDC makes of a date as typed: year, month and day as far as they are known, and the days shown for them.

Written for the simulator alone; the pipeline's own reading of dates is elsewhere and not used here.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

MONTHS = {
    m: n
    for n, m in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], start=1)
}
_APART = re.compile(r"[ /\-年月日]+")
_YEAR_DIGITS = 4


@cache
def parts(text: str, order: str) -> tuple[str, str, str]:
    """Year, month and day as far as they are known; all blank where the text is no date.

    A year that stands first is followed by month and day, whatever the order of the field.
    """
    words = [word for word in _APART.split(text) if word]
    if order == "YMD" or (words and _is_year(words[0])):
        words = [*words, "UN", "UN"][:3][::-1]
    elif order == "MDY":
        words = [words[1], words[0], *words[2:]] if len(words) == 3 else words
    if len(words) != 3:
        return "", "", ""
    day, month, year = words
    if year.isdigit() and not _is_year(year):
        return "", "", ""
    number = MONTHS.get(month) or (int(month) if month.isdigit() else 0)
    known = (year if year.isdigit() else "", str(number) if number else "", str(int(day)) if day.isdigit() else "")
    return known if not all(known) or _exists(known) else ("", "", "")


def whole_day(known: tuple[str, str, str]) -> str:
    """The moment at which a complete date begins; blank for any other."""
    return f"{known[0]}-{known[1]:>02}-{known[2]:>02}T00:00:00" if all(known) else ""


def first_day(known: tuple[str, str, str]) -> str:
    """The moment at which the first day begins that a date can mean; blank without a year."""
    year, month, day = known
    return f"{year}-{month or '1':>02}-{day or '1':>02}T00:00:00" if year else ""


def _is_year(word: str) -> bool:
    return word.isdigit() and len(word) == _YEAR_DIGITS


def _exists(known: tuple[str, str, str]) -> bool:
    try:
        date(*(int(part) for part in known))
    except ValueError:
        return False
    return True
