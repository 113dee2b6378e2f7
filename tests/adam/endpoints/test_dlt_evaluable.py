"""Who is evaluable for dose-limiting toxicity: window of days 1 to 21, 5 mg/kg QL1706 once, lenvatinib 8 mg daily.

Of lenvatinib 168 mg are planned, so that 134.4 mg are 80 %.
"""

from __future__ import annotations

import pandas as pd

from adam.rules.dlt_evaluable import derive_evaluable
from specs import StudySpec
from tests.adam.endpoints.days import cells, changed, dtc
from tests.adam.endpoints.dlt_cases import on_days, phase_ib
from tests.tables import table

DIED, LEFT, CUT = "DIED BEFORE COMPLETING DAY 21", "LEFT THE STUDY BEFORE DAY 21", "DATA CUT-OFF BEFORE DAY 21"
QL, LEN = "LESS THAN 80% OF THE PLANNED DOSE OF QL1706", "LESS THAN 80% OF THE PLANNED DOSE OF LENVATINIB"

CASES = """
id  | dlt | ql       | len               | death | ended | cutoff | alive | why not # doses as day..day mg
101 | Y   |          |                   | 5     |       |        | 4     |
102 | Y   | 1 5      |                   |       | 5     | 10     | 5     |
201 | N   | 1 5      | 1..21 8           | 20    |       |        | 19    | died
202 | N   | 1 5      | 1..21 8           | 21    |       |        | 20    | died    # not alive through day 21
203 | N   | 1 5      | 1..21 8           | 22    |       |        | 20    |         # died later
204 | N   | 1 5      | 1..21 8           | 20    | 20    |        | 19    | died    # death before the end of study
301 | N   | 1 5      | 1..21 8           |       | 20    |        | 60    | left
302 | N   | 1 5      | 1..21 8           |       | 21    |        | 60    |         # through day 21
401 | N   | 1 5      | 1..21 8           |       |       | 20     | 20    | cut
402 | N   | 1 5      | 1..21 8           |       |       | 21     | 21    |         # through day 21
501 | N   | 1 5      | 1..21 8           |       |       |        | 20    | alive
502 | N   | 1 5      | 1..21 8           |       |       |        | 21    |
503 | N   | 1 5      | 1..21 8           |       |       |        |       | alive
601 | N   | 1 4      | 1..21 8           |       |       |        | 60    |         # 80 % exactly
602 | N   | 1 3.99   | 1..21 8           |       |       |        | 60    | QL
603 | N   |          | 1..21 8           |       |       |        | 60    | QL
604 | N   | 22 5     | 1..21 8           |       |       |        | 60    | QL      # after the window
605 | N   | 1 2, 2 2 | 1..21 8           |       |       |        | 60    |         # in two parts
606 | N   | 1 3, 1 3 | 1..21 8           |       |       |        | 60    | QL      # there twice, counts once
701 | N   | 1 5      | 1..16 8, 17 6.4   |       |       |        | 60    |         # 134.4 mg: 80 % exactly
702 | N   | 1 5      | 1..16 8, 17 6.3   |       |       |        | 60    | LEN     # 134.3 mg
703 | N   | 1 5      | 1..17 8           |       |       |        | 60    |         # 17 of 21 days
704 | N   | 1 5      | 1..16 8           |       |       |        | 60    | LEN     # 16 of 21 days
713 | N   | 1 5      | 1..3 4, 4..21 6.8 |       |       |        | 60    |         # 134.4 mg, in spite of floats
705 | N   | 1 5      | 6..40 8           |       |       |        | 60    | LEN     # clipped to the window
706 | N   | 1 5      | 1..40 8           |       |       |        | 60    |
707 | N   | 1 5      | 1..10 8, 11..21 4 |       |       |        | 60    | LEN     # 124 mg
708 | N   | 1 5      | 1..10 8, 13..21 8 |       |       |        | 60    |         # interrupted for two days
709 | N   | 1 5      | 1.. 8             |       |       |        | 60    |         # no end: it goes on
710 | N   | 1 5      | 1.. 8, 5..21 4    |       |       |        | 60    | LEN     # until the next dose
711 | N   | 1 5      | 2025-01..21 8     |       |       |        | 60    | LEN     # no complete start date
712 | N   |          |                   |       |       |        | 60    | QL      # the first drug is named
"""


def exposure(lines: pd.DataFrame) -> dict[str, pd.DataFrame]:
    parts = [cells(lines, column, ["days", "dose"]).assign(EXTRT=drug)
             for column, drug in (("ql", "QL1706"), ("len", "LENVATINIB"))]  # fmt: skip
    doses = pd.concat(parts, ignore_index=True)
    days = doses["days"].str.extract(r"^(.+?)(?:(\.\.)(\d*))?$")
    end = days[2].mask(days[2] == "").where(days[1].notna(), days[0])
    return {"EX": doses.assign(EXDOSE=doses["dose"].astype("float64"), EXSTDTC=dtc(days[0]), EXENDTC=dtc(end))}


def judged(lines: pd.DataFrame, study: StudySpec, **columns: object) -> pd.DataFrame:
    adsl = phase_ib(
        lines, DLTFL=lines["dlt"], DTHDT=on_days(lines, "death"), EOSDT=on_days(lines, "ended"),
        CUTOFFDT=on_days(lines, "cutoff"), LSTALVDT=on_days(lines, "alive"), **columns,
    )  # fmt: skip
    return derive_evaluable(adsl, exposure(lines), study).set_index("USUBJID")


def test_evaluable_with_a_dlt_or_the_window_completed(study: StudySpec) -> None:
    given = table(CASES)
    reasons = {"died": DIED, "left": LEFT, "cut": CUT, "alive": "NOT KNOWN TO BE ALIVE ON DAY 21", "QL": QL, "LEN": LEN}
    expected = given["why not"].map(reasons).fillna("").set_axis(given["id"])
    found = judged(given, study)
    assert found["DLTEVLRS"].fillna("").to_dict() == expected.to_dict()
    assert found["DLTEVLFL"].to_dict() == expected.map(lambda why: "N" if why else "Y").to_dict()


def test_others_are_blank(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..21 8 | 60\n2 | N | 1 5 | 1..21 8 | 60")
    found = judged(given, study, PHASE=["II", "IB"], SAFFL=["Y", "N"])
    assert found[["DLTEVLFL", "DLTEVLRS"]].isna().all(axis=None)


def test_the_plan_is_that_of_the_arm(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..21 8 | 60\n2 | N | 1 5 | 1..21 8 | 60")
    found = judged(given, study, ARMCD=["DL1", "DL2"])
    assert found["DLTEVLRS"].fillna("").tolist() == ["", LEN]  # 8 of 12 mg


def test_window_and_fraction_are_parameters(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..15 8 | 60")
    for values, expected in (
        ({}, LEN),
        ({"min_dose_fraction": 0.7}, ""),
        ({"window_days": 15}, ""),
        ({"window_days": 70}, "NOT KNOWN TO BE ALIVE ON DAY 70"),
    ):
        found = judged(given, changed(study, dlt=values))
        assert found["DLTEVLRS"].fillna("").tolist() == [expected], values


def test_without_a_date_of_first_dose_nobody_is_evaluable(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..21 8 | 60")
    assert judged(given, study, TRTSDT=pd.NaT)["DLTEVLRS"].tolist() == ["DATE OF FIRST DOSE NOT KNOWN"]
