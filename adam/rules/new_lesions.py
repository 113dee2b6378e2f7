"""New lesions: which of them are progression, and since when (RECIST 1.1)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.assessment_order import POST
from adam.rules.lesions import NEW
from adam.rules.tumors import SCALE, Tumors
from specs.models import ResponseParameters

UNEQUIVOCAL, EQUIVOCAL, ABSENT = "UNEQUIVOCAL", "EQUIVOCAL", "ABSENT"
SMALL_NODE, BACK_DATED, NO_LESION = "SMALL NODE", "BACK-DATED", "NO LESION"
PROGRESSION = (UNEQUIVOCAL, BACK_DATED)


def derive_new_lesions(tumors: Tumors, combined: pd.DataFrame, parameters: ResponseParameters) -> pd.DataFrame:
    """What each new lesion is at each assessment after baseline that shows it.

    In: `combine_records`. Out: one row an assessment and new lesion that it shows: SUBJ, ASSESS, LESION, STATUS, DT,
    SEQ (TRSEQ of the record that says so). STATUS: the first match decides:
      1. ABSENT, or neither state nor size                                                    -> no row
      2. state UNEQUIVOCAL                                                                    -> UNEQUIVOCAL
      3. state EQUIVOCAL                                                                      -> EQUIVOCAL
      4. else (PRESENT, or a size alone), a node below the normal size (10 mm), or a size of 0 -> no row
      5. a node below the pathological size (10 to < 15 mm)                                   -> SMALL NODE
      6. anything else                                                                        -> UNEQUIVOCAL
    A SMALL NODE is equivocal, but adds its date where the same assessment has another reason for PD. The first row of a
    lesion that is EQUIVOCAL or a SMALL NODE becomes BACK-DATED when a later row of it is UNEQUIVOCAL.
    Source: PROTOCOL, "(C) After an overall CR ... below 10 mm it is no lesion".
    """
    new = tumors.lesions.index[tumors.lesions["KIND"] == NEW]
    post = tumors.assessments.index[tumors.assessments["PHASE"] == POST]
    rows = combined[combined["LESION"].isin(new) & combined["ASSESS"].isin(post)]
    node = tumors.lesions["NODE"].reindex(rows["LESION"]).set_axis(rows.index)
    status = np.select(
        [
            (rows["STATE"] == ABSENT) | (rows["STATE"].isna() & rows["AMOUNT"].isna()),
            rows["STATE"] == UNEQUIVOCAL,
            rows["STATE"] == EQUIVOCAL,
            (node & (rows["AMOUNT"] < parameters.node_normal_mm * SCALE)) | (rows["AMOUNT"] == 0),
            node & (rows["AMOUNT"] < parameters.node_pathological_mm * SCALE),
        ],
        [NO_LESION, UNEQUIVOCAL, EQUIVOCAL, NO_LESION, SMALL_NODE],
        UNEQUIVOCAL,
    )
    by_size = rows["STATE"].isna()
    rows = pd.DataFrame(
        {
            "SUBJ": tumors.lesions["SUBJ"].reindex(rows["LESION"]).to_numpy(),
            "ASSESS": rows["ASSESS"],
            "LESION": rows["LESION"],
            "STATUS": pd.Series(status, index=rows.index, dtype="str"),
            "DT": rows["STATEDT"].mask(by_size, rows["AMOUNTDT"]),
            "SEQ": rows["STATESQ"].mask(by_size, rows["AMOUNTSQ"]),
        }
    )
    rows = rows[rows["STATUS"] != NO_LESION].sort_values(["LESION", "ASSESS"], kind="stable", ignore_index=True)
    proven = rows["ASSESS"].where(rows["STATUS"] == UNEQUIVOCAL).groupby(rows["LESION"]).transform("max")
    first = ~rows["LESION"].duplicated()
    doubtful = rows["STATUS"].isin([EQUIVOCAL, SMALL_NODE])
    rows["STATUS"] = rows["STATUS"].mask(first & doubtful & (proven > rows["ASSESS"]), BACK_DATED)
    return rows


RULES = {"new_lesions": derive_new_lesions}
