# ruff: noqa: E501  (tables are as wide as they are)
"""The study's domains on small forms: subjects, dosing, events, disposition, therapies."""

from __future__ import annotations

import pandas as pd
import pytest

from sdtm import build_sdtm
from tests.sdtm.raw import raw_forms

FORMS = {
    "SUBJ": """
     SUBJECT | FOLDER | PHASE | COHORT | ENRYN | ENRDAT
     01001   | SCRN   | IB    | DL1    | Y     | 09 MAR 2025     # treated
     01002   | SCRN   |       |        | N     |                 # screen failure, no date anywhere
     01003   | SCRN   | IB    | DL2    | Y     | 01 APR 2025     # enrolled, never dosed
     01004   | SCRN   |       |        |       |                 # in screening
     01005   | SCRN   |       |        | N     |                 # dosed all the same
     01006   | SCRN   | IB    | DL9    | Y     | 01 APR 2025     # no such arm
    """,
    "IC": """
     SUBJECT | FOLDER | ICDAT       | ICVER
     01001   | SCRN   | 01 MAR 2025 | 1.0
     01003   | SCRN   | 20 MAR 2025 | 1.0
    """,
    "DM": """
     SUBJECT | FOLDER | BRTHDAT     | AGE | SEX | RACE  | ETHNIC
     01001   | SCRN   | 04 MAY 1960 | 64  | M   | ASIAN | NHL
     01002   | SCRN   | UN UNK 1955 | 70  | F   | BLACK | UNK
     01003   | SCRN   | 1 JAN 1970  | x   | m   | Asian | HL
    """,
    "CANHX": """
     SUBJECT | FOLDER | DIAGDAT     | METDAT      | STAGE | ESOPHLOC
     01001   | SCRN   | UN JUN 2023 | 31 FEB 2024 | IVB   | M
    """,
    "EXQL": """
     SUBJECT | FOLDER | QLYN | QLREASND | QLDAT       | QLSTTIM | QLENTIM | QLDOSE | QLTOTAL | QLADJ
     01001   | C1D1   | Y    |          | 10 MAR 2025 | 09:30   | 10:30   | 5      | 300     | NONE
     01001   | C2D1   | N    | AE       |             |         |         | 0      |         |
     01001   | C3D1   | Y    |          | 21 APR 2025 | 9:00    |         | five   | 300     | NONE
     01005   | C1D1   | Y    |          | 10 MAR 2025 |         |         | 5      | 300     | NONE
    """,
    "EXLEN": """
     SUBJECT | POSITION | LNSTDAT     | LNENDAT     | LNDOSE | LNADJ
     01001   | 1        | 10 MAR 2025 | 20 MAR 2025 | 8      | NONE
     01001   | 2        | 21 MAR 2025 | 25 MAR 2025 | 0      | AE
     01001   | 3        | 26 MAR 2025 | 30 APR 2025 | 4.0    | AE
    """,
    "AE": """
     SUBJECT | POSITION | AEYN | AETERM      | AEPT | AEGRPID | AESTDAT     | AEENDAT     | AEONGO | AETOXGR | AESER | AERELQL | AERELLEN | AERELOTH | AEACNQL | AEACNLEN | AEOUT | AEDLT | AEDTHDAT
     01001   | 1        | Y    | skin rash   | Rash | 1       | 12 MAR 2025 | UN MAR 2025 | N      | 2       | N     | NOT     | POS      | NA       | NC      | INT      | 1     | Y     |
     01001   | 2        |      | fatal bleed | Haemorrhage | 2 | 02 MAY 2025 |          | Y      | 5       | Y     | REL     | NOT      | DIS      | NA      | Withdrawn? | 5   | N     | 03 MAY 2025
     01001   | 3        |      |             | Rash | 1       | 31 FEB 2025 |             |        |         |       | odd     |          |          |         |          | Better |      |
     01003   | 1        | N    |             |      |         |             |             |        |         |       |         |          |          |         |          |       |       |
    """,
    "EOT": """
     SUBJECT | FOLDER | EOTDRUG | EOTDAT      | EOTREAS
     01001   | EOT    | QL      | 02 MAY 2025 | PD
     01001   | EOT    | LEN     | 02 MAY 2025 | PD
    """,
    "EOS": """
     SUBJECT | FOLDER | EOSDAT      | EOSREAS
     01001   | EOS    | 03 MAY 2025 | DTH
     01003   | EOS    | 05 MAY 2025 | WD
    """,
    "DEATH": """
     SUBJECT | FOLDER | DTHDAT      | DTHCAUS | DTHTERM
     01001   | EOS    | UN MAY 2025 | DIS     |
     01003   | EOS    | 09 MAY 2025 | OTH     | Accident
    """,
    "SURV": """
     SUBJECT | FOLDER | SSDAT       | SSSTAT
     01006   | SURV1  | 09 AUG 2025 | D
    """,
    "CM": """
     SUBJECT | CMTRT | CMDECOD | CMDOSE | CMSTDAT    | CMONGO
     01001   | Paracetamol | PARACETAMOL | 500 mg | 2025-03-11 | Y
     01001   |       |         |        |            |
    """,
    "PRCANC": """
     SUBJECT | FOLDER | POSITION | PCTYPE | PCTRT   | PCDECOD   | PCLINE | PCSTDAT
     01001   | SCRN   | 1        | SYS    | Drug X  | DRUGX     | 1      | JUN 2023
     01001   | SCRN   | 2        | RT     | RT neck | RADIOTHERAPY |     | JUL 2023
     01001   | SCRN   | 3        | other  | Herbs   |           |        | AUG 2023
    """,
    "SUBAC": """
     SUBJECT | SATYPE | SATRT   | SADECOD | SASTDAT
     01001   | SURG   | Stent   | STENT   | 02 MAY 2025
    """,
    "PROC": """
     SUBJECT | PRCODE | PRTRT          | PRSTDAT
     01001   | PLT    | Platelets, 2 U | 20 MAR 2025
     01001   | OTH    | Gastrostomy    | 21 MAR 2025
     01001   | RBC    |                | 22 MAR 2025
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def built(study):
    return build_sdtm(raw_forms(study, **FORMS), study)


def shown(built, dataset, columns, subject=None):
    frame = built.datasets[dataset]
    if subject:
        frame = frame[frame["USUBJID"] == f"QL1706-ESCC-{subject}"]
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame[columns].values.tolist()]


def found(built, code):
    rows = built.findings[built.findings["code"] == code]
    return sorted(zip(rows["record_id"], rows["field"], rows["variable"], rows["value"], strict=True))


def supp(built, dataset, qnam):
    frame = built.datasets[f"SUPP{dataset}"].query("QNAM == @qnam")
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame[["USUBJID", "IDVARVAL", "QVAL"]].values]


def test_arms_and_why_there_is_none(built):
    # the cases in the order of derive_arm_null_reason
    assert dict(
        zip(built.datasets["DM"]["SUBJID"], shown(built, "DM", ["ARMCD", "ACTARMCD", "ARMNRS"]), strict=True)
    ) == {
        "01001": ("DL1", "DL1", None),
        "01003": ("DL2", None, "ASSIGNED, NOT TREATED"),
        "01005": (None, None, "UNPLANNED TREATMENT"),
        "01002": (None, None, "SCREEN FAILURE"),
        "01004": (None, None, "NOT ASSIGNED"),
        "01006": (None, None, "NOT ASSIGNED"),
    }
    assert ("SUBJ-6", "COHORT", "ARMCD", "DL9") in found(built, "SDTM-203")
    arms = built.datasets["DM"].set_index("SUBJID")
    assert arms.loc["01001", "ARM"] == "Phase Ib: QL1706 5 mg/kg + Lenvatinib 8 mg"
    assert arms.loc["01003", "ARM"].endswith("Lenvatinib 12 mg")
    assert pd.isna(arms.loc["01003", "ACTARM"])


def test_a_screen_failure_without_any_date_is_whole(built):
    assert shown(built, "DM", ["RFSTDTC", "RFXENDTC", "RFICDTC", "DTHDTC", "DTHFL", "AGE", "COUNTRY"], "01002") == [
        (None, None, None, None, None, 70.0, "CHN")
    ]
    assert shown(built, "DS", ["DSDECOD", "DSCAT", "DSSTDTC", "EPOCH"], "01002") == [
        ("SCREEN FAILURE", "DISPOSITION EVENT", None, "SCREENING")
    ]


def test_reference_dates_of_dm(built):
    assert shown(built, "DM", ["RFSTDTC", "RFXSTDTC", "RFXENDTC", "RFENDTC", "RFICDTC", "RFPENDTC"], "01001") == [
        ("2025-03-10", "2025-03-10", "2025-04-30", "2025-04-30", "2025-03-01", "2025-05-03")
    ]


def test_death_comes_from_the_death_form_first(built):
    assert shown(built, "DM", ["DTHDTC", "DTHFL"], "01001") == [("2025-05", "Y")]
    assert shown(built, "DM", ["DTHDTC", "DTHFL"], "01003") == [("2025-05-09", "Y")]
    assert shown(built, "DM", ["DTHDTC", "DTHFL"], "01006") == [(None, "Y")]  # only the follow-up knows of it
    assert shown(built, "DM", ["DTHDTC", "DTHFL"], "01002") == [(None, None)]


@pytest.mark.parametrize(
    ("end_of_drug", "end_of_study", "death_form", "expected"),
    [
        ("DTH", "", "", (None, "Y")),  # the day on which a drug was ended is not that of the death
        ("PD", "DTH", "", ("2025-05-20", "Y")),
        ("DTH", "DTH", "", ("2025-05-20", "Y")),
        ("DTH", "DTH", "19 MAY 2025", ("2025-05-19", "Y")),
    ],
)
def test_the_end_of_a_drug_by_death_gives_no_date_of_death(study, end_of_drug, end_of_study, death_form, expected):
    forms = {
        "SUBJ": "SUBJECT | FOLDER | PHASE | COHORT | ENRYN | ENRDAT\n01001 | SCRN | IB | DL1 | Y | 09 MAR 2025",
        "EOT": f"SUBJECT | FOLDER | EOTDRUG | EOTDAT | EOTREAS\n01001 | EOT | QL | 02 MAY 2025 | {end_of_drug}",
        "EOS": f"SUBJECT | FOLDER | EOSDAT | EOSREAS\n01001 | EOS | 20 MAY 2025 | {end_of_study}"
        if end_of_study
        else "",
        "DEATH": f"SUBJECT | FOLDER | DTHDAT | DTHCAUS\n01001 | EOS | {death_form} | DIS" if death_form else "",
    }
    made = build_sdtm(raw_forms(study, **{name: table for name, table in forms.items() if table}), study)
    assert shown(made, "DM", ["DTHDTC", "DTHFL"]) == [expected]


def test_demography(built):
    assert shown(built, "DM", ["BRTHDTC", "AGE", "AGEU", "SEX", "RACE", "ETHNIC", "SITEID"], "01003") == [
        ("1970-01-01", None, "YEARS", "M", "ASIAN", "HISPANIC OR LATINO", "01")
    ]
    assert shown(built, "DM", ["BRTHDTC", "SEX", "RACE", "ETHNIC"], "01002") == [
        ("1955", "F", "BLACK OR AFRICAN AMERICAN", "UNKNOWN")
    ]
    assert found(built, "SDTM-207")[0] == ("DM-3", "AGE", "AGE", "x")  # the record of the joined form
    assert supp(built, "DM", "AGEX") == [("QL1706-ESCC-01003", None, "x")]
    assert supp(built, "DM", "STAGE") == [("QL1706-ESCC-01001", None, "Stage IVB")]
    assert supp(built, "DM", "DIAGDTC") == [("QL1706-ESCC-01001", None, "2023-06")]


def test_ec_has_what_was_held_and_ex_only_what_was_given(built):
    assert shown(built, "EC", ["ECTRT", "ECSTDTC", "ECENDTC", "ECOCCUR", "ECDOSE", "ECREASOC"], "01001") == [
        ("LENVATINIB", "2025-03-10", "2025-03-20", "Y", 8.0, None),
        ("LENVATINIB", "2025-03-21", "2025-03-25", "N", None, "ADVERSE EVENT"),
        ("LENVATINIB", "2025-03-26", "2025-04-30", "Y", 4.0, None),
        ("QL1706", "2025-03-10T09:30", "2025-03-10T10:30", "Y", 5.0, None),
        ("QL1706", "2025-04-21T09:00", "2025-04-21", "Y", None, None),
        ("QL1706", None, None, "N", None, "AE"),
    ]
    assert shown(built, "EX", ["EXTRT", "EXSTDTC", "EXDOSE", "EXDOSU", "EXDOSFRQ", "EXADJ", "EXSTDY"], "01001") == [
        ("LENVATINIB", "2025-03-10", 8.0, "mg", "QD", None, 1.0),
        ("LENVATINIB", "2025-03-26", 4.0, "mg", "QD", "ADVERSE EVENT", 17.0),
        ("QL1706", "2025-03-10T09:30", 5.0, "mg/kg", "ONCE", None, 1.0),
    ]
    assert ("EXQL-3", "QLDOSE", "ECDOSE", "five") in found(built, "SDTM-207")
    assert supp(built, "EC", "ECDOSEX") == [("QL1706-ESCC-01001", "5", "five")]


def test_adverse_events(built):
    columns = ["AETERM", "AEREL", "AERELNST", "AEACN", "AEOUT", "AETOXGR", "AEENRTPT", "AESTDTC", "AEENDTC", "EPOCH"]
    assert shown(built, "AE", columns) == [
        ("fatal bleed", "RELATED", "DISEASE UNDER STUDY", "NOT APPLICABLE", "FATAL", "5", "ONGOING", "2025-05-02", None, "FOLLOW-UP"),
        ("skin rash", "POSSIBLY RELATED", None, "DRUG INTERRUPTED", "RECOVERED/RESOLVED", "2", None, "2025-03-12", "2025-03", "TREATMENT"),
        (None, "odd", None, None, "Better", None, None, None, None, None),
    ]  # fmt: skip
    assert supp(built, "AE", "AEDLT") == [("QL1706-ESCC-01001", "2", "Y")]
    assert supp(built, "AE", "AEACNLEN") == [
        ("QL1706-ESCC-01001", "1", "Withdrawn?"),
        ("QL1706-ESCC-01001", "2", "DRUG INTERRUPTED"),
    ]
    left = built.accounting.query("form == 'AE' and dataset == '' and rule == 'NO-EVENT'")
    assert left["rows"].tolist() == [1]


def test_what_is_wrong_with_an_adverse_event_is_found_on_its_record(built):
    assert ("AE-3", "AETERM", "AETERM", "") in found(built, "SDTM-208")
    assert ("AE-3", "AEOUT", "AEOUT", "Better") in found(built, "SDTM-203")
    assert ("AE-3", "AESTDAT", "AESTDTC", "31 FEB 2025") in found(built, "SDTM-201")
    assert ("AE-1", "AEENDAT", "AEENDTC", "UN MAR 2025") in found(built, "SDTM-202")
    near = built.findings.query("code == 'SDTM-203' and value == 'Withdrawn?'")["message"].iloc[0]
    assert "DRUG WITHDRAWN" in near


def test_an_unreadable_date_is_kept_as_collected(built):
    assert supp(built, "AE", "AESTDTX") == [("QL1706-ESCC-01001", "3", "31 FEB 2025")]
    label = built.datasets["SUPPAE"].query("QNAM == 'AESTDTX'")["QLABEL"].iloc[0]
    assert label == "AESTDTC as Collected"


def test_an_unreadable_date_of_a_supplemental_variable_is_kept_too(built):
    assert supp(built, "DM", "METDTC") == []
    assert [value for _, _, value in supp(built, "DM", "METDTX")] == ["31 FEB 2024"]


def test_disposition(built):
    assert shown(built, "DS", ["DSDECOD", "DSCAT", "DSSCAT", "DSSTDTC", "EPOCH"], "01001") == [
        ("INFORMED CONSENT OBTAINED", "PROTOCOL MILESTONE", None, "2025-03-01", "SCREENING"),
        ("ENROLLED", "PROTOCOL MILESTONE", None, "2025-03-09", "SCREENING"),
        ("PROGRESSIVE DISEASE", "DISPOSITION EVENT", "QL1706", "2025-05-02", "TREATMENT"),
        ("PROGRESSIVE DISEASE", "DISPOSITION EVENT", "LENVATINIB", "2025-05-02", "TREATMENT"),
        ("DEATH", "DISPOSITION EVENT", "STUDY PARTICIPATION", "2025-05-03", "FOLLOW-UP"),
    ]
    # the end of the study says something else than death: the death form gives a record of its own
    assert shown(built, "DS", ["DSDECOD", "DSCAT", "DSSTDTC"], "01003")[-2:] == [
        ("WITHDRAWAL BY SUBJECT", "DISPOSITION EVENT", "2025-05-05"),
        ("DEATH", "OTHER EVENT", "2025-05-09"),
    ]


def test_therapies_go_to_cm_or_pr_by_their_type(built):
    assert shown(built, "CM", ["CMCAT", "CMTRT", "CMDECOD", "CMSTDTC", "CMENRTPT"]) == [
        ("CONCOMITANT MEDICATION", "Paracetamol", "PARACETAMOL", "2025-03-11", "ONGOING"),
        ("PRIOR ANTI-CANCER THERAPY", "Drug X", "DRUGX", "2023-06", None),
        ("PRIOR ANTI-CANCER THERAPY", "Herbs", None, "2023-08", None),
    ]
    assert shown(built, "PR", ["PRCAT", "PRTRT", "PRDECOD", "PRSTDTC"]) == [
        ("PRIOR ANTI-CANCER THERAPY", "RT neck", "RADIOTHERAPY", "2023-07"),
        ("PROCEDURE", "Gastrostomy", None, "2025-03-21"),
        ("PROCEDURE", "Platelets, 2 U", "PLATELET TRANSFUSION", "2025-03-20"),
        ("PROCEDURE", "Red cell transfusion", "RED CELL TRANSFUSION", "2025-03-22"),
        ("SUBSEQUENT ANTI-CANCER THERAPY", "Stent", "STENT", "2025-05-02"),
    ]
    left = built.accounting.query("form == 'CM' and dataset == ''")
    assert left.set_index("rule")["rows"].to_dict() == {"READ": 2, "USED": 1, "NO-MEDICATION": 1}


def test_death_details_and_survival(built):
    assert shown(built, "DD", ["DDTESTCD", "DDORRES", "DDSTRESC", "DDDTC"]) == [
        ("PRCDTH", "Disease under study", "DISEASE UNDER STUDY", "2025-05"),
        ("PRCDTH", "Accident", "OTHER", "2025-05-09"),
    ]
    assert shown(built, "SS", ["SSTESTCD", "SSORRES", "SSSTRESC", "VISITNUM"]) == [("SURVSTAT", "Dead", "DEAD", 8200.0)]


def test_every_raw_record_is_accounted_for(built):
    per_form = built.accounting[built.accounting["dataset"] == ""]
    totals = per_form.pivot_table(index="form", columns=per_form["rule"].eq("READ"), values="rows", aggfunc="sum")
    assert (totals[True] == totals[False]).all()
    assert set(totals.index) == set(FORMS)


def test_lineage_leads_back_to_the_raw_record(built):
    lineage, ae = built.lineage["AE"], built.datasets["AE"]
    pd.testing.assert_frame_equal(lineage[["USUBJID", "AESEQ"]], ae[["USUBJID", "AESEQ"]])
    assert dict(zip(ae["AETERM"].fillna(""), lineage["_RECORD"], strict=True)) == {
        "skin rash": "AE-1", "fatal bleed": "AE-2", "": "AE-3",
    }  # fmt: skip


def test_datasets_have_the_variables_and_types_of_the_spec(built, study):
    for name, spec in study.sdtm.items():
        if name in built.datasets:
            frame = built.datasets[name]
            assert list(frame.columns) == list(spec.variables)
            kinds = {v: "float64" if s.type == "Num" else "str" for v, s in spec.variables.items()}
            assert frame.dtypes.astype("str").to_dict() == kinds


def test_forms_that_are_not_there_count_as_empty(study):
    built = build_sdtm(raw_forms(study, SUBJ=FORMS["SUBJ"]), study)
    assert len(built.datasets["DM"]) == 6
    assert "MH" not in built.datasets  # may be empty
    assert len(built.datasets["AE"]) == 0  # may not: the gate will say so
