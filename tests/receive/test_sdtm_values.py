"""Values, arms and qualifiers of finished SDTM: what is refused, what is told and where, and what is neither."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flows.receive.sdtm_dates import look_at_dates
from flows.receive.sdtm_qualifiers import look_at_qualifiers
from flows.receive.sdtm_subjects import look_at_subjects
from flows.receive.sdtm_values import look_at_values

DL1 = "Phase Ib: QL1706 5 mg/kg + Lenvatinib 8 mg"


def sound() -> dict[str, pd.DataFrame]:
    """Two treated subjects and a screen failure."""
    return {
        "DM": pd.DataFrame(
            {
                "USUBJID": ["S1", "S2", "S3"], "AGE": [60.0, 0.0, np.nan], "SEX": ["M", "F", "U"],
                "ARMCD": ["DL1", "DL1", None], "ACTARMCD": ["DL1", "DL1", None],
                "ARM": [DL1, DL1, None], "ACTARM": [DL1, DL1, None], "DTHFL": ["Y", None, None],
            }
        ),
        "EX": pd.DataFrame({"USUBJID": ["S1", "S2"], "EXSEQ": [1.0, 1.0], "EXDOSE": [5.0, 0.0]}),
        "AE": pd.DataFrame(
            {
                "USUBJID": ["S1", "S1", "S2"], "AESEQ": [1.0, 2.0, 1.0], "AETOXGR": ["1", "5", None],
                "AESTDTC": ["2025-03-01T09:00", "2025-03", "2025-03-05"],
                "AEENDTC": ["2025-03-01T08", "2025-02-01", None],
            }
        ),
        "LB": pd.DataFrame(
            {
                "USUBJID": ["S1", "S1", "S2"], "LBSEQ": [1.0, 2.0, 1.0], "LBTESTCD": ["ALT", "NEUT", "ALT"],
                "LBSTRESN": [20.0, 0.0, np.nan], "LBSTRESU": ["U/L", "10^9/L", None],
            }
        ),
        "TR": pd.DataFrame(
            {
                "USUBJID": ["S1", "S1", "S1"], "TRSEQ": [1.0, 2.0, 3.0], "TRTESTCD": ["LDIAM", "LPERP", "TUMSTATE"],
                "TRSTRESN": [20.0, 0.0, np.nan], "TRSTRESU": ["mm", None, None],
            }
        ),
        "DS": pd.DataFrame({"USUBJID": ["S1"], "DSSEQ": [1.0], "DSDECOD": ["ENROLLED"]}),
        "SUPPAE": pd.DataFrame(
            {
                "USUBJID": ["S1", "S1"], "IDVAR": ["AESEQ", "AESEQ"], "IDVARVAL": ["1", "2.0"],
                "QNAM": ["AEDLT", "AEDLT"], "QVAL": ["Y", "Y"],
            }
        ),
        "SUPPDM": pd.DataFrame(
            {"USUBJID": ["S1"], "IDVAR": [None], "IDVARVAL": [None], "QNAM": ["X"], "QVAL": ["1"]}, dtype="str"
        ),
    }  # fmt: skip


def as_read(frame: pd.DataFrame) -> pd.DataFrame:
    texts = {name: "category" for name in frame if not pd.api.types.is_numeric_dtype(frame[name])}
    return frame.astype(texts)


def look(datasets, study):
    """Problems as `code place`, findings as `code dataset.variable subject seq value`, and the findings' facts."""
    read = {name: as_read(frame) for name, frame in datasets.items()}
    variables = {name: frozenset(frame) for name, frame in read.items()}
    looks = [look_at_subjects(read, study), look_at_values(read, study), look_at_qualifiers(read, variables, study)]
    _, refused, told = look_at_dates(read, {name: f"{name.lower()}.parquet" for name in read})
    problems = [problem for some, _ in [*looks, (refused, told)] for problem in some]
    findings = pd.concat([*(told for _, told in looks), told], ignore_index=True)
    findings = findings[findings["value"] != "X"]  # the qualifier of DM that the specs do not know
    lines = findings["code"] + " " + findings["dataset"] + "." + findings["variable"] + " " + findings["usubjid"]
    lines += " " + findings["srcseq"] + " " + findings["value"]
    return problems, lines.str.split().str.join(" ").to_list(), findings


def test_sound_sdtm_has_nothing_against_it(study):
    problems, lines, _ = look(sound(), study)
    assert (problems, lines) == ([], [])


def put(dataset, row, **values):
    def change(datasets):
        for name, value in values.items():
            datasets[dataset][name] = datasets[dataset][name].astype("object")
            datasets[dataset].loc[row, name] = value
            if isinstance(value, float):
                datasets[dataset][name] = datasets[dataset][name].astype("float64")

    return change


def twice(datasets):
    datasets["SUPPAE"] = datasets["SUPPAE"].iloc[[0, 1, 0]].reset_index(drop=True)


