"""The record that dates a response, and which records make one assessment. The cases are in the rule book."""

from __future__ import annotations

import pandas as pd

from adam.adrs import derive_adrs
from tests.adam.response.histories import date, day_of, history, iso, one, solve, study, values

BASE = "-10 | T01=50 T02=30 NT01=P\n"


def test_linked_by_visit_alone():
    adrs, _ = solve({"S": (BASE + "42 | T01=30 T02=20@45 NT01=P | PR", {"link": "visit"})})["S"]
    assert [day_of(one(adrs, paramcd)) for paramcd in ("OVR", "DOVR")] == [45, 45]


def test_sources():
    reasons = "T01=90@41 T02=30@43 NT01=INC@40 NEW01=UNEQ@44 | TRGRESP=PD NTRGRESP=PD NEWLPROG=UNEQUIVOCAL PD"
    answers = solve({
        "several reasons": (BASE + f"42 | {reasons}", {}),
        "the sum": (BASE + "42 | T01=90@40 T02=20@44 NT01=P@50 | TRGRESP=PD PD", {}),
    })  # fmt: skip
    adrs, _ = answers["several reasons"]
    ovr, dovr = one(adrs, "OVR"), one(adrs, "DOVR")
    # RS: TRGRESP 1, NTRGRESP 2, NEWLPROG 3, OVRLRESP 4. TR: baseline 1 to 3, then T01 4, T02 5, NT01 6, NEW01 7.
    assert (ovr["SRCDOM"], ovr["SRCVAR"], ovr["SRCSEQ"], ovr["TRSEQ"]) == ("RS", "RSSTRESC", 4.0, 6.0)
    assert (dovr["SRCDOM"], dovr["SRCVAR"], dovr["SRCSEQ"], dovr["RSLNKGRP"]) == ("TR", "TRSTRESC", 6.0, "A2")
    assert dovr["RSREAS"] == "NON-TARGET NT01 INCREASED"
    adrs, _ = answers["the sum"]
    dovr = one(adrs, "DOVR")
    assert (dovr["SRCVAR"], dovr["SRCSEQ"], day_of(dovr)) == ("TRSTRESN", 5.0, 44)
    assert dovr["RSREAS"] == "SUM 110.0 MM, NADIR 80.0 MM (+30.0 MM, +37.5 %)"
    assert one(adrs, "DBOR")["SRCSEQ"] == 5.0


def test_two_link_groups_in_one_visit():
    """TRLNKGRP, not VISITNUM, makes an assessment."""
    sdtm, adsl = history("-10 | T01=100\n 42 | T01=80 | SD\n 60 | T01=60 | PR")
    for name in ("TR", "RS"):
        sdtm[name]["VISITNUM"] = sdtm[name]["VISITNUM"].clip(upper=20)
    adrs, _ = derive_adrs(sdtm, adsl, study())
    assert (values(adrs, "OVR"), values(adrs, "DOVR")) == ("SD PR", "SD PR")
    assert [day_of(row) for row in adrs[adrs["PARAMCD"] == "OVR"].to_dict("records")] == [42, 60]


def test_a_record_without_link_group_joins_its_visit():
    sdtm, adsl = history("-10 | T01=100\n 42 | T01=80 NEW01=UNEQ | SD")
    sdtm["TR"].loc[sdtm["TR"]["TRLNKID"] == "NEW01", "TRLNKGRP"] = None
    adrs, _ = derive_adrs(sdtm, adsl, study())
    assert values(adrs, "DOVR") == "PD"


def test_rs_without_its_link_group_goes_by_visit():
    sdtm, adsl = history("-10 | T01=100\n 42 | T01=80@45 | SD")
    sdtm["RS"]["RSLNKGRP"] = None
    adrs, _ = derive_adrs(sdtm.copy(), adsl, study())
    assert day_of(one(adrs, "OVR")) == 45


def test_partial_dates():
    """A partial scan date is no date: the other scans, then RSDTC, date the assessment; else it has none."""
    sdtm, adsl = history("-10 | T01=100 T02=100\n 42 | T01=80 T02=80@45 | SD\n 84 | T01=80 T02=80 | SD")
    tr, rs = sdtm["TR"], sdtm["RS"]
    tr.loc[tr["TRDTC"] == iso(45), "TRDTC"] = "2025-02"
    tr.loc[tr["VISITNUM"] == 30, "TRDTC"] = "2025-03"
    adrs, _ = derive_adrs({**sdtm, "TR": tr}, adsl, study())
    assert [day_of(row) for row in adrs[adrs["PARAMCD"] == "OVR"].to_dict("records")] == [42, 84]
    undated = rs.assign(RSDTC=rs["RSDTC"].replace(iso(84), "2025"))
    adrs, _ = derive_adrs({**sdtm, "TR": tr, "RS": undated}, adsl, study())
    ovr = adrs[adrs["PARAMCD"] == "OVR"].sort_values("AVISITN")
    assert ovr["ADT"].tolist() == [date(42), pd.NaT]
    assert ovr["ANL01FL"].fillna("-").tolist() == ["Y", "-"]
    assert values(adrs, "DOVR") == "SD SD"


def test_records_of_other_readers_are_left_out():
    sdtm, adsl = history("-10 | T01=100\n 42 | T01=80 | SD")
    for name in ("TU", "TR", "RS"):
        other = sdtm[name].assign(**{f"{name}EVAL": "INDEPENDENT ASSESSOR"})
        other = other.assign(RSSTRESC="PD") if name == "RS" else other
        sdtm[name] = pd.concat([other, sdtm[name]], ignore_index=True)
    ecog = sdtm["RS"].tail(1).assign(RSCAT="ECOG", RSTESTCD="OVRLRESP", RSSTRESC="1")
    adrs, _ = derive_adrs({**sdtm, "RS": pd.concat([sdtm["RS"], ecog], ignore_index=True)}, adsl, study())
    assert (values(adrs, "OVR"), values(adrs, "DOVR")) == ("SD", "SD")
