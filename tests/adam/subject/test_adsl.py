# ruff: noqa: E501 (one case a line)
"""ADSL: populations, how treatment and study ended, groups."""

import pandas as pd
import pytest

from adam.adsl import add_baseline_assessment, derive_adsl
from adam.finish import finish
from adam.rules.alive import derive_last_alive
from adam.rules.durations import derive_durations, group_cause_of_death
from tests.adam.subject.conftest import with_parameter
from tests.tables import table


def build(sdtm, study, cutoff=None):
    alive, _ = derive_last_alive(sdtm, study)
    adsl, findings = derive_adsl(sdtm, study, alive, cutoff)
    return adsl, findings


POPULATIONS = """
USUBJID | ARMCD | ARMNRS               | RFICDTC    | SCRN | ENRL | SAF | ENRLRS         | SAFRS          | TRT01P # why
--------+-------+----------------------+------------+------+------+-----+----------------+----------------+-------
01      | DL1   |                      | 2025-02-01 | Y | Y | Y |                |                | Dose level 1   # treated
02      | DL1   |                      | 2025-02-01 | Y | Y | N |                | NOT TREATED    | Dose level 1   # enrolled, not treated
03      |       | SCREEN FAILURE       | 2025-02-01 | Y | N | N | SCREEN FAILURE | SCREEN FAILURE | SCREEN FAILURE
04      |       |                      | 2025-02-01 | Y | N | N | NOT ENROLLED   | NOT ENROLLED   | NOT ENROLLED   # in screening
05      |       |                      |            | Y | Y | N |                | NOT TREATED    |                # by the milestones of DS alone
06      | SCRNFAIL |                   |            | N | N | N | NOT ENROLLED   | NOT ENROLLED   | Dose level 1   # arm codes before SDTMIG 3.3
07      | DL1   |                      | 2025-02-01 | Y | Y | N |                | NOT TREATED    | Dose level 1   # doses of 0 only
08      | DL1   |                      | 2025-02    | N | Y | Y |                |                | Dose level 1   # consent not dated; a dose without a date
"""


def subjects():
    cases = table(POPULATIONS)
    arm = cases["ARMCD"].notna().map({True: "Dose level 1", False: None}).astype("str")
    dm = cases[["USUBJID", "ARMCD", "ARMNRS", "RFICDTC"]].assign(
        STUDYID="S", ARM=arm, ACTARM=arm, ACTARMCD=cases["ARMCD"]
    )
    ex = table(
        """
        USUBJID | EXSEQ | EXTRT      | EXDOSE | EXSTDTC    | EXENDTC
        01      | 1     | QL1706     | 5      | 2025-03-01 | 2025-03-01
        01      | 2     | LENVATINIB | 8      | 2025-03-01 | 2025-03-21
        07      | 1     | LENVATINIB | 0      | 2025-03-01 | 2025-03-21
        08      | 1     | QL1706     | 5      |            |
        """,
        numbers=("EXSEQ", "EXDOSE"),
    )
    ds = table(
        """
        USUBJID | DSSEQ | DSCAT              | DSDECOD                   | DSSTDTC
        05      | 1     | PROTOCOL MILESTONE | INFORMED CONSENT OBTAINED | 2025-02-01
        05      | 2     | PROTOCOL MILESTONE | ENROLLED                  | 2025-02-20
        05      | 3     | PROTOCOL MILESTONE | ENROLLED                  | 2025-02-19
        06      | 1     | OTHER EVENT        | ENROLLED                  | 2025-02-19
        """,
        numbers=("DSSEQ",),
    )
    return cases, {"DM": dm, "EX": ex, "DS": ds}


