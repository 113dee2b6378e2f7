"""Exposure to each study drug: the days of every dose, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.rules.dates import earlier, later, not_after, possible_days
from adam.rules.disposition import treatment_ends
from adam.rules.treatment import derive_dose_ends, given_doses
from specs import StudySpec
from specs.findings import report
from specs.models import ExposureParameters

DECIMALS = 9  # sums of decimal doses are rounded: 0.1 + 0.2 is 0.3
_ONE_DAY = pd.Timedelta(days=1)
_SAME = ["USUBJID", "EXTRT", "EXDOSE", "EXSTDTC", "EXENDTC"]


def derive_doses(
    sdtm: Mapping[str, pd.DataFrame], adsl: pd.DataFrame, study: StudySpec, cutoff: pd.Timestamp | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every dose above 0 of a study drug with its days, in the order of subject, drug and time.

    In: EX, DS; ADSL with USUBJID, ARMCD, ACTARMCD, TRTSDT, DTHDT, EOSDT, LSTALVDT. Out: one row a dose with USUBJID,
    EXSEQ, EXTRT, EXDOSE, EXADJ; ASTDT, ASTDTF, AENDT, AENDTF; DAYS on which it was taken (1 for one given once);
    AMOUNT, dose x days; PLANNED, the arm's dose; KNOWN, the day to which the subject is followed; COUNTED; and findings
    (ADAM-470 a dose that does not count). The start is, first match wins:
      1. complete                               -> that day
      2. partial, first dose on a day it can be -> the day of first dose
      3. partial                                -> the first day that it can be
      4. wholly missing                         -> no date
    The end is that of `derive_dose_ends`; where it goes on, or ends only because a later dose is there:
      5. a later dose of the drug -> the day before it
      6. dosing goes on           -> KNOWN: the cut-off, without one last known alive; at most the end of study
    A dose counts unless it is there twice, is in another unit than the study's, or (daily) has no days. Nothing given
    is left out.
    """
    doses = given_doses(sdtm, study)
    doses = doses[doses["EXTRT"].isin(list(study.study.drugs))]
    known = adsl[["USUBJID", "TRTSDT"]].assign(PLANNED_BY=_arm(adsl), KNOWN=_followed_to(adsl, cutoff))
    doses = doses.merge(known, on="USUBJID", how="left")
    ends = derive_dose_ends(doses, study, treatment_ends(adsl, sdtm, study)[["USUBJID", "EXTRT", "ENDED"]], cutoff)
    days = possible_days(doses["EXSTDTC"])
    start = days["FIRST"].mask(doses["TRTSDT"].between(days["FIRST"], days["LAST"]), doses["TRTSDT"])
    start = days["FIRST"].where(days["DTF"].isna(), not_after(start, cutoff))
    doses = doses.assign(ASTDT=start.astype("datetime64[us]"), ASTDTF=days["DTF"].where(start.notna()))
    doses = doses.join(ends).sort_values(["USUBJID", "EXTRT", "ASTDT", "EXSEQ"], kind="stable", ignore_index=True)

    following = doses.groupby(["USUBJID", "EXTRT"])["ASTDT"].shift(-1) - _ONE_DAY
    until = following.where(doses["SUPERSEDED"]).fillna(doses["KNOWN"].where(doses["GOESON"]))
    open_end = later(until, doses["ASTDT"]).where(until.notna())
    doses["AENDT"] = doses["LASTDAY"].mask(open_end.notna(), open_end).astype("datetime64[us]")
    doses["AENDTF"] = doses["LASTDTF"].mask(doses["NOEND"] & doses["AENDT"].notna(), "Y")
    once = doses["EXTRT"].map({name: drug.frequency == "ONCE" for name, drug in study.study.drugs.items()})
    length = (doses["AENDT"] - doses["ASTDT"]).dt.days + 1
    doses["DAYS"] = length.where(length > 0).astype("float64").mask(once.astype("bool"), 1.0)
    doses["AMOUNT"] = (doses["EXDOSE"] * doses["DAYS"]).round(DECIMALS)
    doses["PLANNED"] = _planned(doses, study)
    reason = _why_not_counted(doses, study)
    return doses.assign(COUNTED=reason.isna()), _not_counted(doses, reason)