REFUSED = {
    # what is done                       -> code and place, words
    "arm of no study": (put("DM", 0, ARMCD="DL9"), "GATE-214 DM.ARMCD", ["'DL9'", "did you mean 'DL2' or 'DL1'"]),
    "actual arm in small letters": (put("DM", 0, ACTARMCD="dl1"), "GATE-214 DM.ACTARMCD", ["1 subject(s)", "'DL1'"]),
    "death in words": (put("DM", 0, DTHFL="yes"), "GATE-215 DM.DTHFL", ["'yes'", "Y or blank"]),
    "death in small letters": (put("DM", 0, DTHFL="y"), "GATE-215 DM.DTHFL", ["'y'"]),
    "no death, said": (put("DM", 1, DTHFL="N"), "GATE-215 DM.DTHFL", ["1 subject(s) have 'N'"]),
    "infinite dose": (put("EX", 0, EXDOSE=np.inf), "GATE-213 EX.EXDOSE", ["1 value(s)"]),
    "infinite result": (put("LB", 0, LBSTRESN=-np.inf), "GATE-213 LB.LBSTRESN", ["infinite"]),
    "infinite diameter": (put("TR", 0, TRSTRESN=np.inf), "GATE-213 TR.TRSTRESN", ["infinite"]),
    "infinite age": (put("DM", 0, AGE=np.inf), "GATE-213 DM.AGE", ["infinite"]),
    "diameter in cm": (put("TR", 0, TRSTRESU="cm"), "GATE-217 TR.TRSTRESU", ["1 of 1", "'cm'", "not in mm"]),
    "qualifier without a record": (
        put("SUPPAE", 1, IDVARVAL="3"), "GATE-216 SUPPAE.IDVARVAL", ["S1, AESEQ 3, AEDLT"],
    ),
    "qualifier of another's record": (put("SUPPAE", 1, USUBJID="S2"), "GATE-216 SUPPAE.IDVARVAL", ["S2, AESEQ 2"]),
    "qualifier of no number": (put("SUPPAE", 0, IDVARVAL="one"), "GATE-216 SUPPAE.IDVARVAL", ["AESEQ one"]),
    "qualifier by a variable that is none": (
        put("SUPPAE", 0, IDVAR="AESEQQ"), "GATE-216 SUPPAE.IDVAR", ["AESEQQ", "did you mean 'AESEQ'"],
    ),
    "qualifier twice": (twice, "GATE-204 SUPPAE", ["USUBJID S1, IDVAR AESEQ, IDVARVAL 1, QNAM AEDLT"]),
}  # fmt: skip


@pytest.mark.parametrize(("change", "place", "words"), REFUSED.values(), ids=REFUSED)
def test_what_no_analysis_can_rest_on_is_refused(study, change, place, words):
    datasets = sound()
    change(datasets)
    problems, _, _ = look(datasets, study)
    assert [f"{problem.code} {problem.place}" for problem in problems] == [place]
    for word in words:
        assert word in str(problems[0])
    assert problems[0].next_step


