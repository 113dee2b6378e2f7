"""What the spec says of a BDS parameter, on every record of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.inputs import coded, of_subject, spread
from specs.models import DatasetSpec


def add_parameter(rows: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """Adds PARAM, PARAMN, PARCAT1 and PARCAT2 by PARAMCD, from the spec's parameters. Row order and count stay.

    Text is added as categorical, which `finish` makes `str`.
    Raises KeyError for a PARAMCD that the spec lacks.
    """
    codes, names = pd.factorize(rows["PARAMCD"])
    found = [spec.parameters[name] for name in names]
    return rows.assign(
        PARAM=coded(pd.Series([p.param for p in found], dtype="str"), codes),
        PARAMN=spread(codes, np.array([p.paramn for p in found], dtype="float64"), default=np.nan),
        PARCAT1=coded(pd.Series([p.parcat1 for p in found], dtype="str"), codes),
        PARCAT2=coded(pd.Series([p.parcat2 for p in found], dtype="str"), codes),
    )


def carry_over(rows: pd.DataFrame, adsl: pd.DataFrame, spec: DatasetSpec) -> pd.DataFrame:
    """Adds the variables of ADSL that the spec has and the rows do not, by USUBJID. Row order and count stay."""
    carried = [name for name in spec.variables if name in adsl and name not in rows]
    return of_subject(rows, adsl, carried)
