"""Rules that choose among the values of one record."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.distinct import by_distinct
from sdtm.rule import Call, Rule


def pick_strongest(frame: pd.DataFrame, call: Call) -> pd.Series:
    """Of the variables `among`, the value that stands furthest in `order` (weakest first).

    The first matching line decides: 1. one of the values is in `order` -> the furthest; 2. a text outside it -> that of
    the first variable that has one; 3. all missing -> missing.
    """
    order = list(call.args["order"])
    ranks = {value: float(place) for place, value in enumerate(order)}
    candidates = [frame[name] for name in call.args["among"]]
    best = pd.Series(np.nan, index=frame.index)
    other = pd.Series(index=frame.index, dtype="str")
    for values in candidates:
        rank = by_distinct(values, lambda texts: texts.map(ranks).astype("float64"))
        best = best.where(~(rank > best.fillna(-1)), rank)
        other = other.fillna(values)
    return best.map(dict(enumerate(order))).astype("str").fillna(other)


RULES = {"strongest": Rule(pick_strongest)}
