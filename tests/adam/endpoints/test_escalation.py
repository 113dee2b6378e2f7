"""3+3: the numbers of the design, and the flag on the subjects. The cases are in the rule book."""

from __future__ import annotations

import pandas as pd

from adam.rules.dlt import derive_dlt_flags, derive_rp2d_flag
from adam.rules.escalation import judge_levels
from specs import StudySpec
from tests.adam.endpoints.days import changed
from tests.tables import table


def test_the_numbers_of_the_design_are_parameters(study: StudySpec) -> None:
    levels = pd.DataFrame({"DLT": [0.0, 1.0, 2.0], "EVALUABLE": [3.0, 6.0, 6.0], "INDETERMINATE": [0.0, 0.0, 0.0]})
    for values, expected in (
        ({}, ["CLEARED", "CLEARED", "STOPPED"]),
        ({"clear_min_evaluable": 4}, ["OPEN", "CLEARED", "STOPPED"]),
        ({"expand_min_evaluable": 7}, ["CLEARED", "OPEN", "STOPPED"]),
        ({"expand_max_dlt": 0}, ["CLEARED", "OPEN", "STOPPED"]),
        ({"stop_min_dlt": 3}, ["CLEARED", "CLEARED", "OPEN"]),
        ({"stop_min_dlt": 3, "expand_max_dlt": 2}, ["CLEARED", "CLEARED", "CLEARED"]),
    ):
        parameters = changed(study, dlt=values).study.parameters.dlt
        assert judge_levels(levels, parameters)["STATUS"].tolist() == expected, values


def cohort(text: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ADSL and ADDLT of subjects given as lines of level and overall DLT; all others on study, without a dose."""
    lines = table(text)
    first_dose = pd.Timestamp("2025-01-01")
    adsl = pd.DataFrame(
        {
            "USUBJID": lines["id"], "PHASE": lines["phase"], "SAFFL": "Y", "DOSELVL": lines["level"].astype("float64"),
            "ARMCD": "DL" + lines["level"], "TRTSDT": first_dose, "LSTALVDT": first_dose + pd.Timedelta(days=60),
        }
    )  # fmt: skip
    return adsl, pd.DataFrame({"USUBJID": lines["id"], "PARAMCD": "DLT", "AVALC": lines["dlt"]})


def doses(adsl: pd.DataFrame) -> dict[str, pd.DataFrame]:
    ids = adsl["USUBJID"]
    lenvatinib = pd.DataFrame({"USUBJID": ids, "EXTRT": "LENVATINIB", "EXDOSE": 12.0, "EXSTDTC": "2025-01-01",
                               "EXENDTC": "2025-01-31"})  # fmt: skip
    infusion = pd.DataFrame({"USUBJID": ids, "EXTRT": "QL1706", "EXDOSE": 5.0, "EXSTDTC": "2025-01-01",
                             "EXENDTC": "2025-01-01"})  # fmt: skip
    return {"EX": pd.concat([lenvatinib, infusion], ignore_index=True)}


def test_the_rp2d_is_found_and_flagged(study: StudySpec) -> None:
    adsl, addlt = cohort("""
    id | phase | level | dlt | rp2d # first level cleared, second stopped
    1  | IB    | 1     | N   | Y
    2  | IB    | 1     | N   | Y
    3  | IB    | 1     | N   | Y
    4  | IB    | 2     | Y   | N
    5  | IB    | 2     | Y   | N
    6  | II    |       | N   |
    """)
    flagged, findings = derive_rp2d_flag(derive_dlt_flags(adsl, addlt, doses(adsl), study), addlt, study)
    assert flagged["RP2DFL"].fillna("").tolist() == ["Y", "Y", "Y", "N", "N", ""]
    assert flagged["DLTFL"].fillna("").tolist() == ["N", "N", "N", "Y", "Y", ""]
    assert findings[["code", "severity", "value", "usubjid"]].to_numpy().tolist() == [["ADAM-414", "info", "1", ""]]
    assert findings["message"].item() == (
        "By the 3+3 rules the recommended phase 2 dose is: 1 (level 1: 0 DLT of 3 evaluable, 0 indeterminate, cleared; "
        "level 2: 2 DLT of 2 evaluable, 0 indeterminate, stopped)."
    )


def test_an_indeterminate_dlt_keeps_the_rp2d_open(study: StudySpec) -> None:
    adsl, addlt = cohort("""
    id | phase | level | dlt
    1  | IB    | 1     | N
    2  | IB    | 1     | N
    3  | IB    | 1     | N
    4  | IB    | 1     | INDETERMINATE
    """)
    flagged, findings = derive_rp2d_flag(derive_dlt_flags(adsl, addlt, doses(adsl), study), addlt, study)
    assert flagged["RP2DFL"].tolist() == ["N"] * 4
    assert flagged["DLTFL"].tolist() == ["N"] * 4
    assert findings["value"].tolist() == ["NOT DETERMINED"]


def test_without_phase_ib_there_is_nothing_to_say(study: StudySpec) -> None:
    adsl, addlt = cohort("id | phase | level | dlt\n1 | II | | N")
    flagged, findings = derive_rp2d_flag(derive_dlt_flags(adsl, addlt, doses(adsl), study), addlt, study)
    assert flagged[["DLTFL", "DLTEVLFL", "DLTEVLRS", "RP2DFL"]].isna().all(axis=None)
    assert findings.empty
