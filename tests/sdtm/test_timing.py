"""Study days, and the days that partial dates stand for."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm.days import possible_days
from sdtm.rule import Call
from sdtm.timing import derive_study_day
from tests.tables import table

DM = """
 USUBJID   | RFSTDTC
 DOSED     | 2025-03-10T09:30
 NEVER     |
 PARTIAL   | 2025-03
"""
DAYS = [
    ("DOSED", None, None),
    ("NEVER", "2025-03-10", None),
    ("DOSED", "2025-03-09T23:59", -1),
    ("DOSED", "2025-03-10", 1),
    ("DOSED", "2025-03-10T08:00", 1),
    ("DOSED", "2025-03-11", 2),
    ("DOSED", "2025-04", None),
    ("DOSED", "2025---15", None),
    ("PARTIAL", "2025-03-15", None),
]


@pytest.mark.parametrize(("subject", "date", "day"), DAYS)
def test_study_days(study, subject, date, day):
    call = Call(study, study.sdtm["AE"], {"DM": table(DM)}, {}, "AESTDY", "AESTDTC")
    frame = pd.DataFrame({"USUBJID": [subject], "AESTDTC": [date]}, dtype="str")
    found = derive_study_day(frame, call).iloc[0]
    assert (None if pd.isna(found) else found) == day


@pytest.mark.parametrize(
    ("dtc", "first", "last"),
    [
        ("2024-02-10T08:00", "2024-02-10", "2024-02-10"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024---10", None, None),
        ("--02-10", None, None),
        (None, None, None),
    ],
)
def test_possible_days(dtc, first, last):
    days = possible_days(pd.Series([dtc], dtype="str"))
    assert [None if pd.isna(day.iloc[0]) else f"{day.iloc[0]:%Y-%m-%d}" for day in days] == [first, last]
