"""Work done once for each distinct value, and handed back to every row that has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from specs.codes import Codes, Values, codes_of, combined_with, taken


def by_distinct(values: pd.Series, function: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """What `function` makes of the distinct values, on the rows of `values`.

    `function` is given a Series of the distinct values, missing among them as missing, and gives one of the same
    length. Index, order and count of `values` stay.
    """
    codes, distinct = codes_of(values)
    if values.hasnans:
        distinct = distinct.take(np.append(np.arange(len(distinct)), -1), allow_fill=True)
        codes = np.where(codes < 0, len(distinct) - 1, codes)
    return take_distinct(function(pd.Series(distinct, dtype=values.dtype)), codes, values.index)


def take_distinct(distinct: pd.Series, codes: Codes, index: pd.Index) -> pd.Series:
    """The value at each code, on the index given; of text, a missing one for -1."""
    return pd.Series(taken(distinct.array, codes), index=index)


def texts_of(values: pd.Series | pd.Index | Values) -> list[Any]:
    """The values one by one as Python has them: Arrow is slow to give them up in a loop. A missing text is a NaN."""
    return list(values.to_numpy(dtype=object))


def distinct_texts(values: pd.Series) -> tuple[Codes, list[str]]:
    """The code of each row, -1 where it is missing, and the text of each code."""
    codes, distinct = codes_of(values)
    return codes, texts_of(distinct)


def order_codes(values: pd.Series) -> Codes:
    """Whole numbers that sort as the values do, missing ones last: cheap to sort by, and to compare."""
    codes, distinct = codes_of(values)
    ranks = np.full(len(distinct) + 1, len(distinct))  # code -1, a missing value, takes the last entry
    ranks[np.asarray(distinct.argsort())] = np.arange(len(distinct))
    return np.asarray(ranks[codes], dtype="int64")


def combinations(frame: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A number for each row, equal where all of the columns are: 0, 1, ... in the order of the rows; and first rows.

    The latter are the places of the first row with each number. Far cheaper than `drop_duplicates` where the columns
    are texts with few distinct values.
    """
    together = np.zeros(len(frame), dtype="int64")
    for column in columns:
        together = combined_with(together, frame[column])
    return together, np.flatnonzero(np.diff(np.maximum.accumulate(together), prepend=-1))


def first_rows(frame: pd.DataFrame, columns: list[str]) -> np.ndarray[Any, Any]:
    """Places of the first row of each distinct combination of the columns, in the order of the rows."""
    return combinations(frame, columns)[1]
