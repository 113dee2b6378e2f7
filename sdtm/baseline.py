"""Rules that mark one result of each test: the last before exposure (--LOBXFL), that of the baseline visit (--BLFL)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct, order_codes
from sdtm.rule import Call, Rule
from sdtm.timing import subject_value
from specs import identity

_DAY, _TIMED = len("2025-01-01"), len("2025-01-01T08")


@dataclass(frozen=True)
class _Against:
    """Where records lie against the subject's first dose; neither where a date leaves it open."""

    before: pd.Series
    after: pd.Series
    dosed: pd.Series


def last_before_exposure(frame: pd.DataFrame, call: Call) -> pd.Series:
    """--LOBXFL: Y on a subject's last result of each test before the first dose (SDTMIG 3.4 section 4.5.9).

    A record counts when it has a result and a complete date, and
      1. its day is before the first dose's, or
      2. it is the same day and either time is unknown (day 1 assessments are planned before the dose), or
      3. it is the same day and its time is before that of the dose.
    Of several at one time the one of the later visit, then the later log line, then the later record is the last.
    `args.by` names what tells tests apart, --TESTCD where it is not given (a lesion's are told apart by --LNKID, too).
    Needs DM.RFXSTDTC, --DTC, --ORRES, --STRESC, --TESTCD, VISITNUM. Row order and count stay.
    """
    counted = _has_result(frame, call) & _against_first_dose(frame, call).before
    return _flag_last(frame, counted, call)


def baseline_visit(frame: pd.DataFrame, call: Call) -> pd.Series:
    """--BLFL: Y on a subject's result of each test at the baseline visit, `args.visits` in order of preference.

    A record counts when
      1. it has a result, and the subject was dosed, and
      2. its VISIT is one of the list (an unscheduled visit is none of them), and
      3. it is not known to be after the first dose: a later day, or the same day with both times known and its own not
         before that of the dose. A date is not needed.
    Of these the record at the visit that stands first in the list; of several there the last, as for --LOBXFL, those
    without a date first. `args.by` as there. Needs DM.RFXSTDTC, --DTC, --ORRES, --STRESC, --TESTCD, VISIT, VISITNUM.
    Row order and count stay.
    """
    against = _against_first_dose(frame, call)
    ranks = {visit: -float(place) for place, visit in enumerate(call.args["visits"])}
    preferred = by_distinct(frame["VISIT"], lambda visits: visits.map(ranks).astype("float64"))
    counted = preferred.notna() & against.dosed & ~against.after & _has_result(frame, call)
    return _flag_last(frame, counted, call, preferred[counted])


def _has_result(frame: pd.DataFrame, call: Call) -> pd.Series:
    d = call.spec.dataset
    return frame[f"{d}ORRES"].notna() & frame[f"{d}STRESC"].notna()


def _against_first_dose(frame: pd.DataFrame, call: Call) -> _Against:
    """Found once for both flags of a domain."""
    return call.once(f"{call.spec.dataset} against first dose", lambda: _compare(frame, call))


def _compare(frame: pd.DataFrame, call: Call) -> _Against:
    dtc, dose = frame[f"{call.spec.dataset}DTC"], subject_value(frame, call, "RFXSTDTC")
    complete = (dtc.str.len() >= _DAY) & (dose.str.len() >= _DAY)
    day, dose_day = dtc.str[:_DAY], dose.str[:_DAY]
    timed = (dtc.str.len() >= _TIMED) & (dose.str.len() >= _TIMED)
    before = complete & ((day < dose_day) | ((day == dose_day) & (~timed | (dtc < dose))))
    return _Against(before, complete & ~before, dose.notna())


def _flag_last(frame: pd.DataFrame, at: pd.Series, call: Call, preferred: pd.Series | None = None) -> pd.Series:
    """Y on the last of the counted records (`at`) of each subject and test, on the whole index."""
    d = call.spec.dataset
    by = ["USUBJID", *call.args.get("by", [f"{d}TESTCD"])]
    asked = [*by, identity.POSITION, identity.RECORD, "VISITNUM", f"{d}DTC"]
    counted = frame[list(dict.fromkeys(asked))][at]
    position = pd.to_numeric(counted[identity.POSITION], errors="coerce").fillna(-1)
    dated = counted[f"{d}DTC"].notna()
    keys: list[Any] = [
        order_codes(counted[identity.RECORD].str.rjust(40)), position, counted["VISITNUM"].fillna(-np.inf),
        order_codes(counted[f"{d}DTC"]), dated, *([] if preferred is None else [preferred]),
    ]  # fmt: skip
    last = counted[by].take(np.lexsort(keys)).drop_duplicates(keep="last")
    return pd.Series("Y", index=frame.index, dtype="str").where(frame.index.isin(last.index))


_NEEDS = ("DM.RFXSTDTC", "--DTC", "--ORRES", "--STRESC", "--TESTCD")
RULES = {
    "last_before_exposure": Rule(last_before_exposure, needs=_NEEDS),
    "baseline_visit": Rule(baseline_visit, needs=_NEEDS),
}
