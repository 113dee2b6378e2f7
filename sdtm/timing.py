"""Rules about when: study days, epochs, ends that are still open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct, take_distinct
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
    reference = by_distinct(subject_value(frame, call, "RFSTDTC").str[:DAY], complete_date)
    return study_day(by_distinct(frame[call.of].str[:DAY], complete_date), reference)


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
    dosed = subject_value(frame, call, "RFXSTDTC")
    over = by_distinct(frame["USUBJID"], lambda persons: persons.map(_ends_of_dosing(call)).astype("str"))
    day, first, last = _possible(frame[call.of]), _possible(dosed), _possible(over)
    # days go up and doses come down from the earliest epoch that is possible to the latest
    earliest = _epoch_at(day[0], first[1], last[1], dosed.notna(), over.notna())
    latest = _epoch_at(day[1], first[0], last[0], dosed.notna(), over.notna())
    codes = np.where(earliest == latest, earliest, -1)
    return pd.Series(EPOCHS.array.take(codes, allow_fill=True), index=frame.index)


def _ends_of_dosing(call: Call) -> pd.Series:
    return last_dose(call, "EX.EXSTDTC", "EX.EXENDTC").astype("str")


def _possible(dtc: pd.Series) -> tuple[pd.Series, pd.Series]:
    codes, distinct = pd.factorize(dtc.str[:DAY], use_na_sentinel=False)
    first, last = possible_days(pd.Series(distinct, dtype="str"))
    return take_distinct(first, codes, dtc.index), take_distinct(last, codes, dtc.index)


def _epoch_at(
    day: pd.Series, first: pd.Series, last: pd.Series, dosed: pd.Series, over: pd.Series
) -> np.ndarray[Any, Any]:
    """Place in EPOCHS, -1 where there is none."""
    cases = [
        (day.isna() | (dosed & first.isna()) | (over & last.isna()), -1),
        (~dosed | (day < first), 0),
        (~over | (day <= last), 1),
    ]
    return np.select([case.to_numpy() for case, _ in cases], [code for _, code in cases], 2)


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
