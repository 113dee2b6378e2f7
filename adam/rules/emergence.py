"""Dates of adverse events, imputed where partial, and treatment emergence."""

from __future__ import annotations

import pandas as pd

from adam.rules.dates import as_recorded, not_after, possible_days
from adam.rules.decisions import Cases, name_first_case
from specs.findings import combine, report


def derive_event_dates(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Start and end of each adverse event as dates.

    In: USUBJID, AESEQ, AESTDTC, AEENDTC, TRTSDT, DTHDT, CUTOFFDT. Adds ASTDT, ASTDTF, AENDT, AENDTF, the flags saying
    what is imputed; rows and their order stay.
    The end, first match wins:
      1. complete               -> that day
      2. day or month missing   -> the last day that it can be, not after death nor the cut-off
      3. wholly missing         -> no date: ongoing or unknown
    The start, first match wins:
      1. complete               -> that day
      2. partial, first dose on a day that it can be
                                -> the day of first dose, so that a doubtful event counts as treatment-emergent
      3. day or month missing   -> the first day that it can be
      4. wholly missing         -> the day of first dose; none: no date
    An imputed start is not after the event's own end, nor after the cut-off. Finding ADAM-421 for each imputed date.
    Source: PROTOCOL, "Adverse events".
    """
    start, end = possible_days(events["AESTDTC"]), possible_days(events["AEENDTC"])
    last_possible = not_after(not_after(end["LAST"], events["DTHDT"]), events["CUTOFFDT"])
    aendt = end["LAST"].where(end["DTF"].isna(), last_possible)
    wholly = start["DTF"] == "Y"
    doubtful = events["TRTSDT"].between(start["FIRST"], start["LAST"]) | wholly
    imputed = start["FIRST"].mask(doubtful, events["TRTSDT"])
    imputed = not_after(not_after(imputed, aendt), events["CUTOFFDT"])
    astdt = start["FIRST"].where(start["DTF"].isna(), imputed)
    dated = events.assign(
        ASTDT=astdt.astype("datetime64[us]"),
        ASTDTF=start["DTF"].where(astdt.notna()),
        AENDT=aendt.astype("datetime64[us]"),
        AENDTF=end["DTF"].where(aendt.notna()),
    )
    return dated, combine([_imputed(dated, "AESTDTC", "ASTDT"), _imputed(dated, "AEENDTC", "AENDT")])


def _imputed(dated: pd.DataFrame, variable: str, date: str) -> pd.DataFrame:
    rows = dated[dated[f"{date}F"].notna()]
    shown = rows[date].dt.strftime("%Y-%m-%d")
    given = as_recorded(rows[variable])
    return report("ADAM-421", rows, dataset="AE", variable=variable, value=rows[variable], given=given, imputed=shown)


def flag_treatment_emergent(events: pd.DataFrame, *, window_days: int) -> pd.DataFrame:
    """Mark adverse events that began, or got worse, under treatment.

    In: as `emergence_cases`. Adds TRTEMFL (Y or missing) and TRTEMRS, the case that decided; rows and their order stay.
    """
    reason = name_first_case(emergence_cases(events, window_days=window_days))
    flag = pd.Series("Y", index=events.index, dtype="str").where(reason.isin(EMERGENT))
    return events.assign(TRTEMFL=flag, TRTEMRS=reason)


EMERGENT = ("NEW", "WORSENED")


def emergence_cases(events: pd.DataFrame, *, window_days: int) -> Cases:
    """Whether each adverse event began, or got worse, under treatment; the first match decides.

    In: USUBJID, AESEQ, AEGRPID, AETOXGR, ASTDT, TRTSDT, TRTEDT, NACTDT.
      1. no first dose                                      -> missing, NOT TREATED
      2. no start                                           -> missing, NO START DATE
      3. starts before first dose                           -> missing, BEFORE FIRST DOSE
      4. starts after the day new anticancer therapy starts -> missing, AFTER NEW THERAPY
      5. starts more than `window_days` after last dose     -> missing, AFTER WINDOW; without a last dose it is open
      6. the same event (AEGRPID) was there before first dose, and its grade is known to be no higher than in the last
         record before first dose                           -> missing, NOT WORSE
      7. the same event was there before first dose         -> Y, WORSENED
      8. anything else                                      -> Y, NEW
    Source: PROTOCOL, "Adverse events".
    """
    before = events["ASTDT"] < events["TRTSDT"]
    baseline = _grade_before(events, before)
    grade = pd.to_numeric(events["AETOXGR"], errors="coerce")
    was_there = baseline["THERE"]
    last_day = events["TRTEDT"] + pd.Timedelta(days=window_days)
    return [
        ("NOT TREATED", events["TRTSDT"].isna()),
        ("NO START DATE", events["ASTDT"].isna()),
        ("BEFORE FIRST DOSE", before),
        ("AFTER NEW THERAPY", events["ASTDT"] > events["NACTDT"]),
        ("AFTER WINDOW", events["ASTDT"] > last_day),
        ("NOT WORSE", was_there & (grade <= baseline["GRADE"])),
        ("WORSENED", was_there),
        ("NEW", pd.Series(True, index=events.index)),
    ]


def _grade_before(events: pd.DataFrame, before: pd.Series) -> pd.DataFrame:
    """For each record: was its event (AEGRPID) THERE before first dose, and the GRADE in the last record before it.

    Of several records on that last day the highest grade counts.
    """
    known = events.assign(GRADE=pd.to_numeric(events["AETOXGR"], errors="coerce"))
    prior = known[before & known["AEGRPID"].notna()].sort_values(["ASTDT", "GRADE", "AESEQ"], na_position="first")
    prior = prior.drop_duplicates(["USUBJID", "AEGRPID"], keep="last")[["USUBJID", "AEGRPID", "GRADE"]]
    found = events[["USUBJID", "AEGRPID"]].merge(
        prior.assign(THERE=True), on=["USUBJID", "AEGRPID"], how="left", validate="m:1"
    )
    found["THERE"] = found["THERE"].notna()
    return found.set_axis(events.index)


RULES = {"event_dates": derive_event_dates, "treatment_emergent": flag_treatment_emergent}
