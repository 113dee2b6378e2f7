"""The values of one variable on both sides, over the paired records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.comparing.request import Tolerance
from flows.comparing.result import Value
from flows.datasets import Variable

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Compared:
    """Which paired values differ; how many are unequal but near enough; the largest difference of two numbers."""

    differs: Bools
    within_tolerance: int = 0
    largest: float | None = None


def compare_values(base: pa.ChunkedArray, new: pa.ChunkedArray, kind: Variable, tolerance: Tolerance) -> Compared:
    """Compare two columns of one type, row by row.

    The first that applies decides:
      1. both missing                                       -> equal
      2. one missing                                        -> differs
      3. numbers that are equal, or not farther apart than
         the absolute tolerance, or than the relative one
         times the value of BASE                            -> equal
      4. texts, dates, times that are equal                 -> equal
      5. anything else                                      -> differs
    """
    if kind.kind == "number":
        return _numbers(_plain(base), _plain(new), tolerance)
    missing = pc.xor(base.is_null(), new.is_null())
    unequal = pc.fill_null(pc.not_equal(base, new), False)
    return Compared(pc.or_(missing, unequal).to_numpy())


def _plain(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    numbers: npt.NDArray[np.float64] = column.to_numpy()
    return numbers


def _numbers(base: npt.NDArray[np.float64], new: npt.NDArray[np.float64], tolerance: Tolerance) -> Compared:
    gaps = np.isnan(base), np.isnan(new)
    unequal = (base != new) & ~(gaps[0] & gaps[1])
    at = np.flatnonzero(unequal)
    if not len(at):
        return Compared(unequal)
    one, other = base[at], new[at]
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(other - one)
        near = (apart <= tolerance.absolute) | (apart <= tolerance.relative * np.abs(one))
    near &= np.isfinite(one) & np.isfinite(other)
    differs = np.zeros(len(base), dtype=bool)
    differs[at] = ~near
    finite = apart[np.isfinite(apart)]
    return Compared(differs, int(near.sum()), float(finite.max()) if len(finite) else None)


def shown_values(column: pa.ChunkedArray, rows: npt.NDArray[np.int64]) -> list[Value]:
    """Some values of a column as JSON can hold them: numbers, ISO 8601 dates and times, text; missing is None."""
    return [_shown(value) for value in column.take(pa.array(rows)).to_pylist()]


def _shown(value: object) -> Value:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def shown_rows(table: pa.Table, names: tuple[str, ...], rows: npt.NDArray[np.int64]) -> list[dict[str, Value]]:
    """Some rows of a table, by these variables."""
    columns = [shown_values(table[name], rows) for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)] if names else []
