"""Change from baseline, where a result lies in its range, and the shift between the two."""

from __future__ import annotations

import numpy as np
import pandas as pd

from adam.rules.baseline import take_baseline

DECIMALS = 9  # of a difference: 10.1 - 10.0 is 0.1
LOW, NORMAL, HIGH = "LOW", "NORMAL", "HIGH"


def derive_range_indicator(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds ANRIND, where a result lies in its range; one limit alone is a range too.

    Needs AVAL, SIGN, BOUND, ANRLO, ANRHI. The first match decides:
      1. no number and no bound, or no limit                                  -> missing
      2. below ANRLO, or known as "<" a bound up to it                         -> LOW
      3. above ANRHI, or known as ">" a bound from it on                       -> HIGH
      4. known by a bound that tells nothing                                   -> missing
      5. else                                                                  -> NORMAL (a limit itself is normal)
    Row order and count stay.
    """
    value, sign = rows["AVAL"].fillna(rows["BOUND"]), rows["SIGN"]
    low, high = rows["ANRLO"], rows["ANRHI"]
    plain = sign == ""
    is_low = (plain & (value < low)) | ((sign == "<") & (value <= low)) | ((sign == "<=") & (value < low))
    is_high = (plain & (value > high)) | ((sign == ">") & (value >= high)) | ((sign == ">=") & (value > high))
    ranged = value.notna() & (low.notna() | high.notna())
    which = np.select([~ranged, is_low, is_high, plain], [3, 0, 2, 1], 3)
    indicator = pd.array([LOW, NORMAL, HIGH, None], dtype="str").take(which)
    return rows.assign(ANRIND=pd.Series(indicator, index=rows.index))


def derive_change(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds BASE and BASEC (of the baseline record), and on records after first dose CHG and PCHG.

    CHG = AVAL - BASE; PCHG = 100 x CHG / BASE, missing where BASE is 0. Needs GROUP, ABLFL, AFTER, AVAL, AVALC. Row
    order and count stay. Source: ADaMIG 1.3 section 3.3.4.
    """
    rows = take_baseline(rows, {"BASE": "AVAL", "BASEC": "AVALC"})
    change = (rows["AVAL"] - rows["BASE"]).round(DECIMALS).where(rows["AFTER"])
    return rows.assign(CHG=change, PCHG=change * 100 / rows["BASE"].where(rows["BASE"] != 0))


def derive_shift(rows: pd.DataFrame) -> pd.DataFrame:
    """Adds BNRIND (ANRIND of the baseline record) and, on records after first dose, SHIFT1, e.g. "NORMAL to LOW".

    Missing where one of the two is. Needs GROUP, ABLFL, AFTER, ANRIND. Row order and count stay.
    """
    rows = take_baseline(rows, {"BNRIND": "ANRIND"})
    before, from_terms = pd.factorize(rows["BNRIND"])
    after, to_terms = pd.factorize(rows["ANRIND"])
    texts = pd.array([f"{old} to {new}" for old in from_terms for new in to_terms], dtype="str")
    pair = np.where(rows["AFTER"] & (before >= 0) & (after >= 0), before * len(to_terms) + after, -1)
    return rows.assign(SHIFT1=pd.Series(texts.take(pair, allow_fill=True), index=rows.index))


RULES = {"change_after_baseline": derive_change, "range_indicator": derive_range_indicator, "shift": derive_shift}
