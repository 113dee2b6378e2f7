"""Dates and times as typed, as ISO 8601."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm.date_texts import read_date
from sdtm.iso8601 import read_dates
from sdtm.time_texts import read_time

DATES = [
    # typed, declared order, ISO 8601 ("" unknown, None not readable)
    ("01 MAR 2025", "DMY", "2025-03-01"),
    ("1 Mar 2025", "DMY", "2025-03-01"),
    ("01MAR2025", "DMY", "2025-03-01"),
    ("01-MAR-2025", "DMY", "2025-03-01"),
    ("8 September 2025", "DMY", "2025-09-08"),
    ("MAR 01 2025", "DMY", "2025-03-01"),
    ("2013 Feb 01", "DMY", "2013-02-01"),
    ("UN MAR 2025", "DMY", "2025-03"),
    ("UNMAR2025", "DMY", "2025-03"),
    ("UN UNK 2025", "DMY", "2025"),
    ("UNUNK2025", "DMY", "2025"),
    ("UNK-MAR-2024", "DMY", "2024-03"),
    ("2024-UNK-UN", "DMY", "2024"),
    ("2024/5/UK", "YMD", "2024-05"),
    ("2024年3月UK日", "YMD", "2024-03"),
    ("2024年3月5日", "YMD", "2024-03-05"),
    ("2024年3月", "DMY", "2024-03"),
    ("２０２５年３月１日", "YMD", "2025-03-01"),
    ("０１　ＭＡＲ　２０２５", "DMY", "2025-03-01"),
    ("2025-06", "DMY", "2025-06"),
    ("MAR 2025", "DMY", "2025-03"),
    ("06/2025", "MDY", "2025-06"),
    ("UNK 2025", "DMY", "2025"),
    ("2025", "DMY", "2025"),
    ("2025-06-07", "DMY", "2025-06-07"),
    ("2025-6-7", "DMY", "2025-06-07"),
    ("2025.06.07", "MDY", "2025-06-07"),
    ("20250301", "YMD", "2025-03-01"),
    ("20250301", "DMY", "2025-03-01"),
    ("01032025", "DMY", "2025-03-01"),
    ("01032025", "MDY", "2025-01-03"),
    ("01/03/2025", "DMY", "2025-03-01"),
    ("01/03/2025", "MDY", "2025-01-03"),
    ("01/03/2025", "YMD", None),  # day or month first?
    ("25/03/2025", "MDY", None),  # the declared order is contradicted
    ("03/25/2025", "DMY", None),
    ("15 UNK 2025", "DMY", "2025---15"),
    ("2025---15", "DMY", "2025---15"),
    ("01 MAR UNK", "DMY", "--03-01"),
    ("01 MAR 25", "DMY", None),  # two-digit year
    ("25-03-01", "YMD", None),
    ("31 FEB 2025", "DMY", None),
    ("29 FEB 2023", "DMY", None),
    ("29 FEB 2024", "DMY", "2024-02-29"),
    ("29 FEB 2000", "DMY", "2000-02-29"),
    ("29 FEB 1900", "DMY", None),
    ("31 APR 2025", "DMY", None),
    ("00 MAR 2025", "DMY", None),
    ("2025-13", "DMY", None),
    ("2025-13-01", "DMY", None),
    ("202503", "YMD", None),  # March 2025, or a day of 2003?
    ("45292", "DMY", None),  # a number of days?
    ("MAR MAR 2025", "DMY", None),
    ("before March", "DMY", None),
    ("1 2 3 2025", "DMY", None),
    ("01 MAR 1825", "DMY", None),
    ("UNK", "DMY", ""),
    ("UN UNK UNK", "DMY", ""),
    ("不详", "YMD", ""),
    ("", "DMY", ""),
    ("  ", "DMY", ""),
]

TIMES = [
    ("8:30", "08:30"),
    ("08:30", "08:30"),
    ("0830", "08:30"),
    ("830", "08:30"),
    ("08:30:15", "08:30:15"),
    ("８：３０", "08:30"),
    ("8时30分", "08:30"),
    ("00:00", "00:00"),
    ("23:59", "23:59"),
    ("24:00", "24:00"),  # the end of the day, for the caller
    ("24:01", None),
    ("25:00", None),
    ("08:60", None),
    ("8", None),
    ("8:30 AM", "08:30"),
    ("8:30pm", "20:30"),
    ("8:30 a.m.", "08:30"),
    ("12:00 AM", "00:00"),
    ("12:00 PM", "12:00"),
    ("13:00 PM", None),  # no twelve-hour clock has it
    ("0:30 PM", None),
    ("上午8:05", "08:05"),
    ("下午3点20分", "15:20"),
    ("下午 3：20", "15:20"),
    ("8时", "08:00"),
    ("8时30分15秒", "08:30:15"),
    ("08:30.5", None),
    ("-8:30", None),
    ("morning", None),
    ("UNK", ""),
    ("UN:UN", ""),
]

TOGETHER = [
    # date, time, ISO 8601, the flags that are set; the cases in the order of the docstring
    ("", "", None, ""),
    ("", "08:30", None, ""),
    ("UN UNK UNK", "", None, "partial"),
    ("31 FEB 2025", "08:30", None, "bad_date"),
    ("UN MAR 2025", "08:30", "2025-03", "partial"),
    ("01 MAR 2025", "", "2025-03-01", ""),
    ("01 MAR 2025", "UNK", "2025-03-01", ""),
    ("01 MAR 2025", "25:00", "2025-03-01", "bad_time"),
    ("31 DEC 2024", "24:00", "2025-01-01T00:00", "midnight"),
    ("28 FEB 2024", "24:00", "2024-02-29T00:00", "midnight"),
    ("DEC 2024", "24:00", "2024-12", "partial"),
    ("01 MAR 2025", "0830", "2025-03-01T08:30", ""),
    ("2025-03-01T08:30:15", "", "2025-03-01T08:30:15", ""),
    ("01 MAR 2025 8:30", "09:00", "2025-03-01T08:30", ""),  # the time in the date field goes before
    ("2025-03-01T25:00", "", None, "bad_date"),
    ("０１ MAR ２０２５", "８：３０", "2025-03-01T08:30", "normalised"),
    ("01 MAR 2025", "８：３０", "2025-03-01T08:30", "normalised"),
]


@pytest.mark.parametrize(("typed", "order", "iso"), DATES)
def test_a_date_text_becomes_truncated_iso_8601(typed, order, iso):
    assert read_date(typed, order) == iso


@pytest.mark.parametrize(("typed", "iso"), TIMES)
def test_a_time_text_becomes_iso_8601(typed, iso):
    assert read_time(typed) == iso


def test_dates_and_times_together_keep_rows_order_and_index():
    cases = pd.DataFrame(TOGETHER, columns=["date", "time", "iso", "flag"], index=range(100, 100 + len(TOGETHER)))
    read = read_dates(cases["date"].astype("str"), "DMY", cases["time"].astype("str"))
    cases["iso"] = cases["iso"].astype("object").where(cases["iso"].notna(), None)
    assert list(read.index) == list(cases.index)
    assert [None if pd.isna(v) else v for v in read["dtc"]] == list(cases["iso"])
    flags = ["partial", "bad_date", "bad_time", "normalised", "midnight"]
    assert [" ".join(f for f in flags if row[f]) for _, row in read.iterrows()] == list(cases["flag"])


def test_no_rows_give_no_rows():
    read = read_dates(pd.Series(dtype="str"), "DMY", pd.Series(dtype="str"))
    assert len(read) == 0
    assert read["dtc"].dtype == "str"
