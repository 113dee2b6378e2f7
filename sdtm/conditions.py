"""Which raw records a condition of the spec holds for."""

from __future__ import annotations

import pandas as pd

from sdtm.distinct import by_distinct
from sdtm.numbers import read_numbers
from specs.mapping import Condition


def meets_all(frame: pd.DataFrame, conditions: list[Condition]) -> pd.Series:
    """True for the records for which every condition holds (specs/mapping.py, Condition)."""
    held = pd.Series(data=True, index=frame.index)
    for condition in conditions:
        held &= meets(frame, condition)
    return held


def meets(frame: pd.DataFrame, condition: Condition) -> pd.Series:
    """True for the records for which the condition holds; a field that the frame lacks counts as blank."""
    if condition.any_ is not None:
        held = pd.Series(data=False, index=frame.index)
        for one in condition.any_:
            held |= meets(frame, one)
        return held
    if condition.field in frame:
        return by_distinct(frame[condition.field], lambda texts: _holds(texts, condition))
    blank = _holds(pd.Series([""], dtype="str"), condition).iloc[0]
    return pd.Series(data=bool(blank), index=frame.index)


def _holds(texts: pd.Series, condition: Condition) -> pd.Series:
    plain = texts.fillna("").astype("str").str.strip()
    if condition.in_ is not None:
        return plain.isin(condition.in_)
    if condition.not_in is not None:
        return ~plain.isin(condition.not_in)
    if condition.present is not None:
        return plain.ne("") == condition.present
    number = read_numbers(plain)["number"]
    if condition.above is not None:
        return number > condition.above
    if condition.at_most is not None:
        return number <= condition.at_most
    return number.notna() == condition.number
