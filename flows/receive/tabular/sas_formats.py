"""SAS formats: which numbers are days, moments or times of day, and how a number is shown with leading zeros."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.receive.tabular.as_text import date_text, moment_text, number_text, time_text

DAYS_1960_TO_1970 = 3653  # SAS counts days and seconds from 1960-01-01
_DAY_SECONDS = 86400
_SHORT_TIME = 5  # TIME5. shows hours and minutes
# SAS 9.4 Formats and Informats: Reference, category "Date and Time"
_DATES = (
    "DATE", "DAY", "DDMMYY", "E8601DA", "B8601DA", "IS8601DA", "JULIAN", "JULDAY", "MMDDYY", "MMYY", "MONYY", "MONNAME",
    "NENGO", "NLDATE", "QTR", "WEEKDATE", "WEEKDATX", "WEEKDAY", "WORDDATE", "WORDDATX", "YEAR", "YYMM", "YYMON", "YYQ",
    "YYMMDD", "YYWEEK", "MINGUO", "HEBDATE", "EURDF",
)  # fmt: skip
_MOMENTS = (
    "DATETIME", "DATEAMPM", "DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "DTYYQC", "E8601DN", "E8601DT", "E8601DX",
    "E8601DZ", "E8601LX", "B8601DN", "B8601DT", "B8601DX", "B8601DZ", "B8601LX", "IS8601DT", "IS8601DN", "IS8601DZ",
    "MDYAMPM", "NLDATM",
)  # fmt: skip
_TIMES = ("TIME", "TIMEAMPM", "HHMM", "HOUR", "MMSS", "TOD", "E8601TM", "B8601TM", "IS8601TM", "NLTIM", "NLTIMAP")

SasKind = Literal["number", "date", "moment", "time"]


def kind_of(sas_format: str) -> SasKind:
    """What the numbers under a SAS format mean."""
    name = _name(sas_format)
    if name.startswith(_MOMENTS):
        return "moment"
    if name.startswith(_TIMES):
        return "time"
    return "date" if name.startswith(_DATES) else "number"


def _name(sas_format: str) -> str:
    """`DATETIME20.3` is DATETIME; the digits of E8601DA10. belong to its name."""
    return re.sub(r"\d*(\.\d*)?$", "", sas_format.upper().lstrip("$"))


def _width(sas_format: str) -> int:
    found = re.search(r"(\d+)\.?\d*$", sas_format)
    return int(found[1]) if found else 0


def sas_text(values: npt.NDArray[np.float64], sas_format: str) -> pa.Array:
    """A numeric SAS column as text; blank where missing.

    The first that applies decides:
      1. a moment's format  ISO 8601, 2025-03-01T09:24:52
      2. a time's format    09:24:52; under 5 characters of width 09:24 where the seconds are 0
      3. a date's format    ISO 8601, 2025-03-01
      4. Zw.                leading zeros up to the width: 00101
      5. any other          the shortest digits
    """
    blank = np.isnan(values)
    kind = kind_of(sas_format)
    if kind == "moment":
        return moment_text(values - DAYS_1960_TO_1970 * _DAY_SECONDS, blank)
    if kind == "time":
        return time_text(values, blank, minutes_only=0 < _width(sas_format) <= _SHORT_TIME)
    if kind == "date":
        return date_text(values - DAYS_1960_TO_1970, blank)
    shown = number_text(values, blank)
    if _name(sas_format) == "Z":
        padded = pc.utf8_lpad(shown, width=_width(sas_format), padding="0")
        return pc.if_else(pc.equal(shown, ""), shown, padded)
    return shown
