"""What sponsors choose differently is data of the study: another study gets other answers from the same records."""

from __future__ import annotations

import pandas as pd
import pytest

from adam.adae import derive_adae
from adam.adsl import derive_adsl
from adam.build import build_adam
from adam.reads import needed_variables
from adam.rules.alive import derive_last_alive
from adam.rules.history import cause_of_death
from adam.rules.occurrence import flag_occurrences
from adam.rules.populations import derive_populations
from adam.rules.treatment import given_doses
from specs.models import Drug, LifeProof
from tests.adam.subject.conftest import with_parameter
from tests.adam.subject.example import example
from tests.tables import table


def build(sdtm, study):
    alive, _ = derive_last_alive(sdtm, study)
    return derive_adsl(sdtm, study, alive)


DOSES = """
USUBJID | EXTRT   | EXDOSE | EXSTDTC    | OURS | PLACEBO # why
01      | QL1706  | 5      | 2025-01-01 | Y    | Y       # a dose
02      | QL1706  | 0      | 2025-01-01 |      |         # no placebo: not given
03      | Placebo | 0      | 2025-01-01 |      | Y       # a placebo is given with nothing in it
04      | PLACEBO | 1      | 2025-01-01 |      | Y       # one tablet
05      | PLACEBO |        | 2025-01-01 |      |         # an amount that is not told
06      | PLACEBO | -1     | 2025-01-01 |      |         # no amount
"""


def with_placebo(study):
    placebo = Drug(dose_unit="mg", frequency="QD", placebo=True)
    drugs = {**study.study.drugs, "PLACEBO": placebo}
    return study.model_copy(update={"study": study.study.model_copy(update={"drugs": drugs})})


def with_terms(study, **lists):
    terms = {**study.study.terms, **lists}
    return study.model_copy(update={"study": study.study.model_copy(update={"terms": terms})})


def test_a_placebo_of_dose_0_is_a_dose_where_the_study_has_one(study):
    ex = table(DOSES, numbers=("EXDOSE",))
    for expected, of_study in (("OURS", study), ("PLACEBO", with_placebo(study))):
        doses = given_doses({"EX": ex}, of_study)
        assert doses["USUBJID"].tolist() == ex.loc[ex[expected] == "Y", "USUBJID"].tolist()


def test_enrolment_is_the_milestone_that_the_study_names(study):
    core = table("USUBJID | ARMCD | ARMNRS | RFICDT\n01 | | |\n02 | | |\n03 | | |")
    ds = table(
        """
        USUBJID | DSCAT              | DSDECOD    | DSSTDTC
        01      | PROTOCOL MILESTONE | ENROLLED   | 2025-01-01
        02      | PROTOCOL MILESTONE | RANDOMIZED | 2025-01-02
        03      | OTHER EVENT        | RANDOMIZED | 2025-01-03
        """
    )
    nobody = pd.Series([], dtype="str")
    expected = {"ENROLLED": ["2025-01-01", "", ""], "RANDOMIZED": ["", "2025-01-02", ""]}
    for term, dates in expected.items():
        got = derive_populations(core, {"DS": ds}, nobody, with_terms(study, enrolled=[term]))
        assert got["ENRLDT"].dt.strftime("%Y-%m-%d").fillna("").tolist() == dates
        assert got["ENRLFL"].tolist() == ["Y" if date else "N" for date in dates]


CAUSES = """
USUBJID | DD         | DD,AE      | AE         # why
01      | CANCER     | CANCER     | Sepsis     # both tell
02      |            | Stroke     | Stroke     # AEOUT FATAL
03      |            | Suicide    | Suicide    # AESDTH Y
04      |            | Sepsis     | Sepsis     # of two the last to start
05      |            | Sepsis     | Sepsis     # of two on one day the higher AESEQ
06      |            | Stroke     | Stroke     # one with a start before one without
07      |            |            |            # no fatal event
"""
FATAL = """
USUBJID | AESEQ | AEDECOD | AESTDTC    | AEOUT   | AESDTH
01      | 1     | Sepsis  | 2025-03-01 | FATAL   | Y
02      | 1     | Stroke  | 2025-03-01 | FATAL   |
03      | 1     | Suicide | 2025-03-01 | UNKNOWN | Y
04      | 1     | Sepsis  | 2025-03-02 | FATAL   | Y
04      | 2     | Stroke  | 2025-03-01 | FATAL   | Y
05      | 1     | Stroke  | 2025-03-01 | FATAL   | Y
05      | 2     | Sepsis  | 2025-03    | FATAL   | Y
06      | 1     | Stroke  | 2025-03-01 | FATAL   | Y
06      | 2     | Sepsis  |            | FATAL   | Y
07      | 1     | Sepsis  | 2025-03-01 | UNKNOWN | N
"""


