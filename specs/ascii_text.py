"""Text in ASCII, for files whose readers know no other characters (SAS XPORT v5 in a submission)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

from specs.text_bytes import has_only_ascii
from specs.yaml_files import read_yaml

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))
_SUPERSCRIPT = re.compile(f"[{''.join(_RAISED)}]+")
_NO_LETTER = "?"  # a text of characters that no letter stands for: it must not look missing
Column = TypeVar("Column", pa.Array, pa.ChunkedArray)


@cache
def _clinical() -> Mapping[int, str]:
    """Characters whose transliteration by sound or shape would change a meaning (specs/ascii.yaml)."""
    return str.maketrans(read_yaml(files("specs").joinpath("ascii.yaml").read_text(encoding="utf-8")))


def to_ascii(text: str) -> str:
    """A text in ASCII characters; ASCII text stays as it is.

    The first matching line decides for each character:
      1. ASCII -> itself
      2. superscript digits and signs in a row -> ^ and the digits
      3. in specs/ascii.yaml -> as that says
      4. anything else -> as the library anyascii transliterates it
    Blanks at the end go, as they do in XPORT. Where nothing would be left, `?`.
    """
    if text.isascii():
        return text
    raised = _SUPERSCRIPT.sub(lambda found: "^" + "".join(_RAISED[c] for c in found[0]), text)
    return anyascii(raised.translate(_clinical())).rstrip(" ") or _NO_LETTER


def in_ascii(column: Column) -> Column:
    """A column of text in ASCII; row count, order and missing values stay. Each distinct text is looked at once."""
    if has_only_ascii(column):
        return column
    plain = pc.fill_null(pc.string_is_ascii(column), True)
    distinct = pc.unique(column.filter(pc.invert(plain)))
    forms = pa.array([to_ascii(text) for text in distinct.to_pylist()], column.type)
    return pc.if_else(plain, column, pc.take(forms, pc.index_in(column, value_set=distinct)))


def room_for(text: str, most: int) -> int:
    """How many of the first characters of a text fit into `most` bytes, in UTF-8 as well as in ASCII."""
    if text.isascii():
        return min(len(text), most)
    kept = plain = 0
    for place, character in enumerate(text):
        kept += len(character.encode())
        plain += len(to_ascii(character))
        if max(kept, plain) > most:
            return place
    return len(text)


def fits(text: str, most: int) -> bool:
    """Whether a text has at most `most` bytes, in UTF-8 as well as in ASCII."""
    return room_for(text, most) == len(text)
