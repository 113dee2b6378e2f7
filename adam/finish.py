"""The last step of every ADaM dataset: its spec's variables, types and order, sorted by its keys."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.inputs import codes_of, spread
from specs.models import DatasetSpec, VariableSpec

SEQUENCE = "ASEQ"


def finish(frame: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """The frame with exactly the variables of its spec, in the spec's order, sorted by the spec's keys.

    A variable that the frame lacks is added as missing; columns that the spec lacks are taken off. Text becomes `str`,
    a number float64, a number with format DATE9. or DATETIME20. datetime64[us]. Where the spec has ASEQ, it is
    numbered from 1 within the subject, in the order of the other keys; records that tie on these are
    ordered by their other values, so that the order of the rows given never matters. Row count stays.
    """
    columns = {name: _typed(frame, name, v).reset_index(drop=True) for name, v in spec.variables.items()}
    del frame  # of which nobody may know but this function: then each column leaves the memory when it is in order
    by = {key: _ranks(columns[key]) for key in spec.keys if key != SEQUENCE}
    if pd.DataFrame(by).duplicated().any():
        by |= {name: _ranks(columns[name]) for name in spec.variables if name not in by and name != SEQUENCE}
    order = np.lexsort(list(reversed(by.values())))
    if not (order[1:] > order[:-1]).all():
        columns = {name: pd.Series(columns.pop(name).array.take(order)) for name in spec.variables}
    out = pd.DataFrame({name: _plain(columns.pop(name)) for name in spec.variables}, copy=False)
    if SEQUENCE in spec.variables:
        out[SEQUENCE] = out.groupby("USUBJID").cumcount().add(1).astype("float64")
    return out


def _ranks(column: pd.Series) -> np.ndarray:
    """The place of each value among the distinct ones in order, a missing one last: numbers sort faster than texts."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, texts = codes_of(column)
        return spread(codes, _ranks(texts), default=len(texts))
    codes, values = pd.factorize(column, sort=True)
    return np.where(codes < 0, len(values), codes)


def _plain(column: pd.Series) -> pd.Series:
    """Categorical text as `str`; any other column as it is."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column
    codes, texts = codes_of(column)
    return pd.Series(texts.array.take(codes, allow_fill=True))


def _typed(frame: pd.DataFrame, name: str, variable: VariableSpec) -> pd.Series:
    column = frame.get(name)
    if column is None:
        column = pd.Series(np.nan, index=frame.index)
    if variable.type == "Char":
        return column if isinstance(column.dtype, pd.CategoricalDtype) else column.astype("str")
    if variable.format in ("DATE9.", "DATETIME20."):
        return column.astype("datetime64[us]")
    return column.astype("float64")
