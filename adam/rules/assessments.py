"""The baseline tumour assessment of each subject, as ADSL carries it."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from adam.rules.lesions import TARGET
from adam.rules.tumors import Tumors, read_tumors
from specs import StudySpec


def derive_baseline_assessment(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, tumors: Tumors | None = None
) -> pd.DataFrame:
    """The baseline tumour assessment of each subject, and whether it shows measurable disease.

    In: TU and TR; ADSL with USUBJID and TRTSDT (CUTOFFDT where there is one); `tumors`, if read already. Out: one row
    an ADSL row, in USUBJID order: USUBJID, BLASDT (latest scan of a TARGET or NON-TARGET on or before first dose in
    it), BLGRP (its TRLNKGRP), both missing without a baseline assessment, and RESPEVFL: Y with a TARGET lesion at
    baseline, else N.
    Source: PROTOCOL, "Baseline" and "Populations (ADSL)".
    """
    tumors = tumors or read_tumors(sdtm, adsl, study)
    subjects = tumors.subjects
    target = tumors.lesions["KIND"].eq(TARGET) & tumors.lesions["INBASE"]
    measurable = pd.Series("N", index=subjects.index, dtype="str")
    return pd.DataFrame(
        {
            "USUBJID": subjects["USUBJID"],
            "BLASDT": subjects["BLASDT"],
            "BLGRP": tumors.assessments["LNKGRP"].reindex(subjects["BASELINE"]).set_axis(subjects.index),
            "RESPEVFL": measurable.mask(subjects.index.isin(tumors.lesions.loc[target, "SUBJ"]), "Y"),
        }
    ).reset_index(drop=True)


RULES = {"baseline_assessment": derive_baseline_assessment}
