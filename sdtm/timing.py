"""Rules about when: study days."""

from __future__ import annotations

import pandas as pd

from sdtm.days import DAY
from sdtm.distinct import by_distinct
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


def _of_subjects(call: Call, variable: str) -> pd.Series:
    """USUBJID -> a variable of DM."""
    return call.take("DM", ["USUBJID", variable]).drop_duplicates("USUBJID").set_index("USUBJID")[variable]


RULES = {
    "study_day": Rule(derive_study_day, needs=("DM.RFSTDTC",)),
}