def test_populations(study):
    cases, sdtm = subjects()
    adsl, findings = build(sdtm, study)
    renamed = {"SCRN": "SCRNFL", "ENRL": "ENRLFL", "SAF": "SAFFL"}
    assert adsl["SCRNRS"].fillna("").to_list() == [
        "NO DATE OF INFORMED CONSENT" if s == "N" else "" for s in cases["SCRN"]
    ]
    for expected in ("SCRN", "ENRL", "SAF", "ENRLRS", "SAFRS", "TRT01P"):
        got = adsl[renamed.get(expected, expected)].fillna("").to_list()
        assert got == cases[expected].fillna("").to_list(), expected
    pd.testing.assert_series_equal(adsl["FASFL"], adsl["SAFFL"], check_names=False)
    assert adsl["TRT01A"].notna().to_list() == (cases["SAF"] == "Y").to_list()
    assert adsl["ENRLDT"].dropna().dt.strftime("%m-%d").to_dict() == {4: "02-19"}
    assert adsl.loc[0, ["TRTSDT", "TRTEDT", "TRTDURD"]].to_list() == [
        pd.Timestamp("2025-03-01"), pd.Timestamp("2025-03-21"), 21,
    ]  # fmt: skip
    assert findings[["code", "usubjid"]].to_numpy().tolist() == [["ADAM-423", "08"]]


@pytest.mark.parametrize(
    ("arm", "phase", "level"), [("DL1", "IB", 1), ("DL2", "IB", 2), ("RP2D", "II", None), ("X", None, None)]
)
def test_phase_and_dose_level_are_the_arms(study, arm, phase, level):
    dm = table(f"USUBJID | ARMCD | ACTARMCD\n01 | DL1 | {arm}\n02 | {arm} |")
    adsl, _ = build({"DM": dm}, study)
    got = adsl[["PHASE", "DOSELVL"]].astype("object").where(adsl[["PHASE", "DOSELVL"]].notna(), None)
    assert got.to_numpy().tolist() == [[phase, level]] * 2, "by the actual arm, else by the planned one"


def test_age_group_is_a_parameter(study):
    dm = table("USUBJID | AGE\n01 | 64\n02 | 65\n03 | 70\n04 |", numbers=("AGE",))
    assert build({"DM": dm}, study)[0]["AGEGR1"].fillna("").to_list() == ["<65", ">=65", ">=65", ""]
    other = build({"DM": dm}, with_parameter(study, "subject", older_from_years=70))[0]
    assert other["AGEGR1"].fillna("").to_list() == ["<70", "<70", ">=70", ""]
    assert other["AGEGR1N"].fillna(0).to_list() == [1, 1, 2, 0]


def disposition(study, text, *, dm, took=("QL1706", "LENVATINIB")):
    ds = table(text, numbers=("DSSEQ",))
    named = ds[ds["DSTRT"].notna()] if "DSTRT" in ds else ds.head(0).assign(DSTRT="")
    supp = pd.DataFrame(
        {
            "USUBJID": named["USUBJID"], "IDVAR": "DSSEQ", "IDVARVAL": named["DSSEQ"].astype("int64").astype("str"),
            "QNAM": "DSTRT", "QVAL": named["DSTRT"],
        }
    )  # fmt: skip
    subjects = dm["USUBJID"]
    ex = pd.concat(
        [
            pd.DataFrame({"USUBJID": subjects, "EXTRT": drug, "EXDOSE": 5.0, "EXSTDTC": "2025-03-01"}).assign(EXSEQ=n)
            for n, drug in enumerate(took, start=1)
        ]
    )
    return build({"DM": dm, "DS": ds.drop(columns="DSTRT", errors="ignore"), "SUPPDS": supp, "EX": ex}, study)[0]


