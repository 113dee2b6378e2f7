"""The page on known differences can be read, and what it does not explain or explains in vain is told."""

from __future__ import annotations

import pandas as pd
import pytest

from specs.findings import catalogue
from tests.conformance.differences import KNOWN, PLANTED, Complaint, read_rows, stale, unexplained
from tests.conformance.planted import not_found_by_us

PAGE = """
## Known differences

| judge | rule | datasets | why |
|---|---|---|---|
| J | R1 | AE, CM | why |
| J | R2 | all | why |

## Else

| a | b |
"""


@pytest.mark.parametrize(
    ("complaint", "is_explained"),
    [
        (Complaint("J", "R1", "AE"), True),
        (Complaint("J", "R1", "DM"), False),
        (Complaint("J", "R2", "DM"), True),
        (Complaint("J", "R3", "AE"), False),
        (Complaint("K", "R1", "AE"), False),
    ],
)
def test_explained(complaint, is_explained):
    assert unexplained([complaint], read_rows(KNOWN, PAGE)) == ([] if is_explained else [complaint])


def test_stale():
    rows = read_rows(KNOWN, PAGE)
    assert stale(rows, [], "J") == ["R1 AE", "R1 CM", "R2 all"]
    assert stale(rows, [Complaint("J", "R1", "CM"), Complaint("J", "R2", "DM")], "J") == ["R1 AE"]
    assert stale(rows, [], "K") == []


@pytest.mark.parametrize("row", ["| J | R1 | AE | |", "| J | R1 | AE |"])
def test_a_row_without_a_reason_is_refused(row):
    with pytest.raises(ValueError, match="last cell"):
        read_rows(KNOWN, PAGE.replace("| J | R2 | all | why |", row))


def test_a_complaint_needs_our_own_finding_on_its_subject():
    rows = read_rows(KNOWN, PAGE.replace("| AE, CM | why", "| AE, CM | CHK-301, SDTM-201"))
    findings = pd.DataFrame({"code": ["SDTM-201", "CHK-302"], "usubjid": ["01", "02"]})
    complaints = [Complaint("J", "R1", "AE", subject) for subject in ("01", "02", "")]
    assert not_found_by_us(complaints, rows, findings) == ["J R1 AE 02: none of CHK-301, SDTM-201"]


def test_a_rule_that_compares_subjects_needs_our_own_finding_on_one_of_them():
    rows = read_rows(KNOWN, PAGE.replace("| AE, CM | why", "| AE | SDTM-222* |\n| J | R1 | CM | SDTM-223*"))
    findings = pd.DataFrame({"code": ["SDTM-222"], "usubjid": ["01"]})
    complaints = [Complaint("J", "R1", "AE", "02"), Complaint("J", "R1", "CM", "02")]
    assert not_found_by_us(complaints, rows, findings) == ["J R1 CM 02: none of SDTM-223*"]


def test_the_page_names_findings_that_exist():
    named = {code.strip().rstrip("*") for row in read_rows(PLANTED) for code in row.cell.split(",")}
    assert named - set(catalogue()) == set()
