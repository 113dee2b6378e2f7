"""ISO 8601 texts as dates; what a partial one can mean is in the rule book."""

import pandas as pd
import pytest

from adam.rules.dates import day, earlier, later, not_after, possible_days
from tests.tables import table


def test_index_and_order_stay_and_no_rows_are_fine():
    texts = pd.Series(["2025-03", "2024-01-05", "2025-03"], index=[7, 3, 5], dtype="str")
    assert possible_days(texts)["DTF"].fillna("-").to_dict() == {7: "D", 3: "-", 5: "D"}
    assert possible_days(texts.head(0)).dtypes.astype("str").to_list() == ["datetime64[us]", "datetime64[us]", "str"]


def test_day_reads_complete_dates_only():
    days = day(pd.Series(["2025-03-01T23:59", "2025-03", None], dtype="str"))
    assert days.isna().to_list() == [False, True, True]
    assert days[0] == pd.Timestamp("2025-03-01")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (earlier, ["2025-01-01", "2025-01-01", "2025-01-02", None]),
        (later, ["2025-01-02", "2025-01-01", "2025-01-02", None]),
        (not_after, ["2025-01-01", "2025-01-01", None, None]),
    ],
)
def test_two_dates(rule, expected):
    pairs = table(
        """
        ONE        | OTHER      | KNOWN
        2025-01-01 | 2025-01-02 | both
        2025-01-01 |            | one
                   | 2025-01-02 | other
                   |            | none
        """,
        dates=("ONE", "OTHER"),
    )
    got = rule(pairs["ONE"], pairs["OTHER"])
    assert got.dt.strftime("%Y-%m-%d").astype("object").where(got.notna(), None).to_list() == expected


def test_not_after_a_day_and_after_nothing():
    dates = pd.Series(pd.to_datetime(["2025-01-01", "2025-03-01"])).astype("datetime64[us]")
    assert not_after(dates, pd.Timestamp("2025-02-01")).dt.month.to_list() == [1, 2]
    assert not_after(dates, None).dt.month.to_list() == [1, 3]
