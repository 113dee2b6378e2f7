"""pointblank's rules of SDTMIG 3.4 say nothing of our SDTM that the page on known differences does not explain."""

from __future__ import annotations

import pytest

from tests.conformance.differences import KNOWN, PLANTED, in_short, read_rows, stale, unexplained
from tests.conformance.judges import POINTBLANK, ask_pointblank
from tests.conformance.planted import not_found_by_us


def test_it_says_nothing_unknown_of_a_study_without_faults(clean_sdtm):
    complaints = ask_pointblank(clean_sdtm)

    assert in_short(unexplained(complaints, read_rows(KNOWN))) == {}
    assert stale(read_rows(KNOWN), complaints, POINTBLANK) == []


def test_what_it_says_of_faults_we_have_said_before(dirty_sdtm, own_findings):
    complaints = ask_pointblank(dirty_sdtm)

    about_faults = unexplained(complaints, read_rows(KNOWN))
    assert in_short(unexplained(about_faults, read_rows(PLANTED))) == {}
    assert not_found_by_us(about_faults, read_rows(PLANTED), own_findings) == []
    assert stale(read_rows(PLANTED), complaints, POINTBLANK) == []


def _sex_in_words(sdtm):
    return sdtm | {"DM": sdtm["DM"].assign(SEX="Male")}


def _day_before_month(sdtm):
    return sdtm | {"LB": sdtm["LB"].assign(LBDTC="31-12-2025")}


def _no_test_names(sdtm):
    return sdtm | {"VS": sdtm["VS"].assign(VSTEST=None)}


def _no_seriousness(sdtm):
    return sdtm | {"AE": sdtm["AE"].drop(columns="AESER")}


def _no_demographics(sdtm):
    return {name: frame for name, frame in sdtm.items() if name != "DM"}


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (_sex_in_words, "SDTM-007"),
        (_day_before_month, "SDTM-022"),
        (_no_test_names, "SDTM-025"),
        (_no_seriousness, "SDTM-038"),
        (_no_demographics, "SDTM-001"),
    ],
)
def test_it_is_awake(clean_sdtm, broken, rule):
    few = {name: frame.head(20) for name, frame in clean_sdtm.items()}

    assert rule not in {complaint.rule for complaint in ask_pointblank(few)}
    assert rule in {complaint.rule for complaint in ask_pointblank(broken(few))}
