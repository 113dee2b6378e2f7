"""The kind of values: DataType, Length and SignificantDigits from the values themselves."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from flows.handoff.define.shapes import Shape, shape_of, shape_of_results
from specs.models import VariableSpec
from tests.handoff.datasets import STAMP

TEXT = VariableSpec(label="Text", type="Char")
NUMBER = VariableSpec(label="Number", type="Num")
INTEGER = VariableSpec(label="Number", type="Num", integer=True)
DATE = VariableSpec(label="Date", type="Num", format="DATE9.")
DATETIME = VariableSpec(label="Date/Time", type="Num", format="DATETIME20.")
TIME = VariableSpec(label="Time", type="Num", format="TIME8.")


@pytest.mark.parametrize(
    ("values", "length", "digits"),
    [
        ([1.0, 20.0], 2, 0),
        ([1.5, 20.0], 3, 1),
        ([0.1 + 0.2], 2, 1),  # a double's error is no digit
        ([-123.25, 0.5], 5, 2),
        ([0.0], 1, 0),
        ([100 / 3], 15, 13),  # as many as a double holds
        ([None], 1, 0),
        ([], 1, 0),
        ([1e6, 0.001], 10, 3),
    ],
)
def test_numbers_have_the_digits_of_the_largest_and_the_finest(values, length, digits):
    assert shape_of(pa.array(values, pa.float64()), NUMBER, "AVAL") == Shape("float", length, digits)


@pytest.mark.parametrize(
    ("values", "length"), [([1, 20, None], 2), ([-4321], 4), ([None], 1), ([2**53], 16)],
)  # fmt: skip
def test_integers_have_the_digits_of_the_largest(values, length):
    assert shape_of(pa.array(values, pa.int64()), INTEGER, "ASEQ") == Shape("integer", length)


@pytest.mark.parametrize(
    ("values", "variable", "shape"),
    [
        (pa.array([dt.date(2025, 3, 9)]), DATE, Shape("integer", 5, None, "DATE9.")),
        (pa.array([STAMP], pa.timestamp("us")), DATETIME, Shape("integer", 10, None, "DATETIME20.")),
        (pa.array([dt.time(7, 5)], pa.time64("us")), TIME, Shape("integer", 5, None, "TIME8.")),
        (pa.array([dt.time(7, 5, 1, 500000)], pa.time64("us")), TIME, Shape("float", 6, 1, "TIME8.")),
    ],
)  # fmt: skip
def test_dates_are_numbers_with_a_format(values, variable, shape):
    assert shape_of(values, variable, "ADT") == shape


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2025-03-09", "2025-03-10"], "date"),
        (["2025-03-09", "2025-03"], "partialDate"),
        (["2025"], "partialDate"),
        (["2025-03-09T07:05:01"], "datetime"),
        (["2025-03-09T07:05:01", "2025-03-09T07:05"], "partialDatetime"),
        (["2025-03-09T07:05", "2025-03"], "partialDatetime"),
        (["2025---09"], "incompleteDate"),
        (["2025-03-09T-:05"], "incompleteDatetime"),
        (["--03-09", "2025-03-09T07:05:01"], "incompleteDatetime"),
        ([None], "partialDatetime"),
    ],
)
def test_dates_of_iso_8601_are_named_by_what_they_lack(values, kind):
    assert shape_of(pa.array(values, pa.string()), TEXT, "AESTDTC") == Shape(kind)


def test_a_date_variable_with_other_words_is_text():
    assert shape_of(pa.array(["2025-03-09", "unknown"]), TEXT, "AESTDTC") == Shape("text", 10)


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        (["5", "12"], Shape("integer", 2)),
        (["5", "12.50"], Shape("float", 4, 2)),
        (["-0.5"], Shape("float", 2, 1)),
        (["5", "<0.1"], Shape("text", 4)),
        (["5", "1e3"], Shape("text", 3)),
        (["5", "5."], Shape("text", 2)),
        (["发热"], Shape("text", 6)),  # bytes in UTF-8
        ([], Shape("text", 1)),
    ],
)
def test_results_are_numbers_only_where_each_of_them_is(values, shape):
    assert shape_of_results(pa.array(values, pa.string())) == shape


def test_duration_is_no_text():
    assert shape_of(pa.array(["P1D"]), TEXT, "LBDUR") == Shape("durationDatetime")


def test_text_is_as_long_as_its_file_holds():
    assert shape_of(pa.array(["abc", "x" * 201]), TEXT, "QVAL") == Shape("text", 3)
