"""Who is evaluable for dose-limiting toxicity: who is asked, and by which numbers. The cases are in the rule book."""

from __future__ import annotations

import pandas as pd

from specs import StudySpec
from tests.adam.endpoints.days import changed
from tests.adam.endpoints.dlt_cases import evaluable
from tests.tables import table

LEN = "LESS THAN 80% OF THE PLANNED DOSE OF LENVATINIB"


def test_others_are_blank(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..21 8 | 60\n2 | N | 1 5 | 1..21 8 | 60")
    found = evaluable(given, study, PHASE=["II", "IB"], SAFFL=["Y", "N"])
    assert found[["DLTEVLFL", "DLTEVLRS"]].isna().all(axis=None)


def test_the_plan_is_that_of_the_arm(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..21 8 | 60\n2 | N | 1 5 | 1..21 8 | 60")
    found = evaluable(given, study, ARMCD=["DL1", "DL2"])
    assert found["DLTEVLRS"].fillna("").tolist() == ["", LEN]  # 8 of 12 mg


def test_window_and_fraction_are_parameters(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..15 8 | 60")
    for values, expected in (
        ({}, LEN),
        ({"min_dose_fraction": 0.7}, ""),
        ({"window_days": 15}, ""),
        ({"window_days": 70}, "NOT KNOWN TO BE ALIVE ON DAY 70"),
    ):
        found = evaluable(given, changed(study, dlt=values))
        assert found["DLTEVLRS"].fillna("").tolist() == [expected], values


def test_without_a_date_of_first_dose_nobody_is_evaluable(study: StudySpec) -> None:
    given = table("id | dlt | ql | len | alive\n1 | N | 1 5 | 1..21 8 | 60")
    assert evaluable(given, study, TRTSDT=pd.NaT)["DLTEVLRS"].tolist() == ["DATE OF FIRST DOSE NOT KNOWN"]
