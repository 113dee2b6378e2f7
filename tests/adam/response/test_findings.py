"""Findings: which record each points at, and where it is silent."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.adrs import derive_adrs
from adam.adtr import derive_adtr
from tests.adam.response.histories import date, history, solve, study, together

BASE = "-10 | T01=50 T02=30 NT01=P | \n"
# by name: a history, arguments, and what is told as code, dataset, SEQ, value and expectation
RESPONSES = {
    "agreement": (BASE + "42 | T01=50 T02=30 NT01=P | SD", {}),
    "PR for SD": (BASE + "42 | T01=50 T02=30 NT01=P | TRGRESP=PR PR", {}, "ADAM-401 RS 2 PR SD"),
    "NE for PD": (BASE + "42 | T01=97 NT01=P | NE", {}, "ADAM-401 RS 1 NE PD"),
    "SD where a target is missing": (BASE + "42 | T01=50 NT01=P | SD", {}, "ADAM-401 RS 1 SD NE"),
    "at each assessment": (
        BASE + "42 | T01=50 T02=30 NT01=P | PR\n 84 | T01=50 T02=30 NT01=P | PR", {},
        "ADAM-401 RS 1 PR SD", "ADAM-401 RS 2 PR SD",
    ),
    "no TR, nothing to compare": (BASE + "42 | | PR", {}),
    "CR followed by PR": (
        "-10 | T01=20\n 42 | T01=8 | CR\n 84 | T01=11 | PR\n 126 | T01=11 | PR", {"nodes": "T01"}, "ADAM-406 RS 2 PR",
    ),
    "CR confirmed, then PR": (
        "-10 | T01=20\n 42 | T01=8 | CR\n 84 | T01=8 | CR\n 126 | T01=11 | PR", {"nodes": "T01"}, "ADAM-406 RS 3 PR",
    ),
    "PR followed by CR": ("-10 | T01=20\n 42 | T01=11 | PR\n 84 | T01=8 | CR", {"nodes": "T01"}),
    "equivocal, then unequivocal": (
        BASE + "42 | T01=50 T02=30 NT01=P NEW01=EQ | SD\n 84 | T01=50 T02=30 NT01=P NEW01=UNEQ | PD", {},
        "ADAM-401 RS 1 SD PD", "ADAM-410 TR 7 NEW01",
    ),
    "equivocal for good": (BASE + "42 | T01=50 T02=30 NT01=P NEW01=EQ | SD", {}),
    "assessment after PD": (
        BASE + "42 | T01=97 T02=30 NT01=P | PD\n 84 | T01=97 T02=30 NT01=P | PD", {}, "ADAM-411 RS 2 PD",
    ),
    "assessment after new therapy": (
        BASE + "42 | T01=50 T02=30 NT01=P | SD", {"adsl": {"NACTDT": date(41)}}, "ADAM-411 RS 1 SD",
    ),
    "on the day of new therapy": (BASE + "42 | T01=50 T02=30 NT01=P | SD", {"adsl": {"NACTDT": date(42)}}),
    "no baseline": ("42 | T01=50 | SD", {}, "ADAM-401 RS 1 SD NE", "ADAM-441 TR 1"),
    "no assessment at all": ("-10 | T01=50", {}),
}  # fmt: skip


def told(findings, *columns):
    rows = findings[list(columns)].to_dict("records")
    return sorted(" ".join(str(row[name]) for name in columns).strip() for row in rows)


@pytest.fixture(scope="module")
def answers():
    return solve(RESPONSES)


@pytest.mark.parametrize("name", RESPONSES)
def test_findings_on_responses(name, answers):
    _, findings = answers[name]
    findings = findings.assign(expected=findings["expected"].where(findings["code"] == "ADAM-401", ""))
    assert told(findings, "code", "dataset", "srcseq", "value", "expected") == sorted(RESPONSES[name][2:])


def test_the_difference_is_explained(answers):
    _, findings = answers["PR for SD"]
    (finding,) = findings.to_dict("records")
    assert finding["message"] == (
        "The investigator's overall response is PR; from the lesions as recorded it is SD: "
        "SUM 80.0 MM, BASELINE 80.0 MM (+0.0 MM, +0.0 %). "
        "What decides: T01 50.0 mm on 2025-02-12 (TRSEQ 4); T02 30.0 mm on 2025-02-12 (TRSEQ 5)."
    )
    assert (finding["usubjid"], finding["visit"], finding["variable"]) == ("PR for SD", "VISIT 2", "RSSTRESC")


def test_severity(answers):
    severity = {
        finding["code"]: finding["severity"] for _, found in answers.values() for finding in found.to_dict("records")
    }
    warnings = ["ADAM-401", "ADAM-406", "ADAM-410", "ADAM-441"]
    assert severity == {**dict.fromkeys(warnings, "warning"), "ADAM-411": "info"}


# by name: a history, arguments, and what is told as code, dataset, SEQ and value
LESIONS = {
    "28 days before first dose": ("-28 | T01=50\n 42 | T01=50", {}),
    "29 days before first dose": (
        "-29 | T01=50 NT01=P\n 42 | T01=50", {}, "ADAM-402 TR 1 2024-12-03", "ADAM-402 TR 2 2024-12-03",
    ),
    "one scan too old": ("-10 | T01=50@-40 NT01=P\n 42 | T01=50", {}, "ADAM-402 TR 1 2024-11-22"),
    "an older assessment is no baseline": ("-40 | T01=50\n -10 | T01=50\n 42 | T01=50", {}),
    "five targets": ("-10 | T01=50 T02=50 T03=50 T04=50 T05=50", {}),
    "six targets": ("-10 | T01=50 T02=50 T03=50 T04=50 T05=50 T06=50", {}, "ADAM-408 TU 6 T06"),
    "two nodes": ("-10 | T01=20 T02=20 T03=20", {"nodes": "T01 T02"}),
    "three nodes, all nodes being one organ": (
        "-10 | T01=20 T02=20 T03=20", {"nodes": "T01 T02 T03"}, "ADAM-408 TU 3 T03",
    ),
    "fragments are no further targets": (
        "-10 | T01=50 T02=50 T03=50 T04=50 T05=50\n 42 | T01.1=20 T01.2=20 T02=50 T03=50 T04=50 T05=50", {},
    ),
    "a target that comes later": ("-10 | T01=50\n 42 | T01=50 T02=40\n 84 | T01=50 T02=40", {}, "ADAM-442 TR 3 T02"),
    "a target not measured at baseline": ("-10 | T01=50 T02=ND\n 42 | T01=50 T02=40", {}, "ADAM-443 TU 2 T02"),
    "a new lesion": ("-10 | T01=50\n 42 | T01=50 NEW01=UNEQ", {}),
}  # fmt: skip


def test_findings_on_lesions():
    _, findings = derive_adtr(*together({name: case[:2] for name, case in LESIONS.items()}), study())
    got = {name: told(findings[findings["usubjid"] == name], "code", "dataset", "srcseq", "value") for name in LESIONS}
    assert got == {name: sorted(case[2:]) for name, case in LESIONS.items()}
    assert set(findings["severity"]) == {"warning"}


def test_wrong_axis():
    sdtm, adsl = history("-10 | T01=20 T02=50\n 42 | T01=20 T02=50", nodes="T01")
    tr = sdtm["TR"]
    tr.loc[tr["TRSEQ"] == 3, "TRTESTCD"] = "LDIAM"
    tr.loc[tr["TRSEQ"] == 4, "TRTESTCD"] = "LPERP"
    frame, findings = derive_adtr({**sdtm, "TR": tr}, adsl, study())
    assert told(findings, "code", "srcseq", "value", "expected") == ["ADAM-407 3 LDIAM LPERP", "ADAM-407 4 LPERP LDIAM"]
    assert frame.loc[frame["PARAMCD"] == "SUMDIAM", "AVAL"].tolist() == [70, 70]
    tr["TRTESTCD"] = "DIAMETER"
    assert derive_adtr({**sdtm, "TR": tr}, adsl, study())[1].empty


def test_a_lesion_that_tu_does_not_know():
    sdtm, adsl = history("-10 | T01=50\n 42 | T01=50 T09=40 T09.1=3\n 84 | T01=50 T09=40")
    tu = sdtm["TU"]
    frame, findings = derive_adtr({**sdtm, "TU": tu[~tu["TULNKID"].str.startswith("T09")]}, adsl, study())
    assert told(findings, "code", "srcseq", "value") == ["ADAM-442 3 T09", "ADAM-442 4 T09.1"]
    assert frame.loc[frame["PARAMCD"] == "SUMDIAM", "AVAL"].tolist() == [50, 50, 50]


def test_empty_sdtm_gives_no_finding():
    adsl = pd.DataFrame({"USUBJID": ["S1"], "TRTSDT": [date(0)], "FASFL": ["Y"]})
    assert derive_adtr({}, adsl, study())[1].empty
    frame, findings = derive_adrs({}, adsl, study())
    assert findings.empty
    assert dict(zip(frame["PARAMCD"], frame["AVALC"], strict=True)) == {
        "BOR": "NE", "CBOR": "NE", "RSP": "N", "CRSP": "N", "CB": "N", "CCB": "N", "PD": "N", "DEATH": "N", "MDIS": "N",
        "DBOR": "NE", "DCBOR": "NE", "DCRSP": "N",
    }  # fmt: skip
