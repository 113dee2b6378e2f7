"""Declared checks of dates and periods: in order, not overlapping, neither too close nor too far apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import earliest, latest
from sdtm.checks.records import Looked, date_of, days_after, look
from sdtm.distinct import order_codes
from specs.declared_checks import DateOf, DatesInOrder, DaysBetween, OrderedDate, Period, PeriodsOverlap, Series
from specs.findings import combine


def dates_in_order(evidence: Evidence, spec: DatesInOrder, code: str) -> pd.DataFrame:
    """A date that is certainly more than `days` before `not_before`, or after `not_after`.

    Where `days` is below 0, so many days must lie between: a date that certainly is closer is reported. A date that is
    missing, on either side, is in order. Facts: `other`, the date compared with.
    """
    return combine([_out_of_order(look(evidence, wanted), wanted, code) for wanted in spec.dates])


def _out_of_order(own: Looked, spec: OrderedDate, code: str) -> pd.DataFrame:
    date = own.date(spec.date)
    wrong = pd.Series(data=False, index=date.index)
    other = pd.Series(np.nan, index=date.index, dtype="str")
    for limit, sign in ((spec.not_before, 1), (spec.not_after, -1)):
        if limit is None:
            continue
        bound = _bound(own, limit)
        late = days_after(bound, date) if sign > 0 else days_after(date, bound)
        out = late.gt(spec.days).fillna(value=False).astype("bool") & ~wrong
        wrong |= out
        other = other.mask(out, bound)
    return own.found(code, wrong, spec.date, value=date, other=other)


def _bound(own: Looked, limit: DateOf | str) -> pd.Series:
    if isinstance(limit, str):
        return own.date(limit)
    return own.key(limit.by).map(date_of(own.evidence, limit)).astype("str")


def periods_overlap(evidence: Evidence, spec: PeriodsOverlap, code: str) -> pd.DataFrame:
    """A period that certainly shares more than `shared_days` days with one of the same keys that starts no later.

    Both ends belong to a period, so that an end on the day of the next start shares one day. A period without an end,
    or whose end is before its start, is taken for its start alone. Facts: `other`, the end of the other period.
    """
    return combine([_overlapping(look(evidence, wanted), wanted, code) for wanted in spec.periods])


def _overlapping(own: Looked, spec: Period, code: str) -> pd.DataFrame:
    start, end = own.date(spec.start), own.date(spec.end)
    frame = pd.DataFrame({"KEY": own.key(spec.by), "FROM": latest(start), "LAST": earliest(end), "END": end})
    frame["LAST"] = frame["LAST"].where(frame["LAST"] >= frame["FROM"], frame["FROM"])
    keys = [frame["LAST"].to_numpy(), frame["FROM"].to_numpy(), order_codes(frame["KEY"])]
    frame = frame.iloc[np.lexsort([*own.place(), *keys])]
    frame = frame[frame["KEY"].notna() & frame["FROM"].notna()]
    frame["HIGHEST"] = frame.groupby("KEY")["LAST"].cummax()
    before = frame.groupby("KEY")["HIGHEST"].shift()
    shared = np.minimum(before, frame["LAST"]) - frame["FROM"]
    wrong = (shared.dt.days + 1).gt(spec.shared_days).fillna(value=False)
    shown = before.dt.strftime("%Y-%m-%d").astype("str")
    flagged = wrong.reindex(own.frame.index, fill_value=False).astype("bool")
    return own.found(code, flagged, spec.start, value=start, other=shown)


def days_between(evidence: Evidence, spec: DaysBetween, code: str) -> pd.DataFrame:
    """A complete date fewer than `at_least`, or more than `at_most` days after the one before of the same keys.

    Equal dates count once. Facts: `other`, the date before; `days`, between the two.
    """
    return combine([_unevenly(look(evidence, wanted), wanted, code) for wanted in spec.series])


def _unevenly(own: Looked, spec: Series, code: str) -> pd.DataFrame:
    date = own.date(spec.date)
    first = earliest(date)
    frame = pd.DataFrame({"KEY": own.key(spec.by), "DAY": first.where(first == latest(date))}).dropna()
    frame = frame.sort_values(["KEY", "DAY"], kind="stable").drop_duplicates()
    frame["BEFORE"] = frame.groupby("KEY")["DAY"].shift()
    days = (frame["DAY"] - frame["BEFORE"]).dt.days
    wrong = days.lt(spec.at_least or 0) | days.gt(spec.at_most or np.inf)
    flagged = wrong.reindex(own.frame.index, fill_value=False).astype("bool")
    other = frame["BEFORE"].dt.strftime("%Y-%m-%d").astype("str")
    told = days.astype("Int64").astype("str")
    return own.found(code, flagged, spec.date, value=date, other=other, days=told)
