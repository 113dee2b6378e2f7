"""Whose records of TU, TR and RS are read."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.adrs import derive_adrs
from adam.adtr import derive_adtr
from adam.rules.lesions import is_read
from specs.models import ReaderSpec
from tests.adam.response.histories import history, study, values
from tests.adam.subject.conftest import with_parameter
from tests.tables import table

INDEPENDENT = "INDEPENDENT ASSESSOR"
READERS = {
    "INV": ReaderSpec(evaluator="INVESTIGATOR"),
    "IND": ReaderSpec(evaluator=INDEPENDENT),
    "ONE": ReaderSpec(evaluator=INDEPENDENT, evaluator_id="RADIOLOGIST 1"),
    "ACC": ReaderSpec(evaluator=INDEPENDENT, accepted=True),
}
RECORDS = """
TREVAL               | TREVALID      | TRACPTFL | BY          # why
INVESTIGATOR         |               |          | INV
                     |               |          | INV         # blank: the investigator alone reads
                     | RADIOLOGIST 1 | Y        | INV         # an identifier alone names no kind of reader
INDEPENDENT ASSESSOR | RADIOLOGIST 1 | Y        | IND ONE ACC
INDEPENDENT ASSESSOR | RADIOLOGIST 1 |          | IND ONE     # another reading was accepted
INDEPENDENT ASSESSOR | RADIOLOGIST 2 | Y        | IND ACC
INDEPENDENT ASSESSOR |               | N        | IND
ADJUDICATOR          |               | Y        |
"""


@pytest.mark.parametrize("name", READERS)
def test_each_record_has_its_readers(name):
    records = table(RECORDS)
    read = is_read(records, "TR", READERS[name])
    expected = records["BY"].fillna("").str.split().apply(lambda names: name in names)
    pd.testing.assert_series_equal(read, expected, check_names=False, check_dtype=False)


# one subject's scans as two readers see them; only the second finds a new lesion
SEEN = {
    "INV": """
        -7  | T1=40 T2=20
        42  | T1=20 T2=10 | PR
        84  | T1=20 T2=10 | PR
    """,
    "ONE": """
        -7  | T1=40
        42  | T1=39         | SD
        84  | T1=38 NEW1=EQ | SD
    """,
}
ANSWERS = """
reader | OVR   | DOVR  | SUMDIAM  # why
INV    | PR PR | PR PR | 60 30 30 # the investigator
ONE    | SD SD | SD SD | 40 39 38 # the radiologist, who chose other lesions
"""


@pytest.fixture(scope="module")
def two_readers():
    """SDTM and ADSL of the subject: each reader's records, numbered on."""
    (sdtm, adsl), (other, _) = (history(SEEN[name]) for name in ("INV", "ONE"))
    domains = {}
    for domain, own in sdtm.items():
        read = other[domain].assign(**{f"{domain}EVAL": INDEPENDENT, f"{domain}EVALID": "RADIOLOGIST 1"})
        read[f"{domain}SEQ"] += len(own)
        domains[domain] = pd.concat([own, read], ignore_index=True)
    return domains, adsl


@pytest.mark.parametrize("case", table(ANSWERS).to_dict("records"), ids=lambda case: case["reader"])
def test_response_is_that_of_the_studys_reader(two_readers, case):
    by_reader = with_parameter(study(), "response", reader=READERS[case["reader"]])
    adrs, _ = derive_adrs(*two_readers, by_reader)
    adtr, _ = derive_adtr(*two_readers, by_reader)
    sums = adtr[adtr["PARAMCD"] == "SUMDIAM"].sort_values("ADT")
    assert values(adrs, "OVR") == case["OVR"]
    assert values(adrs, "DOVR") == case["DOVR"]
    assert " ".join(f"{size:g}" for size in sums["AVAL"]) == case["SUMDIAM"]


def test_a_reader_who_recorded_nothing_has_no_response(two_readers):
    nobody = with_parameter(study(), "response", reader=ReaderSpec(evaluator="ADJUDICATOR"))
    adrs, findings = derive_adrs(*two_readers, nobody)
    assert values(adrs, "OVR") == ""
    assert values(adrs, "DOVR") == ""
    (told,) = findings.loc[findings["code"] == "ADAM-444", "message"]
    assert "the subject has none of the ADJUDICATOR by RECIST 1.1" in told
