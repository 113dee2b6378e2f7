"""Which raw records a condition of the spec holds for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from sdtm.numbers import read_number
from specs.mapping import Condition

Distinct = dict[str, tuple[Any, Any]]  # field -> code of each record, and the text of each code


def meets_all(frame: pd.DataFrame, conditions: list[Condition], seen: Distinct | None = None) -> pd.Series:
    """True for the records for which every condition holds (specs/mapping.py, Condition).

    `seen` keeps the distinct texts of each field between calls that look at one and the same frame.
    """
    held = pd.Series(data=True, index=frame.index)
    for condition in conditions:
        held &= meets(frame, condition, seen)
    return held


def meets(frame: pd.DataFrame, condition: Condition, seen: Distinct | None = None) -> pd.Series:
    """True for the records for which the condition holds; a field that the frame lacks counts as blank."""
    if condition.any_ is not None:
        held = pd.Series(data=False, index=frame.index)
        for one in condition.any_:
            held |= meets(frame, one, seen)
        return held
    if condition.field not in frame:
        return pd.Series(data=_holds("", condition), index=frame.index)
    known = {} if seen is None else seen
    if condition.field not in known:
        known[str(condition.field)] = pd.factorize(frame[condition.field].fillna(""))
    codes, distinct = known[str(condition.field)]
    held_by = np.array([_holds(text, condition) for text in distinct], dtype="bool")
    return pd.Series(held_by[codes], index=frame.index)


def _holds(text: str, condition: Condition) -> bool:
    plain = text.strip()
    if condition.in_ is not None:
        return plain in condition.in_
    if condition.not_in is not None:
        return plain not in condition.not_in
    if condition.present is not None:
        return bool(plain) == condition.present
    number = read_number(plain)[0]
    if condition.above is not None:
        return number > condition.above
    if condition.at_most is not None:
        return number <= condition.at_most
    return (not math.isnan(number)) == condition.number
