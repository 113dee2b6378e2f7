"""What the spec says of a BDS parameter, on every record of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from adam.inputs import of_subject
from specs.models import DatasetSpec


def add_parameter(rows: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """Adds PARAM, PARAMN, PARCAT1 and PARCAT2 by PARAMCD, from the spec's parameters. Row order and count stay.

    Raises KeyError for a PARAMCD that the spec lacks.
    """
    codes, names = pd.factorize(rows["PARAMCD"])
    found = [spec.parameters[name] for name in names]

    def of_each(values: list[Any], dtype: str) -> pd.Series:
        return pd.Series(values, dtype=dtype).take(codes).set_axis(rows.index)

    return rows.assign(
        PARAM=of_each([p.param for p in found], "str"),
        PARAMN=of_each([p.paramn for p in found], "float64"),
        PARCAT1=of_each([p.parcat1 for p in found], "str"),
        PARCAT2=of_each([p.parcat2 for p in found], "str"),
    )


def carry_over(rows: pd.DataFrame, adsl: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """Adds the variables of ADSL that the spec has and the rows do not, by USUBJID. Row order and count stay."""
    carried = [name for name in spec.variables if name in adsl and name not in rows]
    return of_subject(rows, adsl, carried)
