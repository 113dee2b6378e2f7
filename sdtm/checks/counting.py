"""Declared checks of records that belong together by their keys: how many, the same, and how far a number may go."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.records import Looked, look, show_numbers
from specs.declared_checks import (
    Amount,
    AmountsInLimits,
    AtMost,
    ChangesSlowly,
    Counted,
    Course,
    StaysTheSame,
    Steady,
)
from specs.findings import combine

_EXACT = 1e-9  # a difference of decimal numbers is no exact one


def at_most(evidence: Evidence, spec: AtMost, code: str) -> pd.DataFrame:
    """The records beyond the first `most` of the same keys, in the order of the export. Facts: `most`."""
    return combine([_beyond(look(evidence, wanted), wanted, code) for wanted in spec.records])


def _beyond(own: Looked, spec: Counted, code: str) -> pd.DataFrame:
    key = own.key(spec.by)
    order = np.lexsort([*own.place(), key])
    order = order[key[order] >= 0]
    wrong = np.zeros(len(key), dtype="bool")
    beyond, earlier = order[spec.most :], order[: max(len(order) - spec.most, 0)]
    wrong[beyond] = key[beyond] == key[earlier]
    return own.found(code, wrong, spec.field, most=str(spec.most))


def stays_the_same(evidence: Evidence, spec: StaysTheSame, code: str) -> pd.DataFrame:
    """The records whose field differs from that of the record before it, of the same keys; blanks are passed over.

    Facts: `other`, the value before.
    """
    return combine([_changing(look(evidence, wanted), wanted, code) for wanted in spec.records])


def _changing(own: Looked, spec: Steady, code: str) -> pd.DataFrame:
    key, values = own.key(spec.by), own.column(spec.field)
    code_of = values.codes[own.places]
    order = np.lexsort([*own.place(), *([own.days(spec.order)[0]] if spec.order else []), key])
    order = order[(key[order] >= 0) & (code_of[order] >= 0)]
    here, before = order[1:], order[:-1]
    changed = (key[here] == key[before]) & (code_of[here] != code_of[before])
    wrong, source = np.zeros(len(key), dtype="bool"), np.zeros(len(key), dtype="int64")
    wrong[here], source[here] = changed, before
    return own.found(code, wrong, spec.field, other=values.shown(own.places[source[wrong]]))


def amounts_in_limits(evidence: Evidence, spec: AmountsInLimits, code: str) -> pd.DataFrame:
    """A number below `low`, above `high`, or not above the number in the field `above`.

    What is missing or no number is in limits. Facts: `other`, the limit or number that it does not keep to.
    """
    return combine([_outside(look(evidence, wanted), wanted, code) for wanted in spec.amounts])


def _outside(own: Looked, spec: Amount, code: str) -> pd.DataFrame:
    value = own.numbers(spec.field)
    limit = own.numbers(spec.above) if spec.above else np.full(len(value), np.nan)
    low, high = (np.nan if bound is None else bound for bound in (spec.low, spec.high))
    wrong = (value < low) | (value > high) | (value <= limit)
    other = np.where(value < low, low, np.where(value > high, high, limit))
    return own.found(code, wrong, spec.field, other=show_numbers(other[wrong]))


def changes_slowly(evidence: Evidence, spec: ChangesSlowly, code: str) -> pd.DataFrame:
    """A number that differs from the one of the date before, of the same keys, by more than is allowed.

    By more than a `share` of the one before, or by more than an `amount`; up, down or both ways; where `within_days`
    is given, only of dates that are at most so far apart; a record that meets `unless` may. A change beyond
    `up_to_share` is not reported: such a number is implausible by itself. Needs complete dates. Facts: `other`, the
    number before; `since`, its date.
    """
    return combine([_leaping(look(evidence, wanted), wanted, code) for wanted in spec.courses])


def _leaping(own: Looked, spec: Course, code: str) -> pd.DataFrame:
    key, value, dates = own.key(spec.by), own.numbers(spec.field), own.dates(spec.date)
    first, last = own.days(spec.date)
    order = np.lexsort([*own.place(), dates.ranks[dates.codes[own.places]], key])
    order = order[(key[order] >= 0) & ~np.isnan(value[order]) & (first[order] == last[order])]
    here, before = order[1:], order[:-1]
    change = value[here] - value[before]
    far = {"up": change, "down": -change, "both": np.abs(change)}[spec.direction]
    size = np.abs(value[before])
    allowed = spec.amount if spec.share is None else size * spec.share
    leap = (key[here] == key[before]) & (far - allowed > _EXACT)
    if spec.up_to_share is not None:
        leap &= np.abs(change) <= size * spec.up_to_share
    if spec.within_days is not None:
        leap &= first[here] - first[before] <= spec.within_days
    if spec.unless:
        leap &= ~own.meets(spec.unless)[here]
    wrong, source = np.zeros(len(key), dtype="bool"), np.zeros(len(key), dtype="int64")
    wrong[here], source[here] = leap, before
    was = source[wrong]
    since = dates.shown(own.places[was]).str[:10]
    return own.found(code, wrong, spec.field, other=show_numbers(value[was]), since=since)
