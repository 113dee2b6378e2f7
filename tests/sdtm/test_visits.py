"""Visits: planned, repeated, unscheduled."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sdtm import build_sdtm
from sdtm.subjects import add_persons, identify_persons
from sdtm.visits import add_visits, planned_visits
from tests.sdtm.raw import raw_forms

FOLDERS = [
    ("SCRN", 1, "SCREENING", -14),
    ("C1D1", 10, "CYCLE 1 DAY 1", 1),
    ("C1D15", 30, "CYCLE 1 DAY 15", 15),
    ("C2D1", 40, "CYCLE 2 DAY 1", 22),
    ("C12D1", 340, "CYCLE 12 DAY 1", 232),
    ("C101D1", np.nan, np.nan, np.nan),  # beyond the last of the series
    ("C02D1", np.nan, np.nan, np.nan),
    ("TA1", 75, "TUMOR ASSESSMENT 1", 43),
    ("TA3", 195, "TUMOR ASSESSMENT 3", 127),
    ("SURV1", 8200, "SURVIVAL FOLLOW-UP 1", np.nan),
    ("SURV2", 8210, "SURVIVAL FOLLOW-UP 2", np.nan),
    ("EOT", 8000, "END OF TREATMENT", np.nan),
    ("LOG", np.nan, np.nan, np.nan),
    ("UNS", np.nan, np.nan, np.nan),
    ("", np.nan, np.nan, np.nan),
]


@pytest.mark.parametrize(("folder", "number", "name", "day"), FOLDERS)
def test_planned_visits(study, folder, number, name, day):
    found = planned_visits([folder], study.study.visits).loc[folder]
    pd.testing.assert_series_equal(
        found, pd.Series([number, name, day], found.index, object, folder), check_dtype=False
    )


VISITS = """
 SUBJECT | FOLDER | INSTANCE | VISDAT      | VISND
 01001   | SCRN   | 0        | 01 MAR 2025 |
 01001   | C1D1   | 0        | 10 MAR 2025 |
 01001   | C1D8   | 0        |             | Public holiday
 01001   | C1D15  | 0        | 24 MAR 2025 |
 01001   | UNS    | 2        | 12 MAR 2025 |          # the later instance, the earlier date
 01001   | UNS    | 1        | 24 MAR 2025 |          # the same day as a planned visit: after it
 01001   | UNS    | 3        | 24 MAR 2025 |
 01001   | UNS    | 4        | 01 FEB 2025 |          # before any visit
 01002   | UNS    | 1        | 01 APR 2025 |          # another subject counts afresh
"""
NUMBERS = [
    ("01001", "SCRN", "0", 1.0, "SCREENING"),
    ("01001", "C1D1", "0", 10.0, "CYCLE 1 DAY 1"),
    ("01001", "C1D8", "0", 20.0, "CYCLE 1 DAY 8"),
    ("01001", "C1D15", "0", 30.0, "CYCLE 1 DAY 15"),
    ("01001", "UNS", "2", 10.01, "UNSCHEDULED 10.01"),
    ("01001", "UNS", "1", 30.01, "UNSCHEDULED 30.01"),
    ("01001", "UNS", "3", 30.02, "UNSCHEDULED 30.02"),
    ("01001", "UNS", "4", 0.01, "UNSCHEDULED 0.01"),
    ("01002", "UNS", "1", 0.01, "UNSCHEDULED 0.01"),
]
LABS = """
 SUBJECT | FOLDER | INSTANCE | PAGEDATE
 01001   | UNS    | 2        | 2025-03-13T00:00:00    # the date of the visit form decides
 01001   | UNS    | 9        | 2025-03-20T00:00:00    # no visit form: the date of the page
 01001   | UNS    | 8        |                        # no date at all
 01001   | LOG    | 0        | 2025-03-20T00:00:00
