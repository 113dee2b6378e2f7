"""Decision traces of a few subjects, read aloud: ● decides, ○ holds but is asked later, - does not hold."""

from __future__ import annotations

import pandas as pd
import pytest

from adam import build_adam, explain, trace_decisions
from specs import StudySpec
from specs.errors import InputError
from tests.adam.endpoints.days import changed
from tests.adam.endpoints.dlt_cases import sdtm as of_phase_ib
from tests.adam.response.histories import history
from tests.tables import table

FIRST_DOSE = "2025-01-01"


def people(*subjects: str, **dm: object) -> dict[str, pd.DataFrame]:
    """DM and EX: treated from 1 January to 30 June 2025 on dose level 1."""
    names = pd.Series(subjects, dtype="str")
    columns = {"STUDYID": "X", "USUBJID": names, "ARMCD": "DL1", "ACTARMCD": "DL1", "RFICDTC": "2024-12-20", **dm}
    doses = {
        "STUDYID": "X", "USUBJID": names, "EXSEQ": 1.0, "EXTRT": "LENVATINIB", "EXDOSE": 8.0, "EXDOSFRQ": "QD",
        "EXSTDTC": FIRST_DOSE, "EXENDTC": "2025-06-30",
    }  # fmt: skip
    return {"DM": pd.DataFrame(columns), "EX": pd.DataFrame(doses)}


def patient(text: str, **dm: object) -> dict[str, pd.DataFrame]:
    """A treated subject S1 with a history of lesions and responses."""
    return {**people("S1", **dm), **history(text)[0]}


def aloud(trace: pd.DataFrame, paramcd: str, *, held: bool = True) -> list[str]:
    """The lines of a parameter as text; those that hold, or all."""
    rows = trace[trace["PARAMCD"] == paramcd]
    rows = rows[rows["HOLDS"]] if held else rows
    mark = rows["HOLDS"].map({True: "○", False: "-"}).mask(rows["DECIDES"], "●")
    lines = mark + " " + rows["CASE"] + (" | " + rows["CANDIDATE"]).fillna("")
    return lines.tolist()


def test_a_confirmation_broken_by_stable_disease(study: StudySpec) -> None:
    given = patient("""
    -10 | T01=100
     42 | T01=60 | PR
     84 | T01=80 | SD   # breaks the first pair
    126 | T01=60 | PR
    147 | T01=60 | NE
    168 | T01=60 | PR
    210 | T01=95 | PD
    252 | T01=95 | PR   # after the first PD
    """)
    trace = explain("S1", given, study)
    assert aloud(trace, "OVR") == [
        "● 5 COUNTS | VISIT 2, 2025-02-12: PR",
        "● 5 COUNTS | VISIT 3, 2025-03-26: SD",
        "● 5 COUNTS | VISIT 4, 2025-05-07: PR",
        "● 5 COUNTS | VISIT 5, 2025-05-28: NE",
        "● 5 COUNTS | VISIT 6, 2025-06-18: PR",
        "● 5 COUNTS | VISIT 7, 2025-07-30: PD",
        "● 3 AFTER FIRST PD | VISIT 8, 2025-09-10: PR",
        "○ 5 COUNTS | VISIT 8, 2025-09-10: PR",
    ]
    assert aloud(trace, "CRSP")[:6] == [
        "● 2 BROKEN BETWEEN | VISIT 2, 2025-02-12: PR, by VISIT 4, 2025-05-07: PR",
        "○ 4 CONFIRMS | VISIT 2, 2025-02-12: PR, by VISIT 4, 2025-05-07: PR",
        "● 2 BROKEN BETWEEN | VISIT 2, 2025-02-12: PR, by VISIT 6, 2025-06-18: PR",
        "○ 4 CONFIRMS | VISIT 2, 2025-02-12: PR, by VISIT 6, 2025-06-18: PR",
        "● 4 CONFIRMS | VISIT 4, 2025-05-07: PR, by VISIT 6, 2025-06-18: PR",
    ]
    assert aloud(trace, "CBOR")[:3] == [
        "● 2 PR | VISIT 4, 2025-05-07: PR",
        "○ 3 SD | VISIT 2, 2025-02-12: PR",
        "○ 3 SD | VISIT 3, 2025-03-26: SD",
    ]
    assert aloud(trace, "BOR")[:2] == ["● 2 PR | VISIT 2, 2025-02-12: PR", "○ 2 PR | VISIT 4, 2025-05-07: PR"]
    assert aloud(trace, "PFS")[0] == "● 4a progression"
    assert aloud(trace, "TTR", held=False) == ["● 1 response"]
    (response,) = trace[(trace["PARAMCD"] == "TTR")].to_dict("records")
    assert (response["RESULT"], response["ADT"]) == ("0", pd.Timestamp("2025-05-07"))


