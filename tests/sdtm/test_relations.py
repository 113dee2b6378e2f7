"""RELREC and CO: what belongs together, and what a comment is about."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm import build_sdtm
from sdtm.long_text import split_into
from sdtm.relations import relate_datasets
from tests.sdtm.raw import raw_forms
from tests.tables import table

SUBJECTS = "SUBJECT | ENRYN | PREVSUBJ\n 01001 | Y |\n 01002 | N |\n 01003 | Y | 01002"
EVENTS = """
 SUBJECT | POSITION | AETERM   | AEPT     | AESTDAT     | AECOM
 01001   | 1        | nausea   | Nausea   | 05 MAR 2025 |
 01001   | 3        | anaemia  | Anaemia  | 01 MAR 2025 | Seen before
 01002   | 1        | rash     | Rash     | 02 JAN 2025 |
 01003   | 1        | fatigue  | Fatigue  | 02 MAR 2025 |
"""
PROCEDURES = """
 SUBJECT | POSITION | PRCODE | PRTRT                | PRSTDAT     | PRAELN
 01001   | 1        | RBC    | Red cell transfusion | 02 MAR 2025 | 3
 01001   | 2        | RBC    | Red cell transfusion | 09 MAR 2025 | 3
 01001   | 3        | STENT  | Stent                | 10 MAR 2025 |
 01001   | 4        | DRAIN  | Drainage             | 11 MAR 2025 | 2     # no such line
 01003   | 1        | DRAIN  | Drainage             | 11 MAR 2025 | 1     # of this number, not of the one before
"""
MEDICINES = """
 SUBJECT | POSITION | CMTRT       | CMSTDAT    | CMAELN
 01001   | 1        | Iron        | 2025-03-03 | 3
 01001   | 2        | Ondansetron | 2025-03-05 | 1
"""


@pytest.fixture(scope="module")
def build(study):
    return build_sdtm(raw_forms(study, SUBJ=SUBJECTS, AE=EVENTS, PROC=PROCEDURES, CM=MEDICINES), study)


def test_records_that_a_form_links_share_one_relation(build):
    relrec = build.datasets["RELREC"]
    shown = relrec[["USUBJID", "RELID", "RDOMAIN", "IDVAR", "IDVARVAL"]].fillna("").values.tolist()
    first, other = "QL1706-ESCC-01001", "QL1706-ESCC-01002"
    # AESEQ counts by preferred term: Anaemia is 1, Nausea 2; of the re-screened person Fatigue 1, Rash 2
    assert shown == [
        [first, "AE1", "AE", "AESEQ", "1"],
        [first, "AE1", "CM", "CMSEQ", "1"],
        [first, "AE1", "PR", "PRSEQ", "2"],
        [first, "AE1", "PR", "PRSEQ", "3"],
        [first, "AE2", "AE", "AESEQ", "2"],
        [first, "AE2", "CM", "CMSEQ", "2"],
        [other, "AE1", "AE", "AESEQ", "1"],
        [other, "AE1", "PR", "PRSEQ", "1"],
    ]
    assert relrec["RELTYPE"].isna().all()  # only relationships of datasets have it, and no lesion was recorded


def test_a_link_that_leads_nowhere_is_a_finding(build):
    told = build.findings.query("code == 'SDTM-221'")
    assert told[["dataset", "subject", "field", "value"]].values.tolist() == [["PR", "01001", "PRAELN", "2"]]


def test_datasets_are_related_where_all_of_them_are_there(study):
    lesions = """
     SUBJECT | FOLDER | LESNO | LESLOC | LESMETH | LESDAT      | LESSTAT | LESDIAM
     01001   | SCRN   | 1     | LUNG   | CT      | 01 MAR 2025 | M       | 20
    """
    relrec = build_sdtm(raw_forms(study, SUBJ=SUBJECTS, TARGET=lesions), study).datasets["RELREC"]
    assert relrec[["RELID", "RDOMAIN", "IDVAR", "RELTYPE"]].values.tolist() == [
        ["TU-TR", "TU", "TULNKID", "ONE"],
        ["TU-TR", "TR", "TRLNKID", "MANY"],
    ]
    assert relrec[["USUBJID", "IDVARVAL"]].isna().all(axis=None)


def test_relationships_of_datasets_lie_before_those_of_records(study):
    one = pd.DataFrame({"USUBJID": ["01", "01"], "RELID": ["AE1", "AE1"]})
    there = pd.DataFrame({"USUBJID": ["01"]})
    relrec = relate_datasets({"RELREC": one, "TU": there, "TR": there}, study)["RELREC"]
    assert relrec["RELID"].to_list() == ["TU-TR", "TU-TR", "AE1", "AE1"]


def test_a_comment_says_what_it_is_about(build):
    co, ae = build.datasets["CO"], build.datasets["AE"]
    assert co[["RDOMAIN", "IDVAR", "IDVARVAL", "COREF", "COVAL"]].values.tolist() == [
        ["AE", "AESEQ", "1", "ADVERSE EVENTS", "Seen before"]
    ]
    assert ae.loc[ae["AESEQ"] == 1, "AETERM"].iloc[0] == "anaemia"


LONG = [
    # bytes that fit in a piece, text, pieces
    (10, "short", ["short", None, None]),
    (10, "exactly 10", ["exactly 10", None, None]),
    (10, "exactly 10 and more", ["exactly 10", "and more", None]),
    (10, "not at all nice", ["not at all", "nice", None]),
    (10, "broken between words", ["broken", "between", "words"]),
    (10, "unbreakableword", ["unbreakabl", "eword", None]),
    (10, "乏力乏力", ["乏力乏", "力", None]),  # three bytes a character
    (4, "one two three four", ["one", "two", "three four"]),  # the last keeps what is left
    (10, None, [None, None, None]),
]


@pytest.mark.parametrize(("most", "text", "pieces"), LONG)
def test_long_text_goes_on_between_words(most, text, pieces):
    values = table("TEXT\n x")["TEXT"].where([False]) if text is None else table("TEXT\n x")["TEXT"].replace("x", text)
    found = split_into(values, ["A", "A1", "A2"], most).iloc[0]
    assert [None if value != value else value for value in found] == pieces
