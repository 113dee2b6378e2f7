"""One record of a group, picked by an order of values, without sorting: each value narrows the choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Which = Literal["largest", "smallest"]


def group_codes(*columns: pd.Series) -> Codes:
    """One number, from 0, for each different combination of values; -1 where one of them is missing."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    missing = np.zeros(len(codes), dtype=bool)
    for column in columns:
        of_column, values = pd.factorize(column)
        missing |= of_column < 0
        codes, _ = pd.factorize(codes * max(len(values), 1) + of_column)
    return np.where(missing, -1, codes)


def pick_one(group: Codes, order: Sequence[tuple[pd.Series, Which]], where: Flags) -> Flags:
    """Marks one record of each group, of those `where`.

    `group`: numbers from 0 (`group_codes`); a record of group -1 is never picked. `order`: values, and whether the
    largest or the smallest of them is wanted; the first decides, then the second among those that tie, and so on. A
    missing value is wanted least. Records that tie on every value are all marked: the last has to tell them apart.
    """
    rows = np.flatnonzero(where & (group >= 0))
    for values, which in order:
        of_rows = group[rows]
        if len(rows) == 0 or int(np.bincount(of_rows).max()) == 1:
            break
        number = _numbers(values.iloc[rows], -1 if which == "smallest" else 1)
        best = np.full(int(group.max()) + 1, -np.inf)
        np.maximum.at(best, of_rows, number)
        rows = rows[number == best[of_rows]]
    picked = np.zeros(len(group), dtype=bool)
    picked[rows] = True
    return picked


def _numbers(values: pd.Series, sign: int) -> npt.NDArray[np.float64]:
    """The values as numbers, a missing one below all others; microseconds of a date are exact."""
    if values.dtype.kind == "M":
        return np.where(values.isna(), -np.inf, sign * values.astype("int64").to_numpy(dtype="float64"))
    number = values.to_numpy(dtype="float64")
    return np.where(np.isnan(number), -np.inf, sign * number)
