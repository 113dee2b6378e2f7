"""Checks of one date against another. `record` begins with X where the check must fire, with ok where it must not."""

import pandas as pd

from sdtm.checks.dates import planned_windows
from sdtm.checks.partial import differ, later
from tests.tables import table

DM = """
USUBJID | RFSTDTC          | RFICDTC    | DTHDTC
1       | 2025-03-01T09:00 | 2025-02-10 |
2       |                  | 2025-02    |
"""


def records(found):
    return found["record_id"].tolist()


PARTIAL = table(
    """
    date             | than       | days | later | why
                     | 2025-01-01 | 0    | N     | 1. missing
    2025-01-02       |            | 0    | N     | 1. missing
    2025---15        | 2020-01-01 | 0    | N     | 1. a day without a month is no date
    2025-01-02       | 2025-01-01 | 0    | Y     | 2. the next day
    2025-02          | 2025-01-31 | 0    | Y     | 2. any day of February
    2025             | 2024-12    | 0    | Y     | 2. any day of the year
    2025-01-04       | 2025-01-01 | 2    | Y     | 2. three days, two tolerated
    2025-01-01T23:59 | 2025-01-01 | 0    | N     | 3. the same day
    2025-01-03       | 2025-01-01 | 2    | N     | 3. two days, two tolerated
    2025-01          | 2025-01-31 | 0    | N     | 3. perhaps the same day
    2025-01-31       | 2025-01    | 0    | N     | 3. perhaps the same day
    2025             | 2025-06    | 0    | N     | 3. perhaps the same month
    """
)


def test_later_is_what_is_certain():
    for days in ("0", "2"):
        rows = PARTIAL[PARTIAL["days"] == days]
        assert later(rows["date"], rows["than"], int(days)).tolist() == rows["later"].eq("Y").tolist()


def test_dates_that_differ():
    rows = table(
        """
        one        | other      | differ
        2025-01-02 | 2025-01-01 | Y
        2025-01-01 | 2025-01-02 | Y
        2025-01-01 | 2025-01-01 | N
        2025-01    | 2025-01-31 | N
        2025-01    | 2025-02-01 | Y
                   | 2025-02-01 | N
        """
    )
    assert differ(rows["one"], rows["other"]).tolist() == rows["differ"].eq("Y").tolist()


def test_end_before_start(evidence, check):
    found = check(
        "CHK-301",
        evidence(
            AE="""
            record | USUBJID | AESTDTC    | AEENDTC
            X1     | 1       | 2025-03-02 | 2025-03-01
            X2     | 1       | 2025-03-02 | 2025-02
            ok3    | 1       | 2025-03-02 | 2025-03-02
            ok4    | 1       | 2025-03-02 | 2025-03
            ok5    | 1       | 2025-03-02 |
            """,
            CM="""
            record | USUBJID | CMSTDTC | CMENDTC
            X6     | 1       | 2025-03 | 2024
            """,
        ),
    )
    assert records(found) == ["X1", "X2", "X6"]
    assert found["field"].tolist() == ["AEENDAT", "AEENDAT", "CMENDAT"]
    assert found.loc[0, "message"] == "The end 2025-03-01 is before the start 2025-03-02."


def test_dose_after_end_of_treatment(evidence, check):
    found = check(
        "CHK-302",
        evidence(
            raw={
                "EOT": """
                USUBJID | EOTDRUG | EOTLAST     | EOTDAT
                1       | QL      | 10 MAR 2025 | 20 MAR 2025
                1       | LEN     |             | 20 MAR 2025
                2       | LEN     | UN MAR 2025 |
                """
            },
            EX="""
            record | form  | USUBJID | EXTRT      | EXSTDTC          | EXENDTC
            ok1    | EXQL  | 1       | QL1706     | 2025-03-10T09:00 | 2025-03-10T10:00
            X2     | EXQL  | 1       | QL1706     | 2025-03-11T09:00 | 2025-03-11T10:00
            ok3    | EXLEN | 1       | LENVATINIB | 2025-03-01       | 2025-03-20
            X4     | EXLEN | 1       | LENVATINIB | 2025-03-01       | 2025-03-21
            X5     | EXLEN | 1       | LENVATINIB | 2025-03-21       |
            ok6    | EXLEN | 2       | LENVATINIB | 2025-03-01       | 2025-03-31
            X7     | EXLEN | 2       | LENVATINIB | 2025-03-01       | 2025-04-01
            ok8    | EXQL  | 2       | QL1706     | 2025-09-01       | 2025-09-01
            """,
        ),
    )
    assert sorted(records(found)) == ["X2", "X4", "X5", "X7"]


