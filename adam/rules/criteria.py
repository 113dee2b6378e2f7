"""Conventions on results, as data (`specs/<study>/criteria.yaml`): ranges that are assigned, criteria that are met."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from adam.rules.limits import COMPARED, passes, read_limits
from specs.criteria import ParameterCriteria, criterion_text
from specs.models import DatasetSpec


def assign_ranges(rows: pd.DataFrame, told: Mapping[str, ParameterCriteria]) -> pd.DataFrame:
    """ANRLO and ANRHI of the study, on records of a parameter that have neither limit of their own.

    Row order and count stay.
    """
    codes, names = pd.factorize(rows["PARAMCD"])
    ranges = [told[name].range if name in told else None for name in names]
    if not any(ranges):
        return rows
    own = rows["ANRLO"].notna() | rows["ANRHI"].notna()
    low = np.array([np.nan if r is None or r.low is None else r.low for r in ranges])
    high = np.array([np.nan if r is None or r.high is None else r.high for r in ranges])
    return rows.assign(ANRLO=rows["ANRLO"].where(own, low[codes]), ANRHI=rows["ANRHI"].where(own, high[codes]))


def flag_criteria(rows: pd.DataFrame, told: Mapping[str, ParameterCriteria], spec: DatasetSpec) -> pd.DataFrame:
    """Adds CRITy and CRITyFL for each number y of a criterion.

    CRITy is the criterion, on every record of its parameter. CRITyFL, on records after first dose, is Y where the
    result surely passes the limit, N where it surely does not, and missing where that is not known (no result, no
    reference, a bound that leaves it open). Needs AFTER and what limits are compared with. Row order and count stay.
    Source: ADaMIG 1.3 section 4.7.
    """
    codes, names = pd.factorize(rows["PARAMCD"])
    compared = rows[COMPARED]
    after = rows["AFTER"].to_numpy(dtype=bool)
    for number in sorted({number for criteria in told.values() for number in criteria.criteria}):
        texts: list[str | None] = [None] * len(names)
        flag = np.full(len(rows), -1, dtype=np.int64)
        for place, name in enumerate(names):
            limit = told[name].criteria.get(number) if name in told else None
            if limit is not None:
                texts[place] = criterion_text(spec.parameters[name].param, limit)
                of_test = np.flatnonzero(codes == place)
                results = read_limits(compared.iloc[of_test])
                surely, maybe = passes(results, limit)
                flag[of_test] = np.where(~results.known | (maybe & ~surely), -1, surely)
        rows = rows.assign(
            **{
                f"CRIT{number}": pd.Series(pd.array(texts, dtype="str").take(codes), index=rows.index),
                f"CRIT{number}FL": pd.Series(
                    pd.array(["N", "Y"], dtype="str").take(np.where(after, flag, -1), allow_fill=True), index=rows.index
                ),
            }
        )
    return rows


RULES = {"assigned_range": assign_ranges, "criteria": flag_criteria}
