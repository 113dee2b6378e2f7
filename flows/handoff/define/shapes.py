"""What kind of values a variable has: DataType, Length, SignificantDigits and format of Define-XML, from the values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.handoff.lengths import longest_that_fits
from flows.handoff.xpt import sas_numbers
from specs.models import VariableSpec

_SIGNIFICANT = 15  # decimal digits that a double holds whatever its value
_NUMBER = r"^-?(\d+)(?:\.(\d+))?$"
_DATE, _TIME = r"\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}:\d{2}"


@dataclass(frozen=True)
class Shape:
    """The kind of some values. Length: bytes of a text, digits of a number; dates of ISO 8601 have none."""

    data_type: str
    length: int | None = None
    digits: int | None = None
    display_format: str | None = None


def is_plain_text(variable: VariableSpec, name: str) -> bool:
    """Whether the values are text whatever they are: neither numbers nor dates or durations of ISO 8601."""
    return variable.type == "Char" and not name.endswith(("DTC", "DUR"))


def shape_of(values: pa.Array, variable: VariableSpec, name: str) -> Shape:
    """The shape of a variable's values (each may stand once)."""
    if variable.type == "Num":
        return _of_numbers(values, variable)
    if is_plain_text(variable, name):
        return _text(values)
    return _of_dates(values) if name.endswith("DTC") else Shape("durationDatetime")


def shape_of_results(values: pa.Array) -> Shape:
    """The shape of results kept as text: numbers where every one of them is a plain number, else text."""
    if len(values) and pc.all(pc.match_substring_regex(values, _NUMBER)).as_py():
        parts = pc.extract_regex(values, r"^-?(?P<whole>\d+)(?:\.(?P<part>\d+))?$")
        whole, part = (int(pc.max(pc.utf8_length(pc.struct_field(parts, i))).as_py()) for i in (0, 1))
        return Shape("float", whole + part, part) if part else Shape("integer", whole)
    return _text(values)


def _text(values: pa.Array) -> Shape:
    return Shape("text", max(1, longest_that_fits(pa.chunked_array([values]))))


def _of_numbers(values: pa.Array, variable: VariableSpec) -> Shape:
    present = values.drop_null()
    numbers = np.abs(sas_numbers(present, variable))
    numbers = numbers[np.isfinite(numbers)]
    whole = len(str(int(numbers.max()))) if len(numbers) else 1
    if variable.format:
        parts = _decimals(numbers, whole)
        digits = {"digits": parts} if parts else {}
        return Shape("float" if parts else "integer", whole + parts, display_format=variable.format, **digits)
    if variable.integer:
        return Shape("integer", whole)
    parts = _decimals(numbers, whole)
    return Shape("float", whole + parts, parts)


def _decimals(numbers: npt.NDArray[np.float64], whole: int) -> int:
    """The decimal places that give the numbers to the digits that a double holds beside the digits before the point."""
    finest = 0.5 * 10.0 ** (whole - _SIGNIFICANT)
    for places in range(_SIGNIFICANT):
        numbers = numbers[np.abs(np.round(numbers, places) - numbers) > finest]
        if not len(numbers):
            return places
    return _SIGNIFICANT


def _of_dates(values: pa.Array) -> Shape:
    """ISO 8601 as ODM names it: whole, cut off at the right (partial), or with parts left open (incomplete)."""
    present = values.drop_null()
    with_time = pc.match_substring(present, "T")
    if not len(present):
        return Shape("partialDatetime")
    if pc.any(pc.match_substring_regex(present, r"[^-\d:T]")).as_py():
        return _text(present)
    if not pc.any(with_time).as_py():
        return Shape(_kind(present, f"^{_DATE}$", "date", "partialDate", "incompleteDate"))
    return Shape(_kind(present, f"^{_DATE}T{_TIME}$", "datetime", "partialDatetime", "incompleteDatetime"))


def _kind(values: pa.Array, pattern: str, whole: str, partial: str, incomplete: str) -> str:
    if pc.all(pc.match_substring_regex(values, pattern)).as_py():
        return whole
    holes = pc.match_substring_regex(values, r"--|^-|-$|-T|:-|T-|:$")
    return incomplete if pc.any(holes).as_py() else partial