def test_a_pair_that_is_too_early_and_one_with_too_many_unknown(study: StudySpec) -> None:
    given = patient("""
    -10 | T01=100
     42 | T01=60 | CR
     60 | T01=60 | CR
     70 | T01=60 | NE
     80 | T01=60 | NE
     90 | T01=60 | CR
    """)
    decided = [line for line in aloud(explain("S1", given, study), "CRSP") if line.startswith("●")]
    assert decided == [
        "● 1 TOO EARLY | VISIT 2, 2025-02-12: CR, by VISIT 3, 2025-03-02: CR",
        "● 3 TOO MANY NE BETWEEN | VISIT 2, 2025-02-12: CR, by VISIT 6, 2025-04-01: CR",
        "● 3 TOO MANY NE BETWEEN | VISIT 3, 2025-03-02: CR, by VISIT 6, 2025-04-01: CR",
    ]
    looser = explain("S1", given, changed(study, response={"max_ne_between": 2}))
    assert "● 4 CONFIRMS | VISIT 2, 2025-02-12: CR, by VISIT 6, 2025-04-01: CR" in aloud(looser, "CRSP")


def test_nothing_assessed(study: StudySpec) -> None:
    trace = explain("S1", patient("-10 | T01=100", DTHDTC="2025-03-01"), study)
    assert aloud(trace, "BOR", held=False) == ["● 7 NE"]
    assert aloud(trace, "OVR") == []
    assert aloud(trace, "OS", held=False) == [
        "● 1 death", "- 2 alive after the cut-off", "○ 3 alive", "○ 4 first dose",
    ]  # fmt: skip
    assert aloud(trace, "PFS") == ["● 4b death", "○ 5b no event, unassessed"]


def test_a_cutoff_is_applied_first(study: StudySpec) -> None:
    given = patient("-10 | T01=100\n 42 | T01=60 | PR\n 84 | T01=60 | PR", DTHDTC="2025-08-01")
    uncut, cut = explain("S1", given, study), explain("S1", given, study, pd.Timestamp("2025-02-28"))
    assert aloud(uncut, "OS")[0] == "● 1 death"
    assert aloud(cut, "OS")[0] == "● 3 alive"
    assert len(aloud(uncut, "OVR")) == 2
    assert len(aloud(cut, "OVR")) == 1
    assert aloud(cut, "CRSP") == []


