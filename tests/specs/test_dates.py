"""Dates and study days, boundaries included."""

import pandas as pd
import pytest

from specs.dates import complete_date, study_day

COMPLETE = [
    ("2025-03-01", "2025-03-01"),
    ("2025-03-01T08:30", "2025-03-01"),
    ("2025-03-01T00:00:00", "2025-03-01"),
    ("2024-02-29", "2024-02-29"),
    ("9999-12-31", "9999-12-31"),
    ("1899-12-31", "1899-12-31"),
    ("2025-02-29", None),  # no such day
    ("2025-02-30T10:00", None),
    ("2025-13-01", None),
    ("2025-00-10", None),
    ("2025-03", None),
    ("2025", None),
    ("2025---15", None),
    ("--03-01", None),
    ("2025-03-01 08:30", None),  # a blank is no T
    ("2025-3-1", None),
    ("UN MAR 2025", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("text", "date"), COMPLETE)
def test_complete_date(text, date):
    got = complete_date(pd.Series([text], dtype="str"))
    assert str(got.dtype) == "datetime64[us]"
    assert (None if pd.isna(got[0]) else str(got[0].date())) == date


def test_complete_date_keeps_order_and_index():
    got = complete_date(pd.Series(["2025-01-02", None, "2025-01-01"], index=[7, 3, 5], dtype="str"))
    assert list(got.index) == [7, 3, 5]
    assert list(got.isna()) == [False, True, False]


def test_complete_date_of_nothing():
    for empty in (pd.Series([], dtype="str"), pd.Series([None, None], dtype="float64")):
        assert str(complete_date(empty).dtype) == "datetime64[us]"


DAYS = [
    # date, reference, study day: there is no day 0
    ("2025-03-10", "2025-03-10", 1),
    ("2025-03-11", "2025-03-10", 2),
    ("2025-03-09", "2025-03-10", -1),
    ("2025-03-08", "2025-03-10", -2),
    ("2025-03-30", "2025-03-10", 21),
    ("2025-03-31", "2025-03-10", 22),
    ("2024-03-01", "2024-02-28", 3),  # over a leap day
    (None, "2025-03-10", None),
    ("2025-03-10", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(("date", "reference", "day"), DAYS)
def test_study_day(date, reference, day):
    dates = [pd.to_datetime(pd.Series([d]), format="%Y-%m-%d").astype("datetime64[us]") for d in (date, reference)]
    got = study_day(*dates)
    assert str(got.dtype) == "float64"
    assert (None if pd.isna(got[0]) else got[0]) == day
