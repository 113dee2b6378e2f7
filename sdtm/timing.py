"""Rules about when: study days, epochs, ends that are still open."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct
from sdtm.evidence import last_dose
from sdtm.rule import Call, Rule
from specs.dates import complete_date, study_day


def subject_value(frame: pd.DataFrame, call: Call, variable: str) -> pd.Series:
    """A variable of the subject's DM record, on the records of the frame; missing where there is none."""
    dm = call.take("DM", ["USUBJID", variable]).drop_duplicates("USUBJID").set_index("USUBJID")[variable]
    return by_distinct(frame["USUBJID"], lambda persons: persons.map(dm).astype(dm.dtype))


def derive_study_day(frame: pd.DataFrame, call: Call) -> pd.Series:
    """--DY, --STDY, --ENDY of the date `of`: the day relative to DM.RFSTDTC, which is day 1; there is no day 0.

    Missing where either date is missing or partial (SDTMIG 3.4 section 4.4.4).
    """
    reference = call.once("reference days", lambda: complete_date(_of_subjects(call, "RFSTDTC")))
    start = by_distinct(frame["USUBJID"], lambda persons: persons.map(reference).astype("datetime64[us]"))
    return study_day(by_distinct(frame[call.of].str[:DAY], complete_date), start)


DAY = 10  # characters of a complete date
EPOCHS = pd.Series(["SCREENING", "TREATMENT", "FOLLOW-UP"], dtype="str")


def derive_epoch(frame: pd.DataFrame, call: Call) -> pd.Series:
    """EPOCH of the date `of`, by the days of first dose (DM.RFXSTDTC) and of last dose (EX).

    The first matching line decides. A partial date, of doses too, stands for every day that it may be, and there is an
    epoch only where all of them give the same one:
      1. no date -> missing
      2. the subject was never dosed -> SCREENING
      3. before the day of first dose -> SCREENING
      4. up to the day of last dose, or dosing goes on -> TREATMENT
      5. after it -> FOLLOW-UP
    """
    bounds = call.once("bounds of dosing", lambda: _bounds_of_dosing(call))
    persons, names = pd.factorize(frame["USUBJID"])
    first_low, first_high, last_low, last_high = bounds.reindex(names, fill_value=np.inf).to_numpy()[persons].T
    codes, distinct = pd.factorize(frame[call.of].str[:DAY], use_na_sentinel=False)
    low, high = (day.to_numpy()[codes] for day in _day_numbers(pd.Series(distinct, dtype="str")))
    # days go up and doses come down from the earliest epoch that is possible to the latest
    earliest = np.where(low < first_high, 0, np.where(low <= last_high, 1, 2))
    latest = np.where(high < first_low, 0, np.where(high <= last_low, 1, 2))
    epoch = np.where((earliest == latest) & ~np.isnan(low), earliest, -1)
    return pd.Series(EPOCHS.array.take(epoch, allow_fill=True), index=frame.index)


def _of_subjects(call: Call, variable: str) -> pd.Series:
    """USUBJID -> a variable of DM."""
    return call.take("DM", ["USUBJID", variable]).drop_duplicates("USUBJID").set_index("USUBJID")[variable]


def _bounds_of_dosing(call: Call) -> pd.DataFrame:
    """USUBJID -> first and last possible day number of the first dose, and of the last.

    Never dosed: the first dose lies at infinity. Dosing goes on: the last one does. A day that a partial date leaves
    open altogether may be any.
    """
    first = _of_subjects(call, "RFXSTDTC")
    last = last_dose(call, "EX.EXSTDTC", "EX.EXENDTC").reindex(first.index).astype("str")
    bounds = []
    for dates in (first, last):
        low, high = _day_numbers(dates)
        bounds.append(low.fillna(-np.inf).mask(dates.isna(), np.inf))
        bounds.append(high.fillna(np.inf))
    return pd.concat(bounds, axis=1)


def _day_numbers(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """First and last possible day as numbers of days."""
    epoch = pd.Timestamp("1970-01-01")
    low, high = ((day - epoch).dt.days.astype("float64") for day in possible_days(dtc))
    return low, high


def possible_days(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The first and the last day that truncated ISO 8601 texts may stand for.

    NaT where a text has no year, or a day without a month.
    """
    part = dtc.astype("str").str.extract(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T.*)?$")
    padded = part[0] + "-" + part[1].fillna("01") + "-" + part[2].fillna("01")
    first = pd.to_datetime(padded, format="%Y-%m-%d", errors="coerce").astype("datetime64[us]")
    last = first.mask(part[2].isna(), first + pd.offsets.MonthEnd(0)).mask(
        part[1].isna(), first + pd.offsets.YearEnd(0)
    )
    return first, last.astype("datetime64[us]")


RULES = {
    "study_day": Rule(derive_study_day, needs=("DM.RFSTDTC",)),
    "epoch": Rule(derive_epoch, needs=("DM.RFXSTDTC", "EX.EXSTDTC", "EX.EXENDTC")),
}