def test_what_was_looked_at_for_a_dose_limiting_toxicity(study: StudySpec) -> None:
    lines = table("""
    id | neut                  | plat        | ae
    S1 | 3 0.4, 5 2, 8 0.4, 15 2 | 10 20, 12 90 | 10..11 2 Epistaxis, 40 3 Epistaxis *
    """)
    given = {**people("S1"), **{k: v for k, v in of_phase_ib(lines).items() if k != "EX"}}
    trace = explain("S1", given, study)
    assert aloud(trace, "H1G4NEUT", held=False) == [
        "- 1 Y | LB 1", "- 1 Y | LB 3", "- 2 INDETERMINATE | LB 1", "● 2 INDETERMINATE | LB 3", "○ 3 N",
    ]  # fmt: skip
    rows = trace[trace["PARAMCD"] == "H1G4NEUT"].set_index("CANDIDATE")["REASON"]
    assert rows["LB 1"].iloc[0] == "Neutrophils below 0.5: documented 1 days, at most 2 days"
    assert aloud(trace, "H3THROMB", held=False)[:4] == [
        "● 1 Y | LB 5",
        "○ 1 Y | LB 5",
        "- 1 Y | LB 5",
        "- 2 INDETERMINATE | LB 5",
    ]
    assert aloud(trace, "INVDLT", held=False) == ["- 1 Y | AE 2", "- 2 INDETERMINATE | AE 2", "● 3 N"]
    assert aloud(trace, "DLT") == ["● 1 Y | LB 5", "○ 2 INDETERMINATE | LB 3", "○ 3 N"]


def test_who_is_evaluable_for_dose_limiting_toxicity(study: StudySpec) -> None:
    given = {
        **people("S1", DTHFL="Y", DTHDTC="2025-01-15"),
        **of_phase_ib(table("id | neut | ae\nS1 | 3 2 | 2 1 Rash")),
    }
    given["EX"] = table(
        """
        USUBJID | EXSEQ | EXTRT      | EXDOSE | EXDOSFRQ | EXSTDTC    | EXENDTC
        S1      | 1     | QL1706     | 5      | ONCE     | 2025-01-01 | 2025-01-01
        S1      | 2     | LENVATINIB | 8      | QD       | 2025-01-01 | 2025-01-14
        """,
        numbers=("EXSEQ", "EXDOSE"),
    )
    trace = explain("S1", given, study)
    assert aloud(trace, "DLTEVLFL", held=False) == [
        "- 1 DLT", "- 2 NO FIRST DOSE", "● 3 DIED", "○ 4 LEFT", "- 5 CUT OFF", "○ 6 NOT KNOWN ALIVE",
        "- 7 LITTLE QL1706", "○ 7 LITTLE LENVATINIB", "○ 8 EVALUABLE",
    ]  # fmt: skip
    rows = trace[trace["PARAMCD"] == "DLTEVLFL"].set_index("CASE")
    window = "the DLT window is 2025-01-01 to 2025-01-21"
    assert rows.loc["3 DIED", "REASON"] == f"DIED BEFORE COMPLETING DAY 21: 2025-01-15; {window}"
    assert rows.loc["7 LITTLE QL1706", "REASON"] == f"100 % of the planned dose of QL1706; {window}"
    assert rows.loc["7 LITTLE LENVATINIB", "REASON"] == (
        f"LESS THAN 80% OF THE PLANNED DOSE OF LENVATINIB: 66.67 % of the planned dose of LENVATINIB; {window}"
    )
    assert rows["RESULT"].to_list() == ["Y", *["N"] * 7, "Y"]
    assert rows.loc["3 DIED", ["ADT", "SRCDOM", "SRCVAR"]].to_list() == [pd.Timestamp("2025-01-15"), "ADSL", "DTHDT"]


def test_nobody_of_phase_ii_is_asked_for_evaluability(study: StudySpec) -> None:
    lines = table("id | neut | ae\nS1 | 3 2 | 2 1 Rash")
    toxicity = {name: frame for name, frame in of_phase_ib(lines).items() if name != "EX"}
    trace = explain("S1", {**people("S1", ARMCD="RP2D", ACTARMCD="RP2D"), **toxicity}, study)
    assert aloud(trace, "DLTEVLFL", held=False) == []
    assert aloud(trace, "TRTEMFL") != []


