"""Rules for exposure: one record for each interval of a constant dose."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.distinct import order_codes
from sdtm.rule import Call, Made, Rule
from specs import identity
from specs.dates import complete_date

_CONSTANT = ("TRT", "DOSE", "DOSU", "DOSFRM", "DOSFRQ", "ROUTE")  # what a dose is, after the domain's two letters
CONTINUED = "SAME-DOSE-CONTINUED"  # a record that goes on with an interval stands in that interval's record
_NEXT_DAY = pd.Timedelta(days=1)


def merge_constant_doses(frame: pd.DataFrame, call: Call) -> Made:
    """A step: records that go on with the same dose become one, from the first day to the last.

    The records of a subject and treatment in the order of their start; the first matching line decides about each:
      1. it is the first, or it has no complete start -> begins an interval
      2. treatment, dose, unit, form, frequency or route differ from the record before -> begins an interval
      3. its frequency is one of `args.single` (each administration stands for itself) -> begins an interval
      4. the end of the record before it is missing or partial: when dosing stopped is not known -> begins an interval
      5. it starts more than a day after the latest end before it (a gap: doses were held) -> begins an interval
      6. anything else -> goes on with the interval, overlapping days included

    An interval has the values of its first record, --ENDTC of the one that ends last (missing where the last one has
    none: dosing goes on), and the first --ADJ that is given. Needs --TRT, --DOSE, --DOSU, --DOSFRM, --DOSFRQ, --ROUTE,
    --ADJ, --STDTC, --ENDTC. Source of the rule: SDTMIG 3.4 section 6.1.3 (EX: constant-dosing intervals).
    """
    d = call.spec.dataset
    ordered = frame.take(_in_time(frame, d))
    start, end = complete_date(ordered[f"{d}STDTC"]), complete_date(ordered[f"{d}ENDTC"])
    same = ordered[["USUBJID", *(f"{d}{name}" for name in _CONSTANT)]]
    run = np.cumsum(_differs(same))
    single = ordered[f"{d}DOSFRQ"].isin(list(call.args.get("single", [])))
    latest = end.groupby(run).cummax().groupby(run).shift()
    unknown = end.groupby(run).shift().isna()
    begins = unknown | single | start.isna() | ~(start <= latest + _NEXT_DAY)
    interval = begins.cumsum()
    ends = pd.DataFrame({"END": end.fillna(pd.Timestamp.max.as_unit("us")), "DTC": ordered[f"{d}ENDTC"]})
    last = ends.groupby(interval.to_numpy())["END"].idxmax()  # the first of several that end together
    merged = ordered[begins].copy()
    merged[f"{d}ENDTC"] = ends["DTC"].reindex(last.to_numpy()).to_numpy()
    merged[f"{d}ADJ"] = ordered.groupby(interval.to_numpy())[f"{d}ADJ"].first().to_numpy()
    merged = merged.astype({f"{d}ENDTC": "str", f"{d}ADJ": "str"})
    return Made(merged, left_out={CONTINUED: ordered[~begins]})


def _in_time(frame: pd.DataFrame, domain: str) -> np.ndarray:
    """Places of the records by subject, treatment, start and end; equal ones by log line and record id."""
    names = ["USUBJID", f"{domain}TRT", f"{domain}STDTC", f"{domain}ENDTC"]
    keys = [order_codes(frame[name]) for name in names]
    keys += [order_codes(frame[name].str.rjust(40)) for name in (identity.POSITION, identity.RECORD)]
    return np.lexsort(keys[::-1])


def _differs(frame: pd.DataFrame) -> np.ndarray:
    """True for each row that differs from the row before it; missing is equal to missing."""
    codes = np.column_stack([pd.factorize(frame[name], use_na_sentinel=False)[0] for name in frame])
    return np.append(True, (codes[1:] != codes[:-1]).any(axis=1))[: len(frame)]


RULES = {"constant_doses": Rule(merge_constant_doses)}
