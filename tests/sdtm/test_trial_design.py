"""TA, TE, TI, TS, TV: from the specs, and what the whole study tells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from sdtm import build_sdtm, derive_trial_design
from sdtm.trial_summary import Given, summarise_trial
from specs import load_study
from specs.errors import SpecError
from specs.loader import find_study
from specs.trial import SummaryValue, TrialDesign
from tests.sdtm.raw import raw_forms
from tests.sdtm.test_domains import FORMS
from tests.tables import table

DM = """
 USUBJID | ARMCD | RFICDTC
 1       | DL1   | 2025-03-04
 2       | RP2D  | 2025-02-11
 3       |       | 2025-01-01    # a screen failure
 4       | DL1   | 2025-02       # partial
"""
ENDED = """
 USUBJID | SEENDTC
 1       | 2025-03-10
 1       | 2025-09-01
 2       | 2025-08-11
 3       | 2025-01-08
 4       | 2025-05-30
"""
ONGOING = "USUBJID | SEENDTC\n 1 | 2025-03-10\n 1 |\n 2 | 2025-08-11\n 3 | 2025-01-08\n 4 | 2025-05-30"
LAST_PARTIAL = "USUBJID | SEENDTC\n 1 | 2025-09-01\n 2 | 2025-08-11\n 3 | 2025-01-08\n 4 | 2025-05"
SUMMARY = [
    # what is stated, the subjects' ends -> TSVAL, TSVALNF, TSVALCD, TSVCDREF, TSVCDVER
    ({"value": "ONCOLOGY"}, ENDED, ("ONCOLOGY", "", "", "", "")),
    ({"value": "N", "code": "C49487", "dictionary": "CDISC CT"}, ENDED, ("N", "", "C49487", "CDISC CT", "2022-09-30")),
    ({"value": "X", "code": "1", "dictionary": "SNOMED", "version": "7"}, ENDED, ("X", "", "1", "SNOMED", "7")),
    ({"value": "P{response_sd_min_days}D", "dictionary": "ISO 8601"}, ENDED, ("P42D", "", "", "ISO 8601", "")),
    ({"derive": "actual_subjects", "null_flavor": "NAV"}, ENDED, ("3", "", "", "", "")),
    (
        {"derive": "study_start", "null_flavor": "NAV", "dictionary": "ISO 8601"},
        ENDED,
        ("2025-02-11", "", "", "ISO 8601", ""),
    ),
    (
        {"derive": "study_end", "null_flavor": "NAV", "dictionary": "ISO 8601"},
        ENDED,
        ("2025-09-01", "", "", "ISO 8601", ""),
    ),
    ({"derive": "planned_arms", "null_flavor": "UNK"}, ENDED, ("3", "", "", "", "")),
    # participation goes on, or its end is not known to the day: no reference terminology without a value
    ({"derive": "study_end", "null_flavor": "NAV", "dictionary": "ISO 8601"}, ONGOING, ("", "NAV", "", "", "")),
    ({"derive": "study_end", "null_flavor": "NAV"}, LAST_PARTIAL, ("", "NAV", "", "", "")),
    ({"null_flavor": "PINF"}, ENDED, ("", "PINF", "", "", "")),
    ({"null_flavor": "UNK"}, ENDED, ("", "UNK", "", "", "")),
]
QUALIFIERS = ["TSVAL", "TSVALNF", "TSVALCD", "TSVCDREF", "TSVCDVER"]


@pytest.mark.parametrize(("stated", "ends", "expected"), SUMMARY)
def test_summary_values(study, stated, ends, expected):
    trial = TrialDesign(elements={}, arms={}, summary={"REGID": [SummaryValue(**stated)]})
    row = summarise_trial(Given({"DM": table(DM), "SE": table(ends)}, study, trial)).iloc[0]
    assert tuple(row[QUALIFIERS].fillna("")) == expected


def test_nothing_is_derived_from_no_subjects(study):
    values = [SummaryValue(derive=name, null_flavor="NAV") for name in ("actual_subjects", "study_start", "study_end")]
    trial = TrialDesign(elements={}, arms={}, summary={"REGID": values})
    found = summarise_trial(Given({}, study, trial))
    assert found["TSVALNF"].tolist() == ["NAV"] * 3
    assert found["TSSEQ"].tolist() == [1.0, 2.0, 3.0]


FAULTS = [
    {},
    {"value": "N", "null_flavor": "UNK"},
    {"derive": "study_start"},
    {"value": "N", "derive": "study_start"},
    {"value": "N", "code": "C49487"},
    {"null_flavor": "UNKNOWN"},
    {"null_flavor": "UNK", "dictionary": "CDISC CT"},
]


@pytest.mark.parametrize("stated", FAULTS)
def test_a_value_or_a_reason_why_there_is_none(stated):
    with pytest.raises(ValueError, match=r"summary|null_flavor|code|UNK"):
        SummaryValue(**stated)


@pytest.fixture(scope="module")
def built(study):
    return build_sdtm(raw_forms(study, **FORMS), study).datasets


def test_registry_numbers_are_not_invented(built):
    ts = built["TS"].set_index("TSPARMCD")
    assert ts.loc[["REGID", "SPONSOR", "PLANSUB"], "TSVAL"].isna().all()
    assert ts.loc[["REGID", "SPONSOR", "PLANSUB"], "TSVALNF"].tolist() == ["UNK"] * 3


def test_every_summary_value_is_there_or_says_why_not(built):
    ts = built["TS"]
    assert (ts["TSVAL"].notna() != ts["TSVALNF"].notna()).all()
    assert not ts.duplicated(["TSPARMCD", "TSSEQ"]).any()
    assert ts["TSVAL"].str.len().max() <= 200
    long = ts[ts["TSVAL1"].notna()].iloc[-1]
    assert f"{long['TSVAL']} {long['TSVAL1']}".endswith("up to ~53 months")


def test_arms_and_elements_agree_with_the_subjects(built, study):
    ta, te, dm, se = (built[name] for name in ("TA", "TE", "DM", "SE"))
    assert set(ta["ETCD"]) == set(te["ETCD"])
    assert dict(zip(ta["ARMCD"], ta["ARM"], strict=True)) == {code: arm.arm for code, arm in study.study.arms.items()}
    assert set(dm["ARMCD"].dropna()) <= set(ta["ARMCD"])
    assert set(se["ETCD"]) - {"UNPLAN"} <= set(te["ETCD"])
    assert set(se["EPOCH"]) <= set(ta["EPOCH"])
    assert ta.loc[ta["ARMCD"] == "DL2", ["TAETORD", "ETCD", "EPOCH"]].values.tolist() == [
        [1, "SCREEN", "SCREENING"], [2, "DL2", "TREATMENT"], [3, "FU", "FOLLOW-UP"],
    ]  # fmt: skip


def test_planned_visits_are_those_of_the_trial(built):
    tv, sv = built["TV"].set_index("VISITNUM"), built["SV"]
    assert tv.index.is_unique
    planned = sv[sv["SVPRESP"] == "Y"]
    assert (planned["VISITNUM"].map(tv["VISIT"]) == planned["VISIT"]).all()
    assert not sv.loc[sv["SVPRESP"].isna(), "VISITNUM"].isin(tv.index).any()
    assert tv.loc[[10, 40, 70, 135], "VISITDY"].tolist() == [1, 22, 43, 85]
    assert tv.loc[70, ["VISIT", "TVSTRL"]].tolist() == [
        "CYCLE 3 DAY 1", "Day 43, 3 days before to 3 days after, while treatment goes on",
    ]  # fmt: skip
    assert tv["ARMCD"].isna().all()


def test_the_trial_design_is_the_same_without_subjects(built, study):
    alone = derive_trial_design({}, study)
    for name in ("TA", "TE", "TI", "TV"):
        pd.testing.assert_frame_equal(alone[name], built[name])
    assert "RELREC" not in alone


def test_criteria_not_met_have_the_words_of_the_trial(study):
    subjects = "SUBJECT | ENRYN\n 01001 | N\n 01002 | N"
    criteria = """
     SUBJECT | IEYN | IECAT | IETESTCD | IETEST
     01001   | N    | INC   | I05      | one lesion
     01002   | N    | EXC   | E99      | No such criterion
    """
    found = build_sdtm(raw_forms(study, SUBJ=subjects, IE=criteria), study)
    ie, ti = found.datasets["IE"], found.datasets["TI"]
    assert ie[["IETESTCD", "IETEST"]].values.tolist() == [
        ["I05", "At least one lesion that can be evaluated by RECIST 1.1"],
        ["E99", "No such criterion"],
    ]
    assert ti.loc[ti["IETESTCD"] == "I05", "IETEST"].tolist() == [ie["IETEST"].iloc[0]]
    told = found.findings.query("code == 'SDTM-222'")
    assert told[["subject", "field", "value"]].values.tolist() == [["01002", "IETESTCD", "E99"]]


SAME_START = "dose level 1: QL1706 5 mg/kg, lenvatinib 8 mg"
BROKEN = [
    ("trial.yaml", "DL2:\n    - {<<: *SCREENING", "DL7:\n    - {<<: *SCREENING", "no arm of study.yaml 'DL7'"),
    ("trial.yaml", "element: SCREEN, epoch", "element: SCREAM, epoch", "no element 'SCREAM'"),
    ("trial.yaml", "epoch: TREATMENT", "epoch: TREATEMENT", "no epoch in codelist EPOCH 'TREATEMENT'"),
    ("trial.yaml", "among: [EX.EXENDTC]", "among: [EX.EXENDTX]", "no variable 'EX.EXENDTX'"),
    ("trial.yaml", "  REGID:", "  REGIDD:", "'REGIDD'"),
    ("trial.yaml", "{response_confirm_days}", "{response_confirm}", "no study parameter 'response_confirm'"),
    ("trial.yaml", "dose level 2: QL1706 5 mg/kg, lenvatinib 12 mg", SAME_START, "Another element has the same"),
    ("study.yaml", ', starts: "30 days after the last dose"', "", "does not say when it starts"),
    ("relations.yaml", "by: AELINE", "by: AELINES", "no variable of PR 'AELINES'"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "was", "now", "fact"), BROKEN)
def test_faults_of_the_design_are_refused_at_load(tmp_path, file, was, now, fact):
    folder = tmp_path / "study"
    shutil.copytree(find_study("ql1706"), folder)
    path = Path(folder, file)
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        load_study(str(folder))
    assert fact in str(refused.value)


def test_an_epoch_needs_a_trial_design(tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(find_study("ql1706"), folder)
    Path(folder, "trial.yaml").unlink()
    with pytest.raises(SpecError, match=r"the study has no trial\.yaml"):
        build_sdtm({}, load_study(str(folder)))