def test_what_makes_an_event_treatment_emergent(study: StudySpec) -> None:
    given = people("S1")
    given["AE"] = table(
        """
        USUBJID | AESEQ | AEGRPID | AEDECOD | AESTDTC    | AETOXGR
        S1      | 1     | A       | Nausea  | 2024-12-28 | 2
        S1      | 2     | A       | Nausea  | 2025-02-01 | 2
        S1      | 3     | A       | Nausea  | 2025-03-01 | 3
        S1      | 4     |         | Rash    | 2025-09-29 | 1
        """,
        numbers=("AESEQ",),
    ).assign(STUDYID="X", AETERM="x")
    trace = explain("S1", given, study)
    assert [line for line in aloud(trace, "TRTEMFL") if line.startswith("●")] == [
        "● 3 BEFORE FIRST DOSE | Nausea, grade 2, 2024-12-28",
        "● 6 NOT WORSE | Nausea, grade 2, 2025-02-01",
        "● 7 WORSENED | Nausea, grade 3, 2025-03-01",
        "● 5 AFTER WINDOW | Rash, grade 1, 2025-09-29",
    ]
    assert trace.loc[trace["DECIDES"] & (trace["PARAMCD"] == "TRTEMFL"), "RESULT"].tolist() == ["", "", "Y", ""]


def test_emergence_is_told_where_adae_shows_neither_grade_nor_group(study: StudySpec) -> None:
    given = people("S1")
    given["AE"] = table(
        """
        USUBJID | AESEQ | AEDECOD | AESTDTC    | AESEV    | AETOXGR
        S1      | 1     | Nausea  | 2024-12-28 | MODERATE |
        S1      | 2     | Rash    | 2025-02-01 |          |
        S1      | 3     | Rash    | 2025-02-02 | MILD     | 2
        """,
        numbers=("AESEQ",),
    ).assign(STUDYID="X", AETERM="x")
    adae = study.adam["ADAE"]
    shown = {name: v for name, v in adae.variables.items() if name not in ("AETOXGR", "AEGRPID", "ASTDT", "TRTSDT")}
    other = study.model_copy(update={"adam": {**study.adam, "ADAE": adae.model_copy(update={"variables": shown})}})
    assert [line for line in aloud(explain("S1", given, other), "TRTEMFL") if line.startswith("●")] == [
        "● 3 BEFORE FIRST DOSE | Nausea, moderate, 2024-12-28",
        "● 8 NEW | Rash, grade ?, 2025-02-01",
        "● 8 NEW | Rash, grade 2, 2025-02-02",
    ]


def test_one_subject_of_many_is_told_as_if_alone(study: StudySpec) -> None:
    given = {**people("S1", "S2"), **history("-10 | T01=100\n 42 | T01=60 | PR")[0]}
    whole = trace_decisions(given, study)
    for subject in ("S1", "S2"):
        own = whole[whole["USUBJID"] == subject].reset_index(drop=True)
        pd.testing.assert_frame_equal(explain(subject, given, study), own)
    assert set(whole["USUBJID"]) == {"S1", "S2"}


def test_what_is_not_made_has_no_trace(study: StudySpec) -> None:
    given = people("S1")
    assert set(trace_decisions(given, study)["PARAMCD"]) == {"OS"}
    given = patient("-10 | T01=100\n 42 | T01=60 | PR")
    del given["RS"]
    assert set(trace_decisions(given, study)["PARAMCD"]) == {"OS", "DOVR", "DBOR", "DCBOR"}


def test_a_subject_that_was_not_treated(study: StudySpec) -> None:
    given = people("S1", "S2")
    given["EX"] = given["EX"].iloc[:1]
    assert explain("S2", given, study).empty


def test_an_unknown_subject_is_named_with_those_alike(study: StudySpec) -> None:
    with pytest.raises(InputError) as caught:
        explain("X-0O1", people("X-001", "Y-777"), study)
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == ("DATA-012", "did you mean 'X-001'?")
    assert caught.value.exit_code == 11


def test_nothing_given_is_changed(study: StudySpec) -> None:
    given = patient("-10 | T01=100\n 42 | T01=60 | PR")
    before = {name: frame.copy() for name, frame in given.items()}
    explain("S1", given, study)
    for name, frame in given.items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert "ADTTE" in build_adam(given, study).datasets
