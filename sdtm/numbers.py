"""Numbers as sites type them."""

from __future__ import annotations

import pandas as pd

from sdtm.distinct import take_distinct

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_DECIMAL_COMMA = r"[+-]?(?:(?:0|[1-9]\d*),(?:\d{1,2}|\d{4,})|0,\d{3})"


def read_numbers(texts: pd.Series) -> pd.DataFrame:
    """Texts as numbers.

    The first matching line decides:
      1. blank -> missing
      2. a decimal number -> it
      3. the same in full-width characters or with a decimal comma -> it, `normalised`
      4. anything else, `1,234` among them (a thousand or one and a bit?) -> missing, `bad`

    Gives number (float64), bad, normalised. Row order, count and index stay.
    """
    codes, distinct = pd.factorize(texts.fillna("").astype("str"))
    typed = pd.Series(distinct, dtype="str").str.strip()
    plain = typed.str.normalize("NFKC").str.strip()
    comma = plain.str.fullmatch(_DECIMAL_COMMA)
    plain = plain.mask(comma, plain.str.replace(",", ".", regex=False))
    read = plain.str.fullmatch(_NUMBER)
    number = plain.where(read).astype("float64")
    found: dict[str, pd.Series] = {"number": number, "bad": ~read & typed.ne(""), "normalised": read & plain.ne(typed)}
    return pd.DataFrame({name: take_distinct(part, codes, texts.index) for name, part in found.items()})
