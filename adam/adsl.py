"""ADSL: one row a subject of DM, with treatment, dates, populations and how it ended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import take
from adam.rules.dates import day
from adam.rules.death import derive_death
from adam.rules.disposition import derive_end_of_study, derive_end_of_treatment, treatment_ends
from adam.rules.durations import derive_durations, group_cause_of_death
from adam.rules.history import cause_of_death, derive_history
from adam.rules.populations import derive_populations
from adam.rules.treatment import (
    derive_first_dose,
    derive_last_dose,
    derive_new_therapy,
    given_doses,
    report_other_drugs,
)
from specs import StudySpec
from specs.findings import combine

_FROM_DM = [
    "STUDYID", "USUBJID", "SUBJID", "SITEID", "COUNTRY", "AGE", "AGEU", "SEX", "RACE", "ETHNIC",
    "ARM", "ARMCD", "ACTARM", "ACTARMCD", "ARMNRS", "RFICDTC", "DTHFL",
]  # fmt: skip


def derive_adsl(
    sdtm: Mapping[str, pd.DataFrame], study: StudySpec, alive: pd.DataFrame, cutoff: pd.Timestamp | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The core of ADSL: everything but DLT, RP2D, baseline assessment and response evaluability.

    In: SDTM after the cut-off is applied (DM and EX needed; DS, CM, PR, DD read where they are); `alive` with USUBJID,
    LSTALVDT, LSTALVSR, LSTALVSQ as of the cut-off. Out: one row a row of DM, in its order; and findings. Read
    top to bottom: who, which treatment, dead or alive, doses, populations, how it ended, what came before and after.
    """
    adsl = _demographics(sdtm, study).merge(alive, on="USUBJID", how="left")
    deaths, death_findings = derive_death(sdtm, alive, cutoff)
    adsl = adsl.merge(deaths, on="USUBJID", how="left").merge(cause_of_death(sdtm, study), on="USUBJID", how="left")
    adsl["DTHFL"] = adsl["DTHFL"].mask(adsl["DTHDT"].notna(), "Y")

    doses = given_doses(sdtm, study)
    ends = treatment_ends(adsl, sdtm, study)
    first, first_findings = derive_first_dose(doses, adsl[["USUBJID", "RFICDT"]])
    last, last_findings = derive_last_dose(doses, study, ends[["USUBJID", "EXTRT", "ENDED"]], cutoff)
    adsl = adsl.merge(first, on="USUBJID", how="left").merge(last, on="USUBJID", how="left")
    adsl["TRTDURD"] = (adsl["TRTEDT"] - adsl["TRTSDT"]).dt.days.astype("float64") + 1

    adsl = derive_populations(adsl, sdtm, doses["USUBJID"], study)
    adsl["TRT01P"] = adsl["ARM"].fillna(adsl["ENRLRS"])
    adsl["TRT01A"] = adsl["ACTARM"].fillna(adsl["ARM"]).where(adsl["SAFFL"] == "Y")
    adsl = derive_end_of_treatment(derive_end_of_study(adsl, sdtm), doses, ends)

    therapy, therapy_findings = derive_new_therapy(sdtm, study, adsl[["USUBJID", "TRTSDT", "TRTEDT"]], cutoff)
    adsl = adsl.merge(therapy, on="USUBJID", how="left")
    adsl = derive_history(adsl, sdtm, study)
    adsl = group_cause_of_death(derive_durations(adsl), study)
    adsl["CUTOFFDT"] = pd.Series(cutoff or pd.NaT, index=adsl.index).astype("datetime64[us]")
    other_drugs = report_other_drugs(sdtm, study)
    return adsl, combine([death_findings, other_drugs, first_findings, last_findings, therapy_findings])


def add_baseline_assessment(adsl: pd.DataFrame, baseline: pd.DataFrame) -> pd.DataFrame:
    """ADSL with BLASDT and RESPEVFL of the baseline assessment, and RESPEVRS, why not response-evaluable. Rows stay."""
    adsl = adsl.merge(baseline[["USUBJID", "BLASDT", "RESPEVFL"]], on="USUBJID", how="left", validate="1:1")
    evaluable = adsl["RESPEVFL"] == "Y"
    why = adsl["SAFRS"].mask(adsl["SAFRS"].isna() & adsl["BLASDT"].isna(), "NO BASELINE TUMOUR ASSESSMENT")
    return adsl.assign(RESPEVRS=why.fillna("NO MEASURABLE DISEASE AT BASELINE").mask(evaluable))


def _demographics(sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """DM's variables, age group, phase and dose level (by the actual arm, where none is given by the planned one)."""
    adsl = take(sdtm, "DM", _FROM_DM)
    adsl["RFICDT"] = day(adsl["RFICDTC"])
    adsl = _age_group(adsl, study)
    arm = adsl["ACTARMCD"].fillna(adsl["ARMCD"])
    arms = study.study.arms
    adsl["PHASE"] = arm.map({code: a.phase for code, a in arms.items()}).astype("str")
    adsl["DOSELVL"] = arm.map({code: a.level for code, a in arms.items()}).astype("float64")
    return adsl


def _age_group(adsl: pd.DataFrame, study: StudySpec) -> pd.DataFrame:
    assert study.study.parameters is not None
    group = study.study.parameters.subject
    cases = [adsl["AGE"] < group.older_from_years, adsl["AGE"] >= group.older_from_years]
    words = [group.younger or f"<{group.older_from_years}", group.older or f">={group.older_from_years}"]
    text = pd.Series(np.select(cases, words, ""), index=adsl.index, dtype="str")
    number = pd.Series(np.select(cases, [1.0, 2.0], np.nan), index=adsl.index)
    return adsl.assign(AGEGR1=text.mask(text == ""), AGEGR1N=number)
