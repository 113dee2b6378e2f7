"""Codes and distinct values of a column: the same whether they are found, remembered or handed on."""

import gc

import numpy as np
import pandas as pd
import pytest

from specs import codes
from specs.codes import codes_of, combined_with, rearranged, taken


def texts(*values):
    return pd.Series(list(values), dtype="str")


def read_back(column):
    """The values that the codes of a column stand for."""
    numbers, distinct = codes_of(column)
    assert sorted(set(numbers[numbers >= 0])) == list(range(len(distinct)))  # each is there
    assert len(set(distinct)) == len(distinct)  # and once
    return [None if number < 0 else distinct[number] for number in numbers]


@pytest.mark.parametrize(
    "values",
    [(), (None,), ("A",), ("A", "B", "A"), ("A", None, "A", ""), (None, "B", None)],
)
def test_the_codes_stand_for_the_values(values):
    assert read_back(texts(*values)) == list(values)


def test_a_column_is_looked_through_once_whatever_frame_it_is_in():
    column = texts("A", "B", "A")
    frame = pd.DataFrame({"X": column, "Y": [1, 2, 3]})
    assert codes_of(frame["X"])[0] is codes_of(column)[0]
    assert codes_of(frame.assign(Z=1).reset_index(drop=True)["X"])[0] is codes_of(column)[0]


def test_a_column_with_other_values_in_it_is_looked_through_anew():
    column = texts("A", "B", "A")
    codes_of(column)
    column[1] = "C"
    assert read_back(column) == ["A", "C", "A"]


@pytest.mark.parametrize(
    ("distinct", "numbers", "values"),
    [
        (("A", "B"), (1, 0, 1), ["B", "A", "B"]),
        (("A", "B"), (1, -1, 1), ["B", None, "B"]),  # a value that no code stands for
        (("A", "A", "B"), (0, 1, 2), ["A", "A", "B"]),  # a value twice
        (("A", None), (0, 1, 0), ["A", None, "A"]),  # a missing one
        ((None, "B", "B"), (0, 2, 1), [None, "B", "B"]),
    ],
)
def test_values_taken_by_codes(distinct, numbers, values):
    column = pd.Series(taken(texts(*distinct).array, np.array(numbers)))
    assert [None if pd.isna(value) else value for value in column] == values
    assert read_back(column) == values


def test_numbers_are_taken_as_they_are():
    assert list(taken(pd.Series([1.5, 2.5]).array, np.array([1, 0, 1]))) == [2.5, 1.5, 2.5]


@pytest.mark.parametrize("values", [("A", "B", None, "A"), (1.0, 2.0, 3.0, 4.0)])
def test_a_column_in_another_order(values):
    column = pd.Series(
        rearranged(pd.Series(list(values), dtype="str" if values[0] == "A" else None), np.array([3, 2, 0, 1]))
    )
    assert [None if pd.isna(value) else value for value in column] == [values[3], values[2], values[0], values[1]]
    assert read_back(column) == [values[3], values[2], values[0], values[1]]


@pytest.mark.parametrize(
    ("first", "second", "numbers"),
    [
        (("A", "A", "B"), ("X", "Y", "X"), [0, 1, 2]),
        (("A", "A", "A"), ("X", "Y", "X"), [0, 1, 0]),
        (("A", None, None), ("X", "X", "X"), [0, 1, 1]),
        (("A", "B", "A"), (None, None, None), [0, 1, 0]),
    ],
)
def test_rows_are_alike_where_both_values_are(first, second, numbers):
    together = combined_with(np.zeros(3, dtype="int64"), texts(*first))
    assert list(combined_with(together, texts(*second))) == numbers


def test_what_is_known_of_a_column_goes_with_it():
    before = len(codes._known)
    column = texts("A", "B")
    codes_of(column)
    assert len(codes._known) == before + 1
    del column
    gc.collect()
    assert len(codes._known) == before
