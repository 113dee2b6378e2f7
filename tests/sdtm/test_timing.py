"""Study days and epochs."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm.rule import Call
from sdtm.timing import derive_epoch, derive_study_day, possible_days
from tests.tables import table

DM = """
 USUBJID   | RFSTDTC          | RFXSTDTC
 DOSED     | 2025-03-10T09:30 | 2025-03-10T09:30
 ONGOING   | 2025-03-10       | 2025-03-10
 NEVER     |                  |
 PARTIAL   | 2025-03          | 2025-03
 OPEN-END  | 2025-03-10       | 2025-03-10
"""
EX = """
 USUBJID   | EXSTDTC    | EXENDTC
 DOSED     | 2025-03-10 | 2025-04-20
 DOSED     | 2025-03-10T09:30 | 2025-03-31T10:00
 ONGOING   | 2025-03-10T09:30 | 2025-03-10T10:30
 ONGOING   | 2025-03-10 |                    # taken daily, and still
 PARTIAL   | 2025-03    | 2025-04-20
 OPEN-END  | 2025-03-10 | 2025-04
"""
EPOCHS = [
    # subject, date, epoch, study day; the cases in the order of the docstring
    ("DOSED", None, None, None),
    ("NEVER", "2025-03-10", "SCREENING", None),
    ("DOSED", "2025-03-09", "SCREENING", -1),
    ("DOSED", "2025-03-09T23:59", "SCREENING", -1),
    ("DOSED", "2025-03-10", "TREATMENT", 1),
    ("DOSED", "2025-03-11", "TREATMENT", 2),
    ("DOSED", "2025-04-20", "TREATMENT", 42),
    ("ONGOING", "2026-04-20", "TREATMENT", 407),
    ("DOSED", "2025-04-21", "FOLLOW-UP", 43),
    # partial dates: only where every day that they may be is in one epoch
    ("DOSED", "2025-02", "SCREENING", None),
    ("DOSED", "2025-03", None, None),
    ("DOSED", "2025-04", None, None),
    ("DOSED", "2025-05", "FOLLOW-UP", None),
    ("DOSED", "2024", "SCREENING", None),
    ("DOSED", "2025", None, None),
    ("DOSED", "2025---15", None, None),
    ("PARTIAL", "2025-02-28", "SCREENING", None),
    ("PARTIAL", "2025-03-15", None, None),
    ("PARTIAL", "2025-04-01", "TREATMENT", None),
    ("OPEN-END", "2025-03-31", "TREATMENT", 22),
    ("OPEN-END", "2025-04-15", None, 37),
    ("OPEN-END", "2025-05-01", "FOLLOW-UP", 53),
]


@pytest.fixture
def call(study):
    return Call(study, study.sdtm["AE"], {"DM": table(DM), "EX": table(EX)}, {}, "EPOCH", "AESTDTC")


def test_epochs_and_study_days(call):
    frame = pd.DataFrame(EPOCHS, columns=["USUBJID", "AESTDTC", "EPOCH", "DAY"]).astype(
        {"USUBJID": "str", "AESTDTC": "str", "EPOCH": "str", "DAY": "float64"}
    )
    pd.testing.assert_series_equal(derive_epoch(frame, call), frame["EPOCH"], check_names=False)
    pd.testing.assert_series_equal(derive_study_day(frame, call), frame["DAY"], check_names=False)


def test_a_study_without_doses_is_all_screening(study):
    call = Call(study, study.sdtm["AE"], {}, {}, "EPOCH", "AESTDTC")
    frame = table("USUBJID | AESTDTC\n 1 | 2025-03-01\n 2 |")
    assert derive_epoch(frame, call).fillna("").tolist() == ["SCREENING", ""]


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
