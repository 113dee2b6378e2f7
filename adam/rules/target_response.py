"""Sum of diameters, its nadir, and the response of the target lesions (RECIST 1.1)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.lesions import TARGET
from adam.rules.tumors import SCALE
from specs.models import ResponseParameters

CR, PR, SD, PD, NE = "CR", "PR", "SD", "PD", "NE"
NON_CR_NON_PD, NOT_APPLICABLE = "NON-CR/NON-PD", "NOT APPLICABLE"
_SHARE = 1_000_000  # shares are compared in whole millionths: exact


def derive_sums(measurements: pd.DataFrame, parameters: ResponseParameters) -> pd.DataFrame:
    """The sum of diameters of each assessment from baseline on, with its baseline and its nadir.

    In: `derive_measurements`. Out: index = ASSESS, one row an assessment of a subject with a target lesion at baseline:
    SUBJ, SUM (of what was measured), NTARGET, NMEAS, COMPLETE, GONE (complete, every non-nodal lesion 0 and every nodal
    one normal), BASE (complete sum at baseline), NADIR (smallest complete sum before, baseline included), SUMDT and
    SUMSEQ (latest measurement); amounts in whole micrometres. An incomplete sum sets no nadir.
    Source: PROTOCOL, "Target response".
    """
    target = measurements[measurements["KIND"] == TARGET]
    normal = target["AMOUNT"] < parameters.node_normal_mm * SCALE
    gone = normal.where(target["NODE"], target["AMOUNT"] == 0)
    seen = target["DT"].where(target["AMOUNT"].notna())
    sums = (
        target.assign(GONE=gone, SUMDT=seen)
        .groupby("ASSESS", sort=True)
        .agg(
            SUBJ=("SUBJ", "first"), SUM=("AMOUNT", "sum"), NTARGET=("AMOUNT", "size"), NMEAS=("AMOUNT", "count"),
            GONE=("GONE", "all"), SUMDT=("SUMDT", "max"),
        )
    )  # fmt: skip
    sums["COMPLETE"] = sums["NMEAS"] == sums["NTARGET"]
    first = ~sums["SUBJ"].duplicated()
    sums["BASE"] = sums["SUM"].where(first & sums["COMPLETE"]).groupby(sums["SUBJ"]).transform("first")
    so_far = sums["SUM"].where(sums["COMPLETE"], np.inf).groupby(sums["SUBJ"]).cummin()
    sums["NADIR"] = so_far.groupby(sums["SUBJ"]).shift().replace(np.inf, np.nan)
    latest = target[target["AMOUNT"].notna()].sort_values(["ASSESS", "DT", "SEQ"], ascending=[True, False, True])
    sums["SUMSEQ"] = latest.drop_duplicates("ASSESS").set_index("ASSESS")["SEQ"].reindex(sums.index)
    return sums


def grown(sums: pd.DataFrame, parameters: ResponseParameters) -> pd.Series:
    """Whether what was measured is at least the relative and the absolute increase over the nadir; exact."""
    share = round(parameters.pd_increase * _SHARE)
    over = sums["SUM"] - sums["NADIR"]
    return (over * _SHARE >= sums["NADIR"] * share) & (over >= parameters.pd_increase_mm * SCALE) & (sums["NMEAS"] > 0)


def shrunk(sums: pd.DataFrame, parameters: ResponseParameters) -> pd.Series:
    """Whether the sum is at least the relative decrease below baseline; exact."""
    share = round(parameters.pr_decrease * _SHARE)
    return (sums["BASE"] - sums["SUM"]) * _SHARE >= sums["BASE"] * share


def derive_target_response(sums: pd.DataFrame, reappeared: pd.Series, parameters: ResponseParameters) -> pd.Series:
    """The target response of each row of `derive_sums`; the first match decides.

      1. every target evaluated, non-nodal ones 0, nodal ones normal                          -> CR
      2. a non-nodal target back after an overall CR (`reappeared`)                           -> PD
      3. what was measured, 20% and 5 mm or more over the nadir                               -> PD
      4. a target not evaluated, or no complete sum at baseline                               -> NE
      5. 30% or more below baseline                                                           -> PR
      6. anything else                                                                        -> SD
    The numbers are the study's parameters. Source: PROTOCOL, "Target response".
    """
    cases = [
        sums["COMPLETE"] & sums["GONE"],
        reappeared,
        grown(sums, parameters),
        ~sums["COMPLETE"] | sums["BASE"].isna(),
        shrunk(sums, parameters),
    ]
    response = np.select([case.to_numpy(dtype=bool) for case in cases], [CR, PD, PD, NE, PR], SD)
    return pd.Series(response, index=sums.index, dtype="str")


RULES = {"sum_of_diameters": derive_sums, "target_response": derive_target_response}
