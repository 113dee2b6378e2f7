"""One record of a group, picked by an order of values, without sorting: each value narrows the choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def group_codes(*columns: pd.Series) -> Codes:
    """One number, from 0, for each different combination of values; -1 where one of them is missing."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    missing = np.zeros(len(codes), dtype=bool)
    for column in columns:
        of_column, values = pd.factorize(column)
        missing |= of_column < 0
        codes, _ = pd.factorize(codes * max(len(values), 1) + of_column)
    return np.where(missing, -1, codes)


def pick_last(group: Codes, order: Sequence[pd.Series], where: Flags) -> Flags:
    """Marks one record of each group: of those `where`, the one with the largest values, the first value first.

    `group`: numbers from 0 (`group_codes`); a record of group -1 is never picked. A missing value comes before all
    others. Records that tie on every value are all marked: the last value has to tell them apart.
    """
    rows = np.flatnonzero(where & (group >= 0))
    for values in order:
        of_rows = group[rows]
        if _all_alone(of_rows):
            break
        number = _numbers(values)[rows]
        best = np.full(group.max() + 1, -np.inf)
        np.maximum.at(best, of_rows, number)
        rows = rows[number == best[of_rows]]
    picked = np.zeros(len(group), dtype=bool)
    picked[rows] = True
    return picked


def _all_alone(group: Codes) -> bool:
    return len(group) == 0 or int(np.bincount(group).max()) == 1


def _numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    if values.dtype.kind == "M":
        number = values.astype("int64").to_numpy(dtype="float64")  # microseconds: exact below 2 to the power of 53
        return np.where(values.isna(), -np.inf, number)
    number = values.to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(number), -np.inf, number)
