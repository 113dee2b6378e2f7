"""IEEE doubles as IBM doubles, against exact fractions and published words."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.handoff import xpt_reader
from flows.handoff.ibm_float import MISSING, to_ibm
from flows.handoff.xpt_reader import XptVariable

SMALLEST = 16.0**-65
LARGEST = float(np.nextafter(16.0**63, 0))


def exact(word: int) -> Fraction:
    """What an IBM double means: sign, power of 16 in excess of 64, 56 bits of fraction."""
    fraction = Fraction(word & (2**56 - 1), 2**56) * Fraction(16) ** ((word >> 56 & 127) - 64)
    return -fraction if word >> 63 else fraction


def convert(value: float) -> tuple[int, bool]:
    words, outside = to_ibm(np.array([value]))
    return int(words[0]), bool(outside[0])


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (1.0, 0x4110000000000000),
        (-1.0, 0xC110000000000000),
        (2.0, 0x4120000000000000),
        (-118.625, 0xC276A00000000000),  # the example of IBM's format everywhere
        (0.5, 0x4080000000000000),
        (0.0, 0x0000000000000000),
        (-0.0, 0x0000000000000000),
        (np.nan, 0x2E00000000000000),
        (SMALLEST, 0x0010000000000000),
        (LARGEST, 0x7FFFFFFFFFFFFFF8),
    ],
)
def test_published_words_and_the_ends_of_the_range(value, word):
    assert convert(value) == (word, False)


@pytest.mark.parametrize(
    "value", [np.inf, -np.inf, 16.0**63, -(16.0**63), np.nextafter(SMALLEST, 0), 5e-324, 1.7e308, -2.3e-308]
)
def test_what_lies_outside_the_range_is_marked(value):
    assert convert(value)[1]


in_range = st.floats(SMALLEST, LARGEST) | st.floats(-LARGEST, -SMALLEST)


@given(in_range)
def test_every_double_in_range_is_kept_exactly(value):
    word, outside = convert(value)
    assert not outside
    assert exact(word) == Fraction(value)
    assert word >> 52 & 0xF, "an IBM double is normalised: its first hexadecimal digit is not 0"


@given(st.lists(in_range | st.just(0.0) | st.just(np.nan), min_size=1))
def test_the_reader_reads_what_the_writer_wrote(values):
    words, _ = to_ibm(np.array(values))
    stored = words.astype(">u8").view(np.uint8).reshape(-1, 8)
    found = xpt_reader.numbers(stored, XptVariable("X", "", numeric=True, length=8, position=0, format=""))
    np.testing.assert_array_equal(found, np.array(values))


def test_missing_is_the_period():
    assert int(MISSING).to_bytes(8, "big") == b".\0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    "stored", [b"A\0\0\0\0\0\0\0", b"_\0\0\0\0\0\0\0", b"\x80\0\0\0\0\0\0\0", b"A\xff\xff\xff\xff\xff\xff\xff"]
)
def test_the_reader_refuses_words_that_no_double_gives(stored):
    with pytest.raises(ValueError, match="no double"):
        xpt_reader.numbers(
            np.frombuffer(stored, np.uint8).reshape(1, 8),
            XptVariable("X", "", numeric=True, length=8, position=0, format=""),
        )
