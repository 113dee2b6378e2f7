"""Overall responses that no rule uses are told, and nothing else is."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.adrs import derive_adrs
from tests.adam.response.histories import date, study
from tests.tables import table

RECORDS = """
subject | RSTESTCD | RSCAT      | RSEVAL               | RSSTRESC | RSDTC      | found          # why
A       | OVRLRESP | RECIST 1.1 | INVESTIGATOR         | SD       | 2025-02-12 |                # as it should be
A       | OVRLRESP | RECIST 1.1 | INDEPENDENT ASSESSOR | PR       | 2025-02-12 |                # a second reader
B       | OVRLRESP |            |                      | NE       | 2025-02-12 |                # the investigator alone
C       | OVRLRESP | RECIST 1.1 | INVESTIGATOR         |          | 2025-02-12 |                # blank counts as NE
D       | OVRLRESP | RECIST 1.1 | INVESTIGATOR         | Partial Response | 2025-02-12 | D 1 RSSTRESC
D       | OVRLRESP | RECIST 1.1 | INVESTIGATOR         | PR       | 2025-03-26 |
E       | TRGRESP  | RECIST 1.1 | INVESTIGATOR         | Unknown  | 2025-02-12 |                # no overall response
F       | TRGRESP  | IRECIST    | INVESTIGATOR         | SD       | 2025-02-12 |
F       | OVRLRESP | IRECIST    | INVESTIGATOR         | SD       | 2025-02-12 | F 2 RSCAT      # the first one
F       | OVRLRESP | IRECIST    | INVESTIGATOR         | SD       | 2025-03-26 |
G       | OVRLRESP | RECIST 1.1 | INDEPENDENT ASSESSOR | PD       | 2025-02-12 | G 1 RSCAT
H       | OVRLRESP | RECIST 1.1 | INVESTIGATOR         | Unknown  | 2025-06-01 |                # after the cut-off
X       | OVRLRESP | IRECIST    | INVESTIGATOR         | SD       | 2025-02-12 |                # no subject of ADSL
"""


@pytest.fixture(scope="module")
def findings():
    rows = table(RECORDS).rename(columns={"subject": "USUBJID"})
    rows["RSSEQ"] = rows.groupby("USUBJID").cumcount().add(1).astype("float64")
    persons = [person for person in rows["USUBJID"].unique() if person != "X"]
    adsl = pd.DataFrame({"USUBJID": persons, "TRTSDT": date(0), "NACTDT": pd.NaT, "FASFL": "Y", "CUTOFFDT": date(120)})
    return derive_adrs({"RS": rows.drop(columns="found")}, adsl, study())[1]


def test_each_record_that_counts_for_nothing_is_told(findings):
    told = findings[findings["code"] == "ADAM-444"]
    place = told["usubjid"] + " " + told["srcseq"] + " " + told["variable"]
    assert sorted(place) == sorted(table(RECORDS)["found"].dropna())


def test_it_says_why(findings):
    told = findings[findings["code"] == "ADAM-444"].set_index("usubjid")
    none = ", and the subject has none of the investigator by RECIST 1.1."
    assert told["message"].to_dict() == {
        "D": "The overall response 'Partial Response' is not used: it is none of the results that are known.",
        "F": "The overall response 'SD' is not used: its category (RSCAT) is 'IRECIST'" + none,
        "G": "The overall response 'PD' is not used: its evaluator (RSEVAL) is 'INDEPENDENT ASSESSOR'" + none,
    }
    assert told.loc["D", "expected"] == "CR, PR, SD, NON-CR/NON-PD, PD, NE"
