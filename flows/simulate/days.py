"""Days as whole numbers (days since 1970-01-01), and dates as a site types them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from flows.simulate.arrays import Ints

NEVER = 10**6  # the day of what does not happen
_FIRST, _LAST = -14600, 25600  # 1930 to 2040: all days that can be typed
_FORMATS = {"DMY": "%d %b %Y", "YMD": "%Y-%m-%d", "MDY": "%b/%d/%Y"}


def day(text: str) -> int:
    """The day number of an ISO date."""
    return int(np.datetime64(text, "D").astype("int64"))


@cache
def _typed_days(order: str) -> pd.api.extensions.ExtensionArray:
    dates = pd.DatetimeIndex(np.arange(_FIRST, _LAST).astype("datetime64[D]").astype("datetime64[s]"))
    text = dates.strftime(_FORMATS[order]).str.upper()
    return pd.Series([*text, ""], dtype="str").array


def typed(days: Ints, order: str = "DMY") -> pd.Series:
    """Each day as a site types it (`01 MAR 2025`, `2025-03-01` or `MAR/01/2025`); blank for NEVER."""
    within = (days >= _FIRST) & (days < _LAST)
    return pd.Series(_typed_days(order).take(np.where(within, days - _FIRST, _LAST - _FIRST)))


def clock(minutes: Ints) -> pd.Series:
    """Minutes after midnight as `08:30`; blank for NEVER."""
    texts = pd.Series([*(f"{m // 60:02d}:{m % 60:02d}" for m in range(1440)), ""], dtype="str").array
    return pd.Series(texts.take(np.where(minutes >= 1440, 1440, minutes)))


def decimals(value: Ints, places: int) -> pd.Series:
    """Whole numbers of the last decimal place as text: 452 with two places is `4.52`."""
    distinct, where = np.unique(value, return_inverse=True)
    texts = pd.Series([f"{v / 10**places:.{places}f}" for v in distinct.tolist()], dtype="str").array
    return pd.Series(texts.take(where))
