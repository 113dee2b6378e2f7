"""Text in ASCII: what becomes of each kind of character, and how much of a text fits."""

from __future__ import annotations

import pyarrow as pa
import pytest

from specs.ascii_text import fits, in_ascii, room_for, to_ascii

FORMS = [
    # the cases of `to_ascii`, in its order
    ("Fatigue, grade 2", "Fatigue, grade 2"),
    (" kept as typed ", " kept as typed "),  # ASCII is not touched
    ("10⁹/L", "10^9/L"),
    ("×10¹²/L", "x10^12/L"),
    ("m²", "m^2"),
    ("10⁻³", "10^-3"),
    ("5 μg", "5 ug"),  # Greek mu: by sound it would be 5 mg
    ("5 µg", "5 ug"),  # the micro sign
    ("≠ normal", "!= normal"),  # by shape it would be equal
    ("ALT ↓", "ALT (down)"),
    ("38.5 ℃", "38.5 degC"),
    ("TNF-α", "TNF-alpha"),
    ("≤ 5, ≥ 3", "<= 5, >= 3"),
    ("Müller", "Muller"),
    ("１２．５", "12.5"),  # full-width
    ("恶心 2级", "EXin 2Ji"),
    ("ended\u3000", "ended"),  # a blank at the end, as XPORT pads with
    ("line\u2028break", "line break"),
    ("\u200b", "?"),  # nothing to be seen, but not missing
]


@pytest.mark.parametrize(("text", "form"), FORMS)
def test_the_ascii_form(text, form):
    assert to_ascii(text) == form
    assert form.isascii()


@pytest.mark.parametrize("chunks", [[["a", "é", None, "é"]], [["a"], ["é", None], ["é"]], [[]], [["a", None]]])
def test_a_column_keeps_rows_and_missing_values(chunks):
    column = pa.chunked_array(chunks, pa.large_string())
    expected = [None if text is None else text.replace("é", "e") for text in column.to_pylist()]
    assert in_ascii(column).to_pylist() == expected


ROOM = [
    # text, bytes, characters that fit
    ("abcdef", 5, 5),
    ("abcde", 5, 5),
    ("恶恶恶", 6, 2),  # three bytes each in UTF-8, one in ASCII
    ("庄庄庄", 12, 2),  # three bytes each in UTF-8, six in ASCII: Zhuang
    ("庄庄庄", 11, 1),
    ("😀", 3, 0),  # four bytes, and :grinning:
    ("a😀", 11, 2),
    ("a😀", 10, 1),
    ("", 5, 0),
]


@pytest.mark.parametrize(("text", "most", "room"), ROOM)
def test_the_longer_form_of_a_text_decides_how_much_fits(text, most, room):
    assert room_for(text, most) == room
    assert fits(text, most) is (room == len(text))
