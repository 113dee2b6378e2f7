"""Declared checks of records that belong together by their keys: how many, the same, and how far a number may go."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.checks.evidence import Evidence
from sdtm.checks.partial import earliest, latest
from sdtm.checks.records import Looked, as_text, look
from sdtm.distinct import order_codes
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
    ordered = key.iloc[np.lexsort(own.place())].dropna()
    beyond = ordered.groupby(ordered).cumcount() >= spec.most
    wrong = beyond.reindex(key.index, fill_value=False)
    return own.found(code, wrong, spec.field, most=str(spec.most))


def stays_the_same(evidence: Evidence, spec: StaysTheSame, code: str) -> pd.DataFrame:
    """The records whose field differs from that of the record before it, of the same keys; blanks are passed over.

    Facts: `other`, the value before.
    """
    return combine([_changing(look(evidence, wanted), wanted, code) for wanted in spec.records])


def _changing(own: Looked, spec: Steady, code: str) -> pd.DataFrame:
    frame = pd.DataFrame({"KEY": own.key(spec.by), "VALUE": own.text(spec.field)})
    order = own.place() + ([order_codes(own.date(spec.order))] if spec.order else [])
    frame = frame.iloc[np.lexsort(order)].dropna()
    before = frame.groupby("KEY")["VALUE"].shift()
    wrong = (before.notna() & (before != frame["VALUE"])).reindex(own.frame.index, fill_value=False)
    return own.found(code, wrong, spec.field, other=before)


def amounts_in_limits(evidence: Evidence, spec: AmountsInLimits, code: str) -> pd.DataFrame:
    """A number below `low`, above `high`, or not above the number in the field `above`.

    What is missing or no number is in limits. Facts: `other`, the limit or number that it does not keep to.
    """
    return combine([_outside(look(evidence, wanted), wanted, code) for wanted in spec.amounts])


def _outside(own: Looked, spec: Amount, code: str) -> pd.DataFrame:
    value = own.number(spec.field)
    limit = own.number(spec.above) if spec.above else pd.Series(np.nan, index=value.index)
    below = value < (-np.inf if spec.low is None else spec.low)
    over = value > (np.inf if spec.high is None else spec.high)
    other = as_text(limit).mask(below, f"{spec.low or 0:g}").mask(over, f"{spec.high or 0:g}")
    return own.found(code, below | over | (value <= limit), spec.field, value=as_text(value), other=other)


def changes_slowly(evidence: Evidence, spec: ChangesSlowly, code: str) -> pd.DataFrame:
    """A number that differs from the one of the date before, of the same keys, by more than is allowed.

    By more than a `share` of the one before, or by more than an `amount`; up, down or both ways; where `within_days`
    is given, only of dates that are at most so far apart; a record that meets `unless` may. A change beyond
    `up_to_share` is not reported: such a number is implausible by itself. Needs complete dates. Facts: `other`, the
    number before; `since`, its date.
    """
    return combine([_leaping(look(evidence, wanted), wanted, code) for wanted in spec.courses])


def _leaping(own: Looked, spec: Course, code: str) -> pd.DataFrame:
    date, value = own.date(spec.date), own.number(spec.field)
    first = earliest(date)
    frame = pd.DataFrame({"KEY": own.key(spec.by), "DAY": first.where(first == latest(date)), "VALUE": value})
    frame = frame.iloc[np.lexsort([*own.place(), order_codes(date), order_codes(frame["KEY"])])].dropna()
    last = frame.groupby("KEY").shift()
    change = frame["VALUE"] - last["VALUE"]
    far = {"up": change, "down": -change, "both": change.abs()}[spec.direction]
    size = last["VALUE"].abs()
    allowed = pd.Series(spec.amount, index=size.index) if spec.share is None else size * spec.share
    wrong = far.sub(allowed).gt(_EXACT)
    if spec.up_to_share is not None:
        wrong &= change.abs().le(size * spec.up_to_share)
    if spec.within_days is not None:
        wrong &= (frame["DAY"] - last["DAY"]).dt.days.le(spec.within_days)
    flagged = wrong.reindex(own.frame.index, fill_value=False)
    if spec.unless:
        flagged &= ~own.meets(spec.unless)
    since = last["DAY"].dt.strftime("%Y-%m-%d").astype("str")
    return own.found(code, flagged, spec.field, value=as_text(value), other=as_text(last["VALUE"]), since=since)
