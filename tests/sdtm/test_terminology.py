"""Texts and the terms they mean, and the worklist of those that mean none."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from sdtm import build_sdtm
from sdtm.terminology import UNMAPPED, map_terms, nearest_terms, unmapped_terms
from specs.findings import no_findings
from specs.models import Codelist
from tests.sdtm.raw import raw_forms
from tests.tables import table

OUTCOME = Codelist.model_validate(
    {
        "name": "Outcome",
        "terms": {
            "RECOVERED/RESOLVED": {"synonyms": ["Recovered"]},
            "RECOVERING/RESOLVING": None,
            "Better": None,
            "FATAL": {"synonyms": ["died"]},
        },
    }
)
TEXTS = [
    # text, term; the cases in the order of the docstring
    (None, None),
    ("FATAL", "FATAL"),
    ("Fatal", "FATAL"),
    ("recovering/resolving", "RECOVERING/RESOLVING"),
    ("Better", "Better"),
    ("recovered", "RECOVERED/RESOLVED"),
    ("DIED", "FATAL"),
    ("Recoverd", "Recoverd"),
    ("", ""),
]


def test_texts_become_terms():
    texts = pd.Series([t for t, _ in TEXTS], dtype="str")
    pd.testing.assert_series_equal(map_terms(texts, OUTCOME), pd.Series([t for _, t in TEXTS], dtype="str"))


def test_the_nearest_terms_are_named():
    near = nearest_terms(pd.Series(["Recoverd", "xyz", None], dtype="str"), OUTCOME)
    assert near.tolist() == [" Nearest: RECOVERED/RESOLVED, RECOVERING/RESOLVING.", "", ""]


def test_a_text_means_one_term():
    terms = {"RECOVERED": {"synonyms": ["better"]}, "Better": None}
    with pytest.raises(ValidationError, match="'better' means RECOVERED and Better"):
        Codelist.model_validate({"name": "Outcome", "terms": terms})


@pytest.fixture(scope="module")
def built(study):
    forms = raw_forms(
        study,
        SUBJ="SUBJECT | ENRYN\n 01001 | Y\n 01002 | Y",
        AE="""
            SUBJECT | POSITION | AEYN | AETERM   | AEPT   | AEOUT     | AESER
            01001   | 1        | Y    | Rash     | Rash   | Improving | N
            01001   | 2        | Y    | Nausea   | Nausea | Improving | N
            01001   | 3        | Y    | Fever    |        | 1         | N
            01002   | 1        | Y    | Rash     | Rash   | Improving | Maybe
            01002   | 2        | Y    |          |        | 1         | N
        """,
        CM="""
            SUBJECT | POSITION | CMTRT       | CMDECOD
            01001   | 1        | =Paracetamol |
            01002   | 1        | =Paracetamol |
            01002   | 2        | Aspirin     | ACETYLSALICYLIC ACID
        """,
        EXQL="""
            SUBJECT | FOLDER | QLYN | QLDAT       | QLDOSE | QLADJ
            01001   | C1D1   | Y    | 01 MAR 2025 | 5      | Mistake
        """,
        HEM="""
            SUBJECT | FOLDER | LBDAT       | ANALYTE | LBORRES | LBORRESU
            01001   | SCRN   | 01 FEB 2025 | HGB     | 12      | g/deciL
            01002   | SCRN   | 01 FEB 2025 | HGB     | 12      | g/l
        """,
    )
    return build_sdtm(forms, study)


def test_the_worklist_has_each_term_once_with_its_records_and_subjects(study, built):
    wanted = table(
        """
        list    | code   | extensible | variables        | term         | records | subjects | nearest
        DOSEADJ |        | N          | EC.ECADJ         | Mistake      | 1       | 1        |
        MEDDRA  |        |            | AE.AEDECOD       | Fever        | 1       | 1        |
        NY      | C66742 | N          | AE.AESER         | Maybe        | 1       | 1        |
        OUT     | C66768 | N          | AE.AEOUT         | Improving    | 3       | 2        |
        UNIT    | C71620 | Y          | LB.LBORRESU      | g/deciL      | 1       | 1        | g/dL, mg/dL, g/L
        WHODRUG |        |            | CM.CMDECOD       | =Paracetamol | 2       | 2        |
        """
    ).fillna("")
    work = unmapped_terms(built.findings, study)
    assert list(work.columns) == UNMAPPED
    assert work.astype("str").to_numpy().tolist() == wanted[UNMAPPED].to_numpy().tolist()
    assert work["records"].dtype == work["subjects"].dtype == "int64"


def test_a_worklist_of_nothing_has_its_columns(study):
    work = unmapped_terms(no_findings(), study)
    assert list(work.columns) == UNMAPPED
    assert len(work) == 0


def test_a_term_without_a_code_is_no_missing_value(built):
    found = built.findings[
        built.findings["dataset"].isin(["AE", "CM"]) & built.findings["code"].isin(["SDTM-208", "SDTM-213"])
    ]
    told = found[["code", "variable", "record_id", "field", "value"]].to_numpy().tolist()
    assert sorted(told) == [
        ["SDTM-208", "AEDECOD", "AE-5", "AEPT", ""],
        ["SDTM-208", "AETERM", "AE-5", "AETERM", ""],
        ["SDTM-213", "AEDECOD", "AE-3", "AETERM", "Fever"],
        ["SDTM-213", "CMDECOD", "CM-1", "CMTRT", "=Paracetamol"],
        ["SDTM-213", "CMDECOD", "CM-2", "CMTRT", "=Paracetamol"],
    ]
    assert (
        found["message"].iloc[-1]
        == "'=Paracetamol' has no term of Invented names in place of WHODrug; CMDECOD is blank."
    )