def total_doses(doses: pd.DataFrame, drug: str, *, once: bool, parameters: ExposureParameters) -> pd.DataFrame:
    """What the doses of a drug that count add up to, one row for each subject who took it; index USUBJID.

    In: `derive_doses`. Out: FIRST and LAST, first and last day; PLANNED, the arm's dose, and
      TDOSE   the amounts, added up
      NDOSE   given once a cycle: the infusions; daily: the different days with a dose
      TDUR    days from the first day to the last, both counted; given once a cycle: to the end of the last cycle, that
              is first to last infusion, and `cycle_days`
      PDOSE   the arm's dose, once for each `cycle_days` of TDUR (not rounded to whole cycles), or for each day of it
      AVDOSE  TDOSE / NDOSE
      DI      dose intensity: TDOSE for each `cycle_days`, or each day, of TDUR
      RDI     relative dose intensity: 100 x TDOSE / PDOSE
    Missing where the dates, or the arm's dose, are.
    """
    counted = doses[doses["COUNTED"] & (doses["EXTRT"] == drug)]
    reached = counted.groupby("USUBJID")["AENDT"].cummax().groupby(counted["USUBJID"]).shift()
    begins = later(counted["ASTDT"], reached + _ONE_DAY).where(reached.notna(), counted["ASTDT"])
    length = ((counted["AENDT"] - begins).dt.days + 1).clip(lower=0).astype("float64")
    new_days = pd.Series(1.0, index=counted.index) if once else length
    total = counted.assign(NEWDAYS=new_days).groupby("USUBJID").agg(
        FIRST=("ASTDT", "min"), LASTSTART=("ASTDT", "max"), LAST=("AENDT", "max"), PLANNED=("PLANNED", "first"),
        TDOSE=("AMOUNT", "sum"), NDOSE=("NEWDAYS", "sum"),
    )  # fmt: skip
    unit_days = parameters.cycle_days if once else 1
    last = total["LASTSTART"] if once else total["LAST"]
    total["TDUR"] = (last - total["FIRST"]).dt.days.astype("float64") + unit_days
    units = total["TDUR"] / unit_days
    return total.assign(
        TDOSE=total["TDOSE"].round(DECIMALS),
        PDOSE=(total["PLANNED"] * units).round(DECIMALS),
        AVDOSE=(total["TDOSE"] / total["NDOSE"]).round(DECIMALS),
        DI=(total["TDOSE"] / units).round(DECIMALS),
        RDI=(100 * total["TDOSE"] / (total["PLANNED"] * units)).round(DECIMALS),
    )


def _arm(adsl: pd.DataFrame) -> pd.Series:
    """The arm that PHASE and DOSELVL are taken from: the actual one, where there is one."""
    return adsl["ACTARMCD"].fillna(adsl["ARMCD"])


def _followed_to(adsl: pd.DataFrame, cutoff: pd.Timestamp | None) -> pd.Series:
    followed = adsl["LSTALVDT"] if cutoff is None else pd.Series(cutoff, index=adsl.index).astype("datetime64[us]")
    return earlier(earlier(followed, adsl["EOSDT"]), adsl["DTHDT"])


def _planned(doses: pd.DataFrame, study: StudySpec) -> pd.Series:
    """The dose of the subject's arm; missing without an arm, or where it plans none of the drug."""
    plan = pd.DataFrame(
        [(code, drug, dose) for code, arm in study.study.arms.items() for drug, dose in arm.doses.items()],
        columns=["PLANNED_BY", "EXTRT", "PLANNED"],
    ).astype({"PLANNED_BY": "str", "EXTRT": "str", "PLANNED": "float64"})
    return doses[["PLANNED_BY", "EXTRT"]].merge(plan, how="left")["PLANNED"].set_axis(doses.index)


def _why_not_counted(doses: pd.DataFrame, study: StudySpec) -> pd.Series:
    unit = doses["EXTRT"].map({name: drug.dose_unit for name, drug in study.study.drugs.items()}).astype("str")
    other_unit = doses["EXDOSU"].notna() & (doses["EXDOSU"].str.casefold() != unit.str.casefold())
    cases = [doses.duplicated(_SAME), other_unit, doses["DAYS"].isna()]
    texts = [
        pd.Series("it is there twice", index=doses.index, dtype="str"),
        "its unit is " + doses["EXDOSU"].fillna("") + ", not " + unit,
        pd.Series("the days on which it was taken cannot be told", index=doses.index, dtype="str"),
    ]
    why: pd.Series = pd.Series(np.nan, index=doses.index, dtype="str")
    for case, text in zip(reversed(cases), reversed(texts), strict=True):
        why = why.mask(case, text)
    return why


def _not_counted(doses: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    rows = doses[reason.notna()]
    return report(
        "ADAM-470", rows, dataset="EX", variable="EXDOSE", value=rows["EXDOSE"].astype("str"), drug=rows["EXTRT"],
        reason=reason[reason.notna()],
    )  # fmt: skip


RULES = {"exposure_doses": derive_doses, "exposure_totals": total_doses}