@pytest.mark.parametrize("sources", ["DD", "DD,AE", "AE"])
def test_cause_of_death_is_told_by_the_domains_that_the_study_names(study, sources):
    cases = table(CAUSES).set_index("USUBJID")
    sdtm = {
        "DD": table("USUBJID | DDSEQ | DDTESTCD | DDSTRESC\n01 | 1 | PRCDTH | CANCER", numbers=("DDSEQ",)),
        "AE": table(FATAL, numbers=("AESEQ",)),
    }
    got = cause_of_death(sdtm, with_parameter(study, "subject", death_cause=sources.split(",")))
    assert got.set_index("USUBJID")["DTHCAUS"].to_dict() == cases[sources].dropna().to_dict()


def test_life_is_proved_by_what_the_study_lists(study):
    sdtm = {
        "DM": table("USUBJID | DTHDTC\n01 |"),
        "VS": table("USUBJID | VSSEQ | VSDTC\n01 | 1 | 2025-05-01", numbers=("VSSEQ",)),
        "AE": table("USUBJID | AESEQ | AESTDTC | AEENDTC\n01 | 1 | 2025-03-01 | 2025-04-01", numbers=("AESEQ",)),
    }
    ends_too = [LifeProof(domain="AE", date="AESTDTC"), LifeProof(domain="AE", date="AEENDTC")]
    for of_study, source in ((study, "VS.VSDTC"), (with_parameter(study, "subject", alive=ends_too), "AE.AEENDTC")):
        alive, _ = derive_last_alive(sdtm, of_study)
        assert alive["LSTALVSR"].tolist() == [source]


def test_what_proves_life_is_read(study):
    """A study that lists more domains and variables has them read from files, and those of its list only."""
    one = study.model_copy(update={"adam": {"ADSL": study.adam["ADSL"]}})
    assert _own(needed_variables(one), "VS") == {"VSSTAT", "VSDTC"}
    other = [LifeProof(domain="QS", date="QSDTC", only=("QSSTAT", "DONE"), unless=("QSOCCUR", "N"), given="QSSTRESN")]
    needed = needed_variables(with_parameter(one, "subject", alive=other))
    assert _own(needed, "QS") == {"QSDTC", "QSSTAT", "QSOCCUR", "QSSTRESN"}
    assert "VS" not in needed


def _own(needed, domain: str) -> set[str]:
    """Without what ADSL takes over under its own name: this study specs no domain that would rule it out."""
    return {variable for variable in needed[domain] if variable.startswith(domain)}


@pytest.mark.parametrize("dose", ["given", "not given"])
def test_a_proof_by_a_dose_needs_the_dose(study, dose):
    sdtm = {
        "DM": table("USUBJID | DTHDTC\n01 |"),
        "EX": table(f"USUBJID | EXSEQ | EXDOSE | EXENDTC\n01 | 1 | {int(dose == 'given')} | 2025-05-01",
                    numbers=("EXSEQ", "EXDOSE")),
    }  # fmt: skip
    for given, proved in (("EXDOSE", dose == "given"), (None, True)):
        proofs = [LifeProof(domain="EX", date="EXENDTC", given=given)]
        alive, _ = derive_last_alive(sdtm, with_parameter(study, "subject", alive=proofs))
        assert alive["LSTALVDT"].notna().tolist() == [proved]


def test_a_study_without_dose_finding_has_the_other_datasets(study):
    sdtm = example(1)
    datasets = {name: spec for name, spec in study.adam.items() if name != "ADDLT"}
    parameters = study.study.parameters.model_copy(update={"dlt": None})
    other = study.model_copy(
        update={"adam": datasets, "study": study.study.model_copy(update={"parameters": parameters})}
    )
    made, full = build_adam(sdtm, other).datasets, build_adam(sdtm, study).datasets
    assert set(made) == set(full) - {"ADDLT"}
    pd.testing.assert_frame_equal(made["ADTTE"], full["ADTTE"])


def test_parameters_that_are_lists_stand_in_no_sentence(study):
    flat = study.study.parameters.flat()
    assert {type(value) for value in flat.values()} <= {str, int, float}
    assert flat["time_to_event_origin"] == "first_dose"
    assert "subject_alive" not in flat


