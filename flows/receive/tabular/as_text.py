"""Typed columns as the text a reader hands on: shortest numbers, ISO 8601 dates, blank for missing."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
_WHOLE_BELOW = 2.0**53  # whole numbers up to here are exact


class NoTextError(Exception):
    """A column whose type has no text, such as a list."""


def arrow_text(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column of any plain type as text. Raises NoTextError.

    The first that applies decides:
      1. text            as it is
      2. categories      their text
      3. binary          read as UTF-8
      4. yes or no       "1", "0"
      5. whole numbers   their digits
      6. other numbers   the shortest decimal digits that read back as the same number: 5, 0.1, never 5.0, 0.10000001
      7. dates           2025-03-01
      8. moments         2025-03-01T09:24:52, in the column's own zone; a fraction of a second only where there is one
      9. times of day    09:24:52
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if pa.types.is_dictionary(kind):
        if len(array.dictionary) == 0:
            return _filled(pa.nulls(len(array), TEXT))
        return _filled(arrow_text(array.dictionary).take(array.indices))
    if pa.types.is_null(kind):
        return _filled(array.cast(TEXT))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        array = array.cast(pa.large_binary()).cast(TEXT)
    elif pa.types.is_boolean(kind):
        array = array.cast(pa.int8())
    elif pa.types.is_floating(kind):
        return _floats(array)
    elif pa.types.is_decimal(kind):
        array = _trimmed(array.cast(TEXT))
    elif pa.types.is_timestamp(kind):
        array = _moments(pc.local_timestamp(array) if kind.tz else array)
    elif pa.types.is_time(kind):
        array = _trimmed(array.cast(TEXT))
    elif pa.types.is_nested(kind) or pa.types.is_duration(kind):
        raise NoTextError(str(kind))
    return _filled(array.cast(TEXT))


def _filled(array: pa.Array) -> pa.Array:
    return pc.fill_null(array, pa.scalar("", TEXT)) if array.null_count else array


def _moments(array: pa.Array) -> pa.Array:
    try:  # whole seconds, as nearly always
        shown = array.cast(pa.timestamp("s")).cast(TEXT)
    except pa.ArrowInvalid:
        shown = _trimmed(array.cast(TEXT))
    return pc.utf8_replace_slice(shown, 10, 11, "T")


def _trimmed(array: pa.Array) -> pa.Array:
    """Without zeros at the end of a fraction."""
    shorter = pc.replace_substring_regex(array, r"(\.\d*?)0+$", r"\1")
    return pc.replace_substring_regex(shorter, r"\.$", "")


def _floats(array: pa.Array) -> pa.Array:
    """Floating numbers as text; NaN is missing."""
    blank = np.asarray(pc.fill_null(pc.is_nan(array), True)) if array.null_count else np.asarray(pc.is_nan(array))
    width = {16: np.float16, 32: np.float32}.get(array.type.bit_width, np.float64)
    return number_text(np.asarray(pc.fill_null(array, 0), dtype=width), blank)


def number_text(values: npt.NDArray[np.floating], blank: npt.NDArray[np.bool_]) -> pa.Array:
    """Numbers as their shortest text; blank where `blank` says so."""
    sound = np.where(blank, values.dtype.type(0), values)
    whole = np.isfinite(sound) & (np.abs(sound) < _WHOLE_BELOW) & (sound == np.floor(sound))
    if whole.all():
        shown = pa.array(sound.astype("int64")).cast(TEXT)
    else:
        distinct, where = np.unique(sound, return_inverse=True)
        shown = pa.array([shortest(number) for number in distinct], TEXT).take(pa.array(where))
    return pc.if_else(pa.array(blank), pa.scalar("", TEXT), shown) if blank.any() else shown


def shortest(number: np.floating) -> str:
    """The shortest digits that read back as the number, without an exponent."""
    if not np.isfinite(number):
        return str(number)
    digits = format(Decimal(np.format_float_scientific(number, trim="-")), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def date_text(days: npt.NDArray[np.float64], blank: npt.NDArray[np.bool_]) -> pa.Array:
    """Days since 1970 as ISO 8601 dates."""
    whole = np.where(blank, 0, np.floor(np.where(blank, 0, days))).astype("int32")
    return _shown(pa.array(whole).cast(pa.date32()).cast(TEXT), blank)


def moment_text(seconds: npt.NDArray[np.float64], blank: npt.NDArray[np.bool_]) -> pa.Array:
    """Seconds since 1970 as ISO 8601 moments."""
    microseconds = np.round(np.where(blank, 0, seconds) * 1e6).astype("int64")
    shown = arrow_text(pa.array(microseconds).cast(pa.timestamp("us")))
    return _shown(shown, blank)


def time_text(seconds: npt.NDArray[np.float64], blank: npt.NDArray[np.bool_], *, minutes_only: bool) -> pa.Array:
    """Seconds of the day as times; 24:00 and more stay as they are. `minutes_only`: no seconds where they are 0."""
    distinct, where = np.unique(np.where(blank, 0, seconds), return_inverse=True)
    shown = pa.array([_time(value, minutes_only=minutes_only) for value in distinct.tolist()], TEXT)
    return _shown(shown.take(pa.array(where)), blank)


def _time(seconds: float, *, minutes_only: bool) -> str:
    if seconds < 0:
        return shortest(np.float64(seconds))
    minutes, rest = divmod(seconds, 60)
    hours, minute = divmod(int(minutes), 60)
    if minutes_only and rest == 0:
        return f"{hours:02d}:{minute:02d}"
    whole, point, fraction = shortest(np.float64(round(rest, 6))).partition(".")
    return f"{hours:02d}:{minute:02d}:{whole:0>2}{point}{fraction}"


def _shown(texts: pa.Array, blank: npt.NDArray[np.bool_]) -> pa.Array:
    return pc.if_else(pa.array(blank), pa.scalar("", TEXT), texts) if blank.any() else texts