"""
SUBJECTS = "SUBJECT | ENRYN\n 01001 | Y\n 01002 | Y"


def _with_visits(study, forms):
    persons = identify_persons(forms, study)
    return add_visits({name: add_persons(form, persons) for name, form in forms.items()}, study)


def test_unscheduled_visits_follow_the_planned_visit_before_them(study):
    visits = _with_visits(study, raw_forms(study, SUBJ=SUBJECTS, VISIT=VISITS))["VISIT"]
    found = visits[["_SUBJECT", "_FOLDER", "_INSTANCE", "VISITNUM", "VISIT"]]
    assert [tuple(row) for row in found.values.tolist()] == NUMBERS
    assert visits.loc[visits["_FOLDER"] == "UNS", "VISITDY"].isna().all()


def test_all_forms_of_an_instance_share_the_visit(study):
    forms = _with_visits(study, raw_forms(study, SUBJ=SUBJECTS, VISIT=VISITS, HEM=LABS))
    assert forms["HEM"]["VISITNUM"].fillna(-1).tolist() == [10.01, 10.02, -1, -1]
    assert forms["HEM"]["VISIT"].fillna("").tolist() == ["UNSCHEDULED 10.01", "UNSCHEDULED 10.02", "", ""]


def test_visits_of_an_earlier_screening_are_unplanned(study):
    subjects = "SUBJECT | ENRYN | PREVSUBJ\n 01001 | N |\n 01009 | Y | 01001"
    visits = """
     SUBJECT | FOLDER | INSTANCE | VISDAT
     01001   | SCRN   | 0        | 02 JAN 2025
     01001   | EOS    | 0        | 09 JAN 2025
     01001   | UNS    | 1        | 05 JAN 2025
     01009   | SCRN   | 0        | 01 MAR 2025
     01009   | C1D1   | 0        | 10 MAR 2025
     01009   | UNS    | 1        | 11 MAR 2025
    """
    sv = build_sdtm(raw_forms(study, SUBJ=subjects, VISIT=visits), study).datasets["SV"]
    assert sv["USUBJID"].unique().tolist() == ["QL1706-ESCC-01001"]
    earlier = "VISIT OF AN EARLIER SCREENING"
    shown = sv[["VISITNUM", "VISITDY", "SVPRESP", "SVSTDTC", "SVUPDES"]].astype("object").fillna("")
    assert shown.values.tolist() == [
        [0.01, "", "", "2025-01-02", earlier],
        [0.02, "", "", "2025-01-05", "UNSCHEDULED VISIT"],
        [0.03, "", "", "2025-01-09", earlier],
        [1.0, -14.0, "Y", "2025-03-01", ""],
        [10.0, 1.0, "Y", "2025-03-10", ""],
        [10.01, "", "", "2025-03-11", "UNSCHEDULED VISIT"],
    ]


def test_visit_numbers_do_not_depend_on_the_order_of_rows(study):
    forms = raw_forms(study, SUBJ=SUBJECTS, VISIT=VISITS, HEM=LABS)
    turned = _with_visits(study, {name: form.iloc[::-1] for name, form in forms.items()})
    straight = _with_visits(study, forms)
    for name in forms:
        again = turned[name].set_index("_RECORD").loc[straight[name]["_RECORD"], "VISITNUM"]
        assert again.fillna(-1).tolist() == straight[name]["VISITNUM"].fillna(-1).tolist()


def test_a_survival_contact_without_a_visit_page_is_a_visit(study):
    contacts = """
     SUBJECT | FOLDER | SSDAT       | SSSTAT
     01001   | SURV1  | 01 JUN 2025 | A          # it has a visit page
     01001   | SURV2  | 01 SEP 2025 | A
     01001   | SURV3  |             | U          # no contact
     01001   | SURV4  | 01 DEC 2025 | D          # of the subject's death
    """
    visits = "SUBJECT | FOLDER | VISDAT\n 01001 | SURV1 | 02 JUN 2025"
    sv = build_sdtm(raw_forms(study, SUBJ=SUBJECTS, VISIT=visits, SURV=contacts), study).datasets["SV"]
    assert sv[["VISITNUM", "SVSTDTC", "SVOCCUR", "SVREASOC"]].fillna("").values.tolist() == [
        [8200.0, "2025-06-02", "Y", ""],
        [8210.0, "2025-09-01", "Y", ""],
        [8230.0, "", "N", "DEATH"],
    ]


def test_sv_says_what_was_planned_and_what_took_place(study):
    sv = build_sdtm(raw_forms(study, SUBJ=SUBJECTS, VISIT=VISITS), study).datasets["SV"]
    sv = sv[sv["USUBJID"] == "QL1706-ESCC-01001"].set_index("VISITNUM")
    assert list(sv.index) == [0.01, 1.0, 10.0, 10.01, 20.0, 30.0, 30.01, 30.02]
    assert sv.loc[[10.0, 20.0], "SVOCCUR"].tolist() == ["Y", "N"]
    assert sv.loc[20.0, "SVREASOC"] == "Public holiday"
    assert sv.loc[[10.0, 20.0], "SVPRESP"].tolist() == ["Y", "Y"]
    assert sv.loc[[10.01], ["SVPRESP", "SVOCCUR"]].isna().all(axis=None)
    assert sv["SVUPDES"].dropna().index.tolist() == [0.01, 10.01, 30.01, 30.02]