def test_end_of_study(study):
    dm = table(
        """
        USUBJID | ARMCD | DTHDTC     | EOSSTT       | EOSDT      | DCSREAS # why
        01      | DL1   |            | COMPLETED    | 2025-06-01 |                   # 1
        02      | DL1   |            | DISCONTINUED | 2025-06-02 | LOST TO FOLLOW-UP # 2
        03      | DL1   | 2025-06-03 | DISCONTINUED | 2025-06-04 | DEATH             # 2. the record's date
        04      | DL1   | 2025-06-03 | DISCONTINUED | 2025-06-03 | DEATH             # 3. no record
        05      | DL1   |            | ONGOING      |            |                   # 4
        06      | DL1   |            | DISCONTINUED | 2025-06-05 | PHYSICIAN DECISION # of two records the last
        07      |       |            | DISCONTINUED | 2025-02-05 | SCREEN FAILURE    # 2. screening failure
        08      | DL1   |            | ONGOING      |            |                   # 4. re-screened and enrolled
        """
    )
    adsl = disposition(
        study,
        """
        USUBJID | DSSEQ | DSCAT             | DSSCAT              | DSDECOD            | DSSTDTC
        01      | 1     | DISPOSITION EVENT | STUDY PARTICIPATION | COMPLETED          | 2025-06-01
        02      | 1     | DISPOSITION EVENT | STUDY PARTICIPATION | LOST TO FOLLOW-UP  | 2025-06-02
        03      | 1     | DISPOSITION EVENT | STUDY PARTICIPATION | DEATH              | 2025-06-04
        05      | 1     | DISPOSITION EVENT | STUDY TREATMENT     | ADVERSE EVENT      | 2025-05-01
        06      | 1     | DISPOSITION EVENT | STUDY PARTICIPATION | PHYSICIAN DECISION | 2025-06-05
        06      | 2     | DISPOSITION EVENT | STUDY PARTICIPATION | COMPLETED          | 2025-06-01
        07      | 1     | DISPOSITION EVENT | STUDY PARTICIPATION | SCREEN FAILURE     | 2025-02-05
        08      | 1     | DISPOSITION EVENT | STUDY PARTICIPATION | SCREEN FAILURE     | 2025-02-05
        """,
        dm=dm,
    )
    for name in ("EOSSTT", "DCSREAS"):
        assert adsl[name].fillna("").to_list() == dm[name].fillna("").to_list(), name
    pd.testing.assert_series_equal(adsl["EOSDT"].dt.strftime("%Y-%m-%d"), dm["EOSDT"])