def test_age_groups_have_the_words_of_the_study(study):
    dm = table("USUBJID | AGE\n01 | 64\n02 | 65\n03 |", numbers=("AGE",))
    other = with_parameter(study, "subject", younger="18-64", older=">64")
    for of_study, words in ((study, ["<65", ">=65", ""]), (other, ["18-64", ">64", ""])):
        adsl, _ = build({"DM": dm}, of_study)
        assert adsl["AGEGR1"].fillna("").tolist() == words


def test_a_disposition_event_that_names_no_subcategory_ends_the_study(study):
    dm = table("USUBJID | ARMCD\n01 | DL1\n02 | DL1\n03 | DL1")
    ds = table(
        """
        USUBJID | DSSEQ | DSCAT             | DSSCAT          | DSDECOD       | DSSTDTC
        01      | 1     | DISPOSITION EVENT |                 | ADVERSE EVENT | 2025-06-01
        02      | 1     | DISPOSITION EVENT | STUDY TREATMENT | ADVERSE EVENT | 2025-06-02
        03      | 1     | OTHER EVENT       |                 | FINAL VISIT   | 2025-06-03
        """,
        numbers=("DSSEQ",),
    )
    adsl, _ = build({"DM": dm, "DS": ds}, study)
    assert adsl["EOSSTT"].tolist() == ["DISCONTINUED", "ONGOING", "ONGOING"]
    assert adsl["DCSREAS"].fillna("").tolist() == ["ADVERSE EVENT", "", ""]


WORST = """
USUBJID | AESEQ | AEBODSYS | AEDECOD | AETOXGR | AESEV    | AESTDTC    | BY_GRADE | BY_SEV # why
01      | 1     | Gut      | Nausea  | 3       | MILD     | 2025-03-11 | Y        |        # the words differ
01      | 2     | Gut      | Nausea  | 1       | MODERATE | 2025-03-12 |          | Y
02      | 1     | Gut      | Nausea  | 1       |          | 2025-03-11 | Y        |        # not told is the lowest
02      | 2     | Gut      | Nausea  |         | MILD     | 2025-03-12 |          |
02      | 3     | Gut      | Nausea  |         | SEVERE   | 2025-03-13 |          | Y
02      | 4     | Gut      | Nausea  |         | severe!  | 2025-03-10 |          |        # no term of CDISC's list
"""


def test_the_worst_event_is_told_by_grade_or_by_severity(study):
    ae = table(WORST, numbers=("AESEQ",))
    adsl = table("USUBJID | TRTSDT\n01 | 2025-03-01\n02 | 2025-03-01", dates=("TRTSDT",))
    for column, worst_by in (("BY_GRADE", "AETOXGR"), ("BY_SEV", "AESEV")):
        sdtm = {"AE": ae.drop(columns=["BY_GRADE", "BY_SEV"])}
        adae, _ = derive_adae(sdtm, adsl, with_parameter(study, "safety", worst_by=worst_by))
        assert adae["AOCCIFL"].fillna("").tolist() == ae[column].fillna("").tolist()


def test_severity_is_kept_beside_the_grade(study):
    ae = table(WORST, numbers=("AESEQ",)).drop(columns=["BY_GRADE", "BY_SEV"])
    adsl = table("USUBJID | TRTSDT\n01 | 2025-03-01\n02 | 2025-03-01", dates=("TRTSDT",))
    adae, _ = derive_adae({"AE": ae}, adsl, study)
    assert adae["ASEVN"].fillna(0).tolist() == [1, 2, 0, 1, 3, 0]


def test_occurrences_go_by_the_number_given():
    events = table(
        """
        USUBJID | AESEQ | AEBODSYS | AEDECOD | ATOXGRN | ASEVN | ASTDT      | TRTEMFL
        01      | 1     | Gut      | Nausea  | 1       | 3     | 2025-03-11 | Y
        01      | 2     | Gut      | Nausea  | 2       | 1     | 2025-03-12 | Y
        """,
        numbers=("AESEQ", "ATOXGRN", "ASEVN"),
        dates=("ASTDT",),
    )
    assert flag_occurrences(events)["AOCCIFL"].fillna("").tolist() == ["", "Y"]
    assert flag_occurrences(events, worst_by="ASEVN")["AOCCIFL"].fillna("").tolist() == ["Y", ""]
