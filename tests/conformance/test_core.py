"""CDISC CORE says nothing of our SDTM that the page on known differences does not explain.

CORE is not a dependency: CDISC_FLOWS_CORE names the command that runs it, see docs/conformance.md.
"""

from __future__ import annotations

import os

import pandas as pd
import pytest

from tests.conformance.differences import KNOWN, PLANTED, Complaint, in_short, read_rows, stale, unexplained
from tests.conformance.judges import CORE, ask_core, read_core_report, tabulations
from tests.conformance.planted import not_found_by_us

COMMAND = os.environ.get("CDISC_FLOWS_CORE", "")
asks_core = [
    pytest.mark.core,
    pytest.mark.skipif(not COMMAND, reason="CDISC_FLOWS_CORE names no command that runs CDISC CORE"),
]


class TestAsked:
    pytestmark = asks_core

    def test_it_says_nothing_unknown_of_a_study_without_faults(self, published_clean, clean_sdtm, tmp_path):
        complaints = ask_core(COMMAND, tabulations(published_clean), tmp_path / "core", clean_sdtm)

        assert in_short(unexplained(complaints, read_rows(KNOWN))) == {}
        assert stale(read_rows(KNOWN), complaints, CORE) == []

    def test_what_it_says_of_faults_we_have_said_before(self, published, dirty_sdtm, own_findings, tmp_path):
        complaints = ask_core(COMMAND, tabulations(published), tmp_path / "core", dirty_sdtm)

        about_faults = unexplained(complaints, read_rows(KNOWN))
        assert in_short(unexplained(about_faults, read_rows(PLANTED))) == {}
        assert not_found_by_us(about_faults, read_rows(PLANTED), own_findings) == []
        assert stale(read_rows(PLANTED), complaints, CORE) == []


FRAMES = {"AE": pd.DataFrame({"USUBJID": ["01", "02"]})}
REPORTS = {
    "of CORE's command line": {
        "Issue_Details": [
            {"core_id": "CORE-000356", "dataset": "ae.xpt", "USUBJID": "", "row": 2},
            {"core_id": "CORE-000657", "dataset": "ae.xpt", "USUBJID": "01", "row": 1},
            {"core_id": "CORE-000699", "dataset": "lb.xpt", "USUBJID": "N/A", "row": 0},
            {"core_id": "CORE-000929", "dataset": "ae.xpt", "USUBJID": "", "row": ""},
        ]
    },
    "one list of rules": {
        "rules": [
            {"rule": "CORE-000356", "datasets": [{"dataset": "AE", "rows": [{"dataset": "AE", "row": 2}]}]},
            {"rule": "CORE-000657", "datasets": [{"dataset": "DM", "rows": [{"dataset": "AE", "USUBJID": "01"}]}]},
            {"rule": "CORE-000699", "datasets": [{"dataset": "LB", "rows": [{"dataset": "N/A", "USUBJID": "N/A"}]}]},
            {"rule": "CORE-000929", "errors": [{"dataset": "AE", "message": "no define.xml"}]},
            {"rule": "CORE-000930", "datasets": []},
        ]
    },
}


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS.keys())
def test_a_report_is_read(report):
    complaints = read_core_report(report, FRAMES)
    assert [(str(c), c.usubjid) for c in complaints] == [
        ("CORE CORE-000356 AE", "02"),
        ("CORE CORE-000657 AE", "01"),
        ("CORE CORE-000699 LB", ""),
        ("CORE CORE-000929 AE", ""),
    ]
    assert complaints[0] == Complaint(CORE, "CORE-000356", "AE")
