"""Columns as whole numbers and their distinct texts: what is asked of a text is asked once, however often it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sdtm.conditions import which_meet
from sdtm.days import days_of, numbers_of
from sdtm.distinct import texts_of
from sdtm.numbers import read_numbers
from specs.codes import codes_of
from specs.mapping import Condition

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
_DAY = 10  # characters of a complete date


@dataclass(frozen=True)
class Column:
    """The column of a form or dataset: for each record the place of its text among `texts`; -1 where it is blank."""

    codes: Ints
    texts: pd.Series
    _held: dict[str, Bools] = field(default_factory=dict, repr=False)

    @cached_property
    def days(self) -> tuple[Floats, Floats]:
        """For each text, as truncated ISO 8601: first and last day it can mean, in days; missing where it says none.

        The last entry is that of a blank: it is what code -1 takes.
        """
        low, high = (numbers_of(days) for days in days_of([text[:_DAY] for text in texts_of(self.texts)]))
        return np.append(low, np.nan), np.append(high, np.nan)

    @cached_property
    def numbers(self) -> Floats:
        """Each text as number, and the missing one of a blank."""
        return np.append(read_numbers(self.texts)["number"].to_numpy(dtype="float64"), np.nan)

    @cached_property
    def ranks(self) -> Ints:
        """The place of each text in the order of texts; of a blank, behind all."""
        ranks = np.full(len(self.texts) + 1, len(self.texts))
        ranks[np.argsort(self.texts.to_numpy(dtype=object), kind="stable")] = np.arange(len(self.texts))
        return ranks

    def first_days(self, at: Ints) -> Floats:
        """The first day that each of these records can mean."""
        return self.days[0][self.codes[at]]

    def last_days(self, at: Ints) -> Floats:
        """The last day that each of these records can mean."""
        return self.days[1][self.codes[at]]

    def shown(self, at: Ints) -> pd.Series:
        """The texts of these records."""
        return pd.Series(self.texts.array.take(self.codes[at], allow_fill=True), dtype="str")

    def holds(self, condition: Condition) -> Bools:
        """Which records meet a condition on this column."""
        known = repr(condition)
        if known not in self._held:
            self._held[known] = which_meet([*texts_of(self.texts), ""], condition)  # the last place is that of a blank
        return self._held[known][self.codes]


def read_column(values: pd.Series) -> Column:
    """The column of these values; blanks at both ends of a text do not count, numbers are as people write them."""
    codes, distinct = codes_of(values)
    if values.dtype.kind == "f":
        texts = [f"{number:.15g}" for number in distinct]
    else:
        texts = [str(text).strip() for text in texts_of(distinct)]
    place: dict[str, int] = {"": -1}
    for text in texts:
        place.setdefault(text, len(place) - 1)
    again = np.array([*(place[text] for text in texts), -1], dtype="int64")
    return Column(again[codes], pd.Series(list(place)[1:], dtype="str"))


def shared_keys(own: Sequence[Column], own_at: Ints, other: Sequence[Column], other_at: Ints) -> tuple[Ints, Ints]:
    """The values of several columns of records here and there as one number each, equal where all values are.

    Own: -1 where a value is blank, -2 where no other record can have it. Other: -1 where a value is blank.
    """
    size = 1
    mine, theirs = np.zeros(len(own_at), dtype="int64"), np.zeros(len(other_at), dtype="int64")
    for here, there in zip(own, other, strict=True):
        place = {text: at for at, text in enumerate(texts_of(there.texts))}
        found = np.array([*(place.get(text, -1) for text in texts_of(here.texts)), -1], dtype="int64")
        blank = here.codes[own_at] < 0
        code = found[here.codes[own_at]]
        mine = np.where((mine == -1) | blank, -1, np.where((mine == -2) | (code < 0), -2, mine + size * code))
        code = there.codes[other_at]
        theirs = np.where((theirs == -1) | (code < 0), -1, theirs + size * code)
        size *= len(there.texts) + 1
    return mine, theirs
