"""Dose modifications: reductions, held doses and delays, with the reasons given for them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.inputs import take
from adam.rules.dates import day
from adam.texts import join_texts
from specs import StudySpec
from specs.models import ExposureParameters

REDUCED, HELD, DELAYED = "REDUCED", "HELD", "DELAYED"
BY = ["USUBJID", "EXTRT"]
_COLLECTED = ["USUBJID", "ECSEQ", "ECTRT", "ECOCCUR", "ECREASOC", "ECADJ", "ECSTDTC", "ECENDTC", "VISITNUM"]
_ONE_DAY = pd.Timedelta(days=1)


def flag_reductions(doses: pd.DataFrame) -> pd.Series:
    """Whether each dose that counts is a reduction.

    In: `derive_doses`, in the order of subject, drug and time. A dose is one that is lower than
      1. the dose of the drug before it
      2. the first of all: the dose that the arm plans
    A dose that goes up again is none; the next lower one is another. On the index of the doses.
    """
    counted = doses[doses["COUNTED"]]
    before = counted.groupby(BY)["EXDOSE"].shift().fillna(counted["PLANNED"])
    return (counted["EXDOSE"] < before).reindex(doses.index, fill_value=False)


def derive_held(
    doses: pd.DataFrame, sdtm: Mapping[str, pd.DataFrame], study: StudySpec, cutoff: pd.Timestamp | None
) -> pd.DataFrame:
    """The held doses of the drugs that a subject took, one row a record of EC with ECOCCUR N.

    In: `derive_doses`; EC, SV. Out: USUBJID, EXTRT, ECSEQ, ASTDT, AENDT, DAYS (1 for one given once), REASON (ECADJ,
    else ECREASOC), BEGINS: whether it begins an interruption, in the order of subject, drug and time. The day of a
    dose without a date is that of its visit (SV). No end: the day before the next dose of the drug, else KNOWN.
    Daily doses held from one day to the next are one interruption. With a cut-off, a dose held at a visit that was not
    made by then is not known of: it is out.
    """
    held = take(sdtm, "EC", _COLLECTED)
    names = {drug.casefold(): drug for drug in study.study.drugs}
    held = held.assign(EXTRT=held["ECTRT"].str.strip().str.casefold().map(names).astype("str"))
    took = doses[[*BY, "KNOWN"]].drop_duplicates(BY)
    held = held[held["ECOCCUR"] == "N"].merge(took, on=BY)
    visits = take(sdtm, "SV", ["USUBJID", "VISITNUM", "SVSTDTC"])
    visits = visits.assign(MADE=day(visits["SVSTDTC"])).dropna(subset=["MADE", "VISITNUM"])
    visits = visits.sort_values("MADE").drop_duplicates(["USUBJID", "VISITNUM"])[["USUBJID", "VISITNUM", "MADE"]]
    held = held.merge(visits, on=["USUBJID", "VISITNUM"], how="left")
    held["ASTDT"] = day(held["ECSTDTC"]).fillna(held["MADE"]).astype("datetime64[us]")
    if cutoff is not None and "SV" in sdtm:
        held = held[held["ASTDT"].notna() | held["ECSTDTC"].notna()]
    held["REASON"] = held["ECADJ"].fillna(held["ECREASOC"].str.upper())
    once = held["EXTRT"].map({name: drug.frequency == "ONCE" for name, drug in study.study.drugs.items()})
    once = once.astype("bool")
    resumed = _next_dose(held, doses) - _ONE_DAY
    end = day(held["ECENDTC"]).fillna(resumed).fillna(held["KNOWN"]).mask(once, held["ASTDT"])
    held["AENDT"] = end.where(held["ASTDT"].notna()).astype("datetime64[us]")
    days = (held["AENDT"] - held["ASTDT"]).dt.days + 1
    held["DAYS"] = days.where(days > 0).astype("float64").mask(once, 1.0)
    held = held.sort_values([*BY, "ASTDT", "ECSEQ"], kind="stable", ignore_index=True)
    return _interruptions(
        held, once=held["EXTRT"].map({n: d.frequency == "ONCE" for n, d in study.study.drugs.items()})
    )


def derive_delays(
    doses: pd.DataFrame, held: pd.DataFrame, study: StudySpec, parameters: ExposureParameters
) -> pd.DataFrame:
    """The doses given once a cycle that came late: USUBJID, EXTRT, EXSEQ, ASTDT, DAYS late.

    In: `derive_doses`, `derive_held`. A dose is due `cycle_days` after the one before it, and `cycle_days` later for
    each that was held between the two. It is late when it comes more than `delay_days` after that.
    """
    once = [name for name, drug in study.study.drugs.items() if drug.frequency == "ONCE"]
    given = doses[doses["COUNTED"] & doses["EXTRT"].isin(once) & doses["ASTDT"].notna()]
    passed = held[held["EXTRT"].isin(once) & held["ASTDT"].notna()]
    both = pd.concat(
        [given[[*BY, "ASTDT", "EXSEQ"]].assign(HELD=0), passed[[*BY, "ASTDT"]].assign(HELD=1)], ignore_index=True
    ).sort_values([*BY, "ASTDT", "HELD", "EXSEQ"], ascending=[True, True, True, False, True], kind="stable")
    both["PASSED"] = both.groupby(BY)["HELD"].cumsum()
    both = both[both["HELD"] == 0]
    before = both.groupby(BY)[["ASTDT", "PASSED"]].shift()
    cycles = 1 + both["PASSED"] - before["PASSED"]
    late = (both["ASTDT"] - before["ASTDT"]).dt.days - parameters.cycle_days * cycles
    return both.assign(DAYS=late.astype("float64"))[late > parameters.delay_days].drop(columns=["HELD", "PASSED"])


def list_reasons(reasons: pd.DataFrame) -> pd.Series:
    """The different reasons of each subject in the order of the alphabet, as one text; index USUBJID.

    In: USUBJID, REASON (missing ones are passed over).
    """
    known = reasons.drop_duplicates(["USUBJID", "REASON"]).sort_values(["USUBJID", "REASON"])
    return join_texts(known["REASON"], known["USUBJID"])


def _interruptions(held: pd.DataFrame, once: pd.Series) -> pd.DataFrame:
    """Adds BEGINS: each held infusion is one, a daily dose's record that goes on with the one before it is none."""
    end = held["AENDT"].fillna(held["ASTDT"])
    reached = end.groupby([held[name] for name in BY]).cummax().groupby([held[name] for name in BY]).shift()
    goes_on = ~once.astype("bool") & (held["ASTDT"] <= reached + _ONE_DAY)
    return held.assign(BEGINS=np.logical_not(goes_on))


def _next_dose(held: pd.DataFrame, doses: pd.DataFrame) -> pd.Series:
    """The first day after the start of each held record on which a dose of the drug begins."""
    starts = doses.loc[doses["ASTDT"].notna(), [*BY, "ASTDT"]].rename(columns={"ASTDT": "NEXT"}).sort_values("NEXT")
    asked = held[held["ASTDT"].notna()].reset_index(names="ROW").sort_values("ASTDT")
    found = pd.merge_asof(
        asked[["ROW", *BY, "ASTDT"]], starts, left_on="ASTDT", right_on="NEXT", by=BY, direction="forward",
        allow_exact_matches=False,
    )  # fmt: skip
    return found.set_index("ROW")["NEXT"].reindex(held.index).astype("datetime64[us]")


RULES = {"dose_reductions": flag_reductions, "held_doses": derive_held, "dose_delays": derive_delays}
