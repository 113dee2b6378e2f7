"""Results as collected made numbers in the study's units, exactly: no rounding that the spec did not ask for.

Everything is computed once for each distinct (test, result, unit), on whole numbers of any size, so that a value never
meets a limit it does not meet on paper: 450 /uL is 0.45 x10^9/L, not nearly.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sdtm.distinct import combinations, take_distinct
from specs.units import UnitConversion, UnitGroup, decimals_of, spelling

RESULT = ["text", "number", "unit", "collected_unit", "relation", "bound", "normalised", "unreadable", "no_unit"]
_NUMBER = r"^([<>]=?)?([+-]?)(\d*)(?:\.(\d*))?$"
_DECIMAL_COMMA = r"^([<>]=?)?([+-]?)(0|[1-9]\d*),(\d{1,2}|\d{4,})$|^([<>]=?)?([+-]?)0,(\d{3})$"


def read_results(collected: pd.Series) -> pd.DataFrame:
    """What a collected result says, as exact parts.

    The first matching line decides:
      1. blank -> nothing
      2. a decimal number, with or without `<`, `<=`, `>`, `>=` before it -> its parts
      3. the same in full-width characters or with a decimal comma -> its parts, `normalised`
      4. anything else, `1,234` among them (a thousand or one and a bit?) -> `unreadable`

    Adds relation (text, "" for a plain number), whole (Python int without the point, None where there is no number),
    places (digits behind the point), normalised, unreadable. Row order, count and index stay.
    """
    stripped = collected.fillna("").astype("str").str.strip()
    plain = stripped.str.normalize("NFKC").str.replace(r"\s", "", regex=True)
    plain = plain.str.replace("≤", "<=", regex=False).str.replace("≥", ">=", regex=False)
    comma = plain.str.match(_DECIMAL_COMMA)
    plain = plain.mask(comma, plain.str.replace(",", ".", regex=False))
    parts = plain.str.extract(_NUMBER).fillna("")
    read = (parts[2] + parts[3]) != ""
    whole = pd.Series(None, index=collected.index, dtype="object")
    digits = parts.loc[read, 1].replace("+", "") + parts.loc[read, 2] + parts.loc[read, 3]
    whole[read] = np.array([int(text) for text in digits], dtype="object")
    ascii_only = stripped.str.fullmatch(r"[\x00-\x7f≤≥]*")
    return pd.DataFrame(
        {
            "relation": parts[0].where(read, ""),
            "whole": whole,
            "places": parts[3].str.len().where(read, 0).astype("int64"),
            "normalised": read & (comma | ~ascii_only),
            "unreadable": ~read & (plain != ""),
        }
    )


def convert_results(
    test: pd.Series, result: pd.Series, unit: pd.Series, groups: Mapping[str, UnitGroup]
) -> pd.DataFrame:
    """Results in the study's unit of their test.

    The first matching line decides:
      1. no result -> all missing
      2. not a number -> text as collected, no number, no unit; `unreadable`
      3. a unit that the test has no conversion for, or none -> all missing; `no_unit`
      4. below or above a limit (`<0.1`) -> text with the limit converted, unit; no number; `relation`, `bound`
      5. a number -> text (no zeros at its end), number, unit

    `collected_unit` is the spec's first name of the unit as collected, where the test has a conversion for it.

    In: three text columns with one index; `groups` from `UnitTable.groups(domain)`. Out: RESULT columns, the same index
    and row count. `number` and `bound` are the nearest doubles to the exact decimal. Rounding, where the unit's row has
    `decimals`, is half away from zero; a number already in the study's unit is never rounded.
    """
    keys = pd.DataFrame({"test": test, "result": result, "unit": unit})
    row_of, first = combinations(keys, ["test", "result", "unit"])
    once = _convert(keys.take(first).fillna("").astype("str").reset_index(drop=True), groups)
    return pd.DataFrame({name: take_distinct(once[name], row_of, keys.index) for name in once})


def _convert(keys: pd.DataFrame, groups: Mapping[str, UnitGroup]) -> pd.DataFrame:
    read = read_results(keys["result"])
    table, row_of = _conversions(groups)
    named = keys["test"] + "\0" + pd.Series(_spelled(keys["unit"]), index=keys.index)
    row = named.map(row_of).fillna(-1).astype("int64").to_numpy()
    numeric = read["whole"].notna()
    known = numeric & (row >= 0)
    scaled, places = _scale(read[known], table.take(row[known]))
    text = pd.Series(np.nan, index=keys.index, dtype="str")
    text[known] = read.loc[known, "relation"] + pd.Series(_written(scaled, places), index=keys.index[known])
    text[read["unreadable"]] = keys.loc[read["unreadable"], "result"].str.strip()
    value = pd.Series(np.nan, index=keys.index, dtype="float64")
    value[known] = (scaled / _power(places)).astype("float64")
    limit = read["relation"] != ""
    unit, term = (pd.Series(np.nan, index=keys.index, dtype="str") for _ in range(2))
    unit[known] = table["unit"].take(row[known]).to_numpy()
    term[row >= 0] = table["collected_unit"].take(row[row >= 0]).to_numpy()
    return pd.DataFrame(
        {
            "text": text,
            "number": value.mask(limit),
            "unit": unit,
            "collected_unit": term,
            "relation": read["relation"],
            "bound": value.where(limit),
            "normalised": read["normalised"],
            "unreadable": read["unreadable"],
            "no_unit": numeric & (row < 0),
        }
    )[RESULT]


def _conversions(groups: Mapping[str, UnitGroup]) -> tuple[pd.DataFrame, pd.Series]:
    """The rows of the unit table as exact parts, and the row for each `test, spelling`."""
    rows: list[tuple[object, ...]] = []
    row_of: dict[str, int] = {}
    for test, group in groups.items():
        for name, conversion in group.from_.items():
            for spelled in {spelling(text) for text in (name, *conversion.also)}:
                row_of[f"{test}\0{spelled}"] = len(rows)
            rows.append((group.unit, name, *_parts(conversion)))
    columns = ["unit", "collected_unit", "up", "down", "add_up", "add_down", "extra", "decimals"]
    return pd.DataFrame(rows, columns=columns, dtype="object"), pd.Series(row_of, dtype="float64")


def _parts(conversion: UnitConversion) -> tuple[int, int, int, int, int, int]:
    factor, add = conversion.factor, conversion.add
    extra = (decimals_of(factor) or 0) + (decimals_of(add) or 0)
    decimals = -1 if conversion.decimals is None else conversion.decimals
    return factor.numerator, factor.denominator, add.numerator, add.denominator, extra, decimals


def _spelled(unit: pd.Series) -> np.ndarray:
    code, distinct = pd.factorize(unit)
    return np.array([spelling(text) for text in distinct], dtype="object").take(code)


def _scale(read: pd.DataFrame, by: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The converted values as whole numbers, and the number of digits behind the point of each."""
    whole, places = read["whole"].to_numpy(), read["places"].to_numpy()
    parts = {name: by[name].to_numpy() for name in ("up", "down", "add_up", "add_down", "extra", "decimals")}
    ten = _power(places)
    over = (whole * parts["add_down"] + parts["add_up"] * ten) * parts["up"]
    under = ten * parts["add_down"] * parts["down"]
    exact = places + parts["extra"].astype("int64")
    decimals = parts["decimals"].astype("int64")
    wanted = np.where(decimals < 0, exact, decimals)
    doubled = 2 * np.abs(over) * _power(wanted)
    magnitude = (doubled + under) // (2 * under)
    return np.where(over < 0, -magnitude, magnitude), wanted


def _power(places: np.ndarray) -> np.ndarray:
    """Ten to these powers, as Python's whole numbers of any size."""
    return np.array([10**n for n in range(int(places.max(initial=0)) + 1)], dtype="object").take(places)


def _written(scaled: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Whole numbers with so many digits behind the point, written out without zeros at the end."""
    negative = scaled < 0
    digits = pd.Series(np.abs(scaled)).astype("str")
    text = digits.copy()
    for n in np.unique(places[places > 0]):
        here = places == n
        padded = digits[here].str.zfill(int(n) + 1)
        point = padded.str[: -int(n)] + "." + padded.str[-int(n) :]
        text[here] = point.str.rstrip("0").str.rstrip(".")
    return (pd.Series(np.where(negative, "-", ""), dtype="str") + text).to_numpy(dtype="object")
