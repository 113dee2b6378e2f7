"""Numbers as typed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sdtm.numbers import read_numbers

NUMBERS = [
    # typed, number, flag; the cases in the order of the docstring
    ("", np.nan, ""),
    ("5", 5.0, ""),
    (" -0.25 ", -0.25, ""),
    ("+.5", 0.5, ""),
    ("5.", 5.0, ""),
    ("0.1", 0.1, ""),
    ("５．５", 5.5, "normalised"),
    ("5,5", 5.5, "normalised"),
    ("0,123", 0.123, "normalised"),
    ("1,234", np.nan, "bad"),
    ("1.234,5", np.nan, "bad"),
    ("<5", np.nan, "bad"),
    ("5 mg", np.nan, "bad"),
    ("nan", np.nan, "bad"),
    ("inf", np.nan, "bad"),
    ("1e3", np.nan, "bad"),
    ("阴性", np.nan, "bad"),
]


def test_typed_numbers():
    cases = pd.DataFrame(NUMBERS, columns=["typed", "number", "flag"]).astype({"typed": "str"})
    read = read_numbers(cases["typed"])
    pd.testing.assert_series_equal(read["number"], cases["number"])
    assert [" ".join(f for f in ("bad", "normalised") if row[f]) for _, row in read.iterrows()] == list(cases["flag"])
