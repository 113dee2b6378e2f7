"""Who is evaluable for dose-limiting toxicity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
    treated = adsl[phase_ib(adsl)]
    cases = evaluable_cases(treated, sdtm, study)
    held = [case.holds for case in cases]
    why = pd.Series(np.select(held, [case.reason for case in cases], ""), index=treated.index, dtype="str")
    flag = pd.Series(np.select(held, [case.result for case in cases], ""), index=treated.index, dtype="str")
    return adsl.assign(DLTEVLFL=flag.reindex(adsl.index), DLTEVLRS=why.mask(why == "").reindex(adsl.index))


@dataclass(frozen=True)
class EvaluableCase:
    """A case of `derive_evaluable`: for whom it holds, what it gives, and on what it rests."""

    number: int  # in the docstring of `derive_evaluable`
    name: str
    holds: pd.Series
    result: str  # DLTEVLFL
    reason: str  # DLTEVLRS, blank where evaluable
    variable: str  # of ADSL; blank: the doses of EX
    fact: pd.Series  # the date or the dose fraction that was looked at, in words


def evaluable_cases(treated: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> list[EvaluableCase]:
    """The cases of `derive_evaluable` in the order in which they are asked; case 7 stands once for each drug.

    In: the rows of ADSL that were treated in phase Ib; the series of the cases have their index.
    """
    assert study.study.parameters is not None
    assert study.study.parameters.dlt is not None
    parameters = study.study.parameters.dlt
    first_day = treated["TRTSDT"]
    last_day = first_day + pd.Timedelta(days=parameters.window_days - 1)
    window = "the DLT window is " + _shown(first_day) + " to " + _shown(last_day)
    death, ended, cutoff, alive = (_dates(treated, name) for name in ("DTHDT", "EOSDT", "CUTOFFDT", "LSTALVDT"))
    through = f"DAY {parameters.window_days}"
    dated: list[tuple[int, str, pd.Series, str, str, pd.Series]] = [
        (3, "DIED", death <= last_day, f"DIED BEFORE COMPLETING {through}", "DTHDT", death),
        (4, "LEFT", ended < last_day, f"LEFT THE STUDY BEFORE {through}", "EOSDT", ended),
        (5, "CUT OFF", cutoff < last_day, f"DATA CUT-OFF BEFORE {through}", "CUTOFFDT", cutoff),
        (
            6, "NOT KNOWN ALIVE", ~((alive >= last_day) | (death > last_day)), f"NOT KNOWN TO BE ALIVE ON {through}",
            "LSTALVDT", alive,
        ),
    ]  # fmt: skip
    fractions = derive_dose_fractions(treated, sdtm, study)
    least = f"{parameters.min_dose_fraction:.0%} OF THE PLANNED DOSE OF "
    return [
        EvaluableCase(1, "DLT", treated["DLTFL"] == YES, YES, "", "DLTFL", "DLTFL is " + treated["DLTFL"]),
        EvaluableCase(2, "NO FIRST DOSE", first_day.isna(), NO, "DATE OF FIRST DOSE NOT KNOWN", "TRTSDT", window),
        *(
            EvaluableCase(number, name, holds, NO, reason, variable, _shown(at) + "; " + window)
            for number, name, holds, reason, variable, at in dated
        ),
        *(
            EvaluableCase(
                7, f"LITTLE {drug}", fractions[drug] < parameters.min_dose_fraction, NO, f"LESS THAN {least}{drug}", "",
                _percent(fractions[drug]) + f" of the planned dose of {drug}; " + window,
            )
            for drug in study.study.drugs
        ),
        EvaluableCase(8, "EVALUABLE", pd.Series(data=True, index=treated.index), YES, "", "", window),
    ]  # fmt: skip


def trace_evaluable(adsl: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec) -> pd.DataFrame:
    """Every case of each subject treated in phase Ib, in the order in which they are asked.

    In: as `derive_evaluable`. Out: USUBJID; NUMBER and CASE; HOLDS; DECIDES, the first that holds; RESULT, the DLTEVLFL
    that the case gives; ADT, the date that it looks at; REASON, that date or the dose fraction by drug, and the DLT
    window; SRCDOM and SRCVAR.
    """
    treated = adsl[phase_ib(adsl)]
    parts = []
    for case in evaluable_cases(treated, sdtm, study):
        decided = case.holds & (case.reason != "")
        lines = {
            "USUBJID": treated["USUBJID"], "NUMBER": case.number, "CASE": f"{case.number} {case.name}",
            "HOLDS": case.holds.astype("bool"), "RESULT": case.result,
            "ADT": _dates(treated, case.variable if case.variable.endswith("DT") else ""),
            "REASON": (case.reason + ": " + case.fact).where(decided, case.fact),
            "SRCDOM": "ADSL" if case.variable else "EX", "SRCVAR": case.variable or "EXDOSE",
        }  # fmt: skip
        parts.append(pd.DataFrame(lines))
    trace = pd.concat(parts).sort_values(["USUBJID", "NUMBER"], kind="stable", ignore_index=True)
    return trace.assign(DECIDES=trace["HOLDS"] & (trace.groupby("USUBJID")["HOLDS"].cumsum() == 1))


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


def _shown(dates: pd.Series) -> pd.Series:
    text: pd.Series = dates.astype("datetime64[us]").dt.strftime("%Y-%m-%d").astype("str").fillna("no date")
    return text


def _percent(fractions: pd.Series) -> pd.Series:
    text: pd.Series = (fractions * 100).map("{:.4g} %".format, na_action="ignore").astype("str").fillna("none planned")
    return text


def _dates(frame: pd.DataFrame, name: str) -> pd.Series:
    column = frame.get(name)
    return pd.Series(pd.NaT if column is None else column, index=frame.index).astype("datetime64[us]")


RULES = {"dlt_evaluable": derive_evaluable}