def test_end_of_treatment(study):
    dm = table(
        """
        USUBJID | DTHDTC     | FIRST        | SECOND       | WHOLE        | DCTREAS # why
        01      |            | DISCONTINUED | DISCONTINUED | DISCONTINUED | PROGRESSIVE DISEASE # the later reason
        02      |            | DISCONTINUED | ONGOING      | ONGOING      |                     # one goes on
        03      |            | COMPLETED    | COMPLETED    | COMPLETED    |
        04      |            | COMPLETED    | DISCONTINUED | DISCONTINUED | ADVERSE EVENT
        05      | 2025-06-03 | DISCONTINUED | DISCONTINUED | DISCONTINUED | DEATH               # no record
        06      |            | ONGOING      | ONGOING      | ONGOING      |
        07      |            | DISCONTINUED | DISCONTINUED | DISCONTINUED | ADVERSE EVENT       # same day: the first drug
        08      |            | DISCONTINUED | DISCONTINUED | DISCONTINUED | PHYSICIAN DECISION  # one record, no drug named
        09      |            | DISCONTINUED | COMPLETED    | DISCONTINUED | ADVERSE EVENT       # DSSCAT names the drug
        10      |            | ONGOING      | ONGOING      | ONGOING      |                     # another drug is no end
        """
    )
    adsl = disposition(
        study,
        """
        USUBJID | DSSEQ | DSCAT             | DSSCAT          | DSTRT      | DSDECOD             | DSSTDTC
        01      | 1     | DISPOSITION EVENT | STUDY TREATMENT | LENVATINIB | ADVERSE EVENT       | 2025-05-01
        01      | 2     | DISPOSITION EVENT | STUDY TREATMENT | QL1706     | PROGRESSIVE DISEASE | 2025-05-20
        02      | 1     | DISPOSITION EVENT | STUDY TREATMENT | QL1706     | ADVERSE EVENT       | 2025-05-01
        03      | 1     | DISPOSITION EVENT | STUDY TREATMENT | QL1706     | COMPLETED           | 2025-05-01
        03      | 2     | DISPOSITION EVENT | STUDY TREATMENT | LENVATINIB | COMPLETED           | 2025-05-01
        04      | 1     | DISPOSITION EVENT | STUDY TREATMENT | QL1706     | COMPLETED           | 2025-05-01
        04      | 2     | DISPOSITION EVENT | STUDY TREATMENT | LENVATINIB | ADVERSE EVENT       | 2025-04-01
        07      | 1     | DISPOSITION EVENT | STUDY TREATMENT | LENVATINIB | PROGRESSIVE DISEASE | 2025-05-01
        07      | 2     | DISPOSITION EVENT | STUDY TREATMENT | QL1706     | ADVERSE EVENT       | 2025-05-01
        08      | 1     | DISPOSITION EVENT | STUDY TREATMENT |            | PHYSICIAN DECISION  | 2025-05-01
        09      | 1     | DISPOSITION EVENT | QL1706          |            | ADVERSE EVENT       | 2025-05-01
        09      | 2     | DISPOSITION EVENT | Lenvatinib      |            | COMPLETED           | 2025-05-02
        10      | 1     | DISPOSITION EVENT | CISPLATIN       |            | ADVERSE EVENT       | 2025-05-01
        10      | 2     | OTHER EVENT       | QL1706          |            | ADVERSE EVENT       | 2025-05-01
        """,
        dm=dm,
    )
    for name, expected in (("EOTSTT1", "FIRST"), ("EOTSTT2", "SECOND"), ("EOTSTT", "WHOLE"), ("DCTREAS", "DCTREAS")):
        assert adsl[name].fillna("").to_list() == dm[expected].fillna("").to_list(), name


def test_a_drug_not_taken_has_no_end(study):
    dm = table("USUBJID\n01")
    adsl = disposition(study, "USUBJID | DSSEQ | DSCAT\n01 | 1 | OTHER EVENT", dm=dm, took=("LENVATINIB",))
    assert adsl[["EOTSTT1", "EOTSTT2", "EOTSTT"]].fillna("").to_numpy().tolist() == [["", "ONGOING", "ONGOING"]]


def test_response_evaluable_has_its_reason():
    adsl = table("USUBJID | SAFRS\n01 |\n02 |\n03 |\n04 | NOT TREATED")
    baseline = table(
        "USUBJID | BLASDT | RESPEVFL\n01 | 2025-02-20 | Y\n02 | 2025-02-20 | N\n03 | | N\n04 | | N", dates=("BLASDT",)
    )
    got = add_baseline_assessment(adsl, baseline)
    assert got["RESPEVRS"].fillna("").to_list() == [
        "", "NO MEASURABLE DISEASE AT BASELINE", "NO BASELINE TUMOUR ASSESSMENT", "NOT TREATED",
    ]  # fmt: skip


def test_history_and_cause_of_death(study):
    prior = "PRIOR ANTI-CANCER THERAPY"
    sdtm = {
        "DM": table("USUBJID | DTHDTC | DTHFL\n01 | 2025-06-03 | Y\n02 | |\n03 | | Y"),
        "CM": table(f"USUBJID | CMSEQ | CMCAT\n01 | 1 | {prior}\n01 | 2 | {prior}\n02 | 1 | OTHER"),
        "PR": table(f"USUBJID | PRSEQ | PRCAT\n01 | 1 | {prior}\n02 | 1 | PROCEDURE"),
        "DD": table("USUBJID | DDSEQ | DDTESTCD | DDSTRESC\n01 | 1 | OTHER | x\n01 | 2 | PRCDTH | DISEASE PROGRESSION",
                    numbers=("DDSEQ",)),
    }  # fmt: skip
    adsl, _ = build(sdtm, study)
    assert adsl["PRSYSN"].to_list() == [2, 0, 0]
    assert adsl["PRPRFL"].fillna("").to_list() == ["Y", "", ""]
    assert adsl["DTHCAUS"].fillna("").to_list() == ["DISEASE PROGRESSION", "", ""]
    assert adsl["DTHFL"].fillna("").to_list() == ["Y", "", "Y"]


