"""Numbers as sites type them."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import lru_cache

import numpy as np
import pandas as pd

from sdtm.distinct import distinct_texts

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?(?:(?:0|[1-9]\d*),(?:\d{1,2}|\d{4,})|0,\d{3})", re.ASCII)


def read_numbers(texts: pd.Series) -> pd.DataFrame:
    """Texts as numbers, each distinct text read once (`read_number`).

    Gives number (float64, missing where there is none), bad, normalised. Row order, count and index stay.
    """
    codes, distinct = distinct_texts(texts.astype("str"))
    read = [read_number(text) for text in (*distinct, "")]  # the last place is that of missing ones
    kinds = {"number": "float64", "bad": "bool", "normalised": "bool"}
    columns = {name: np.array([r[i] for r in read], dtype=kind)[codes] for i, (name, kind) in enumerate(kinds.items())}
    return pd.DataFrame(columns, index=texts.index)


@lru_cache(maxsize=100_000)  # the same numbers stand on many forms
def read_number(text: str) -> tuple[float, bool, bool]:
    """A text as a number; whether it cannot be read; whether it had to be made plain.

    The first matching line decides:
      1. blank -> missing
      2. a decimal number -> it
      3. the same in full-width characters or with a decimal comma -> it, made plain
      4. anything else, `1,234` among them (a thousand or one and a bit?) -> missing, cannot be read
    """
    typed = text.strip()
    if not typed:
        return math.nan, False, False
    plain = unicodedata.normalize("NFKC", typed).strip()
    if _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        return math.nan, True, False
    return float(plain), False, plain != typed
