"""Change of tumour size from baseline and from nadir."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.assessment_order import BASELINE
from adam.rules.tumors import SCALE, Tumors
from specs.dates import study_day


def derive_change(rows: pd.DataFrame, tumors: Tumors) -> pd.DataFrame:
    """Adds the visit, the study day, ABLFL, BASE, CHG, PCHG, CHGNAD and PCHGNAD; amounts become mm.

    In: ASSESS, PARAMCD, AVAL and NADIR (whole micrometres), ANL01FL, ADT. ABLFL = Y on the baseline assessment, on
    SUMDIAM only where complete; BASE is its AVAL. CHG and PCHG stand after baseline only. Row order and count stay.
    """
    of_visit = tumors.assessments.reindex(rows["ASSESS"]).set_axis(rows.index)
    subject = tumors.subjects.reindex(of_visit["SUBJ"]).set_axis(rows.index)
    at_baseline = (of_visit["PHASE"] == BASELINE) & ((rows["PARAMCD"] != "SUMDIAM") | (rows["ANL01FL"] == "Y"))
    base = rows["AVAL"].where(at_baseline).groupby([of_visit["SUBJ"], rows["PARAMCD"]]).transform("max")
    post = of_visit["PHASE"] != BASELINE
    return rows.assign(
        USUBJID=subject["USUBJID"],
        AVAL=rows["AVAL"] / SCALE,
        BASE=base / SCALE,
        CHG=((rows["AVAL"] - base) / SCALE).where(post),
        PCHG=_percent(rows["AVAL"], base).where(post),
        NADIR=rows["NADIR"] / SCALE,
        CHGNAD=(rows["AVAL"] - rows["NADIR"]) / SCALE,
        PCHGNAD=_percent(rows["AVAL"], rows["NADIR"]),
        ABLFL=pd.Series(np.nan, index=rows.index, dtype="str").mask(at_baseline, "Y"),
        ADY=study_day(rows["ADT"], subject["TRTSDT"]),
        AVISIT=of_visit["VISIT"],
        AVISITN=of_visit["VISITNUM"],
        TRLNKGRP=of_visit["LNKGRP"],
        SRCDOM=pd.Series("TR", index=rows.index, dtype="str"),
    ).drop(columns="ASSESS")


def pick_best_change(sums: pd.DataFrame) -> pd.DataFrame:
    """The smallest percent change of the sum from baseline, one row for each subject that has any.

    In: assessments after baseline (index ASSESS, in order of time) with the columns of `derive_sums`. Only a sum of all
    targets, and a complete one at baseline, has a change; of equal ones the earliest is taken. Adds CHANGE.
    """
    whole = sums[sums["COMPLETE"].eq(True) & (sums["BASE"] > 0)]
    whole = whole.assign(CHANGE=_percent(whole["SUM"], whole["BASE"])).rename_axis("ASSESS").reset_index()
    return whole.sort_values(["SUBJ", "CHANGE", "ASSESS"], kind="stable").drop_duplicates("SUBJ")


def _percent(value: pd.Series, reference: pd.Series) -> pd.Series:
    """Percent change, missing from a reference of 0; one division of whole numbers, so exact to the last digit."""
    return (value - reference) * 100 / reference.where(reference > 0)


RULES = {"change_from_baseline": derive_change, "best_change": pick_best_change}
