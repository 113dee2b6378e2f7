"""Rules about arms: planned, actual, and why there is none (study.yaml, `arms`)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.rule import Call, Made, Rule
from specs.findings import report


def derive_planned_arm(frame: pd.DataFrame, call: Call) -> Made:
    """ARMCD from the cohort `of` and the variable `enrolled` (Y, N).

    The first matching line decides: 1. not enrolled -> missing; 2. the cohort is an arm of the study -> it; 3. anything
    else -> missing, with a finding where the cohort has a text.
    """
    cohort = frame[call.of]
    enrolled = frame[call.args["enrolled"]] == "Y"
    known = cohort.isin(list(call.study.study.arms))
    odd = enrolled & cohort.notna() & ~known
    finding = report(
        "SDTM-203", frame[odd], dataset=call.spec.dataset, variable=call.variable,
        field=call.spec.made[call.of].from_ or "", value=cohort, codelist="arms of study.yaml", nearest="",
    )  # fmt: skip
    return Made(cohort.where(enrolled & known, np.nan), finding)


def derive_arm_name(frame: pd.DataFrame, call: Call) -> pd.Series:
    """ARM or ACTARM of the arm code `of`."""
    names = {code: arm.arm for code, arm in call.study.study.arms.items()}
    return frame[call.of].map(names).astype("str")


def derive_actual_arm(frame: pd.DataFrame, call: Call) -> pd.Series:
    """ACTARMCD: the planned arm `of` where the subject had a dose, else missing."""
    return frame[call.of].where(frame["RFXSTDTC"].notna(), np.nan)


def derive_arm_null_reason(frame: pd.DataFrame, call: Call) -> pd.Series:
    """ARMNRS, from the arm codes, the first dose and the variable `enrolled` (Y, N).

    The first matching line decides:
      1. planned and actual arm -> missing
      2. planned arm, never dosed -> ASSIGNED, NOT TREATED
      3. dosed without a planned arm -> UNPLANNED TREATMENT
      4. not enrolled (N) -> SCREEN FAILURE
      5. anything else (not enrolled yet) -> NOT ASSIGNED
    """
    planned, dosed = frame["ARMCD"].notna(), frame["RFXSTDTC"].notna()
    cases = [planned & dosed, planned, dosed, frame[call.args["enrolled"]] == "N"]
    values = [None, "ASSIGNED, NOT TREATED", "UNPLANNED TREATMENT", "SCREEN FAILURE"]
    chosen = np.select(
        [c.to_numpy() for c in cases], [np.array(v, dtype="object") for v in values], np.array("NOT ASSIGNED", "object")
    )
    return pd.Series(chosen, index=frame.index, dtype="str")


RULES = {
    "planned_arm": Rule(derive_planned_arm),
    "arm_name": Rule(derive_arm_name),
    "actual_arm": Rule(derive_actual_arm, needs=("--.RFXSTDTC",)),
    "arm_null_reason": Rule(derive_arm_null_reason, needs=("--.ARMCD", "--.RFXSTDTC")),
}
