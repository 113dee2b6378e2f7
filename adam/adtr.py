"""ADTR: diameters of the target lesions and their sum, with change from baseline and from nadir."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.parameters import add_parameter, carry_over
from adam.rules.lesions import TARGET
from adam.rules.measurements import combine_records, derive_measurements
from adam.rules.response_findings import explain_lesions
from adam.rules.target_response import derive_sums
from adam.rules.tumor_change import derive_change
from adam.rules.tumors import Tumors, read_tumors
from specs import StudySpec

MOST_LESIONS = 10  # parameters DIAM1 to DIAM10 of the spec; a sixth target lesion is a finding already
SPLIT, MERGED, TOO_SMALL, MEASURED = "SPLIT", "MERGED", "TOO SMALL TO MEASURE", "MEASURED"


def derive_adtr(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, tumors: Tumors | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tumour results of the subjects that have a baseline assessment with target lesions.

    In: TU, TR; ADSL; `tumors`, if read already. Out: one row a subject, assessment from baseline on and target lesion
    with a diameter (DIAM1, ... in the order of TULNKID; fragments added up), and one for the sum of each assessment
    with any (SUMDIAM); in mm; and findings on lesions and their records (ADAM-402, -407, -408, -442, -443). ANL01FL = Y
    on SUMDIAM where every target was evaluated. Source: PROTOCOL, "Response (RECIST 1.1)".
    """
    assert study.study.parameters is not None
    parameters = study.study.parameters.response
    tumors = tumors or read_tumors(sdtm, adsl, study)
    combined = combine_records(tumors)
    measurements = derive_measurements(tumors, combined)
    rows = pd.concat(
        [_lesion_rows(tumors, measurements), _sum_rows(tumors, derive_sums(measurements, parameters))],
        ignore_index=True,
    )
    spec = study.adam["ADTR"]
    rows = carry_over(add_parameter(derive_change(rows, tumors), spec), adsl, spec)
    return rows, explain_lesions(tumors, measurements, parameters)


def _lesion_rows(tumors: Tumors, measurements: pd.DataFrame) -> pd.DataFrame:
    """One row a target lesion and assessment where all of it was evaluated."""
    target = measurements[measurements["KIND"] == TARGET]
    whole = target["AMOUNT"].notna().groupby([target["ASSESS"], target["ROOT"]]).transform("all")
    target = target[whole].sort_values(["ASSESS", "ROOT", "DT", "SEQ"], ascending=[True, True, False, True])
    rows = (
        target.groupby(["ASSESS", "ROOT"], sort=True)
        .agg(
            AVAL=("AMOUNT", "sum"), PARTS=("LESION", "size"), LESION=("LESION", "first"), STATE=("STATE", "first"),
            TSTM=("TSTM", "first"), ADT=("DT", "max"), SRCSEQ=("SEQ", "first"), SRCVAR=("VAR", "first"),
            MERGED=("MERGED", "first"),
        )
        .reset_index()
    )  # fmt: skip
    split = (rows["PARTS"] > 1) | (rows["LESION"] != rows["ROOT"])
    how = np.select(
        [split, rows["MERGED"].astype(bool), rows["TSTM"].astype(bool)], [SPLIT, MERGED, TOO_SMALL], MEASURED
    )
    roots = tumors.lesions[
        (tumors.lesions["KIND"] == TARGET) & tumors.lesions["INBASE"] & (tumors.lesions["DEPTH"] == 0)
    ]
    number = (roots.groupby("SUBJ").cumcount() + 1).reindex(rows["ROOT"]).to_numpy()
    rows = rows.assign(
        PARAMCD=pd.Series("DIAM", index=rows.index) + pd.Series(number, index=rows.index).astype("str"),
        LSASSESS=pd.Series(how, index=rows.index, dtype="str"),
        TRLNKID=tumors.lesions["LNKID"].reindex(rows["ROOT"]).to_numpy(),
        TULOC=tumors.lesions["TULOC"].reindex(rows["ROOT"]).to_numpy(),
        ADT=rows["ADT"].fillna(tumors.assessments["DT"].reindex(rows["ASSESS"]).set_axis(rows.index)),
    )
    return rows[number <= MOST_LESIONS].drop(columns=["ROOT", "PARTS", "LESION", "STATE", "TSTM", "MERGED"])


def _sum_rows(tumors: Tumors, sums: pd.DataFrame) -> pd.DataFrame:
    """One row an assessment with a measured target lesion."""
    rows = sums[sums["NMEAS"] > 0].reset_index()
    return pd.DataFrame(
        {
            "ASSESS": rows["ASSESS"],
            "PARAMCD": pd.Series("SUMDIAM", index=rows.index, dtype="str"),
            "AVAL": rows["SUM"],
            "NADIR": rows["NADIR"],
            "ADT": rows["SUMDT"].fillna(tumors.assessments["DT"].reindex(rows["ASSESS"]).set_axis(rows.index)),
            "ANL01FL": pd.Series(np.where(rows["COMPLETE"], "Y", ""), index=rows.index, dtype="str").replace(
                "", np.nan
            ),
            "NTARGET": rows["NTARGET"],
            "NMEAS": rows["NMEAS"],
            "SRCSEQ": rows["SUMSEQ"],
            "SRCVAR": pd.Series("TRSTRESN", index=rows.index, dtype="str"),
        }
    )
