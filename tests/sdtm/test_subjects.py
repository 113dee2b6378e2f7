"""One USUBJID a person, whatever numbers the person had."""

from __future__ import annotations

import pandas as pd

from sdtm import build_sdtm
from sdtm.subjects import identify_persons
from specs import identity
from tests.sdtm.raw import raw_forms

NUMBERS = """
 SUBJECT | PREVSUBJ
 01001   |
 01002   | 01001       # screened again
 01003   | 01002       # and again
 01004   | 01001x      # no subject number
 01005   | 01005       # names itself
 01006   | 01007       # a circle
 01007   | 01006
 02001   | 09999       # the number before is not in this export
"""
PERSONS = {
    "01001": "01001", "01002": "01001", "01003": "01001", "01004": "01004", "01005": "01005", "01006": "01006",
    "01007": "01007", "02001": "09999",
}  # fmt: skip


def test_numbers_are_followed_to_the_first_one(study):
    persons = identify_persons(raw_forms(study, SUBJ=NUMBERS), study)
    assert persons["USUBJID"].to_dict() == {n: f"QL1706-ESCC-{first}" for n, first in PERSONS.items()}
    assert persons["_SCREENING"].loc[["01001", "01002", "01003", "01006"]].tolist() == [0, 1, 2, 0]


def test_a_person_has_the_number_that_made_it_in_any_row_order(study):
    forms = raw_forms(study, SUBJ=NUMBERS)
    turned = {name: form.iloc[::-1] for name, form in forms.items()}
    pd.testing.assert_frame_equal(identify_persons(forms, study), identify_persons(turned, study))


def test_dm_has_one_record_of_the_latest_screening(study):
    built = build_sdtm(
        raw_forms(
            study,
            SUBJ="""
             SUBJECT | FOLDER | PREVSUBJ | ENRYN | ENRDAT      | COHORT
             01001   | SCRN   |          | N     |             |
             01009   | SCRN   | 01001    | Y     | 03 MAR 2025 | DL1
            """,
            DM="""
             SUBJECT | FOLDER | AGE | SEX
             01001   | SCRN   | 61  | M
             01009   | SCRN   | 62  | M
            """,
            IC="""
             SUBJECT | FOLDER | ICDAT
             01001   | SCRN   | 01 FEB 2025
             01009   | SCRN   | 02 MAR 2025
            """,
        ),
        study,
    )
    dm = built.datasets["DM"]
    assert dm[["USUBJID", "SUBJID", "RFICDTC", "ARMCD"]].values.tolist() == [
        ["QL1706-ESCC-01001", "01009", "2025-02-01", "DL1"]
    ]
    assert dm["AGE"].tolist() == [62.0]
    supp = built.datasets["SUPPDM"].set_index("QNAM")
    assert supp.loc["PREVSUBJ", "QVAL"] == "01001"
    assert supp["IDVAR"].isna().all()
    assert supp["IDVARVAL"].isna().all()
    left = built.accounting.query("form == 'SUBJ' and dataset == 'DM' and rule == 'EARLIER-SCREENING'")
    assert left["rows"].tolist() == [1]
    consents = built.datasets["DS"].query("DSDECOD == 'INFORMED CONSENT OBTAINED'")
    assert consents["USUBJID"].unique().tolist() == ["QL1706-ESCC-01001"]
    assert len(consents) == 2


def test_records_of_a_subject_that_is_not_known_are_left_out_and_counted(study):
    built = build_sdtm(
        raw_forms(
            study,
            SUBJ="SUBJECT | ENRYN\n 01001 | N",
            AE="SUBJECT | AEYN | AETERM\n 1001 | Y | Rash\n 01001 | Y | Cough",
        ),
        study,
    )
    assert built.datasets["AE"]["AETERM"].tolist() == ["Cough"]
    left = built.accounting.query("form == 'AE' and dataset == '' and rule == 'UNKNOWN-SUBJECT'")
    assert left["rows"].tolist() == [1]
    assert set(built.lineage["AE"][identity.SUBJECT]) == {"01001"}
