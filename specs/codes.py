"""Columns as codes and distinct values: found once for a column, however many steps look at it.

What is done to texts is done to the distinct ones, and a column goes through many steps unchanged. Arrow's columns
never change, so what is known of one holds for as long as it is there; it goes with the column.
"""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

Codes = np.ndarray[Any, np.dtype[np.intp]]
Values = pd.api.extensions.ExtensionArray
_Known = tuple[Codes, Values, bool]  # codes, the values they stand for, and whether each of these is there, and once
_known: dict[int, tuple[weakref.ref[pa.ChunkedArray], _Known]] = {}


def codes_of(values: pd.Series) -> tuple[Codes, Values]:
    """The code of each row, -1 where it is missing, and the distinct values, each of which is there, in no order."""
    column = _column(values.array)
    if column is None:
        return _factorized(values.array)
    known = _recall(column)
    if known is None or not known[2]:
        codes, distinct = _factorized(values.array) if known is None else _once(*known[:2])
        known = codes, distinct, True
        _remember(column, known)
    return known[:2]


def taken(distinct: Values, codes: Codes) -> Values:
    """The value of each code; of text, a missing one for -1.

    `distinct` may have values twice, missing ones, or such as no code stands for.
    """
    if not isinstance(distinct.dtype, pd.StringDtype):
        plain: Values = distinct.take(codes)
        return plain
    return _taken(codes, distinct, each_once=False)


def rearranged(values: pd.Series, order: np.ndarray[Any, Any]) -> Values:
    """The values in another order; `order` has every row once."""
    if _column(values.array) is None:
        plain: Values = values.array.take(order)
        return plain
    codes, distinct = codes_of(values)
    return _taken(codes[order], distinct, each_once=True)


def combined_with(together: Codes, values: pd.Series) -> Codes:
    """A number for each row, equal where the number given and the value are: 0, 1, ... in the order of the rows."""
    codes, distinct = codes_of(values)
    return pd.factorize(together * (len(distinct) + 1) + codes + 1)[0]


def _factorized(values: Values) -> tuple[Codes, Values]:
    codes, distinct = pd.factorize(values)  # type: ignore[call-overload]  # the stubs know no arrays of pandas
    return codes, distinct


def _taken(codes: Codes, distinct: Values, *, each_once: bool) -> Values:
    values: Values = distinct.take(codes, allow_fill=True)
    column = _column(values)
    if column is not None:
        _remember(column, (codes, distinct, each_once))
    return values


def _once(codes: Codes, values: Values) -> tuple[Codes, Values]:
    used = np.zeros(len(values) + 1, dtype="bool")  # the last place is that of missing ones
    used[codes] = True
    places = np.flatnonzero(used[:-1])
    again, distinct = _factorized(values.take(places))
    place = np.full(len(used), -1)
    place[places] = again
    return place[codes], distinct


def _column(values: Any) -> pa.ChunkedArray | None:
    """The Arrow column behind text; none where it is something else."""
    if not isinstance(values.dtype, pd.StringDtype):
        return None
    column = values.__arrow_array__() if hasattr(values, "__arrow_array__") else None
    return column if isinstance(column, pa.ChunkedArray) else None


def _recall(column: pa.ChunkedArray) -> _Known | None:
    held, known = _known.get(id(column), (None, None))
    return known if held is not None and held() is column else None


def _remember(column: pa.ChunkedArray, known: _Known) -> None:
    key = id(column)
    _known[key] = weakref.ref(column, partial(_forget, key)), known


def _forget(key: int, gone: weakref.ref[pa.ChunkedArray]) -> None:
    if _known.get(key, (None,))[0] is gone:
        del _known[key]
