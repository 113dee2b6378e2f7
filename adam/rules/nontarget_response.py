"""Response of the non-target lesions (RECIST 1.1)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.lesions import NON_TARGET
from adam.rules.measurements import ABSENT
from adam.rules.target_response import CR, NE, NON_CR_NON_PD, PD
from adam.rules.tumors import SCALE
from specs.models import ResponseParameters

INCREASED = "INCREASED"
PRESENT = "PRESENT"


def derive_nontarget_states(measurements: pd.DataFrame, parameters: ResponseParameters) -> pd.DataFrame:
    """The rows of `derive_measurements` of non-target lesions, STATE filled from a diameter where TUMSTATE is missing.

    A diameter of 0, or one of a node in the normal range, is ABSENT; any other is PRESENT. Row order stays.
    """
    rows = measurements[measurements["KIND"] == NON_TARGET]
    normal = rows["AMOUNT"] < parameters.node_normal_mm * SCALE
    absent = normal.where(rows["NODE"], rows["AMOUNT"] == 0)
    by_size = pd.Series(np.where(absent, ABSENT, PRESENT), index=rows.index, dtype="str")
    return rows.assign(STATE=rows["STATE"].fillna(by_size.where(rows["AMOUNT"].notna())))


def derive_nontarget_response(states: pd.DataFrame, back: pd.Series) -> pd.Series:
    """The non-target response of each assessment, index = ASSESS; the first match decides.

      1. a lesion INCREASED, or back after an overall CR (`back`, one flag a row of `states`) -> PD
      2. a lesion not evaluated                                                               -> NE
      3. every lesion ABSENT                                                                  -> CR
      4. anything else                                                                        -> NON-CR/NON-PD
    A subject without non-target lesions has no row here; its response is NOT APPLICABLE.
    Source: PROTOCOL, "Response (RECIST 1.1)".
    """
    state = states["STATE"]
    facts = pd.DataFrame(
        {
            "ASSESS": states["ASSESS"],
            "WORSE": (state == INCREASED) | back,
            "LOST": state.isna(),
            "GONE": state == ABSENT,
        }
    )
    found = facts.groupby("ASSESS", sort=True).agg(WORSE=("WORSE", "any"), LOST=("LOST", "any"), GONE=("GONE", "all"))
    response = np.select([found["WORSE"], found["LOST"], found["GONE"]], [PD, NE, CR], NON_CR_NON_PD)
    return pd.Series(response, index=found.index, dtype="str")


RULES = {"nontarget_response": derive_nontarget_response}
