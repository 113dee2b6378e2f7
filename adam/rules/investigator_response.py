"""The investigator's overall response at each assessment, as recorded, with the date it goes by."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.assessment_order import POST
from adam.rules.lesions import NEW, NON_TARGET, TARGET
from adam.rules.new_lesions import ABSENT, UNEQUIVOCAL
from adam.rules.nontarget_response import INCREASED, PRESENT
from adam.rules.target_response import NE, PD
from adam.rules.tumors import Tumors, latest_scans

NEW_LESION_PD = (UNEQUIVOCAL, PRESENT, "Y", "YES")


def derive_investigator_response(tumors: Tumors, recomputed: pd.DataFrame) -> pd.DataFrame:
    """One row an OVRLRESP record of the investigator, its value as recorded (none: NE).

    In: tumors; `derive_response`, index = ASSESS. Out: SUBJ, ASSESS (-1 without TR records), RSSEQ, RESULT, LNKGRP,
    VISITNUM, VISIT, POST (after baseline), ADT and DATESEQ (TRSEQ of the record that gives it). ADT: the first match
    decides:
      1. no TR records                                             -> RSDTC
      2. PD, and TRGRESP, NTRGRESP or NEWLPROG say why             -> the earliest date of these reasons
      3. PD, and the recomputed response is PD                     -> its date
      4. anything else                                             -> the latest scan of the assessment
    Dates of reasons: the targets, as recomputed where that is PD, else their latest measurement; the non-targets, the
    first one INCREASED, else their latest; new lesions, the first one UNEQUIVOCAL or PRESENT, else the first shown.
    Source: PROTOCOL, "(C) The date of a response".
    """
    overall = tumors.responses[tumors.responses["TESTCD"] == "OVRLRESP"].reset_index(drop=True)
    of_visit = np.where(overall["ASSESS"] >= 0, overall["ASSESS"], -1 - overall["RSKEY"])
    reasons = pd.concat(_dates_of_reasons(tumors, recomputed), ignore_index=True)
    stated = _stated(tumors.responses)
    reasons = reasons.merge(stated, on=["ASSESS", "WHY"]).sort_values(["ASSESS", "DT", "WHY", "SEQ"], kind="stable")
    found = reasons.dropna(subset="DT").drop_duplicates("ASSESS").set_index("ASSESS").reindex(of_visit)
    own = recomputed.reindex(overall["ASSESS"])
    agreed = pd.Series((own["OVERALL"] == PD).to_numpy(), index=overall.index)
    latest = latest_scans(tumors.records).reindex(overall["ASSESS"])
    scanned = tumors.assessments["DT"].reindex(overall["ASSESS"]).set_axis(overall.index)

    result = overall["RESULT"].fillna(NE)
    progressed = result == PD
    date = pd.Series(found["DT"].to_numpy(), index=overall.index)
    date = date.fillna(pd.Series(own["OVERALLDT"].to_numpy(), index=overall.index).where(agreed)).where(progressed)
    seq = pd.Series(
        np.where(found["DT"].notna(), found["SEQ"], own["OVERALLSEQ"].where(agreed.to_numpy())), overall.index
    )
    first_dose = tumors.subjects["TRTSDT"].reindex(overall["SUBJ"]).set_axis(overall.index)
    out = overall[["SUBJ", "ASSESS", "RSSEQ", "LNKGRP", "VISITNUM", "VISIT"]].assign(
        RESULT=result,
        ADT=date.fillna(scanned).fillna(overall["DT"]).astype("datetime64[us]"),
        DATESEQ=seq.where(progressed).fillna(latest.set_axis(overall.index)),
    )
    phase = tumors.assessments["PHASE"].reindex(out["ASSESS"]).set_axis(out.index)
    return out.assign(POST=(phase == POST).where(out["ASSESS"] >= 0, out["ADT"] > first_dose).astype(bool))


def _dates_of_reasons(tumors: Tumors, recomputed: pd.DataFrame) -> list[pd.DataFrame]:
    """For each assessment and kind of lesion the scan date that a progression of it would go by."""
    read = tumors.records[["ASSESS", "LESION", "AMOUNT", "STATE", "DT", "TRSEQ"]]
    evaluated = read["AMOUNT"].notna() | read["STATE"].notna()
    records = read[(read["LESION"] >= 0) & read["DT"].notna() & evaluated]
    records = records.assign(KIND=tumors.lesions["KIND"].reindex(records["LESION"]).to_numpy())
    latest = records.sort_values(["ASSESS", "DT", "TRSEQ"], ascending=[True, False, True], kind="stable")
    first = records.sort_values(["ASSESS", "DT", "TRSEQ"], kind="stable")
    own = recomputed.loc[recomputed["TARGET"] == PD, ["TARGETDT", "TARGETSEQ"]].reset_index()
    own = own.rename(columns={"TARGETDT": "DT", "TARGETSEQ": "TRSEQ"})
    other, new = first[first["KIND"] == NON_TARGET], first[first["KIND"] == NEW]
    proven = new["STATE"].isin([UNEQUIVOCAL, PRESENT])
    choices = {
        "TRGRESP": [own, latest[latest["KIND"] == TARGET]],
        "NTRGRESP": [other[other["STATE"] == INCREASED], latest[latest["KIND"] == NON_TARGET]],
        "NEWLPROG": [new[proven], new[~proven & (new["STATE"] != ABSENT)]],
    }
    return [
        pd.concat([part[["ASSESS", "DT", "TRSEQ"]] for part in parts], ignore_index=True)
        .drop_duplicates("ASSESS")
        .rename(columns={"TRSEQ": "SEQ"})
        .assign(WHY=why)
        for why, parts in choices.items()
    ]


def _stated(responses: pd.DataFrame) -> pd.DataFrame:
    """The reasons for PD that the investigator recorded: ASSESS and WHY (the RS test)."""
    new = (responses["TESTCD"] == "NEWLPROG") & responses["RESULT"].isin(NEW_LESION_PD)
    old = responses["TESTCD"].isin(["TRGRESP", "NTRGRESP"]) & (responses["RESULT"] == PD)
    stated = responses.loc[(new | old) & (responses["ASSESS"] >= 0), ["ASSESS", "TESTCD"]].drop_duplicates()
    return stated.rename(columns={"TESTCD": "WHY"})


RULES = {"investigator_response": derive_investigator_response}