TOLD = {
    # what is done                    -> findings, and what is expected
    "grade 6": (put("AE", 1, AETOXGR="6"), ["RAW-141 AE.AETOXGR S1 2 6"], "one of 1, 2, 3, 4, 5"),
    "sex by its synonym": (put("DM", 0, SEX="male"), ["RAW-141 DM.SEX S1 male"], "M"),
    "term in small letters of a list that may be extended": (
        put("DS", 0, DSDECOD="enrolled"), ["RAW-141 DS.DSDECOD S1 1 enrolled"], "ENROLLED",
    ),
    "term with a blank before it": (
        put("DS", 0, DSDECOD=" ENROLLED"), ["RAW-141 DS.DSDECOD S1 1 ENROLLED"], "ENROLLED",
    ),
    "term that a list may be extended by": (
        put("DS", 0, DSDECOD="ENROLED"), ["RAW-142 DS.DSDECOD S1 1 ENROLED"], "did you mean 'ENROLLED'?",
    ),
    "millimetres in capitals, which are millimetres": (
        put("TR", 0, TRSTRESU="MM"), ["RAW-141 TR.TRSTRESU S1 1 MM"], "mm",
    ),
    "negative dose": (put("EX", 1, EXDOSE=-5.0), ["RAW-143 EX.EXDOSE S2 1 -5"], "0 or more"),
    "negative result": (put("LB", 1, LBSTRESN=-0.1), ["RAW-143 LB.LBSTRESN S1 2 -0.1"], "0 or more"),
    "negative diameter": (put("TR", 0, TRSTRESN=-20.0), ["RAW-143 TR.TRSTRESN S1 1 -20"], "0 or more"),
    "negative age": (put("DM", 0, AGE=-60.0), ["RAW-143 DM.AGE S1 -60"], "0 or more"),
    "two units of a test": (put("LB", 2, LBSTRESU="ukat/L"), ["RAW-144 LB.LBSTRESU S2 1 ukat/L"], "U/L"),
    "name of another arm": (put("DM", 1, ACTARM="Arm B"), ["RAW-145 DM.ACTARM S2 Arm B"], DL1),
    "arm without doses": (
        lambda d: d.update(EX=d["EX"].iloc[:1]), ["RAW-146 DM.ACTARMCD S2 DL1"],
        "doses of every subject with an actual arm, and an arm of every subject with doses",
    ),
    "doses without an arm": (
        put("EX", 1, USUBJID="S3", EXDOSE=8.0), ["RAW-146 DM.ACTARMCD S2 DL1", "RAW-146 DM.ACTARMCD S3"],
        "doses of every subject with an actual arm, and an arm of every subject with doses",
    ),
    "qualifier by another variable": (
        put("SUPPAE", 0, IDVAR="AETOXGR"), ["RAW-147 SUPPAE.IDVAR S1 AETOXGR"], "AESEQ",
    ),
    "qualifier in small letters": (
        put("SUPPAE", 0, QNAM="aedlt"), ["RAW-148 SUPPAE.QNAM S1 aedlt"], "did you mean 'AEDLT' or 'AEDTHDTC'?",
    ),
    "qualifier that ends in a digit": (put("SUPPAE", 0, QNAM="AETREM1"), ["RAW-148 SUPPAE.QNAM S1 AETREM1"], ""),
    "day that is none": (
        put("AE", 0, AESTDTC="2025-02-30"), ["RAW-126 AE.AESTDTC '2025-02-30'"],
        "dates such as 2025-03-01, 2025-03 or 2025-03-01T08:30",
    ),
    "hour that is none": (
        put("AE", 0, AESTDTC="2025-03-01T25:00"), ["RAW-126 AE.AESTDTC '2025-03-01T25:00'"],
        "dates such as 2025-03-01, 2025-03 or 2025-03-01T08:30",
    ),
    "end before start": (
        put("AE", 0, AEENDTC="2025-02-28"), ["RAW-149 AE.AEENDTC S1 1 2025-02-28"], "on or after 2025-03-01T09:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "expected", "wanted"), TOLD.values(), ids=TOLD)
def test_what_stays_as_it_is_is_told(study, change, expected, wanted):
    datasets = sound()
    change(datasets)
    problems, lines, findings = look(datasets, study)
    assert problems == []
    assert lines == expected
    assert set(findings["expected"]) == {wanted}
    assert (findings["message"] != "").all()
    assert (findings["next_step"] != "").all()


NEAR = {
    "qualifier with the second part of a text": put("SUPPAE", 0, QNAM="AETERM1"),
    "qualifier with a date as it was collected": put("SUPPAE", 0, QNAM="AESTDTX"),
    "screen failure by its code of old": put("DM", 2, ARMCD="SCRNFAIL", ACTARMCD="Scrnfail"),
    "unit of what is no diameter": put("TR", 2, TRSTRESU="mm"),
    "one end on the day of the start": put("AE", 0, AEENDTC="2025-03-01"),
    "day not known, with a time": put("AE", 1, AESTDTC="2025-03--T10:-"),
    "leap day": put("AE", 1, AESTDTC="2024-02-29", AEENDTC="2024-03-01T23:59:59.5"),
}


@pytest.mark.parametrize("change", NEAR.values(), ids=NEAR)
def test_what_only_looks_like_it_is_not_told(study, change):
    datasets = sound()
    change(datasets)
    problems, lines, _ = look(datasets, study)
    assert problems == []
    assert lines == []


def test_many_such_values_are_one_finding_a_subject_or_text_whatever_the_order(study):
    datasets = sound()
    datasets["LB"] = datasets["LB"].assign(LBSTRESN=[-2.0, -1.0, -3.0])
    datasets["AE"] = datasets["AE"].assign(AETOXGR=["6", "6", "6"])
    turned = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in datasets.items()}
    for given in (datasets, turned):
        _, lines, findings = look(given, study)
        assert sorted(lines) == [
            "RAW-141 AE.AETOXGR S1 1 6", "RAW-143 LB.LBSTRESN S1 1 -2", "RAW-143 LB.LBSTRESN S2 1 -3",
        ]  # fmt: skip
        messages = findings.set_index("value")["message"]
        assert messages["6"].startswith("3 value(s) of AETOXGR")
        assert messages["-2"].startswith("2 value(s) of LBSTRESN of this subject")


def test_a_study_without_specs_of_sdtm_still_knows_age_and_dose(study):
    bare = study.model_copy(update={"sdtm": {}})
    datasets = sound()
    put("EX", 0, EXDOSE=-1.0)(datasets)
    put("LB", 0, LBSTRESN=-1.0)(datasets)  # nobody says that it cannot be
    put("AE", 0, AETOXGR="6")(datasets)
    problems, lines, _ = look(datasets, bare)
    assert (problems, lines) == ([], ["RAW-143 EX.EXDOSE S1 1 -1"])


def test_a_study_without_arms_has_none_to_compare_with(study):
    without = study.model_copy(update={"study": study.study.model_copy(update={"arms": {}})})
    datasets = sound()
    put("DM", 0, ARMCD="ANY", ACTARM="Any arm")(datasets)
    problems, lines, _ = look(datasets, without)
    assert (problems, lines) == ([], [])
