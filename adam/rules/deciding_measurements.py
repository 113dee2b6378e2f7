"""The TR records that decide a recomputed response, in words that a site can check against its scans."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.lesions import TARGET
from adam.rules.response_reasons import SUM
from adam.rules.target_response import NE, PD, PR, SD
from adam.rules.tumors import SCALE, Tumors
from adam.texts import join_texts

NONE = "no TR record"


def describe_deciding(recomputed: pd.DataFrame, tumors: Tumors) -> pd.Series:
    """Lesion, value, date and TRSEQ of the records that decide each recomputed response, as one text.

    In: rows of `derive_response` (index ASSESS: OVERALL, WHY, OVERALLSEQ, TARGET). Out: a text on their index; records
    in the order of TRLNKID. Which they are, the first match decides:
      1. NE                                     -> the lesions that were not evaluated
      2. PD by one lesion (new, non-target, back after CR) -> that lesion's record
      3. PD by the sum, PR, SD                  -> the target lesions
      4. CR, NON-CR/NON-PD                      -> every baseline lesion
    """
    records = tumors.records[tumors.records["ASSESS"].isin(recomputed.index) & (tumors.records["LESION"] >= 0)]
    of = recomputed.reindex(records["ASSESS"]).set_axis(records.index)
    lesion = tumors.lesions[["KIND", "INBASE"]].reindex(records["LESION"]).set_axis(records.index)
    target = lesion["KIND"] == TARGET
    evaluated = records["AMOUNT"].notna() | records["STATE"].notna()
    by_one = (of["OVERALL"] == PD) & of["WHY"].notna() & (of["WHY"] != SUM)
    cases = [of["OVERALL"] == NE, by_one, of["OVERALL"].isin([PD, PR, SD])]
    kept = np.select(cases, [~evaluated, records["TRSEQ"] == of["OVERALLSEQ"], target], lesion["INBASE"].astype("bool"))
    shown = records[kept.astype(bool)].sort_values(["ASSESS", "LNKID", "TRSEQ"], kind="stable")
    return join_texts(_describe(shown), shown["ASSESS"]).reindex(recomputed.index).fillna(NONE)


def _describe(records: pd.DataFrame) -> pd.Series:
    size = (records["AMOUNT"] / SCALE).astype("str") + " mm"
    value = size.where(records["AMOUNT"].notna(), records["STATE"].fillna("not evaluated"))
    value = value.mask(records["TSTM"].eq(True), "too small to measure, " + size)
    day = (" on " + records["DT"].dt.strftime("%Y-%m-%d").astype("str")).fillna("")
    text: pd.Series = (
        records["LNKID"] + " " + value + day + " (TRSEQ " + records["TRSEQ"].astype("Int64").astype("str") + ")"
    )
    return text
