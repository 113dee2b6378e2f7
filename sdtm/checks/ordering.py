"""Declared checks of dates and periods: in order, not overlapping, neither too close nor too far apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.columns import Column, Ints
from sdtm.checks.evidence import Evidence
from sdtm.checks.records import Looked, date_of, look, show_days, show_numbers
from specs.declared_checks import DateOf, DatesInOrder, DaysBetween, OrderedDate, Period, PeriodsOverlap, Series
from specs.findings import combine


def dates_in_order(evidence: Evidence, spec: DatesInOrder, code: str) -> pd.DataFrame:
    """A date that is certainly more than `days` before `not_before`, or after `not_after`.

    Where `days` is below 0, so many days must lie between: a date that certainly is closer is reported. A date that is
    missing, on either side, is in order. Facts: `other`, the date compared with.
    """
    return combine([_out_of_order(look(evidence, wanted), wanted, code) for wanted in spec.dates])


def _out_of_order(own: Looked, spec: OrderedDate, code: str) -> pd.DataFrame:
    dates = own.dates(spec.date)
    first, last = own.days(spec.date)
    found = []
    done = np.zeros(len(own.places), dtype="bool")
    for limit, later in ((spec.not_before, False), (spec.not_after, True)):
        if limit is None:
            continue
        bound, places = _bound(own, limit)
        codes = np.where(places < 0, -1, bound.codes[places]) if len(bound.codes) else np.full(len(places), -1)
        by = first - bound.days[1][codes] if later else bound.days[0][codes] - last
        wrong = (by > spec.days) & ~done  # a missing day is greater than none
        done |= wrong
        value, other = dates.shown(own.places[wrong]), bound.shown(places[wrong])
        found.append(own.found(code, wrong, spec.date, value=value, other=other))
    return combine(found)


def _bound(own: Looked, limit: DateOf | str) -> tuple[Column, Ints]:
    return (own.dates(limit), own.places) if isinstance(limit, str) else date_of(own, limit)


def periods_overlap(evidence: Evidence, spec: PeriodsOverlap, code: str) -> pd.DataFrame:
    """A period that certainly shares more than `shared_days` days with one of the same keys that starts no later.

    Both ends belong to a period, so that an end on the day of the next start shares one day. A period without an end,
    or whose end is before its start, is taken for its start alone. Facts: `other`, the end of the other period.
    """
    return combine([_overlapping(look(evidence, wanted), wanted, code) for wanted in spec.periods])


def _overlapping(own: Looked, spec: Period, code: str) -> pd.DataFrame:
    key, start, end = own.key(spec.by), own.days(spec.start)[1], own.days(spec.end)[0]
    end = np.fmax(start, end)
    order = np.lexsort([*own.place(), end, start, key])
    order = order[(key[order] >= 0) & ~np.isnan(start[order])]
    key, start, end = key[order], start[order], end[order]
    apart = 1e7 * key  # so that the highest end so far is one of the same key
    highest = np.maximum.accumulate(end + apart) - apart
    before = np.append(np.nan, highest[:-1])
    before[1:][np.diff(key) != 0] = np.nan
    wrong = np.minimum(before, end) - start + 1 > spec.shared_days
    flagged, shown = _spread(order, wrong, len(own.places), before)
    value = own.dates(spec.start).shown(own.places[flagged])
    return own.found(code, flagged, spec.start, value=value, other=show_days(shown[flagged]))


def days_between(evidence: Evidence, spec: DaysBetween, code: str) -> pd.DataFrame:
    """A complete date fewer than `at_least`, or more than `at_most` days after the one before of the same keys.

    Equal dates count once. Facts: `other`, the date before; `days`, between the two.
    """
    return combine([_unevenly(look(evidence, wanted), wanted, code) for wanted in spec.series])


def _unevenly(own: Looked, spec: Series, code: str) -> pd.DataFrame:
    key, (day, last) = own.key(spec.by), own.days(spec.date)
    order = np.lexsort([*own.place(), day, key])
    order = order[(key[order] >= 0) & (day[order] == last[order])]
    once = np.ones(len(order), dtype="bool")
    once[1:] = (np.diff(key[order]) != 0) | (np.diff(day[order]) != 0)
    order = order[once]
    before = np.append(np.nan, day[order][:-1])
    before[1:][np.diff(key[order]) != 0] = np.nan
    days = day[order] - before
    wrong = (days < (spec.at_least or -np.inf)) | (days > (spec.at_most or np.inf))
    flagged, other = _spread(order, wrong, len(own.places), before)
    value = own.dates(spec.date).shown(own.places[flagged])
    apart = show_numbers(day[flagged] - other[flagged])
    return own.found(code, flagged, spec.date, value=value, other=show_days(other[flagged]), days=apart)


def _spread(order: Ints, wrong: np.ndarray, size: int, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was found on ordered records, on the records in their own order."""
    flagged, facts = np.zeros(size, dtype="bool"), np.full(size, np.nan)
    flagged[order], facts[order] = wrong, shown
    return flagged, facts
