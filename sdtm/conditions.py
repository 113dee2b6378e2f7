"""Which raw records a condition of the spec holds for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from sdtm.distinct import distinct_texts
from sdtm.numbers import read_number
from specs.mapping import Condition

Bools = np.ndarray[Any, np.dtype[np.bool_]]
Distinct = dict[str, tuple[Any, Any]]  # field -> code of each record, and the text of each code


def meets_all(frame: pd.DataFrame, conditions: list[Condition], seen: Distinct | None = None) -> pd.Series:
    """True for the records for which every condition holds (specs/mapping.py, Condition).

    `seen` keeps the distinct texts of each field between calls that look at one and the same frame.
    """
    held = np.ones(len(frame), dtype="bool")
    for condition in conditions:
        held &= _meets(frame, condition, {} if seen is None else seen)
    return pd.Series(held, index=frame.index)


def _meets(frame: pd.DataFrame, condition: Condition, seen: Distinct) -> Bools:
    """True for the records for which the condition holds; a field that the frame lacks counts as blank."""
    if condition.any_ is not None:
        held = np.zeros(len(frame), dtype="bool")
        for one in condition.any_:
            held |= _meets(frame, one, seen)
        return held
    field = str(condition.field)
    if field not in frame:
        return np.full(len(frame), _holds("", condition))
    if field not in seen:
        codes, distinct = distinct_texts(frame[field])
        seen[field] = codes, [*distinct, ""]  # the last place is that of missing ones
    codes, distinct = seen[field]
    return which_meet(distinct, condition)[codes]


def which_meet(texts: list[str], condition: Condition) -> Bools:
    """For which of the texts a condition on one field holds."""
    return np.array([_holds(text, condition) for text in texts], dtype="bool")


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
