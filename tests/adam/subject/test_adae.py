# ruff: noqa: E501 (one case a line)
"""ADAE: what it adds to AE."""

import pandas as pd

from adam.adae import derive_adae
from adam.finish import finish
from tests.adam.subject.conftest import with_parameter
from tests.tables import table

ADSL = """
USUBJID | TRT01P | TRT01A | TRTSDT     | TRTEDT     | NACTDT | DTHDT | CUTOFFDT | SAFFL
01      | Arm A  | Arm A  | 2025-03-10 | 2025-05-31 |        |       |          | Y
02      | Arm A  |        |            |            |        |       |          | N
"""
AE = """
USUBJID | AESEQ | AETERM  | AEDECOD         | AEBODSYS | AESTDTC    | AEENDTC    | AETOXGR | AEREL            # why
01      | 1     | nausea  | Nausea          | Gut      | 2025-03-11 | 2025-03-13 | 2       | NOT RELATED
01      | 2     | bleed   | EPISTAXIS       | Vessels  | 2025-06-30 |            | 1       | POSSIBLY RELATED # case does not matter
01      | 3     | rash    | Rash            | Skin     | 2025-03-09 | 2025-03-08 | 3       | RELATED          # ends before it starts
01      | 4     | thyroid | Hypothyroidism  | Hormones | 2025-07-01 |            |         |
02      | 1     | blood   | Hypertension    | Vessels  | 2025-03-01 |            | 3       | NOT RELATED
"""
SUPPAE = """
USUBJID | IDVAR | IDVARVAL | QNAM     | QVAL
01      | AESEQ | 1        | AERELQL  | NOT RELATED
01      | AESEQ | 1        | AERELLEN | RELATED
01      | AESEQ | 2        | AERELLEN | NOT RELATED
01      | AESEQ | 2        | AEDLT    | Y
01      | AESEQ | 3        | AEDLT    | N
01      | AESEQ | 3        | AEACNQL  | DOSE NOT CHANGED
"""


def made(study, supp=SUPPAE):
    sdtm = {"AE": table(AE, numbers=("AESEQ",)).assign(STUDYID="S")}
    if supp:
        sdtm["SUPPAE"] = table(supp)
    adsl = table(ADSL, dates=("TRTSDT", "TRTEDT", "NACTDT", "DTHDT", "CUTOFFDT"))
    adae, findings = derive_adae(sdtm, adsl, study)
    return finish(adae, study.adam["ADAE"]), findings


def column(frame, name):
    return frame[name].astype("object").where(frame[name].notna(), "").to_list()


def test_adae(study):
    adae, findings = made(study)
    expected = {
        "AESEQ": [1, 2, 3, 4, 1],
        "AETERM": ["nausea", "bleed", "rash", "thyroid", "blood"],
        "TRTA": ["Arm A"] * 4 + [""],
        "TRTP": ["Arm A"] * 5,
        "ASTDY": [2, 113, -1, 114, ""],
        "AENDY": [4, "", -2, "", ""],
        "ADURN": [3, "", "", "", ""],
        "ADURU": ["DAYS", "", "", "", ""],
        "TRTEMFL": ["Y", "Y", "", "Y", ""],
        "ATOXGR": ["2", "1", "3", "", "3"],
        "ATOXGRN": [2, 1, 3, "", 3],
        "AREL": ["NOT RELATED", "RELATED", "RELATED", "RELATED", "NOT RELATED"],
        "ARELQL": ["NOT RELATED", "RELATED", "RELATED", "RELATED", "NOT RELATED"],
        "ARELLEN": ["RELATED", "NOT RELATED", "RELATED", "RELATED", "NOT RELATED"],
        "AESICAT": ["", "HAEMORRHAGE", "IMMUNE MEDIATED", "IMMUNE MEDIATED", "HYPERTENSION"],
        "AESIFL": ["", "Y", "Y", "Y", "Y"],
        "IRAEFL": ["", "", "Y", "Y", ""],
        "AEDLT": ["", "Y", "N", "", ""],
        "DLTFL": ["", "Y", "", "", ""],
        "AEACNQL": ["", "", "DOSE NOT CHANGED", "", ""],
        "AOCCFL": ["Y", "", "", "", ""],
        "AOCCIFL": ["Y", "", "", "", ""],
        "AOCCPIFL": ["Y", "Y", "", "Y", ""],
    }
    assert {name: column(adae, name) for name in expected} == expected
    assert findings.empty


def test_without_supplemental_qualifiers_the_drugs_follow_aerel(study):
    adae, _ = made(study, supp=None)
    assert column(adae, "ARELQL") == column(adae, "AREL") == column(adae, "ARELLEN")
    assert adae["AERELQL"].isna().all()


def test_the_window_is_the_studys(study):
    adae, _ = made(with_parameter(study, "safety", teae_days=30))
    assert column(adae, "TRTEMFL") == ["Y", "Y", "", "", ""], "30 June is last dose + 30, 1 July + 31"


def test_term_lists_are_the_studys(study):
    terms = study.study.terms | {"aesi": ["stomach"], "stomach": ["Nausea"], "immune_mediated": [], "unrelated": []}
    other = study.model_copy(update={"study": study.study.model_copy(update={"terms": terms})})
    adae, _ = made(other)
    assert column(adae, "AESICAT") == ["STOMACH", "", "", "", ""]
    assert not column(adae, "IRAEFL")[2]
    assert set(adae["AREL"]) == {"RELATED"}


def test_variables_are_the_specs_in_its_order(study):
    adae, _ = made(study)
    assert list(adae) == list(study.adam["ADAE"].variables)
    assert {str(adae[name].dtype) for name in study.adam["ADAE"].date_variables} == {"datetime64[us]"}
    pd.testing.assert_frame_equal(adae, adae.sort_values(["USUBJID", "AESEQ"], ignore_index=True))
