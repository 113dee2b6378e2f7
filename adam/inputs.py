"""Reading SDTM that may lack optional variables or whole optional domains."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

# SDTM variables that are numeric; every other one is text (SDTMIG 3.4)
_NUMERIC = re.compile(r"(SEQ|NUM|DY|STRESN|DOSE|STNRLO|STNRHI)$|^AGE$")


def take(sdtm: Mapping[str, pd.DataFrame], domain: str, columns: Sequence[str]) -> pd.DataFrame:
    """A copy of a domain with exactly these columns, in this order, and a fresh index.

    A variable that the domain lacks is added as missing: text (`str`), or float64 where SDTM has a number (names that
    end in SEQ, NUM, DY, STRESN, DOSE, STNRLO, STNRHI, and AGE). An absent domain gives no rows. Blank text
    counts as missing. Row order and count stay.
    """
    frame = sdtm.get(domain)
    if frame is None:
        frame = pd.DataFrame()
    return pd.DataFrame({name: _column(frame, name) for name in columns}).reset_index(drop=True)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    numeric = bool(_NUMERIC.search(name))
    if name not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="float64" if numeric else "str")
    column = frame[name]
    if numeric:
        return column.astype("float64")
    text = column.astype("str")
    return text.mask(text == "")
