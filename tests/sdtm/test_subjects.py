"""One USUBJID a person, whatever numbers the person had."""

from __future__ import annotations

import pandas as pd

from sdtm import build_sdtm
from sdtm.subjects import find_circles, identify_persons
from specs import identity
from tests.sdtm.raw import raw_forms
from tests.tables import table

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


SCREENINGS = """
 case                          | SUBJECT | PREVSUBJ | ENRYN | COHORT | person | in DM # the number that DM is of
 a chain of three              | 01001   |          | N     |        | 01001  |
                               | 01002   | 01001    | N     |        | 01001  |
                               | 01003   | 01002    | Y     | DL1    | 01001  | 01003
 enrolled, then screened again | 02001   |          | Y     | DL1    | 02001  | 02001
                               | 02002   | 02001    | N     |        | 02001  |
 twice after the same number   | 03001   |          | N     |        | 03001  |
                               | 03003   | 03001    | N     |        | 03001  |
                               | 03002   | 03001    | Y     | DL2    | 03001  | 03002
 never enrolled                | 04001   |          | N     |        | 04001  |
                               | 04002   | 04001    | N     |        | 04001  | 04002
 the former number is unknown  | 05002   | 05001    | Y     | DL1    | 05001  | 05002
 a circle                      | 06001   | 06002    | N     |        | 06001  | 06001
                               | 06002   | 06001    | Y     | DL1    | 06002  | 06002
 leads into a circle           | 06003   | 06001    | N     |        | 06003  | 06003
 leading zeros                 | 00007   |          | Y     | DL1    | 00007  | 00007
"""


def _screened(study):
    told = table(SCREENINGS)
    head = "SUBJECT | FOLDER | PREVSUBJ | ENRYN | COHORT\n"
    lines = told[["SUBJECT", "PREVSUBJ", "ENRYN", "COHORT"]].fillna("").to_numpy().tolist()
    subj = head + "\n".join(f"{n} | SCRN | {before} | {enrolled} | {cohort}" for n, before, enrolled, cohort in lines)
    numbers = told["SUBJECT"].tolist()
    events = "SUBJECT | AEYN | AETERM\n" + "\n".join(f"{n} | Y | Cough {n}" for n in numbers)
    return told, build_sdtm(raw_forms(study, SUBJ=subj, AE=events), study)


def test_dm_is_of_the_number_that_was_enrolled_last(study):
    told, built = _screened(study)
    dm = built.datasets["DM"]
    assert dm["USUBJID"].is_unique
    expected = told.dropna(subset="in DM")
    people = ("QL1706-ESCC-" + expected["person"]).tolist()
    assert dm.set_index("USUBJID")["SUBJID"].to_dict() == dict(zip(people, expected["in DM"], strict=True))
    arms = dict(zip(people, expected["COHORT"].fillna(""), strict=True))
    assert dm.set_index("USUBJID")["ARMCD"].fillna("").to_dict() == arms


def test_data_under_every_number_is_the_persons(study):
    told, built = _screened(study)
    events = built.datasets["AE"]
    found = dict(zip(events["AETERM"].str.removeprefix("Cough "), events["USUBJID"], strict=True))
    assert found == dict(zip(told["SUBJECT"], "QL1706-ESCC-" + told["person"], strict=True))
    left = built.accounting.query("form == 'SUBJ' and dataset == 'DM' and rule == 'EARLIER-SCREENING'")
    assert left["rows"].tolist() == [len(told) - len(built.datasets["DM"])]


def test_the_number_before_stands_in_suppdm(study):
    _, built = _screened(study)
    supp = built.datasets["SUPPDM"].query("QNAM == 'PREVSUBJ'").set_index("USUBJID")["QVAL"]
    assert {person.removeprefix("QL1706-ESCC-"): number for person, number in supp.items()} == {
        "01001": "01002", "03001": "03001", "04001": "04001", "05001": "05001", "06001": "06002", "06002": "06001",
        "06003": "06001",
    }  # fmt: skip


def test_only_what_closes_a_circle_is_one(study):
    numbers = raw_forms(study, SUBJ=NUMBERS + " 01008 | 01006       # leads into the circle\n")["SUBJ"]
    circle = numbers.loc[find_circles(numbers, study), identity.SUBJECT]
    assert circle.tolist() == ["01005", "01006", "01007"]


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
