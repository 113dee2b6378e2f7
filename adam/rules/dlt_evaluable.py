"""Who is evaluable for dose-limiting toxicity."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.rules.dates import day, earlier
from adam.rules.dlt_evidence import NO, YES, phase_ib
from adam.rules.treatment import given_doses
from specs import StudySpec

_DECIMALS = 9  # the fraction of the planned dose is rounded before it is compared: exactly the minimum counts


def derive_evaluable(adsl: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """DLTEVLFL and DLTEVLRS of the subjects treated in phase Ib; blank for all others. Row order and count stay.

    In: ADSL with DLTFL, ARMCD, TRTSDT, DTHDT, EOSDT, CUTOFFDT, LSTALVDT; EX. The first match decides:
      1. a DLT in the window                                             -> Y
      2. no date of first dose                                           -> N
      3. death on or before the window's last day                        -> N
      4. end of study before it                                          -> N
      5. cut-off before it                                               -> N
      6. not known to be alive on it (last known alive, or died later)   -> N
      7. for each drug, less than `min_dose_fraction` of its planned dose -> N
      8. anything else                                                   -> Y
    DLTEVLRS says which of 2 to 7 it was. Source: PROTOCOL, DLT-evaluable.
    """
    assert study.study.parameters is not None
    assert study.study.parameters.dlt is not None
    parameters = study.study.parameters.dlt
    treated = adsl[phase_ib(adsl)]
    last_day = treated["TRTSDT"] + pd.Timedelta(days=parameters.window_days - 1)
    death, ended, cutoff, alive = (_dates(treated, name) for name in ("DTHDT", "EOSDT", "CUTOFFDT", "LSTALVDT"))
    through = f"DAY {parameters.window_days}"
    reasons: list[tuple[pd.Series, str]] = [
        (treated["DLTFL"] == YES, ""),
        (treated["TRTSDT"].isna(), "DATE OF FIRST DOSE NOT KNOWN"),
        (death <= last_day, f"DIED BEFORE COMPLETING {through}"),
        (ended < last_day, f"LEFT THE STUDY BEFORE {through}"),
        (cutoff < last_day, f"DATA CUT-OFF BEFORE {through}"),
        (~((alive >= last_day) | (death > last_day)), f"NOT KNOWN TO BE ALIVE ON {through}"),
    ]
    fractions = derive_dose_fractions(treated, sdtm, study)
    least = f"LESS THAN {parameters.min_dose_fraction:.0%} OF THE PLANNED DOSE OF "
    reasons += [(fractions[drug] < parameters.min_dose_fraction, least + drug) for drug in study.study.drugs]
    reason = np.select([case for case, _ in reasons], [text for _, text in reasons], "")
    why = pd.Series(reason, index=treated.index, dtype="str")
    flag = pd.Series(np.where(why == "", YES, NO), index=treated.index, dtype="str")
    return adsl.assign(DLTEVLFL=flag.reindex(adsl.index), DLTEVLRS=why.mask(why == "").reindex(adsl.index))


def derive_dose_fractions(treated: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """The fraction of the planned dose that each subject took in the DLT window, one column a drug.

    In: USUBJID, ARMCD, TRTSDT, CUTOFFDT, LSTALVDT, DTHDT, EOSDT; EX. Planned is the arm's dose: once in the window for
    a drug given once a cycle, on each of its days for a daily one. Taken are the doses that start in the window, for a
    daily drug dose x days of each interval within it. An interval without an end goes on to the day before the drug's
    next dose, else to the end of what is known of the subject. A record that is there twice counts once; one without
    a complete start date does not. Missing where the arm plans none of the drug. On the index of `treated`.
    """
    assert study.study.parameters is not None
    assert study.study.parameters.dlt is not None
    window_days = study.study.parameters.dlt.window_days
    # the arm that PHASE and DOSELVL are taken from: the actual one, where there is one
    arm = treated["ARMCD"] if "ACTARMCD" not in treated else treated["ACTARMCD"].fillna(treated["ARMCD"])
    subjects = treated[["USUBJID", "TRTSDT"]].assign(
        ARMCD=arm, WINDOWEND=treated["TRTSDT"] + pd.Timedelta(days=window_days - 1)
    )
    known = subjects["WINDOWEND"]
    for name in ("CUTOFFDT", "LSTALVDT", "DTHDT", "EOSDT"):
        known = earlier(known, _dates(treated, name))
    doses = given_doses(sdtm, study).drop_duplicates(["USUBJID", "EXTRT", "EXDOSE", "EXSTDTC", "EXENDTC"])
    doses = doses.merge(subjects.assign(KNOWN=known), on="USUBJID")
    doses = doses.assign(START=day(doses["EXSTDTC"]), END=day(doses["EXENDTC"])).dropna(subset="START")
    doses = doses.sort_values(["USUBJID", "EXTRT", "START"], kind="stable")
    following = doses.groupby(["USUBJID", "EXTRT"])["START"].shift(-1) - pd.Timedelta(days=1)
    doses["END"] = doses["END"].fillna(following).fillna(doses["KNOWN"])
    out = {}
    for drug, schedule in study.study.drugs.items():
        planned = subjects["ARMCD"].map({code: arm.doses.get(drug) for code, arm in study.study.arms.items()})
        of_drug = doses[doses["EXTRT"] == drug]
        if schedule.frequency == "ONCE":
            amount = of_drug["EXDOSE"].where(of_drug["START"].between(of_drug["TRTSDT"], of_drug["WINDOWEND"]), 0.0)
        else:
            first, last = of_drug["START"].clip(lower=of_drug["TRTSDT"]), earlier(of_drug["END"], of_drug["WINDOWEND"])
            amount = of_drug["EXDOSE"] * ((last - first).dt.days + 1).clip(lower=0)
            planned = planned * window_days
        taken = amount.groupby(of_drug["USUBJID"]).sum()
        given = subjects["USUBJID"].map(taken).astype("float64").fillna(0.0)
        out[drug] = (given / planned.astype("float64")).round(_DECIMALS)
    return pd.DataFrame(out, index=treated.index)


def _dates(frame: pd.DataFrame, name: str) -> pd.Series:
    column = frame.get(name)
    return pd.Series(pd.NaT if column is None else column, index=frame.index).astype("datetime64[us]")


RULES = {"dlt_evaluable": derive_evaluable}
