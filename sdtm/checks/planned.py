"""Checks against what the protocol plans: the dose of the arm, the size of a target lesion at baseline."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.evidence import ROW, Evidence
from sdtm.checks.lesions import LESION, followed
from sdtm.checks.records import show_numbers
from sdtm.distinct import order_codes
from specs.checks import DoseNotPlanned, TargetTooSmall


def dose_not_planned(evidence: Evidence, spec: DoseNotPlanned, code: str) -> pd.DataFrame:
    """A dose given that is not the one planned for the subject's arm (DM.ARMCD).

    Of a subject without an arm, or of a drug that the arm lacks, nothing is known. Which doses are asked:
      first -> the first of each drug, where it differs from the plan
      above -> every dose above the plan
    """
    rows = evidence.take(spec.dataset, [spec.treatment, spec.dose, spec.date])
    arms = evidence.study.study.arms
    plan = {f"{arm}\x1f{drug}": dose for arm, given in arms.items() for drug, dose in given.doses.items()}
    rows["PLANNED"] = (evidence.subjects("ARMCD", rows) + "\x1f" + rows[spec.treatment]).map(plan).astype("float64")
    rows = rows[rows["PLANNED"].notna() & (rows[spec.dose] > 0)]
    if spec.which == "first":
        rows = rows.iloc[np.lexsort([rows[ROW].to_numpy(), order_codes(rows[spec.date])])]
        first = rows.drop_duplicates(["USUBJID", spec.treatment])
        wrong = first[first[spec.dose] != first["PLANNED"]]
    else:
        wrong = rows[rows[spec.dose] > rows["PLANNED"]]
    told = {"SHOWN": spec.dose, "PLAN": "PLANNED"}
    wrong = wrong.assign(**{fact: show_numbers(wrong[name].to_numpy()).to_numpy() for fact, name in told.items()})
    return evidence.found(code, spec.dataset, wrong, spec.dose, value="SHOWN", other="PLAN", drug=spec.treatment)


def target_too_small(evidence: Evidence, spec: TargetTooSmall, code: str) -> pd.DataFrame:
    """A target lesion that at baseline measures less than `low`, or `node` where its location is a lymph node."""
    tu = evidence.take("TU", ["TULNKID", "TUTESTCD", "TUSTRESC", "TULOC"]).rename(columns={"TULNKID": "TRLNKID"})
    targets = tu[(tu["TUTESTCD"] == "TUMIDENT") & (tu["TUSTRESC"] == "TARGET")].drop_duplicates(LESION)
    rows = followed(evidence, ["TRSTRESN", "TRORRES"])
    rows = rows[rows["BASELINE"]].merge(targets[[*LESION, "TULOC"]], on=LESION)
    node = rows["TULOC"].str.contains("LYMPH NODE", regex=False).fillna(value=False).astype("bool")
    rows["LEAST"] = np.where(node, spec.node, spec.low)
    wrong = rows[rows["TRSTRESN"] < rows["LEAST"]]
    wrong = wrong.assign(LEAST=show_numbers(wrong["LEAST"].to_numpy()).to_numpy())
    return evidence.found(code, "TR", wrong, "TRORRES", value="TRORRES", lesion="TRLNKID", other="LEAST")
