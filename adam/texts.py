"""Texts of several records as one."""

from __future__ import annotations

import pandas as pd


def join_texts(texts: pd.Series, keys: pd.Series) -> pd.Series:
    """The texts of each key, in the order given, with "; " between; index = the keys. Missing texts are passed over."""
    known = pd.DataFrame({"KEY": keys, "TEXT": texts}).dropna(subset="TEXT")
    number = known.groupby("KEY").cumcount()
    joined = known[number == 0].set_index("KEY")["TEXT"].astype("str")
    for place in range(1, int(number.max()) + 1 if len(known) else 0):
        more = known[number == place].set_index("KEY")["TEXT"].reindex(joined.index)
        joined = joined + ("; " + more).fillna("")
    return joined
