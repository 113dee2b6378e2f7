"""Adverse events from tables.

First dose 10 March, last dose 31 May 2025: the window of 90 days closes with 29 August.
"""

import pandas as pd

from adam.rules.emergence import derive_event_dates, flag_treatment_emergent
from tests.tables import table

FIRST_DOSE, LAST_DOSE, DAYS = "2025-03-10", "2025-05-31", 90


def events(text, *, first=FIRST_DOSE, last=LAST_DOSE, therapy=None, death=None, cutoff=None):
    """Events of one subject; AESEQ numbers the lines."""
    dates = {"TRTSDT": first, "TRTEDT": last, "NACTDT": therapy, "DTHDT": death, "CUTOFFDT": cutoff}
    return as_events(table(text).assign(USUBJID="01", **dates))


def as_events(given):
    """Events with every column that the rules read, missing where not given, and with the dates of their subject."""
    dates = ["TRTSDT", "TRTEDT", "NACTDT", "DTHDT", "CUTOFFDT"]
    frame = given.reset_index(drop=True)
    frame = frame.reindex(columns=list(dict.fromkeys([*frame, "AESTDTC", "AEENDTC", "AEGRPID", "AETOXGR", *dates])))
    texts = frame.columns.difference(dates)
    frame = frame.astype(dict.fromkeys(texts, "str"))
    frame = frame.assign(AESEQ=[float(n) for n in range(1, len(frame) + 1)])
    return frame.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in dates})


def emergent(frame, days=DAYS):
    dated, _ = derive_event_dates(frame)
    return flag_treatment_emergent(dated, window_days=days)