def test_finished_adsl_has_the_spec_and_nothing_else(study):
    _, sdtm = subjects()
    adsl, _ = build(sdtm, study, pd.Timestamp("2025-12-31"))
    spec = study.adam["ADSL"]
    done = finish(adsl.sample(frac=1, random_state=1), spec)
    assert list(done) == list(spec.variables)
    assert done["USUBJID"].to_list() == sorted(done["USUBJID"])
    assert {str(done[name].dtype) for name in spec.date_variables} == {"datetime64[us]"}
    assert {str(done[name].dtype) for name in spec.char_variables} == {"str"}
    assert (done["CUTOFFDT"] == pd.Timestamp("2025-12-31")).all()


DURATIONS = """
USUBJID | RFICDT     | TRTSDT     | TRTEDT     | EOSDT      | DTHDT      | LSTALVDT   | STUDURD | FUPDURD | DTHADY | LDDTHELD # why
01      | 2025-01-01 | 2025-01-11 | 2025-03-01 |            |            | 2025-03-11 | 70      | 60      |        |       # goes on
02      | 2025-01-01 | 2025-01-11 | 2025-03-01 | 2025-03-10 | 2025-03-10 | 2025-03-09 | 69      | 59      | 59     | 9     # died on study
03      | 2025-01-01 | 2025-01-11 | 2025-03-01 | 2025-03-02 | 2025-04-10 | 2025-03-09 | 61      | 90      | 90     | 40    # died after leaving it
04      | 2025-01-01 |            |            | 2025-01-05 |            | 2025-01-05 | 5       |         |        |       # screening failure
05      |            | 2025-01-11 |            |            | 2025-01-11 | 2025-01-11 |         | 1       | 1      |       # on the day of first dose
06      | 2025-01-01 | 2025-01-11 | 2025-03-12 |            | 2025-03-10 | 2025-03-09 | 69      | 59      | 59     |       # a dose after death
07      | 2025-01-20 | 2025-01-11 | 2025-03-01 |            | 2025-01-10 | 2025-01-08 |         |         | -1     |       # dates in the wrong order
"""


def test_durations():
    lengths = ("STUDURD", "FUPDURD", "DTHADY", "LDDTHELD")
    cases = table(
        DURATIONS, numbers=lengths, dates=("RFICDT", "TRTSDT", "TRTEDT", "EOSDT", "DTHDT", "LSTALVDT"),
    )  # fmt: skip
    got = derive_durations(cases.drop(columns=list(lengths)))
    pd.testing.assert_frame_equal(got[list(lengths)], cases[list(lengths)])


def test_group_of_the_cause_of_death(study):
    cases = table("""
    DTHFL | DTHCAUS             | DTHCGR1 # why
    Y     | DISEASE UNDER STUDY | DISEASE PROGRESSION
    Y     | Adverse event       | ADVERSE EVENT       # upper or lower case alike
    Y     | Accident            | OTHER
    Y     | UNKNOWN             | UNKNOWN
    Y     |                     | UNKNOWN             # no cause given
          | DISEASE UNDER STUDY |                     # not dead as of the cut-off
    """)
    got = group_cause_of_death(cases.drop(columns="DTHCGR1"), study)
    assert got["DTHCGR1"].fillna("").to_list() == cases["DTHCGR1"].fillna("").to_list()
    terms = {name: words for name, words in study.study.terms.items() if name != "death_groups"}
    without = study.model_copy(update={"study": study.study.model_copy(update={"terms": terms})})
    assert group_cause_of_death(cases, without)["DTHCGR1"].isna().all()
