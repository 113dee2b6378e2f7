"""Text that is longer than a variable can hold, continued in further variables (SDTMIG 3.4 section 4.5.3)."""

from __future__ import annotations

import pandas as pd

from sdtm.continuation import BLANKS, split_text, too_long
from sdtm.rule import Call, Rule
from specs.models import MAX_CHAR_BYTES


def continued(name: str, variables: list[str]) -> list[str]:
    """The variable and those that continue it: COVAL, COVAL1, COVAL2, ... as far as `variables` has them."""
    names = [name]
    while f"{name}{len(names)}" in variables:
        names.append(f"{name}{len(names)}")
    return names


def split_into(values: pd.Series, names: list[str], most: int = MAX_CHAR_BYTES) -> pd.DataFrame:
    """Texts in pieces of at most `most` bytes (sdtm/continuation.py, `split_text`), one column a name.

    The last column takes all that is left, so that nothing is lost; it may be too long. Missing texts, and pieces that
    are not needed, are missing. The index stays.
    """
    long = too_long(values, most)
    pieces = pd.DataFrame({name: pd.Series(index=values.index, dtype="str") for name in names})
    pieces[names[0]] = values
    if long.any():
        cut = [_pieces(text, most, len(names)) for text in values[long]]
        for place, name in enumerate(names):
            pieces.loc[long, name] = pd.Series([c[place] for c in cut], index=values.index[long], dtype="str")
    return pieces.astype("str")


def _pieces(text: str, most: int, count: int) -> list[str | None]:
    pieces: list[str | None] = []
    for part in split_text(text, most)[: count - 1]:
        pieces.append(part)
        text = text[len(part) :].lstrip(BLANKS)
    return [*pieces, *([text] if text else []), *[None] * count][:count]


def continue_text(frame: pd.DataFrame, call: Call) -> pd.DataFrame:
    """The variable of the argument `variable` in pieces: itself, and those that continue it (VAR1, VAR2, ...)."""
    name = str(call.args["variable"])
    pieces = split_into(frame[name], continued(name, list(call.spec.variables)))
    return frame.assign(**{str(piece): pieces[piece] for piece in pieces})


RULES = {"continue_text": Rule(continue_text)}