def test_windows_are_counted_from_first_dose(study):
    windows = planned_windows(study).set_index("VISITNUM")
    assert windows.loc[1].tolist() == [-28, -1]  # screening: days -28 to -1
    assert windows.loc[10].tolist() == [0, 0]  # first dose
    assert windows.loc[20].tolist() == [5, 9]  # day 8, two days either way
    assert windows.loc[70].tolist() == [39, 45]  # cycle 3: day 43, three days either way
    assert windows.loc[135].tolist() == [77, 91]  # second assessment: day 85, seven days either way
    assert 8000 not in windows.index


def test_visit_out_of_window(evidence, check):
    # 01001 is a screening that failed, of the person who was dosed as 01002; subject 2 was never dosed
    found = check(
        "CHK-303",
        evidence(
            DM=DM,
            EX="""
            USUBJID | subject
            1       | 01002
            """,
            SV="""
            record | USUBJID | subject | VISITNUM | VISIT         | SVSTDTC
            X1     | 1       | 01002   | 1        | SCREENING     | 2025-01-31
            ok2    | 1       | 01002   | 1        | SCREENING     | 2025-02-01
            ok3    | 1       | 01002   | 1        | SCREENING     | 2025-02-28
            X4     | 1       | 01002   | 1        | SCREENING     | 2025-03-01
            X5     | 1       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-03-05
            ok6    | 1       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-03-06
            ok7    | 1       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-03-10
            X8     | 1       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-03-11
            ok9    | 1       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-03
            X10    | 1       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-02
            ok11   | 1       | 01002   | 20.01    | UNSCHEDULED   | 2025-09-01
            ok12   | 1       | 01002   | 8000     | END           | 2025-09-01
            ok13   | 2       | 01002   | 20       | CYCLE 1 DAY 8 | 2025-09-01
            ok14   | 1       | 01001   | 1        | SCREENING     | 2024-09-01
            """,
        ),
    )
    assert records(found) == ["X1", "X4", "X5", "X8", "X10"]
    assert found.loc[0, "expected"] == "2025-02-01 to 2025-02-28"


def test_before_consent(evidence, check):
    found = check(
        "CHK-312",
        evidence(
            DM=DM,
            LB="""
            record | USUBJID | LBDTC
            X1     | 1       | 2025-02-09T23:00
            ok2    | 1       | 2025-02-10
            ok3    | 1       | 2025-02
            X4     | 1       | 2025-01
            X5     | 2       | 2025-01-31
            ok6    | 2       | 2025-02-01
            """,
            TR="""
            record | USUBJID | TRDTC
            ok7    | 1       | 2025-01-20
            """,
        ),
    )
    assert records(found) == ["X1", "X4", "X5"]


def test_after_save(evidence, check):
    found = check(
        "CHK-316",
        evidence(
            raw={
                "CM": """
                record | USUBJID | _SAVED              | CMSTDAT    | CMENDAT
                ok1    | 1       | 2025-03-01T18:00:00 | 2025-03-01 |
                ok2    | 1       | 2025-03-01T18:00:00 | 2025-03-02 |
                X3     | 1       | 2025-03-01T18:00:00 | 2025-03-03 |
                X4     | 1       | 2025-03-01T18:00:00 |            | 2026-01-01
                ok5    | 1       | 2025-03-01T18:00:00 | 2025-03-UK |
                X6     | 1       | 2025-03-01T18:00:00 | 2025-04-UK |
                ok7    | 1       |                     | 2025-04-01 |
                """
            }
        ),
    )
    assert records(found) == ["X3", "X6", "X4"]
    assert found["field"].tolist() == ["CMSTDAT", "CMSTDAT", "CMENDAT"]


def test_a_check_of_nothing_finds_nothing(evidence, study, check):
    nothing = evidence()
    assert pd.concat([check(code, nothing) for code in study.checks]).empty
